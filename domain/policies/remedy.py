"""What a justified claim gives: a new item, the price or part of it, and the way to the seller."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from domain.facts import (
    ComplaintReported, DamageReported, DiscrepancyReported, InvoiceIssued, PaymentReceived,
    RemedyChosen, ReplacementShipped, RescissionDeclared, ReturnSent, RmaIssued, RmaReceived,
    RmaRequested,
)  # fmt: skip
from domain.money import half_up
from domain.outcomes import Because, DecisionNeeded, Owed, Refund, Replacement
from domain.policies import release, rma_case
from domain.policies.claims import READS, Claim, Kind, case_lines, claims, pieces_of
from domain.policies.complaint_period import remedy_law, sale_law
from domain.policies.damage import REPLACED_READS, accepted_damage, replaced_for_damage
from domain.policies.discrepancy import ACCEPTED_READS, accepted_discrepancies
from domain.policies.debt import invoice_terms, paid_later, with_vat
from domain.policies.grounds import clauses_of, distinct
from domain.policies.policy import Policy
from domain.policies.release import released_lines
from domain.policies.return_costs import is_free
from domain.policies.returned import informed
from domain.policies.report import choice, in_money
from domain.policies.verdict import accepted, cover
from domain.policies.leaving import withdrawn_lines
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.values import Term


def remedy(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The remedies chosen for justified claims, or what the terms give where nobody chose."""
    owed = Owed()
    found = claims(order, terms)
    justified = [claim for claim in found if accepted(order, terms, claim, now)]
    left, claimed = _left(order, terms), {claim.line for claim in found}
    arrived = _on_arrival(order, terms, claimed)
    settled = justified + [claim for claim in arrived if in_money(claim.remedy)]
    for group in _grouped(settled, lambda claim: claim.remedy):
        _chosen(owed, order, terms, group, left)
    open_claims = [claim for claim in justified if not (claim.remedy or _doubled(claim, justified))]
    for group in _grouped(open_claims, lambda claim: claim.first):
        _printed(owed, order, terms, group)
    if order.consumer or _company_freight(terms):
        _freight(owed, order, terms, justified + arrived)
    return owed


def _on_arrival(order: OrderState, terms: Terms, claimed: set[str]) -> list[Claim]:
    """What came damaged, wrong or not at all, where no complaint stands beside the report."""
    return [
        Claim("complaint", line, first=case.first, remedy=choice(order, case, line))
        for case in (*accepted_damage(order, terms), *accepted_discrepancies(order, terms))
        for line in case.lines
        if line not in claimed
    ]


def _left(order: OrderState, terms: Terms) -> dict[str, int]:
    """Line -> the price of what was not given up: no line gives back more than that."""
    gone = released_lines(order, terms)
    return {
        line: order.value(line, max(goods.quantity - gone.get(line, 0), 0))
        for line, goods in order.lines.items()
    }


def _grouped(found: Iterable[Claim], by: Any) -> list[list[Claim]]:
    """Claims with the same choice, or from the same report, in order of time.

    Of claims on one line under the law and under a warranty only those of the first kind.
    """
    groups: dict[Any, list[Claim]] = {}
    for claim in found:
        told = by(claim)
        if told is not None:
            group = groups.setdefault(told.place, [])
            if all(one.kind == claim.kind for one in group if one.line == claim.line):
                group.append(claim)
    return [groups[place] for place in sorted(groups)]


def _chosen(
    owed: Owed, order: OrderState, terms: Terms, group: list[Claim], left: dict[str, int]
) -> None:
    """One refund or replacement a choice, for all lines that it was made for."""
    told, choice = group[0].remedy, group[0].chosen
    assert told is not None
    if choice == "replacement":
        _replacement(owed, order, terms, group, told.id)
    elif choice in ("refund", "credit", "price_reduction"):
        amount = getattr(told.fact, "amount", None)
        if amount is None and choice == "price_reduction":
            return
        _refund(owed, order, terms, group, choice, amount, left)


def _refund(
    owed: Owed, order: OrderState, terms: Terms, group: list[Claim], choice: str,
    amount: int | None, left: dict[str, int],
) -> None:  # fmt: skip
    """The price, or as much of it as was settled on; no more than was paid of a written-off one."""
    told, lines = group[0].remedy, tuple(dict.fromkeys(claim.line for claim in group))
    assert told is not None
    whole = amount is None and all(left[line] == order.value(line) for line in order.lines)
    price, before = 0, sum(left.values()) + order.freight
    for claim in group:
        share = min(order.value(claim.line, pieces_of(order, claim)), left[claim.line])
        share = share if amount is None else min(share, amount - price)
        left[claim.line] -= share
        price += share
    breakdown = [("goods", price)]
    own = terms.complaint
    outward = own.outward_freight if own else None
    whole = whole and not any(left.values())
    if whole and order.freight and outward is not None and outward.value == "all_freight":
        breakdown.append(("delivery", order.freight))
    asked = sum(part for _, part in breakdown)
    most = asked if choice == "price_reduction" else _paid_beyond(order, terms, asked)
    if choice != "credit":  # which is set off against what is still owed
        most = min(most, _paid_of(order, before, asked))
    breakdown = _up_to(breakdown, most)
    total = sum(part for _, part in breakdown)
    if total == 0:
        return
    law = sale_law(terms).rescission if order.consumer else terms.law.sale.company
    lawful = clauses_of(law)
    clauses = clauses_of(own.acceptance if own else None, outward)
    owed.add(
        Refund(
            kind="complaint", amount=total, breakdown=tuple(breakdown), cause=told.id,
            means="credit" if choice == "credit" else "same",
            because=Because(
                rule=f"remedy.{choice}",
                clauses=distinct(clauses, _remedy_clauses(terms), lawful),
                inputs={"lines": ", ".join(lines), "price": price},
                readings=outward.readings if outward else (),
                statutes=tuple((clause, "applies") for clause in lawful),
            ),
        )
    )  # fmt: skip


def _paid_of(order: OrderState, price: int, less: int) -> int:
    """What goes back when the price of what is kept falls: the rest of it is paid first."""
    return max(order.paid - price + less, 0) - max(order.paid - price, 0)


def _paid_beyond(order: OrderState, terms: Terms, total: int) -> int:
    """What goes back of goods whose invoice is written off: what was paid beyond the rest of it."""
    own = invoice_terms(order, terms)
    if own is None or own.denied_complaint is None or not paid_later(order):
        return total
    issued = [told for one in order.invoices.values() if (told := one.last(InvoiceIssued))]
    asked = sum(with_vat(order, told.fact.amount, told.fact.vat) for told in issued)
    paid = sum(
        with_vat(order, told.fact.amount, told.fact.vat) for told in order.all(PaymentReceived)
    )
    return max(paid - max(asked - total, 0), 0)


def _up_to(breakdown: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """The entries, cut from the end so that they come to `most` at the most."""
    cut = []
    for name, part in breakdown:
        share = min(part, most)
        most -= share
        if share:
            cut.append((name, share))
    return cut


def _doubled(claim: Claim, justified: list[Claim]) -> bool:
    """Whether a warranty claim is about what the seller makes good as a complaint already."""
    return claim.kind == "warranty" and any(
        one.kind == "complaint" and one.line == claim.line and claim.findings[-1] in one.findings
        for one in justified
    )


def _printed(owed: Owed, order: OrderState, terms: Terms, group: list[Claim]) -> None:
    """Where nobody chose: a new item if the terms say so, else a question for who may choose."""
    how = _printed_remedy(terms, group[0].kind)
    if how is None:
        return
    replaced = [
        claim
        for claim in group
        if how.value == "new_goods"
        or (how.value == "repair_or_replacement" and _has_short_warranty(order, terms, claim))
    ]
    if replaced:
        _replacement(owed, order, terms, replaced, group[0].first.id)
    credit = ("credit",) if how.value == "seller_chooses" else ()
    for claim in group:
        if claim not in replaced:
            because = Because(
                rule="remedy.choice", clauses=how.clauses, inputs={"line": claim.line}
            )
            owed.add(
                DecisionNeeded(
                    about="warranty", choices=("repair", "replacement", *credit), line=claim.line,
                    cause=claim.first.id, because=because,
                )
            )  # fmt: skip


def _has_short_warranty(order: OrderState, terms: Terms, claim: Claim) -> bool:
    """Consumables are not repaired."""
    held = cover(order, terms.warranty, claim.line) if terms.warranty else None
    return held is not None and held.is_short


def _replacement(
    owed: Owed, order: OrderState, terms: Terms, group: list[Claim], cause: str
) -> None:
    """New goods for all lines of the group that were not given up or are not replaced already."""
    gone = released_lines(order, terms)
    wanted = [claim for claim in group if claim.line not in gone]
    lines = tuple(
        dict.fromkeys(one.line for one in wanted if not _is_same_damage(order, terms, one))
    )
    clauses = _remedy_clauses(terms, group[0].kind) or clauses_of(remedy_law(order, terms))
    because = Because(
        rule="remedy.replacement", clauses=clauses, inputs={"lines": ", ".join(lines)}
    )
    if lines:
        owed.add(Replacement(lines=lines, cause=cause, because=because))


def _is_same_damage(order: OrderState, terms: Terms, claim: Claim) -> bool:
    """Whether a new item is owed for transport damage, and the complaint is not about that one."""
    damaged = replaced_for_damage(order, terms).get(claim.line)
    if damaged is None:
        return False
    first, last = sorted((damaged, claim.first.at))
    return not any(
        first <= told.at <= last and claim.line in order.named(told.fact.lines)
        for told in order.all(ReplacementShipped)
    )


def _printed_remedy(terms: Terms, kind: Kind) -> Term[Any] | None:
    """What the terms give where nobody chose."""
    own = terms.complaint if kind == "complaint" else terms.warranty
    return own.remedy if own else None


def _remedy_clauses(terms: Terms, kind: Kind = "complaint") -> tuple[str, ...]:
    return clauses_of(_printed_remedy(terms, kind))


# -- the way to the seller ------------------------------------------------------------------------


def _company_freight(terms: Terms) -> bool:
    own = terms.complaint.freight_business if terms.complaint else None
    return own is not None and own.value != "customer"


def _freight(owed: Owed, order: OrderState, terms: Terms, justified: list[Claim]) -> None:
    """What the customer paid for the way to the seller, one reimbursement a case or parcel."""
    complaints = [one for one in justified if one.kind == "complaint" and _earns(order, terms, one)]
    withdrawn, covered = set(withdrawn_lines(order, terms)), set[str]()
    posted_free = withdrawn if is_free(order, terms) or not informed(order) else set[str]()
    for rma in order.rmas.values():
        paid = sum(told.fact.freight_paid_by_customer or 0 for told in rma.all(RmaReceived))
        faulty = {one.line for one in complaints if rma.id in _needed(one)}
        if paid and faulty:
            covered |= faulty
            _reimburse(owed, order, terms, rma, paid, faulty)
    for told in order.all(ReturnSent):
        paid = told.fact.label_cost or 0
        named = set(order.named(told.fact.lines))
        if named & posted_free:
            continue  # the whole label goes back with what was withdrawn
        lines = named - withdrawn - covered
        faulty = {one.line for one in complaints if one.first.at <= told.at} & lines
        if paid and faulty and told.fact.label != "prepaid":
            because = _freight_because(order, terms, paid, paid)
            owed.add(
                Refund(
                    kind="freight_reimbursement", amount=paid, breakdown=(("freight", paid),),
                    cause=told.id, because=because,
                )
            )  # fmt: skip


def _earns(order: OrderState, terms: Terms, claim: Claim) -> bool:
    """Whether the terms pay the freight of what the claim ended in."""
    own = terms.complaint
    how = (own.freight if order.consumer else own.freight_business) if own else None
    return how is None or how.value != "refund_only" or claim.chosen in ("refund", "credit")


def _needed(claim: Claim) -> set[str]:
    """The cases in which the fault was found, or all of a claim that was approved otherwise."""
    found = {told.fact.rma for told in claim.inspections if told.fact.result == "defect"}
    return found or set(claim.rmas)


def _reimburse(
    owed: Owed, order: OrderState, terms: Terms, rma: Rma, paid: int, faulty: set[str]
) -> None:
    share = terms.complaint.freight_share if terms.complaint else None
    amount, lines = paid, set(case_lines(order, rma)) | faulty
    if share is not None and share.value == "per_line":
        amount = half_up(Fraction(paid * len(faulty), len(lines)))
    owed.add(
        Refund(
            kind="freight_reimbursement", amount=amount, breakdown=(("freight", amount),),
            rma=rma.id, because=_freight_because(order, terms, paid, amount, share),
        )
    )  # fmt: skip


def _freight_because(
    order: OrderState, terms: Terms, paid: int, amount: int, share: Term[Any] | None = None
) -> Because:
    own = terms.complaint
    how = (own.freight if order.consumer else own.freight_business) if own else None
    free = sale_law(terms).free.clauses if order.consumer else ()
    return Because(
        rule="remedy.freight",
        clauses=(*(how.clauses if how else ()), *free),
        inputs={"paid_freight": paid},
        steps=(("freight", amount),),
        readings=(*(how.readings if how else ()), *(share.readings if share else ())),
        statutes=tuple((clause, "applies") for clause in free),
    )


REMEDY = Policy(
    "remedy",
    remedy,
    reads=(
        *READS,
        *rma_case.READS,
        *release.READS,
        *REPLACED_READS,
        *ACCEPTED_READS,
        PaymentReceived,
        ReturnSent,
        ReplacementShipped,
    ),
    starts=(
        ComplaintReported,
        DamageReported,
        DiscrepancyReported,
        RmaRequested,
        RmaIssued,
        RescissionDeclared,
        RemedyChosen,
    ),
    sentences={
        "remedy.refund": (
            "The price of {lines} goes back, because the goods were faulty.",
            "Priset för {lines} återbetalas, eftersom varan var felaktig.",
        ),
        "remedy.credit": (
            "The faulty goods {lines} are credited.",
            "De felaktiga varorna {lines} krediteras.",
        ),
        "remedy.price_reduction": (
            "The faulty goods {lines} are kept for a lower price.",
            "De felaktiga varorna {lines} behålls till ett lägre pris.",
        ),
        "remedy.replacement": (
            "The faulty goods {lines} are replaced by new ones.",
            "De felaktiga varorna {lines} ersätts med nya.",
        ),
        "remedy.choice": (
            "The fault of line {line} is confirmed; how it is remedied is still to be chosen.",
            "Felet på rad {line} är bekräftat; hur det avhjälps ska väljas.",
        ),
        "remedy.freight": (
            "The goods were faulty, so the {paid_freight} for their way to the seller go back.",
            "Varan var felaktig, så de {paid_freight} som sändningen kostade ersätts.",
        ),
    },
)
