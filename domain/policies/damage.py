"""Goods damaged on their way: reported in time and shown, they are replaced."""

from dataclasses import replace
from datetime import datetime

from domain.facts import (
    Collected, ComplaintAssessed, ComplaintReported, DamageReported, Delivered,
    DiscretionExercised, RemedyChosen, Shipped,
)  # fmt: skip
from domain.outcomes import Because, Deadline, Information, Owed, Replacement, standing
from domain.policies import release
from domain.policies.answer import SENTENCES, Objection, answer, deadlines, evidence, first_report
from domain.policies.grounds import distinct
from domain.policies.policy import Policy
from domain.policies.question import question
from domain.policies.release import released_lines
from domain.policies.report import (
    READS, Case, cases, is_request, judge, parcels_of, received_at, statutory_due,
)  # fmt: skip
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.damage import ReportTerms
from domain.terms.values import Term

REPLACED_READS = (
    *READS, *release.READS, DamageReported, ComplaintReported, ComplaintAssessed, RemedyChosen,
    DiscretionExercised,
)  # fmt: skip


def damage(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """A ruling on each case of damage, what it gives, and until when damage may be reported."""
    owed = Owed()
    reported = cases(order, order.all(DamageReported))
    if not _at_own_risk(order, terms):
        _deadlines(owed, order, terms, reported, now)
    for case in reported:
        own = _words(terms, case)
        if _answered(owed, order, terms, case):
            _remedy(owed, order, terms, case)
        _advise(owed, order, terms, case)
        if order.consumer and own is not None and is_request(own) and _is_visible(case):
            _notice(owed, order, terms, case, now)
    return owed


@question
def accepted_damage(order: OrderState, terms: Terms) -> list[Case]:
    """What was damaged on its way, and reported as it should be."""
    found = cases(order, order.all(DamageReported))
    return [case for case in found if _answered(Owed(), order, terms, case)]


@question
def replaced_for_damage(order: OrderState, terms: Terms) -> dict[str, datetime]:
    """Line -> when the damage was reported for which a new item is owed."""
    return {
        line: case.first.at
        for case in accepted_damage(order, terms)
        for line in _replaced(order, terms, case)
    }


def _answered(owed: Owed, order: OrderState, terms: Terms, case: Case) -> bool:
    own = _words(terms, case)
    verdict = judge(order, terms, own, case, noticed_late=not _is_visible(case))
    fell = _unnumbered(order, terms, own, case)
    verdict = replace(verdict, beaten=distinct(verdict.beaten, fell))
    return answer(owed, order, "damage", case, verdict, _objections(order, terms, own, case))


def _words(terms: Terms, case: Case) -> ReportTerms | None:
    return terms.damage_visible if _is_visible(case) else terms.damage_hidden


def _is_visible(case: Case) -> bool:
    """Damage that showed on receipt; where nobody said, it was hidden."""
    visible: bool = case.first.fact.visibility == "visible"
    return visible


def _at_own_risk(order: OrderState, terms: Terms) -> bool:
    """A company can have taken the risk of the way; a consumer cannot (KKL 2:6)."""
    risk = terms.damage.risk if terms.damage else None
    return not order.consumer and risk is not None and risk.value == "customer"


def _objections(
    order: OrderState, terms: Terms, own: ReportTerms | None, case: Case
) -> list[Objection]:
    found: list[Objection] = []
    if terms.damage and terms.damage.risk and _at_own_risk(order, terms):
        found.append(Objection("risk", "refused", terms.damage.risk.clauses))
    found += _collected(order, terms, case)
    if _denied(order, case):
        found.append(Objection("assessed", "refused", ()))
    if not any(told.fact.to != "carrier" for told in case.reports):
        found.append(Objection("seller_not_told", "pending", ()))
    number = _number(own)
    if number is not None:
        enough = order.consumer or _is_numbered(case)
        found.append(Objection("carrier_case", "none" if enough else "pending", number.clauses))
    shown = evidence(own, case)
    return [*found, shown] if shown else found


def _number(own: ReportTerms | None) -> Term[bool] | None:
    """The words that ask for the carrier's number."""
    number = own.carrier_case if own else None
    return number if number and number.value else None


def _is_numbered(case: Case) -> bool:
    return any(told.fact.carrier_case for told in case.reports)


def _unnumbered(
    order: OrderState, terms: Terms, own: ReportTerms | None, case: Case
) -> tuple[tuple[str, str, str], ...]:
    """The number that a consumer need not have: the risk of the way is the seller's (KKL 2:6)."""
    number = _number(own)
    if number is None or not order.consumer or _is_numbered(case):
        return ()
    (law, *_) = terms.law.report.seller_bears_risk.clauses
    return tuple((one, "carrier_case", law) for one in number.clauses)


def _collected(order: OrderState, terms: Terms, case: Case) -> list[Objection]:
    """A company that takes over a parcel which it was to leave loses the claim."""
    how = terms.damage.collecting if terms.damage else None
    if how is None or order.consumer or not _is_visible(case):
        return []
    collected = received_at(order, parcels_of(order, case.lines)) is not None
    refused = how.value == "refuse" and collected
    return [Objection("collected", "refused" if refused else "none", how.clauses, how.readings)]


def _denied(order: OrderState, case: Case) -> bool:
    """Whether what was found denies the damage, where no complaint is assessed in its place."""
    complained = {line for told in order.all(ComplaintReported) for line in _lines(order, told)}
    assessed = [
        told for told in order.all(ComplaintAssessed) if set(_lines(order, told)) & set(case.lines)
    ]
    return bool(assessed) and not assessed[-1].fact.approved and not complained & set(case.lines)


def _lines(
    order: OrderState, told: Told[ComplaintReported] | Told[ComplaintAssessed] | Told[RemedyChosen]
) -> tuple[str, ...]:
    return order.named(told.fact.lines)


def _replaced(order: OrderState, terms: Terms, case: Case) -> tuple[str, ...]:
    """New items, by the terms or because the customer chose them; none of what was released."""
    own = terms.damage.remedy if terms.damage else None
    reported = set(case.lines)
    chosen = [told for told in order.all(RemedyChosen) if reported & set(_lines(order, told))]
    remedy = chosen[-1].fact.remedy if chosen else None
    gone = released_lines(order, terms)
    asked = (remedy or (own and "replacement")) == "replacement"
    return tuple(line for line in case.lines if line not in gone) if asked else ()


def _remedy(owed: Owed, order: OrderState, terms: Terms, case: Case) -> None:
    own, lines = terms.damage.remedy if terms.damage else None, _replaced(order, terms, case)
    if not lines:
        return
    law = terms.law.report
    asked = law.redelivery_consumer if order.consumer else law.redelivery_company
    because = Because(
        rule="damage.replaced",
        clauses=own.clauses if own else asked.clauses,
        inputs={"lines": ", ".join(lines)},
    )
    owed.add(Replacement(lines=lines, because=because, **case.subject(order)))


def _advise(owed: Owed, order: OrderState, terms: Terms, case: Case) -> None:
    """What the customer is told to do for the claim on the carrier; it is no condition."""
    own = terms.damage
    if own is None:
        return
    numbered = _is_numbered(case)
    advice = (("carrier_report", None if numbered else own.carrier_told),
              ("packaging", own.packaging_kept))  # fmt: skip
    for about, word in advice:
        if word is not None:
            because = Because(
                rule=f"damage.{about}",
                clauses=word.clauses,
                inputs={"lines": ", ".join(case.lines)},
            )
            owed.add(Information(about=about, because=because, **case.subject(order)))


def _notice(owed: Owed, order: OrderState, terms: Terms, case: Case, now: datetime) -> None:
    """What really binds a consumer where the printed period is a request."""
    received = received_at(order, parcels_of(order, case.lines))
    if received is None:
        return
    due, months = statutory_due(terms, received), terms.law.report.notice_months
    because = Because(
        rule="damage.notice",
        clauses=months.clauses,
        inputs={"from": received.isoformat(), "due": due.isoformat()},
        statutes=tuple((one, "applies") for one in months.clauses),
    )
    owed.add(
        Deadline(
            kind="complaint_notice", due=due, party="customer", because=because,
            state=standing(due, case.first.at, now), **case.subject(order),
        )
    )  # fmt: skip


def _deadlines(
    owed: Owed, order: OrderState, terms: Terms, reported: list[Case], now: datetime
) -> None:
    """One a parcel and kind of damage; one for both kinds where both end alike."""
    seen = set()
    for own, kind in ((terms.damage_visible, "visible"), (terms.damage_hidden, "hidden")):
        hidden = kind == "hidden"
        for parcel, due, because in deadlines(order, terms, own, noticed_late=hidden):
            place = (parcel.id if parcel else None, due)
            if place in seen:
                continue
            seen.add(place)
            met_at = first_report(order, reported, parcel)
            owed.add(
                Deadline(
                    kind="damage_report", due=due, party="customer", because=because,
                    state=standing(due, met_at, now), parcel=place[0], cause=kind,
                )
            )  # fmt: skip


DAMAGE = Policy(
    "damage",
    damage,
    reads=REPLACED_READS,
    starts=(Shipped, Collected, Delivered, DamageReported),
    sentences={
        "damage.accepted": (
            "The damage to {lines} was reported in time and shown.",
            "Skadan på {lines} anmäldes i tid och har visats.",
        ),
        "damage.late": (
            "The damage to {lines} was reported too late, on {reported}.",
            "Skadan på {lines} anmäldes för sent, {reported}.",
        ),
        "damage.judgement": (
            "The damage to {lines} was reported late, on {reported}; a person decides.",
            "Skadan på {lines} anmäldes sent, {reported}; en människa avgör.",
        ),
        "damage.decided": (
            "Staff found that the damage to {lines} was reported too late.",
            "Personalen fann att skadan på {lines} anmäldes för sent.",
        ),
        "damage.evidence": (
            "Pictures of the damage to {lines} are still awaited.",
            "Bilder på skadan på {lines} väntas fortfarande.",
        ),
        "damage.carrier_case": (
            "The carrier's number for the damage to {lines} is still awaited.",
            "Transportörens ärendenummer för skadan på {lines} väntas fortfarande.",
        ),
        "damage.seller_not_told": (
            "The damage to {lines} was reported to the carrier, and not to the seller yet.",
            "Skadan på {lines} är anmäld till transportören men inte till säljaren.",
        ),
        "damage.risk": (
            "The goods {lines} were sent at the customer's risk.",
            "Varorna {lines} sändes på kundens risk.",
        ),
        "damage.collected": (
            "The parcel was visibly damaged and was to be left where it was.",
            "Paketet var synligt skadat och skulle ha lämnats kvar.",
        ),
        "damage.assessed": (
            "The damage to {lines} was assessed and not approved.",
            "Skadan på {lines} bedömdes och godkändes inte.",
        ),
        "damage.replaced": (
            "The damaged goods {lines} are replaced free of charge.",
            "De skadade varorna {lines} ersätts kostnadsfritt.",
        ),
        "damage.carrier_report": (
            "Damage to {lines} is to be reported to the carrier too; keep its case number.",
            "Skadan på {lines} ska även anmälas till transportören; spara ärendenumret.",
        ),
        "damage.packaging": (
            "The packaging of {lines} is to be kept for the claim on the carrier.",
            "Emballaget till {lines} ska sparas för kravet på transportören.",
        ),
        "damage.notice": (
            "Received on {from}, the damage may be complained of until {due}.",
            "Skadan får reklameras till och med {due}; varan togs emot {from}.",
        ),
        **SENTENCES,
    },
)
