"""Claims: what was said to be wrong with a line, what was found, and what was chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.facts import (
    ComplaintAssessed, ComplaintReported, DiscretionExercised, InspectionCompleted, RemedyChosen,
    RescissionDeclared, ReturnReceived, RmaIssued, RmaReceived, RmaRequested,
)  # fmt: skip
from domain.fields import Finding, RmaKind
from domain.policies import report
from domain.policies.question import question
from domain.policies.report import lines_in
from domain.state import OrderState, Rma, Told
from domain.terms import Terms
from domain.terms.rma import Charge
from domain.terms.values import Term

OPENING = (ComplaintReported, RmaRequested, RmaIssued)
CLAIM_FACTS = (
    *OPENING, InspectionCompleted, ComplaintAssessed, RemedyChosen, RescissionDeclared,
    DiscretionExercised,
)  # fmt: skip
READS = (*report.READS, *CLAIM_FACTS, RmaReceived, ReturnReceived)
Kind = Literal["complaint", "warranty"]
Key = tuple[Kind, str]
KINDS: tuple[Kind, ...] = ("complaint", "warranty")
OMISSIONS = ("bad_description", "locked_device")
"""What the customer left undone: it says nothing of the goods."""

JUDGEMENTS = ("accepted", "refused")
"""What a person may find of a claim whose notice may have come too late."""


@dataclass(slots=True, eq=False)
class Claim:
    """One fault of one line, from the first report to the remedy; a warranty's beside the law's."""

    kind: Kind
    line: str
    first: Told[Any]
    found_at: datetime | None = None
    description_ok: bool = True
    quantity: int | None = None
    """How many pieces of the line, where its case says so; otherwise all."""
    rmas: list[str] = field(default_factory=list)
    findings: list[Told[Any]] = field(default_factory=list)
    judged: Told[DiscretionExercised] | None = None
    remedy: Told[Any] | None = None

    @property
    def decisive(self) -> Told[Any] | None:
        """What was last said of the goods, else what the customer left undone."""
        of_goods = [one for one in self.findings if not _is_omission(one.fact)]
        found = of_goods or self.findings
        return found[-1] if found else None

    @property
    def fault(self) -> bool | None:
        """Whether there is a fault, by the last who looked; None while nobody has."""
        if self.decisive is None:
            return None
        fact = self.decisive.fact
        if isinstance(fact, InspectionCompleted):
            return fact.result == "defect"
        return bool(fact.approved)

    @property
    def inspections(self) -> list[Told[InspectionCompleted]]:
        return [told for told in self.findings if isinstance(told.fact, InspectionCompleted)]

    @property
    def chosen(self) -> str | None:
        """The remedy that was chosen; who rescinds asks for the price."""
        if self.remedy is None:
            return None
        fact = self.remedy.fact
        return fact.remedy if isinstance(fact, RemedyChosen) else "refund"


def _is_omission(fact: Any) -> bool:
    return isinstance(fact, InspectionCompleted) and fact.result in OMISSIONS


@question
def claims(order: OrderState, terms: Terms) -> list[Claim]:
    """Every claim on every line, in order of its first report; changed by none who ask.

    A new report of a line adds to its claim until that is decided; from then on it is another.
    """
    found: list[Claim] = []
    current: dict[Key, Claim] = {}
    told_in_order = sorted(
        (told for kind in CLAIM_FACTS for told in order.all(kind)), key=lambda told: told.place
    )
    for told in told_in_order:
        fact = told.fact
        if isinstance(fact, OPENING) or _is_rescission(fact):
            for key in _opened(order, terms, told):
                _report(order, found, current, key, told)
        if isinstance(fact, InspectionCompleted):
            _inspected(order, terms, current, found, told)
        elif isinstance(fact, (ComplaintAssessed, RemedyChosen)) or _is_rescission(fact):
            _spoken(order, found, told)
        elif isinstance(fact, DiscretionExercised):
            _judged(current, told)
    return found


def _is_rescission(fact: Any) -> bool:
    return (
        isinstance(fact, RescissionDeclared) and fact.ground == "defect" and fact.by == "customer"
    )


def _opened(order: OrderState, terms: Terms, told: Told[Any]) -> Iterator[Key]:
    """The claims that a report is about. A sales return claims nothing.

    Where the terms give no warranty, what is asked for under one is a complaint.
    """
    if isinstance(told.fact, (RmaRequested, RmaIssued)):
        rma = order.rmas[told.fact.rma]
        kind, own = case_kind(rma), terms.warranty
        if kind != "sales_return":
            for line in case_lines(order, rma):
                yield ("complaint" if own is None or kind == "complaint" else "warranty", line)
    else:
        for line in order.named(told.fact.lines):
            yield ("complaint", line)


def _report(
    order: OrderState, found: list[Claim], current: dict[Key, Claim], key: Key, told: Told[Any]
) -> None:
    claim = current.get(key)
    if claim is None or _begins_another(order, claim, told):
        claim = current[key] = Claim(*key, first=told)
        found.append(claim)
    fact = told.fact
    if isinstance(fact, (RmaRequested, RmaIssued)) and fact.rma not in claim.rmas:
        claim.rmas.append(fact.rma)
        counts = [case_pieces(order, order.rmas[rma], claim.line) for rma in claim.rmas]
        claim.quantity = max(counts)
    if isinstance(fact, ComplaintReported):
        if claim.found_at is None and fact.found_at is not None:
            claim.found_at = min(fact.found_at, told.at)
        claim.description_ok = claim.description_ok and fact.description_ok is not False


def _begins_another(order: OrderState, claim: Claim, told: Told[Any]) -> bool:
    """Whether a report that follows a decision speaks of another fault than the decided one.

    Cases for parts of a line's pieces are claims of their own. A number that is given after a
    complaint was approved, and before goods came, only brings them in.
    """
    fact = told.fact
    if isinstance(fact, RescissionDeclared):
        return False
    if isinstance(fact, ComplaintReported):
        return claim.fault is not None
    if fact.rma in claim.rmas:
        return False
    if claim.rmas and case_pieces(order, order.rmas[fact.rma], claim.line) < _bought(order, claim):
        return True
    came = any(one.place < told.place for one in arrivals(order, claim))
    approved = claim.fault is True and claim.kind == "complaint" and not came
    return claim.fault is not None and not approved


def _inspected(
    order: OrderState, terms: Terms, current: dict[Key, Claim], found: list[Claim],
    told: Told[Any],
) -> None:  # fmt: skip
    """A finding counts for the claim whose case it is, else for the line's present ones."""
    charge = charge_of(terms, told.fact.result)
    if charge is not None and charge.value.unhandled:
        return
    for line in order.named(told.fact.lines or ()):
        own = [one for one in found if one.line == line and told.fact.rma in one.rmas]
        for kind in KINDS:
            of_case = [one for one in own if one.kind == kind]
            claim = of_case[-1] if of_case else current.get((kind, line))
            if claim is not None:
                claim.findings.append(told)


def _spoken(order: OrderState, found: list[Claim], told: Told[Any]) -> None:
    for line in order.named(told.fact.lines):
        for kind in KINDS:
            of_line = [one for one in found if one.line == line and one.kind == kind]
            for claim in _meant(order, of_line, told):
                if isinstance(told.fact, ComplaintAssessed):
                    claim.findings.append(told)
                else:
                    claim.remedy = told


def _meant(order: OrderState, of_line: list[Claim], told: Told[Any]) -> list[Claim]:
    """The claims on a line that a word is for: its parts that wait for it, else the last."""
    parts = [one for one in of_line if pieces_of(order, one) < _bought(order, one)]
    if isinstance(told.fact, ComplaintAssessed):
        waiting = [one for one in parts if one.fault is None]
    else:
        waiting = [one for one in parts if one.fault and one.remedy is None]
    return waiting or of_line[-1:]


def _judged(current: dict[Key, Claim], told: Told[Any]) -> None:
    """What a person decided about claims of a kind, or about the one on a line."""
    for (kind, line), claim in current.items():
        about = f"{kind}:{line}"
        if told.fact.about in (kind, about, f"{about}#{claim.first.id}"):
            claim.judged = told if told.fact.decision in JUDGEMENTS else claim.judged


# -- cases ----------------------------------------------------------------------------------------


def case_kind(rma: Rma) -> RmaKind:
    """What a case is about: as its number was given, else as it was asked for."""
    said = (one.fact.kind for one in _applications(rma))
    return next((kind for kind in said if kind is not None), "complaint")


def _applications(rma: Rma) -> list[Told[RmaIssued] | Told[RmaRequested]]:
    """What was said of a case, its number first and the last word first."""
    return [*reversed(rma.all(RmaIssued)), *reversed(rma.all(RmaRequested))]


def case_lines(order: OrderState, rma: Rma) -> tuple[str, ...]:
    """The lines of a case, as its number was given, else as it was asked for."""
    said = (one.fact.lines for one in _applications(rma))
    return order.named(next((lines for lines in said if lines is not None), None))


def case_pieces(order: OrderState, rma: Rma, line: str) -> int:
    """How many pieces of a line a case is about: all of them where nobody said."""
    bought = order.lines[line].quantity
    said = (one.fact.quantity for one in _applications(rma))
    return min(next((count for count in said if count is not None), bought), bought)


def pieces_of(order: OrderState, claim: Claim) -> int:
    """How many pieces of its line a claim is about."""
    return claim.quantity or _bought(order, claim)


def _bought(order: OrderState, claim: Claim) -> int:
    return order.lines[claim.line].quantity


def under_number(rma: Rma) -> list[Told[RmaReceived]]:
    """The goods as they came to the seller; what lies at an agent has not come."""
    return [told for told in rma.all(RmaReceived) if told.fact.to != "agent"]


def at_seller(order: OrderState, rma: Rma) -> list[Told[RmaReceived] | Told[ReturnReceived]]:
    """The goods of a case as they came, told of its number or, where nobody did, of its lines."""
    came = under_number(rma)
    asked = min((told.place for told in _applications(rma)), default=None)
    if came or asked is None:
        return [*came]
    lines = set(case_lines(order, rma))
    return [
        told
        for told in order.all(ReturnReceived)
        if told.place > asked and lines & set(order.named(told.fact.lines))
    ]


def arrivals(order: OrderState, claim: Claim) -> list[Told[Any]]:
    """The goods of a claim as they came to the seller, under its number or without one."""
    came: list[Told[Any]] = [told for rma in claim.rmas for told in under_number(order.rmas[rma])]
    if not claim.rmas and "" in order.rmas:
        came += [one for one in under_number(order.rmas[""]) if one.place > claim.first.place]
    came += [
        told
        for told in order.all(ReturnReceived)
        if told.place > claim.first.place and claim.line in order.named(told.fact.lines)
    ]
    return sorted(came, key=lambda told: told.place)


def last_findings(order: OrderState, rma: Rma) -> dict[str, Told[InspectionCompleted]]:
    """Line -> what the workshop last found about it in this case.

    That it was badly described does not take the place of what was found.
    """
    found: dict[str, Told[InspectionCompleted]] = {}
    for told in rma.all(InspectionCompleted):
        for line in order.named(told.fact.lines or ()):
            if told.fact.result != "bad_description" or line not in found:
                found[line] = told
    return found


def charge_of(terms: Terms, result: Finding) -> Term[Charge] | None:
    """The fee of a finding, if the terms have one."""
    own = terms.inspection
    if own is None:
        return None
    return {
        "faultless": own.faultless,
        "physical_damage": own.physical_damage,
        "liquid_damage": own.liquid_damage,
        "mishandled": own.mishandled,
        "third_party_software": own.third_party_software,
        "illegal_software": own.illegal_software,
        "locked_device": own.locked_device,
        "bad_description": own.bad_description,
    }.get(result)


def is_in_scope(terms: Terms, rma: Rma, fact: InspectionCompleted) -> bool:
    """Whether the fee of a finding is for this kind of case; only a faultless item's is limited."""
    scope = terms.inspection.faultless_scope if terms.inspection else None
    warranty = case_kind(rma) in ("warranty", "doa")
    if scope is None or fact.result != "faultless":
        return True
    return {
        "complaint": not warranty,
        "warranty_sent_abroad": warranty and fact.sent_abroad is True,
        "any_warranty_case": warranty,
        "any_faultless_case": True,
    }[scope.value]


def received_at(order: OrderState, line: str) -> datetime | None:
    """When the customer had the line, or the last part of it that has come."""
    parcels = [one for one in order.parcels.values() if line in lines_in(order, one)]
    times = [told.at for one in parcels if (told := one.received) is not None]
    return max(times, default=None)
