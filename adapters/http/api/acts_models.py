"""Acts of people over HTTP: closing a month, and what becomes of dead letters.

Nobody says who acts: it is the name of the token, in the log as well.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.http.api.days import Month
from adapters.http.api.facts_models import FACT

Text = Annotated[str, Field(min_length=1, max_length=500)]
Short = Annotated[str, Field(min_length=1, max_length=200)]


class Closing(BaseModel):
    """Whose books are closed, for which month, and why."""

    model_config = ConfigDict(extra="forbid")

    seller: Short = Field(examples=["allectra"])
    month: Month = Field(examples=["2026-09"])
    reason: Text = Field(examples=["VAT return"])


class ClosedMonth(BaseModel):
    """A month of a seller's books; `entries` are legs posted to it."""

    seller: str = Field(examples=["allectra"])
    month: date = Field(description="Its first day.", examples=["2026-09-01"])
    state: Literal["open", "closing", "closed"] = Field(examples=["closed"])
    entries: int = Field(examples=[412])
    closed_at: datetime | None = Field(examples=["2026-11-20T11:00:00Z"])
    by: str | None = Field(description="Over HTTP a token's name.", examples=["anna"])
    reason: str | None = Field(examples=["VAT return"])
    already: bool = Field(
        description="Whether it was closed before: by whom and when is said, nothing new recorded.",
        examples=[False],
    )


class Retrying(BaseModel):
    """Why a letter is told again; in other words, where `fact` says them."""

    model_config = ConfigDict(extra="forbid")

    note: Text | None = Field(None, examples=["the sender mended it"])
    fact: dict[str, Any] | None = Field(
        None, description="The CloudEvent as it should be; wants a note.", examples=[FACT]
    )


class Discarding(BaseModel):
    """Why a letter is put away for good."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(examples=["told again under another id"])


class Settled(BaseModel):
    """What became of a letter: told again it is taken, known already, or parked again."""

    id: int = Field(examples=[1])
    state: Literal["taken", "duplicate", "parked", "discarded"] = Field(examples=["taken"])
