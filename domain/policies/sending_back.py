"""How goods are to be sent back: what the customer is told while the seller waits for them."""

from datetime import datetime
from typing import Any

from domain.facts import (
    ComplaintReported, DamageReported, DiscrepancyReported, RescissionDeclared, ReturnReceived,
    ReturnSent, RmaIssued, RmaReceived, RmaRequested, WithdrawalAssessed,
)  # fmt: skip
from domain.outcomes import Because, Information, Owed
from domain.policies import claims as claimed
from domain.policies import returns, rma_case
from domain.policies.claims import claims, received_at
from domain.policies.damage import REPLACED_READS, accepted_damage
from domain.policies.discrepancy import ACCEPTED_READS, accepted_discrepancies
from domain.policies.grounds import clauses_of
from domain.policies.leaving import withdrawn_lines
from domain.policies.policy import Policy
from domain.policies.report import choice
from domain.policies.returned import accepted, line_returns
from domain.policies.returns import customer_has
from domain.policies.verdict import verdict
from domain.policies.withdrawal_right import NOTICES
from domain.state import OrderState, Told
from domain.terms import Terms
from domain.terms.sending_back import SendingBackTerms
from domain.terms.values import Term


def sending_back(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """For every claim that was not refused, what came damaged or wrong, and withdrawals."""
    owed, own = Owed(), terms.sending_back
    if own is not None:
        _claims(owed, order, terms, own, now)
        _arrivals(owed, order, terms, own)
        _withdrawals(owed, order, terms, own)
    return owed


def _claims(
    owed: Owed, order: OrderState, terms: Terms, own: SendingBackTerms, now: datetime
) -> None:
    gone = withdrawn_lines(order, terms)
    for claim in claims(order, terms):
        word = own.complaint if claim.kind == "complaint" else own.warranty
        came = any(order.rmas[rma].all(RmaReceived) for rma in claim.rmas)
        if word is None or came or claim.line in gone or claim.chosen == "price_reduction":
            continue
        if verdict(order, terms, claim, now).decision != "refused":
            _faulty(owed, order, own, word, claim.line, claim.first)


def _arrivals(owed: Owed, order: OrderState, terms: Terms, own: SendingBackTerms) -> None:
    """Damaged and wrong items: what is missing cannot be sent, what has a claim is told there."""
    elsewhere = withdrawn_lines(order, terms).keys() | {one.line for one in claims(order, terms)}
    for case in (*accepted_damage(order, terms), *accepted_discrepancies(order, terms)):
        if getattr(case.first.fact, "kind", None) == "missing":
            continue
        for line in case.lines:
            chosen = choice(order, case, line)
            kept = chosen is not None and chosen.fact.remedy == "price_reduction"
            if line not in elsewhere and not kept:
                _faulty(owed, order, own, own.complaint, line, case.first)


def _faulty(
    owed: Owed, order: OrderState, own: SendingBackTerms, word: Term[Any], line: str,
    first: Told[Any],
) -> None:  # fmt: skip
    """Of goods that the customer has, and has not sent back since the first report."""
    back: list[Told[Any]] = [*order.all(ReturnSent), *order.all(ReturnReceived)]
    sent = [told for told in back if told.at >= first.at and line in order.named(told.fact.lines)]
    if received_at(order, line) is not None and not sent:
        because = _because(own, word, line)
        owed.add(
            Information(about="return_instructions", line=line, cause=first.id, because=because)
        )


def _withdrawals(owed: Owed, order: OrderState, terms: Terms, own: SendingBackTerms) -> None:
    found = accepted(order, terms)
    for one in found:
        ready = own.withdrawal.value == "at_once" or any(
            told.at >= one.at and told.fact.accepted is not False
            for told in order.all(WithdrawalAssessed)
        )
        lines = [
            line for line in one.accepted
            if customer_has(order, line)
            and not line_returns(order, found, one, line, ReturnSent)
            and not line_returns(order, found, one, line, ReturnReceived)
        ]  # fmt: skip
        if ready and lines:
            because = _because(own, own.withdrawal, ", ".join(lines))
            owed.add(Information(about="return_instructions", cause=one.id, because=because))


def _because(own: SendingBackTerms, word: Term[Any], lines: str) -> Because:
    return Because(
        rule=f"sending_back.{word.value}",
        clauses=clauses_of(word, own.note, own.address),
        inputs={"lines": lines, "address": own.address.value},
    )


SENDING_BACK = Policy(
    "sending_back",
    sending_back,
    reads=(*claimed.READS, *rma_case.READS, *returns.READS, *REPLACED_READS, *ACCEPTED_READS),
    starts=(
        *NOTICES,
        ComplaintReported,
        DamageReported,
        DiscrepancyReported,
        RescissionDeclared,
        RmaRequested,
        RmaIssued,
        WithdrawalAssessed,
    ),
    sections=("sending_back",),
    sentences={
        "sending_back.as_received": (
            "{lines} is to be sent to {address}: packed as it came, by the same carrier, with the "
            "return note and a detailed description of the fault.",
            "{lines} ska sändas till {address}: förpackad som den kom, med samma transportör, med "
            "returföljesedel och en utförlig beskrivning av felet.",
        ),
        "sending_back.marked": (
            "{lines} is to be sent to {address}: in outer packaging approved by the carrier, with "
            "the invoice or delivery note, the box marked with the order's number.",
            "{lines} ska sändas till {address}: i ytteremballage som budfirman godkänner, med "
            "faktura eller följesedel, och kartongen märkt med ordernumret.",
        ),
        "sending_back.prepaid_and_marked": (
            "{lines} is to be sent prepaid to {address}: in outer packaging approved by the post, "
            "with the invoice or delivery note, marked with the order's number.",
            "{lines} ska sändas med betald frakt till {address}: i ytteremballage som Posten "
            "godkänner, med faktura eller följesedel, märkt med ordernumret.",
        ),
        "sending_back.at_once": (
            "{lines} is to be sent to {address}, marked as a return of the order's number, or "
            "handed over at an agreed place; customer service is best asked before.",
            "{lines} ska sändas till {address}, märkt som retur av ordernumret, eller lämnas på en "
            "överenskommen plats; kontakta gärna kundtjänst först.",
        ),
        "sending_back.after_assessment": (
            "The withdrawal was dealt with: {lines} is to be sent to {address}, with the return "
            "note.",
            "Ångeranmälan är behandlad: {lines} ska sändas till {address}, med returföljesedel.",
        ),
    },
)
