"""The right of withdrawal: until when it can be used, and the answer to each notice."""

from datetime import datetime
from typing import Any

from domain.calendar import lapses_at
from domain.facts import WithdrawalNotified
from domain.outcomes import Acknowledgement, Because, Deadline, Owed, Ruling, standing
from domain.policies.grounds import clauses_of, distinct
from domain.policies.policy import Policy
from domain.policies.leaving import READS, leaving, received_whole_at
from domain.policies.withdrawal_period import Period, open_purchase, withdrawal_period
from domain.policies.withdrawal_right import (
    Withdrawal, may_return, may_withdraw, named_after_statutory,
)  # fmt: skip
from domain.state import OrderState, Told
from domain.terms import Terms


def withdrawal(order: OrderState, terms: Terms, now: datetime) -> Owed:
    """The last days of withdrawal and open purchase, a ruling and an acknowledgement a notice."""
    owed = Owed()
    found = leaving(order, terms).withdrawals
    _deadlines(owed, order, terms, now, found)
    for one in found:
        _rulings(owed, one)
    if order.consumer:
        for told in order.all(WithdrawalNotified):
            _acknowledge(owed, terms, told)
        for one in found:
            if one.message.kind == "cancellation":
                _acknowledge(owed, terms, one.message.told)
    return owed


def _deadlines(
    owed: Owed, order: OrderState, terms: Terms, now: datetime, found: list[Withdrawal]
) -> None:
    """Until when a notice is in time; it is set with receipt, for goods that can be withdrawn."""
    start = received_whole_at(order, terms)
    if start is None:
        return
    lines = [line for line in order.lines if line not in order.struck]
    free = [line for line in lines if may_withdraw(order, terms, line)]
    used = {
        verdict.ground: one.at
        for one in reversed(found)
        for verdict in one.verdicts.values()
        if verdict.ground is not None
    }
    if free:
        at = used.get("withdrawal", now)
        named = all(named_after_statutory(terms, order, line) for line in free)
        period = withdrawal_period(order, terms, start, at, named=named)
        _deadline(owed, "withdrawal", period, used.get("withdrawal"), now)
        _campaign(owed, order, now)
    further = open_purchase(order, terms, start)
    if further is not None and any(may_return(order, terms, line) for line in lines):
        _deadline(owed, "sales_return", further, min(used.values(), default=None), now)


def _deadline(
    owed: Owed, kind: str, period: Period, met_at: datetime | None, now: datetime
) -> None:
    if period.due is None or period.start is None:
        return
    because = Because(
        rule=f"{kind}.until",
        clauses=period.clauses,
        inputs={"from": period.start.isoformat(), "due": period.due.isoformat()},
        readings=period.readings,
        statutes=period.statutes,
        beaten=period.beaten,
    )
    state = standing(period.due, met_at, now)
    owed.add(Deadline(kind=kind, due=period.due, party="customer", state=state, because=because))


def _campaign(owed: Owed, order: OrderState, now: datetime) -> None:
    """A period that ends with its campaign changes when the campaign ends."""
    campaign = order.order.campaign
    if campaign is not None and campaign.until is not None and now < lapses_at(campaign.until):
        owed.again_at(lapses_at(campaign.until))


def _rulings(owed: Owed, one: Withdrawal) -> None:
    """One answer a notice, or one a line where the lines fare differently."""
    decisions = {verdict.ground is not None for verdict in one.verdicts.values()}
    if len(decisions) == 1:
        _ruling(owed, one, tuple(one.verdicts))
        return
    for line in one.verdicts:
        _ruling(owed, one, (line,))


def _ruling(owed: Owed, one: Withdrawal, lines: tuple[str, ...]) -> None:
    verdicts = [one.verdicts[line] for line in lines]
    first = verdicts[0]
    because = Because(
        rule=f"withdrawal.{first.reason}",
        clauses=distinct(*(verdict.clauses for verdict in verdicts)),
        inputs={"lines": ", ".join(lines), "told": one.at.isoformat()},
        readings=distinct(*(verdict.readings for verdict in verdicts)),
        statutes=distinct(*(verdict.statutes for verdict in verdicts)),
        beaten=distinct(*(verdict.beaten for verdict in verdicts)),
    )
    owed.add(
        Ruling(
            about="withdrawal",
            decision="refused" if first.ground is None else "accepted",
            reasons=tuple(dict.fromkeys(verdict.reason for verdict in verdicts)),
            line=lines[0] if len(lines) == 1 else None,
            cause=one.id,
            because=because,
        )
    )


def _acknowledge(owed: Owed, terms: Terms, told: Told[Any]) -> None:
    """Messages through the seller's site are confirmed without delay, by some sellers all."""
    law, own = terms.law.withdrawal, terms.withdrawal
    channel = told.fact.channel
    every = own.acknowledged if own else None
    function = law.function if channel == "withdrawal_function" else None
    site = law.site_message if channel in ("web", "withdrawal_function") else None
    clauses = clauses_of(every, function, site)
    if not clauses:
        return
    because = Because(
        rule="withdrawal.received",
        clauses=clauses,
        inputs={"told": told.at.isoformat()},
        statutes=tuple((one, "applies") for one in clauses_of(function, site)),
    )
    owed.add(Acknowledgement(about="withdrawal", cause=told.id, because=because))


WITHDRAWAL = Policy(
    "withdrawal",
    withdrawal,
    reads=READS,
    sentences={
        "withdrawal.until": (
            "Received whole on {from}, the order can be withdrawn from until {due}.",
            "Beställningen, mottagen i sin helhet {from}, får ångras till och med {due}.",
        ),
        "sales_return.until": (
            "Received whole on {from}, the goods can be returned as an open purchase until {due}.",
            "Varorna, mottagna i sin helhet {from}, får lämnas tillbaka till och med {due}.",
        ),
        "withdrawal.withdrawal": (
            "The customer withdrew in time from {lines}, on {told}.",
            "Kunden ångrade i tid köpet av {lines}, {told}.",
        ),
        "withdrawal.open_purchase": (
            "The customer returned {lines} within the open purchase, on {told}.",
            "Kunden utnyttjade det öppna köpet för {lines}, {told}.",
        ),
        "withdrawal.goodwill": (
            "Staff accepted the withdrawal from {lines} all the same.",
            "Personalen godtog ändå att köpet av {lines} ångrades.",
        ),
        "withdrawal.late": (
            "The notice of {told} about {lines} came too late.",
            "Meddelandet {told} om {lines} kom för sent.",
        ),
        "withdrawal.business": (
            "A company has no right of withdrawal.",
            "Ett företag har ingen ångerrätt.",
        ),
        "withdrawal.face_to_face": (
            "What was bought face to face cannot be withdrawn from.",
            "Det som köptes vid ett möte kan inte ångras.",
        ),
        "withdrawal.form": (
            "The message of {told} is not one that the terms take for a notice.",
            "Meddelandet {told} räknas inte som ångeranmälan enligt villkoren.",
        ),
        "withdrawal.made_to_order": (
            "{lines}: made to the customer's instructions.",
            "{lines}: tillverkad efter kundens anvisningar.",
        ),
        "withdrawal.method_goods": (
            "{lines}: no right of withdrawal is promised for goods of this kind.",
            "{lines}: för varor av det slaget utlovas ingen ångerrätt.",
        ),
        "withdrawal.built": (
            "{lines}: a computer that the seller built.",
            "{lines}: en dator som säljaren har byggt.",
        ),
        "withdrawal.named": (
            "{lines}: goods that the terms exclude by name.",
            "{lines}: en vara som villkoren undantar vid namn.",
        ),
        "withdrawal.perishable": (
            "{lines}: goods that deteriorate quickly.",
            "{lines}: en vara som snabbt försämras.",
        ),
        "withdrawal.begun_download": (
            "{lines}: the download began with the customer's consent.",
            "{lines}: nedladdningen började med kundens samtycke.",
        ),
        "withdrawal.broken_hygiene_seal": (
            "{lines}: the hygiene seal was broken.",
            "{lines}: hygienförseglingen var bruten.",
        ),
        "withdrawal.broken_software_seal": (
            "{lines}: the seal of the recording or program was broken.",
            "{lines}: förseglingen på inspelningen eller programmet var bruten.",
        ),
        "withdrawal.uncollected": (
            "{lines}: goods that were not collected.",
            "{lines}: en vara som inte hämtades ut.",
        ),
        "withdrawal.received": (
            "The message of {told} is to be confirmed without delay.",
            "Meddelandet {told} ska bekräftas utan dröjsmål.",
        ),
    },
)
