"""What one does next about a message that was parked, by why it was."""

from collections.abc import Mapping
from typing import Any

from adapters.dead_letters import is_correctable, is_fact
from adapters.messages import DECISION_SOURCE
from adapters.postgres.letters import DISCARDED, PARKED, RESOLVED, RETRIED

MEANINGS: Mapping[str, str] = {
    "refused": "No order could take it as it was told.",
    "unreadable": "These bytes are no message.",
    "unknown_type": "Facts of this type are not known here.",
    "conflict": "The same message was told before and said something else.",
    "policy_error": "A rule failed on it; the fault is in Villkor.",
    "translator_error": "The translator of its sender failed on it; the fault is in Villkor.",
    "unknown_code": "A carrier used a code that no table knows.",
    "carrier_error": "A carrier answered with an error, or with a parcel that has no number.",
}
"""What each reason says, in a sentence."""
REMEDIES: Mapping[str, str] = {
    "refused": "Have its sender mend what the sentence names and tell it anew under a new id, or "
    "correct it here and retry. If it was told too early, retry it as it came.",
    "unreadable": "Have its sender tell it anew, then discard it: nothing can be read from it.",
    "unknown_type": "If its sender misspelt the type, correct it here and retry. If the type is "
    "new, upgrade Villkor first, then retry it as it came.",
    "conflict": "What was told first holds. If this one is right, have its sender take back the "
    "first and tell it under a new id; then discard it.",
    "policy_error": "Upgrade Villkor to a version that mends the rule, then retry all of this "
    "reason as they came. Nothing of the order is lost meanwhile.",
    "translator_error": "Upgrade Villkor to a version that mends the translator, then retry all of "
    "this reason as they came.",
    "unknown_code": "Ask the carrier what the code means. Once a version of Villkor has it in its "
    "table, retry all of this reason as they came.",
    "carrier_error": "Ask the carrier for the parcel, whose news it tells again; then discard it.",
}
OTHERWISE = "Read the sentence; retry it once its cause is mended, or discard it with a reason."
TOLD_WRONG = ("refused", "conflict")
"""Reasons that lie in what was told."""
DECISION = (
    "A decision counts as it was made, and cannot be corrected. Where it is still wanted, decide "
    "anew; then discard this."
)
OWN = (
    "Villkor told it itself, so that it cannot be corrected. Retry it as it came once its cause is "
    "mended; discard it if nobody needs it any more."
)
RAW = " It is a carrier's or shop's own body and not a fact, so it cannot be corrected here."
OVER: Mapping[str, str] = {
    RESOLVED: "Nothing is left to do: it was told again in another form since, and is in the log. "
    "Discard it to clear the list.",
    RETRIED: "It was told again; nothing is left to do.",
    DISCARDED: "It was put away for good.",
}


def remedy(letter: Mapping[str, Any]) -> str:
    """What to do next about a letter (`postgres.letters.shown`), in a sentence or two."""
    if letter["state"] != PARKED:
        return OVER[letter["state"]]
    said = REMEDIES.get(letter["reason"], OTHERWISE)
    if letter["reason"] in TOLD_WRONG and letter["message_source"] == DECISION_SOURCE:
        return DECISION
    if "correct it" not in said or is_correctable(dict(letter)):
        return said
    return OWN if is_fact(dict(letter)) else said + RAW
