"""Acts of the people who run Villkor, as events of the log: what they did, who, and why.

They are told from inside only. Who did it and why lie beside the log, as all that is personal.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from domain.fields import Code, Name, PersonalText, Value

Month = Annotated[str, Field(pattern=r"^(19|20|21)\d{2}-(0[1-9]|1[0-2])$")]


@dataclass(slots=True, frozen=True, kw_only=True)
class PeriodClosed(Value):
    """The books of a seller are closed up to and including a month (`2024-03`).

    Told to every partition's register; what is posted later in that partition goes to the month
    after it (bokföringslagen 1999:1078, 5 kap. 5 §: a correction names itself as one).
    """

    seller: Name
    month: Month
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class RulesAdopted(Value):
    """From here on an order lives under the rules of this version, whatever was decided before.

    Told to the order itself; what had been held is raised with it.
    """

    rules: Name
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class PersonalDataErased(Value):
    """What lay beside the events of a stream before this one about persons is gone."""

    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class LettersDiscarded(Value):
    """Parked messages were put away for good; each is named by the digest of what was parked."""

    letters: tuple[Name, ...]
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class TokenCreated(Value):
    """From here on somebody may ask over HTTP with a token of this SHA-256 `digest` (hex).

    Told to the register of the partition that the token's name falls into; no seller means all.
    """

    token: Name
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    role: Code
    sellers: tuple[Name, ...] = ()
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class TokenRevoked(Value):
    """From here on nobody may ask with this token."""

    token: Name
    by: PersonalText = None
    reason: PersonalText = None


@dataclass(slots=True, frozen=True, kw_only=True)
class ChainOverridden(Value):
    """Read models were made of a partition's events although its hash chain does not hold.

    Told to the partition's register: it breaks first at `position`, and at `breaks` events in all.
    """

    position: int
    breaks: int
    by: PersonalText = None
    reason: PersonalText = None


OF_A_STREAM: tuple[type[Value], ...] = (RulesAdopted, PersonalDataErased)
"""Told to the stream that they concern; the others are told to registers."""
ACTS: tuple[type[Value], ...] = (
    PeriodClosed, LettersDiscarded, TokenCreated, TokenRevoked, ChainOverridden, *OF_A_STREAM,
)  # fmt: skip
