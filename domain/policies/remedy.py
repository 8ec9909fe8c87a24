"""What a justified claim gives: a new item, the price or part of it, and the way to the seller."""

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from domain.facts import (
    InvoiceIssued, PaymentReceived, RmaReceived, ReturnSent, WithdrawalNotified,
)  # fmt: skip
from domain.money import half_up
from domain.outcomes import Because, DecisionNeeded, Owed, Refund, Replacement, WriteOff
from domain.policies import debt, rma_case
from domain.policies.claims import READS, Claim, at_seller, case_lines, claims
from domain.policies.complaint_period import sale_law
from domain.policies.debt import invoice_terms, paid_later, with_vat
from domain.policies.policy import Policy
from domain.policies.verdict import accepted, cover, verdict
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.values import Term

KEEPS_GOODS = ("repair", "replacement", "price_reduction")


def remedy(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The remedies chosen for justified claims, or what the terms give where nobody chose."""
    owed = Owed()
    found = claims(order, terms)
    justified = [claim for claim in found if accepted(order, terms, claim, now)]
    for group in _grouped(justified, lambda claim: claim.remedy):
        _chosen(owed, order, terms, group)
    for group in _grouped(justified, lambda claim: None if claim.remedy else claim.first):
        _printed(owed, order, terms, group)
    if order.consumer or _company_freight(terms):
        _freight(owed, order, terms, found, justified)
    _write_offs(owed, order, terms, found, now)
    return owed


def _grouped(found: Iterable[Claim], by: Any) -> list[list[Claim]]:
    """Claims with the same choice, or from the same report, one a line."""
    groups: dict[Any, dict[str, Claim]] = {}
    for claim in found:
        told = by(claim)
        if told is not None:
            groups.setdefault(told.place, {}).setdefault(claim.line, claim)
    return [list(group.values()) for group in groups.values()]


def _chosen(owed: Owed, order: OrderState, terms: Terms, group: list[Claim]) -> None:
    """One refund or replacement a choice, for all lines that it was made for."""
    told, choice = group[0].remedy, group[0].chosen
    assert told is not None
    lines = tuple(claim.line for claim in group)
    if choice == "replacement":
        _replacement(owed, terms, group, told.id)
    elif choice in ("refund", "credit", "price_reduction"):
        amount = getattr(told.fact, "amount", None)
        if amount is None and choice == "price_reduction":
            return
        _refund(owed, order, terms, lines, choice, amount, told.id)


def _refund(
    owed: Owed, order: OrderState, terms: Terms, lines: tuple[str, ...], choice: str,
    amount: int | None, cause: str,
) -> None:  # fmt: skip
    """The price, or as much of it as was settled on; no more than was paid of a written-off one."""
    price = sum(order.value(line) for line in lines)
    breakdown = [("goods", price if amount is None else min(amount, price))]
    own, law = terms.complaint, sale_law(terms)
    outward = own.outward_freight if own else None
    if amount is None and outward and set(lines) == set(order.lines) and order.freight:
        if outward.value == "all_freight":
            breakdown.append(("delivery", order.freight))
    invoice = invoice_terms(order, terms)
    if choice != "price_reduction" and invoice and invoice.denied_complaint and paid_later(order):
        breakdown = _up_to(breakdown, order.paid)
    total = sum(part for _, part in breakdown)
    if total == 0:
        return
    acceptance = (own.acceptance if own else None, outward)
    clauses = [clause for term in acceptance if term for clause in term.clauses]
    lawful = law.rescission.clauses if order.consumer else ()
    owed.add(
        Refund(
            kind="complaint", amount=total, breakdown=tuple(breakdown), cause=cause,
            means="credit" if choice == "credit" else "same",
            because=Because(
                rule=f"remedy.{choice}",
                clauses=tuple(dict.fromkeys((*clauses, *_remedy_clauses(terms), *lawful))),
                inputs={"lines": ", ".join(lines), "price": price},
                readings=outward.readings if outward else (),
                statutes=tuple((clause, "applies") for clause in lawful),
            ),
        )
    )  # fmt: skip


def _up_to(breakdown: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """The entries, cut from the end so that they come to `most` at the most."""
    cut = []
    for name, part in breakdown:
        share = min(part, most)
        most -= share
        if share:
            cut.append((name, share))
    return cut


def _printed(owed: Owed, order: OrderState, terms: Terms, group: list[Claim]) -> None:
    """Where nobody chose: a new item if the terms say so, else a question for who may choose."""
    kind, first = group[0].kind, group[0].first
    complaint = terms.complaint.remedy if terms.complaint else None
    warranty = terms.warranty.remedy if terms.warranty else None
    how: Term[Any] | None = complaint if kind == "complaint" else warranty
    if how is None:
        return
    if how.value == "new_goods":
        _replacement(owed, terms, group, first.id)
        return
    used_up = [claim for claim in group if _has_short_warranty(order, terms, claim)]
    if how.value == "repair_or_replacement" and used_up:
        _replacement(owed, terms, used_up, first.id)
    choices = ("repair", "replacement")
    if how.value == "seller_chooses":
        choices += ("credit",)  # type: ignore[assignment]
    for claim in group:
        if claim in used_up and how.value == "repair_or_replacement":
            continue
        because = Because(rule="remedy.choice", clauses=how.clauses, inputs={"line": claim.line})
        owed.add(
            DecisionNeeded(
                about="warranty", choices=choices, line=claim.line, cause=first.id,
                because=because,
            )
        )  # fmt: skip


def _has_short_warranty(order: OrderState, terms: Terms, claim: Claim) -> bool:
    """Consumables are not repaired."""
    held = cover(order, terms.warranty, claim.line) if terms.warranty else None
    return held is not None and held.is_short


def _replacement(owed: Owed, terms: Terms, group: list[Claim], cause: str) -> None:
    lines = tuple(claim.line for claim in group)
    clauses = _remedy_clauses(terms, group[0].kind) or sale_law(terms).free.clauses
    because = Because(
        rule="remedy.replacement", clauses=clauses, inputs={"lines": ", ".join(lines)}
    )
    owed.add(Replacement(lines=lines, cause=cause, because=because))


def _remedy_clauses(
    terms: Terms, kind: Literal["complaint", "warranty"] = "complaint"
) -> tuple[str, ...]:
    complaint = terms.complaint.remedy if terms.complaint else None
    warranty = terms.warranty.remedy if terms.warranty else None
    own: Term[Any] | None = complaint if kind == "complaint" else warranty
    return own.clauses if own else ()


# -- the way to the seller ------------------------------------------------------------------------


def _company_freight(terms: Terms) -> bool:
    own = terms.complaint.freight_business if terms.complaint else None
    return own is not None and own.value != "customer"


def _freight(
    owed: Owed, order: OrderState, terms: Terms, found: list[Claim], justified: list[Claim]
) -> None:
    """What the customer paid for the way to the seller, one reimbursement a case or parcel."""
    complaints = [one for one in justified if one.kind == "complaint" and _earns(order, terms, one)]
    covered: set[str] = set()
    for rma in order.rmas.values():
        paid = sum(told.fact.freight_paid_by_customer or 0 for told in rma.all(RmaReceived))
        faulty = {one.line for one in complaints if _is_of(order, rma, one)}
        if paid and faulty:
            covered |= faulty
            _reimburse(owed, order, terms, rma, paid, faulty)
    for told in order.all(ReturnSent):
        paid = told.fact.label_cost or 0
        lines = set(order.named(told.fact.lines)) - _withdrawn(order) - covered
        faulty = {one.line for one in complaints if one.first.at <= told.at} & lines
        if paid and faulty and told.fact.label == "own":
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


def _is_of(order: OrderState, rma: Rma, claim: Claim) -> bool:
    return rma.id in claim.rmas or any(told.fact.rma == rma.id for told in claim.inspections)


def _withdrawn(order: OrderState) -> set[str]:
    """Lines whose way back is a withdrawal's."""
    notified = order.all(WithdrawalNotified)
    return {line for told in notified for line in order.named(told.fact.lines)}


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


# -- invoices -------------------------------------------------------------------------------------


def _write_offs(
    owed: Owed, order: OrderState, terms: Terms, found: list[Claim], now: datetime
) -> None:
    """What came back for a complaint is not paid for, unless it is denied or goods are kept."""
    how = invoice_terms(order, terms)
    if how is None or how.denied_complaint is None or not paid_later(order):
        return
    stays = how.denied_complaint.value == "stays_written_off"
    off = {
        one.line: order.value(one.line)
        for one in found
        if one.kind == "complaint" and any(at_seller(order.rmas[rma]) for rma in one.rmas)
        and (stays or _unpaid(order, terms, one, now))
    }  # fmt: skip
    issued = [told for one in order.invoices.values() if (told := one.last(InvoiceIssued))]
    issued.sort(key=lambda told: told.place)
    whole = bool(off) and set(off) == set(order.lines)
    rest = with_vat(order, sum(off.values()), None)
    for told in reversed(issued):
        asked = with_vat(order, told.fact.amount, told.fact.vat)
        amount = asked if whole else min(asked, rest)
        rest -= amount
        if amount > 0:
            because = Because(
                rule="remedy.written_off",
                clauses=how.denied_complaint.clauses,
                inputs={"invoice": told.fact.invoice, "lines": ", ".join(off)},
                steps=(("price", amount),),
                readings=how.denied_complaint.readings,
            )
            owed.add(WriteOff(amount=amount, invoice=told.fact.invoice, because=because))


def _unpaid(order: OrderState, terms: Terms, claim: Claim, now: datetime) -> bool:
    refused = verdict(order, terms, claim, now).decision == "refused"
    return not refused and claim.chosen not in KEEPS_GOODS


REMEDY = Policy(
    "remedy",
    remedy,
    reads=(
        *READS, *rma_case.READS, *debt.READS, PaymentReceived, ReturnSent, WithdrawalNotified,
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
        "remedy.written_off": (
            "Invoice {invoice} is written off as the goods {lines} came back for a complaint.",
            "Faktura {invoice} skrivs av då {lines} kommit tillbaka för reklamation.",
        ),
    },
)
