"""What happened, as people tell it: a sentence for each fact, and for each change of what is owed.

Of a fact it says what the message says and no more. Free text about persons is not in it.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from adapters.deadlines import BEGINNINGS, Nature, asked, does, due, nature_of
from domain.events import AnyEvent, FactTold, OutcomeRaised
from domain.explain import sentence
from domain.facts import Retracted, Shipped
from domain.money import kronor
from domain.outcomes import AnyOutcome, DecisionNeeded, Deadline, Ruling
from domain.words import Language, word

SENTENCES: dict[str, str] = {
    "OrderPlaced": "The customer ordered {goods}",
    "OrderConfirmed": "The seller confirmed the order",
    "OrderChangeRequested": "The customer asked to change the order to {goods}",
    "OrderChanged": "The order was changed to {goods}",
    "CancellationRequested": "The customer asked to cancel {lines}[ by {channel}]",
    "CancellationConfirmed": "The seller confirmed the cancellation",
    "Effectuated": "Work on the order began[: {what}]",
    "LineStruck": "Line {line} was struck from the order[: {reason}]",
    "PriceChanged": "The price of line {line} became {unit_price}",
    "PriceErrorFound": "The price of line {line} was an error; it is {unit_price}",
    "InvoiceIssued": "Invoice {invoice} over {amount} was issued[, due {due}]",
    "PaymentReceived": "{amount} was paid[ on invoice {invoice}]",
    "RefundPaid": "{amount} was paid back[ for {refund}]",
    "ReminderSent": "A reminder of invoice {invoice} was sent",
    "CollectionStarted": "Invoice {invoice} went to debt collection",
    "Shipped": "Parcel {parcel} was sent[ with {carrier}][, {tracking}]",
    "InTransit": "Parcel {parcel} is on its way",
    "DeliveryAttempted": "Delivery of parcel {parcel} was tried[: {reason}]",
    "DeliveryFailed": "Parcel {parcel} could not be delivered[: {reason}]",
    "AvailableForCollection": "Parcel {parcel} lies ready to be collected[, until {until}]",
    "Collected": "The customer collected parcel {parcel}",
    "Delivered": "[Parcel {parcel} was ]delivered",
    "Unclaimed": "Nobody collected parcel {parcel}",
    "ParcelReturned": "Parcel {parcel} came back to the seller[; the way back cost {return_cost}]",
    "Reshipped": "Parcel {parcel} was sent again[ for {freight}]",
    "ShipmentLost": "Parcel {parcel} was lost",
    "DamageReported": "The customer reported damage to {lines}[ ({visibility})]",
    "DiscrepancyReported": "The customer reported {kind} goods: {lines}",
    "WithdrawalNotified": "The customer withdrew from the purchase of {lines}[ by {channel}]",
    "WithdrawalAssessed": "The withdrawal was looked at: {accepted}",
    "ReturnSent": "The customer sent {lines} back",
    "ReturnReceived": "{lines} came back to the seller",
    "ReturnAssessed": "{lines} that came back were looked at[; {value_loss_percent} % of the "
    "value was lost]",
    "ComplaintReported": "The customer complained of {lines}",
    "RmaRequested": "The customer asked for an RMA for {lines}: {rma}",
    "RmaIssued": "RMA {rma} was issued for {lines}[ ({kind})]",
    "RmaReceived": "The goods[ of RMA {rma}] arrived",
    "InspectionCompleted": "The workshop looked at RMA {rma}: {result}",
    "ComplaintAssessed": "The complaint was looked at: {approved}",
    "RemedyChosen": "The customer chose {remedy}[: {amount}]",
    "ReplacementShipped": "A replacement of {lines} was sent",
    "RescissionDeclared": "The {by} rescinded the purchase of {lines}: {ground}",
    "ForceMajeureStarted": "Force majeure began",
    "ForceMajeureEnded": "Force majeure ended",
    "PurchaseGuaranteeRegistered": "The purchase guarantee was registered",
    "PurchaseGuaranteeClaimed": "The customer claimed the purchase guarantee[: {amount}]",
    "CreditLimitExceeded": "The customer's limit of credit was exceeded",
    "InvoiceOverdue": "An invoice of the customer is overdue",
    "AccountSettled": "The customer's account was settled",
    "OrderJoined": "Order {order} is the customer's",
    "NotificationFeeCharged": "Order {order} carries this month's notification fee, on {invoice}",
    "DiscretionExercised": "A person decided on {about}: {decision}[, {amount}][, {percent} %]",
    "ConsentRequested": "The customer was asked for consent[; the balance is {balance}]",
    "ConsentReminderSent": "The customer was asked for consent again",
    "Retracted": "Message {fact} was wrong and is taken back",
    "PersonalDataRequest": "The customer asked for {kind} of personal data",
    "PeriodClosed": "The books were closed up to {month}",
    "RulesAdopted": "The rules of today were adopted",
    "PersonalDataErased": "What lay beside the log about persons was erased",
    "LettersDiscarded": "Parked messages were put away",
    "TokenCreated": "A token was made: {token}",
    "TokenRevoked": "The token {token} was revoked",
    "ChainOverridden": "Read models were made of a broken chain, from {position} on",
}
"""Fact -> its sentence; what stands in brackets is left out where its field is empty."""
CHANGES: dict[str, str] = {
    "FeeRaised": "A fee is owed ({kind})", "FeeAdjusted": "The fee changed ({kind})",
    "FeeReversed": "The fee is owed no more ({kind})",
    "RefundDue": "A refund is due ({kind})", "RefundAdjusted": "The refund changed ({kind})",
    "RefundReversed": "The refund is due no more ({kind})",
    "DeadlineSet": "{asked}", "DeadlineMoved": "{asked}",
    "DeadlineMet": "{Party} kept the time for {kind}",
    "DeadlineLapsed": "The time for {kind} ran out",
    "DeadlineCancelled": "The time for {kind} matters no more",
    "Ruling": "{kind}: {decision}", "RulingWithdrawn": "The answer about {kind} holds no more",
    "DecisionNeeded": "A person must decide on {kind}",
    "DecisionSettled": "Nobody need decide on {kind} any more",
    "ReplacementDue": "Goods must be sent anew", "ReplacementCancelled": "Nothing is sent anew",
    "InvoiceWrittenOff": "A part of an invoice need not be paid",
    "InvoiceReinstated": "The invoice is to be paid in full again",
    "CaseClosed": "The case ended", "CaseReopened": "The case is open again",
    "InformationDue": "The customer is to be told of {kind}",
    "InformationWithdrawn": "Nothing need be told of {kind} any more",
    "AcknowledgementDue": "The receipt of a {kind} is to be confirmed",
    "AcknowledgementWithdrawn": "No receipt of a {kind} need be confirmed",
    "DeliveryBlocked": "Nothing may be delivered for now",
    "DeliveryReleased": "Delivery may go on",
}  # fmt: skip
"""Outcome's event -> what changed; the reason follows it."""
ENDED = {
    Nature.WISH: "The day for {kind} passed, and nothing is lost by it",
    Nature.DUTY: "{Party} did not {does} by {due}",
}
"""Deadlines that lapsed, where there is more to say than that their time ran out."""
RMA = re.compile(r"\brma\b")
AMOUNTS = ("amount", "unit_price", "return_cost", "freight", "balance")


def narrated(event: AnyEvent, currency: str = "") -> str:
    """An event as one sentence, in English, without its full stop; amounts are in `currency`."""
    if isinstance(event, FactTold):
        return told(event, currency)
    if isinstance(event, OutcomeRaised):
        return changed(event)
    return f"The order came under the terms of {event.seller} of {event.day}"


def told(event: FactTold, currency: str = "") -> str:
    """A fact's sentence; what came to nothing says so."""
    fact = event.told.fact
    said = _filled(SENTENCES[event.type], lambda name: _field(fact, name, currency))
    said = said[:1].upper() + said[1:]
    if isinstance(fact, Retracted) and event.retracted is not None:
        before = FactTold(event.originator_id, 0, event.timestamp, event.retracted, b"")
        said += f": {told(before, currency)}"
    return f"{said} (taken back before it came)" if event.void else said


def replaced(events: Iterable[AnyEvent]) -> dict[int, int]:
    """Version of each `Shipped` of a parcel that was sent already -> that of the one before, which
    it says anew; one that was taken back is none."""
    last: dict[str, int] = {}
    found = dict[int, int]()
    for event in events:
        if not isinstance(event, FactTold) or event.void:
            continue
        fact = event.told.fact
        if isinstance(fact, Shipped):
            if fact.parcel in last:
                found[event.originator_version] = last[fact.parcel]
            last[fact.parcel] = event.originator_version
        elif isinstance(fact, Retracted) and event.retracted is not None:
            before = event.retracted.fact
            if isinstance(before, Shipped):
                last.pop(before.parcel, None)
    return found


def changed(event: OutcomeRaised) -> str:
    """What changed of what is owed."""
    item: Any = event.item
    known = {"kind": called(item)}
    if isinstance(item, Deadline):
        return _of_a_deadline(event.type, item)
    if isinstance(item, Ruling):
        known["decision"] = item.decision
    said = _filled(CHANGES[event.type], lambda name: known.get(name, ""))
    return said[:1].upper() + said[1:]


def _of_a_deadline(event: str, item: Deadline) -> str:
    """What changed of a deadline: it asks something, is over, or may be acted on from now on."""
    text = CHANGES[event]
    if event == "DeadlineLapsed":
        text = ENDED.get(nature_of(item.kind, item.because.rule), text)
        if item.kind in BEGINNINGS:
            text = "{Party} may {does} from now on"
    known = {
        "kind": called(item), "Party": f"The {item.party}", "due": due(item.due),
        "does": does(item.kind), "asked": asked(item, anew=event == "DeadlineMoved"),
    }  # fmt: skip
    return _filled(text, known.__getitem__)


def reason(event: OutcomeRaised, language: Language = "en") -> str:
    """Why, as a sentence to the customer."""
    return sentence(event.item.because, language, event.goods, event.currency)


def called(item: AnyOutcome) -> str:
    """What people call it: `unclaimed`, `return freight`."""
    shown: Any = item
    name = getattr(shown, "kind", None) or getattr(shown, "about", None) or ""
    return RMA.sub("RMA", word(name)) if name else type(item).__name__.lower()


def choice(item: DecisionNeeded) -> str:
    """What a person may decide, and within which bounds."""
    return f"a person decides: {choices(item)}"


def choices(item: DecisionNeeded, currency: str = "") -> str:
    """The decisions that there are, and their bounds: `charge or waive, 0.00 to 95.00`."""
    words = " or ".join(item.choices)
    if item.bounds is None:
        return words
    least, most = item.bounds
    if "deduct" in item.choices:  # a share of the price
        return f"{words}, {least} to {most} %"
    return f"{words}, {kronor(least)} to {kronor(most)} {currency}".rstrip()


def _filled(text: str, value: Callable[[str], str]) -> str:
    """A sentence with its values; a part in brackets is dropped where its value is empty."""
    said = ""
    for number, part in enumerate(text.replace("]", "[").split("[")):
        head, _, rest = part.partition("{")
        if not rest:
            said += part
            continue
        name, _, _ = rest.partition("}")
        if number % 2 and not value(name):
            continue
        said += head + _values(rest, value)
    return said


def _values(rest: str, value: Callable[[str], str]) -> str:
    said = ""
    for part in rest.split("{"):
        name, _, words = part.partition("}")
        said += value(name) + words
    return said


def _field(fact: Any, name: str, currency: str) -> str:
    """A field of a fact as people read it."""
    if name == "goods":
        return _goods(fact.lines)
    found = getattr(fact, name, None)
    if name == "lines":
        return "the goods" if found is None else f"line {', '.join(found)}"
    if found is None:
        return ""
    if isinstance(found, bool):
        return "accepted" if found else "not accepted"
    if isinstance(found, int) and name in AMOUNTS:
        return f"{kronor(found)} {currency}".rstrip()
    return str(found).replace("_", " ") if name in WORDS else str(found)


WORDS = ("reason", "what", "channel", "visibility", "kind", "result", "remedy", "ground", "about",
         "decision", "refund")  # fmt: skip
"""Fields whose values are codes."""


def _goods(lines: Any) -> str:
    """What was ordered: the first goods by name, and how many more."""
    shown = [f"{one.quantity} × " * (one.quantity > 1) + (one.name or f"line {one.line}")
             for one in lines[:2]]  # fmt: skip
    more = f" and {len(lines) - 2} more" if len(lines) > 2 else ""
    return ", ".join(shown) + more
