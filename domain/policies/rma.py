"""Return cases: their numbers, whether the goods come in time, and how a case ends unhandled."""

from datetime import datetime
from typing import Any

from domain.calendar import day_of
from domain.facts import InvoiceIssued, RmaIssued, RmaRequested
from domain.outcomes import (
    Because, ClosedCase, Deadline, Information, Owed, Ruling, standing,
)  # fmt: skip
from domain.policies import rma_case
from domain.policies.claims import READS, case_kind, case_lines
from domain.policies.grounds import clauses_of
from domain.policies.policy import Policy
from domain.policies.rma_case import (
    Ending, applied, arrival_due, arrived_at, begun_at, ending, late_application, scrapped,
    windows,
)  # fmt: skip
from domain.policies.verdict import Decision, extended_guarantee
from domain.state import OrderState, Rma
from domain.terms import Terms
from domain.terms.rma import RmaTerms
from domain.terms.values import Term


def rma(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """For each case a ruling on its number, the day by which its goods come, and its end."""
    owed = Owed()
    if terms.rma is None:
        return owed
    _windows(owed, order, terms.rma, now)
    for case in order.rmas.values():
        if applied(case) is not None:
            _arrival(owed, order, terms, case, now)
            _ruling(owed, order, terms, terms.rma, case, now)
    return owed


def _windows(owed: Owed, order: OrderState, own: RmaTerms, now: datetime) -> None:
    """Until when a return is applied for, one an invoice and kind of return."""
    for kind, days in (("doa", own.doa), ("sales_return", own.sales_return)):
        if days is None:
            continue
        asked = [told.at for told in order.all(RmaRequested) if told.fact.kind == kind]
        for invoice, due in windows(order, days.value):
            to = own.apply_to
            because = Because(
                rule="rma.window_to" if to else "rma.window",
                clauses=clauses_of(days, to),
                inputs={
                    "from": day_of(invoice.at).isoformat(),
                    "due": due.isoformat(),
                    "to": to.value if to else None,
                },
            )
            owed.add(
                Deadline(
                    kind=kind, due=due, party="customer", invoice=invoice.fact.invoice,
                    state=standing(due, min(asked, default=None), now), because=because,
                )
            )  # fmt: skip


def _arrival(owed: Owed, order: OrderState, terms: Terms, case: Rma, now: datetime) -> None:
    due = arrival_due(order, terms, case)
    start = begun_at(terms.rma, case) if terms.rma else None
    if due is None or start is None or terms.rma is None or terms.rma.arrival is None:
        return
    begins = terms.rma.arrival_from
    because = Because(
        rule="rma.arrival",
        clauses=terms.rma.arrival.clauses,
        inputs={"rma": case.id, "from": day_of(start).isoformat(), "due": due.isoformat()},
        readings=begins.readings if begins else (),
    )
    owed.add(
        Deadline(
            kind="rma_arrival", due=due, party="customer", rma=case.id, because=because,
            state=standing(due, arrived_at(order, case), now),
        )
    )  # fmt: skip


def _ruling(
    owed: Owed, order: OrderState, terms: Terms, own: RmaTerms, case: Rma, now: datetime
) -> None:
    """Refused if asked for in vain or ended unhandled, pending until its number is given."""
    end = ending(order, terms, case, now)
    against = _refusal(order, terms, own, case) or end
    numbered = case.last(RmaIssued) is not None
    decision: Decision = "refused" if against else "accepted" if numbered else "pending"
    answer = against or (Ending("issued", own.number.clauses) if numbered else _asked(own, case))
    owed.add(
        Ruling(
            about="rma", decision=decision, rma=case.id, because=_because(case, answer),
            reasons=() if decision == "accepted" else (answer.reason,),
        )
    )  # fmt: skip
    if decision == "accepted" and own.address is not None and arrived_at(order, case) is None:
        where = Because(
            rule="rma.address",
            clauses=own.address.clauses,
            inputs={"rma": case.id, "address": own.address.value},
        )
        owed.add(Information(about="return_address", rma=case.id, because=where))
    if decision == "accepted" and arrived_at(order, case) is None:
        _enclosed(owed, own, case)
    closing = scrapped(order, terms, case) or end
    if closing is not None:
        owed.add(ClosedCase(rma=case.id, reason=closing.reason, because=_because(case, closing)))


def _enclosed(owed: Owed, own: RmaTerms, case: Rma) -> None:
    """What the customer is told to send along, while the goods have not come."""
    kind = case_kind(case)
    what: Term[Any] | None = own.enclosed if kind == "complaint" else own.enclosed_warranty
    if what is None or kind == "sales_return":
        return
    because = Because(rule=f"rma.{what.value}", clauses=what.clauses, inputs={"rma": case.id})
    owed.add(Information(about="return_instructions", rma=case.id, because=because))


def _asked(own: RmaTerms, case: Rma) -> Ending:
    """What an application waits for: its number, or what it does not state of the products.

    Serial number and fault are kept beside the log, so only a missing model shows.
    """
    asked = case.last(RmaRequested)
    if own.stated is None or asked is None or asked.fact.model is not None:
        return Ending("asked", own.number.clauses)
    return Ending("unstated", own.stated.clauses)


def _because(case: Rma, answer: Ending) -> Because:
    return Because(
        rule=f"rma.{answer.reason}",
        clauses=answer.clauses,
        inputs={"rma": case.id},
        readings=answer.readings,
    )


def _refusal(order: OrderState, terms: Terms, own: RmaTerms, case: Rma) -> Ending | None:
    """Asked for too late, or of the seller where the maker answers and no number was given."""
    late = late_application(order, own, case)
    if late is not None:
        return Ending("late", late.clauses, late.readings)
    asked = applied(case)
    if asked is None or case.last(RmaIssued) or case_kind(case) not in ("warranty", "doa"):
        return None
    for line in case_lines(order, case):
        maker = extended_guarantee(order, terms, line, asked.at)
        if maker is not None:
            return Ending("manufacturer", maker.clauses, maker.readings)
    return None


RMA = Policy(
    "rma",
    rma,
    reads=(*READS, *rma_case.READS),
    starts=(InvoiceIssued, RmaRequested, RmaIssued),
    sentences={
        "rma.window": (
            "Invoiced on {from}: such a return is applied for by {due}.",
            "Fakturerat {from}: en sådan retur söks senast {due}.",
        ),
        "rma.window_to": (
            "Invoiced on {from}: such a return is applied for by {due}, to {to}.",
            "Fakturerat {from}: en sådan retur söks senast {due}, hos {to}.",
        ),
        "rma.address": (
            "The goods of case {rma} go by business parcel, marked with its number, to {address}.",
            "Varorna i ärende {rma} sänds med företagspaket, märkt med numret, till {address}.",
        ),
        "rma.unstated": (
            "The application for case {rma} is to state model, serial number and fault of each "
            "product.",
            "Ansökan om ärende {rma} ska ange modell, serienummer och fel för varje produkt.",
        ),
        "rma.arrival": (
            "Case {rma} began on {from}; its goods are to be with the seller by {due}.",
            "Ärende {rma} öppnades {from}; varan ska vara hos säljaren senast {due}.",
        ),
        "rma.issued": ("Case {rma} has its number.", "Ärende {rma} har fått sitt nummer."),
        "rma.delivery_note": (
            "What is sent in case {rma} is in approved outer packaging, with its invoice or "
            "delivery note.",
            "Det som sänds i ärende {rma} är i godkänt ytteremballage, med faktura eller "
            "följesedel.",
        ),
        "rma.delivery_note_and_number": (
            "What is sent in case {rma} is prepaid and in approved outer packaging, marked with "
            "the number, with its invoice or delivery note.",
            "Det som sänds i ärende {rma} är betalt och i godkänt ytteremballage, märkt med "
            "numret, med faktura eller följesedel.",
        ),
        "rma.asked": (
            "Case {rma} was applied for and has no number yet.",
            "Ärende {rma} är sökt men har inget nummer ännu.",
        ),
        "rma.late": (
            "Case {rma} was applied for too late.",
            "Ärende {rma} söktes för sent.",
        ),
        "rma.expired": (
            "The goods of case {rma} did not come in time, so it closed.",
            "Varan i ärende {rma} kom inte i tid, och ärendet stängdes.",
        ),
        "rma.unhandled": (
            "What was found in case {rma} ends it unhandled.",
            "Det som påträffades i ärende {rma} avslutar det utan åtgärd.",
        ),
        "rma.scrapped": (
            "The product of case {rma} is scrapped with the customer's approval.",
            "Produkten i ärende {rma} skrotas med kundens godkännande.",
        ),
        "rma.manufacturer": (
            "Case {rma} is the maker's affair, as the time to complain is over.",
            "Ärende {rma} är tillverkarens sak, då reklamationstiden är slut.",
        ),
        "rma.not_bought_here": (
            "The product of case {rma} was not bought here; it goes back without action.",
            "Produkten i ärende {rma} är inte köpt här och återsänds utan åtgärd.",
        ),
        "rma.damaged": (
            "The product of case {rma} is damaged; it goes back without action.",
            "Produkten i ärende {rma} är skadad och återsänds utan åtgärd.",
        ),
        "rma.packaging_damage": (
            "Poor packaging let the product of case {rma} be damaged; it goes back unhandled.",
            "Bristfälligt emballage har skadat produkten i ärende {rma}; den återsänds.",
        ),
        "rma.incomplete_doa": (
            "The DOA return of case {rma} was not complete in original packaging.",
            "DOA-returen i ärende {rma} var inte komplett i originalförpackning.",
        ),
    },
)
