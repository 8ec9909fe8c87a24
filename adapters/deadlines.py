"""Deadlines in words: what is to be done by a day, what may be done until it, what only runs.

A duty *is to* be done by its day, and a right *may* be used until it; a wish is only asked for, and
nothing is lost after it. Periods of which nobody has to do anything run by themselves.
"""

from datetime import date, datetime
from enum import StrEnum

from domain.calendar import STOCKHOLM
from domain.outcomes import NOBODYS, Deadline
from domain.policies.answer import ASKED
from domain.words import word


class Nature(StrEnum):
    """What a deadline asks, and of whom."""

    DUTY = "duty"
    """Somebody is to do it, by its day if it has one."""
    WISH = "wish"
    """Somebody is asked for it, or means to do it, by its day; nothing is lost after it."""
    RIGHT = "right"
    """Somebody may do it, until then or from then on."""
    RUNS = "runs"
    """It only runs: it is nobody's move."""


DUTIES = {
    "refund": "pay back the money", "payment": "pay the invoice", "dispatch": "send the goods",
    "delivery": "deliver the goods", "collection": "collect the parcel",
    "return_goods": "send the goods back", "rma_arrival": "get the goods of the RMA there",
}  # fmt: skip
AIMS = {"complaint_handling": "answer the complaint"}
"""What a seller means to have done: nothing follows if it has not."""
RIGHTS = {
    "withdrawal": "withdraw from the purchase", "sales_return": "return the goods",
    "cancel_free": "cancel free of charge", "rescission_from": "rescind the purchase",
    "damage_report": "report damage", "discrepancy_report": "report what is missing or wrong",
    "complaint_notice": "tell of the fault", "complaint_period": "complain of a fault",
    "warranty": "use the warranty", "doa": "report goods dead on arrival",
    "guarantee_registration": "register the purchase guarantee",
}  # fmt: skip
DOES = DUTIES | AIMS | RIGHTS
"""Kind of deadline -> what is done by its end."""
RUNNING = {
    "retention": "What the books say of it is kept",
    "presumption": "A fault counts as having been there from the beginning",
    "force_majeure": "Force majeure binds both",
}
"""What is so until a deadline by which nobody has to do anything."""
BEGINNINGS = ("rescission_from",)
"""Deadlines from which on something may be done, and not until which."""
NOTHING_LOST = "nothing is lost after it"
VERBS = {Nature.DUTY: "is to", Nature.WISH: "is asked to", Nature.RIGHT: "may"}


def nature_of(kind: str, rule: str = "") -> Nature:
    """Of a kind of deadline, and the rule behind it where one is known."""
    if kind in NOBODYS:
        return Nature.RUNS
    if rule == ASKED or kind in AIMS:
        return Nature.WISH
    return Nature.RIGHT if kind in RIGHTS else Nature.DUTY


def whose(party: str, nature: Nature) -> str:
    """Whose move it is, in a word or two: `seller`, `customer may`, `nobody`."""
    if nature == Nature.RUNS:
        return "nobody"
    return party if nature == Nature.DUTY else f"{party} {verb(party, nature)}"


def verb(party: str, nature: Nature, *, anew: bool = False) -> str:
    """`is to`, `may`, `is asked to`; `anew` where something else was asked before."""
    if nature == Nature.WISH and party == "seller":
        return "now means to" if anew else "means to"
    first, _, rest = VERBS[nature].partition(" ")
    return " ".join(filter(None, (first, "now" if anew else "", rest)))


def by(kind: str, nature: Nature) -> str:
    """The word before its day: `by` or `until`; from some days on something begins."""
    if kind in BEGINNINGS:
        return "from"
    return "by" if nature in (Nature.DUTY, Nature.WISH) else "until"


def asked(item: Deadline, *, anew: bool = False) -> str:
    """What a deadline asks of whom, with its day; `anew` where it asked something else before."""
    nature = nature_of(item.kind, item.because.rule)
    until = f"{by(item.kind, nature)} {due(item.due)}"
    if nature == Nature.RUNS:
        return f"{RUNNING[item.kind]}{' now' if anew else ''} {until}"
    asks = f"The {item.party} {verb(item.party, nature, anew=anew)} {does(item.kind)} {until}"
    return f"{asks} ({NOTHING_LOST})" if nature == Nature.WISH else asks


def does(kind: str) -> str:
    """What is done by the end of a deadline: `pay back the money`."""
    return DOES.get(kind) or f"act: {word(kind)}"


def due(at: date | datetime) -> str:
    """A day, or an instant on the clocks of Stockholm."""
    return f"{at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" if isinstance(at, datetime) else f"{at}"
