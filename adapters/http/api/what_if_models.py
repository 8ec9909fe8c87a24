"""What is supposed, and what would differ."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.http.api.days import Day
from domain.fields import Moment

Short = Annotated[str, Field(min_length=1, max_length=200)]


class Supposing(BaseModel):
    """What is supposed of a seller's orders: other terms, readings, or another day.

    `terms` are looked up under the name of a seller or marketplace: as installed, or as `draft`
    (the text of a terms file) has them. With a `date` all contracts were concluded on that day.
    """

    model_config = ConfigDict(extra="forbid")

    seller: Short = Field(examples=["allectra"])
    order: Short | None = Field(None, examples=["ALL-0004"], description="One order; all of them.")
    terms: Annotated[str, Field(pattern=r"^[^=@./]{1,200}$")] | None = Field(None, examples=[None])
    draft: Annotated[str, Field(max_length=1_000_000)] | None = Field(None, examples=[None])
    readings: dict[Short, Short] = Field(
        {}, max_length=50, examples=[{"allectra-unclaimed-freight": "round_trip"}]
    )
    date: Day | None = Field(None, examples=[None])
    at: Moment | None = Field(None, examples=[None], description="The moment; now.")


class ChangedOutcome(BaseModel):
    """An outcome that would differ; amounts where it is owed in money."""

    policy: str = Field(examples=["unclaimed"])
    outcome: str = Field(examples=["fee unclaimed:p1"])
    what: Literal["raised", "otherwise", "gone"] = Field(examples=["otherwise"])
    before: str = Field(examples=["445.00"])
    after: str = Field(examples=["524.00"])
    amount_before: float = Field(examples=[445.00])
    amount_after: float = Field(examples=[524.00])
    difference: float = Field(examples=[79.00])


class MovedAccount(BaseModel):
    """An account that would have another balance, debits positive."""

    account: int = Field(examples=[1510])
    before: float = Field(examples=[445.00])
    after: float = Field(examples=[524.00])
    difference: float = Field(examples=[79.00])


class Differing(BaseModel):
    """An order that would differ."""

    seller: str = Field(examples=["allectra"])
    order: str = Field(examples=["ALL-0004"])
    currency: str = Field(examples=["SEK"])
    changes: list[ChangedOutcome]
    accounts: list[MovedAccount]


class NotDecided(BaseModel):
    """An order that could not be decided, and why."""

    seller: str
    order: str
    why: str


class KindTotal(BaseModel):
    """Outcomes of a kind that would differ: of how many orders, and in kronor."""

    seller: str = Field(examples=["allectra"])
    currency: str = Field(examples=["SEK"])
    kind: str = Field(examples=["fee unclaimed"])
    orders: int = Field(examples=[1])
    raised: int = Field(examples=[0])
    otherwise: int = Field(examples=[1])
    gone: int = Field(examples=[0])
    before: float = Field(examples=[445.00])
    after: float = Field(examples=[524.00])
    difference: float = Field(examples=[79.00])


class GroupTotal(BaseModel):
    """All fees, refunds or write-offs that would differ."""

    currency: str = Field(examples=["SEK"])
    group: str = Field(examples=["fee"])
    before: float = Field(examples=[445.00])
    after: float = Field(examples=[524.00])
    difference: float = Field(examples=[79.00])


class AccountTotal(BaseModel):
    """How much more would stand on an account."""

    seller: str = Field(examples=["allectra"])
    currency: str = Field(examples=["SEK"])
    account: int = Field(examples=[1510])
    difference: float = Field(examples=[79.00])


class WhatIfAnswer(BaseModel):
    """Which orders, outcomes, kronor and accounts would differ; nothing was written.

    `orders` were looked at, and `concerned` would live under other terms.
    """

    question: dict[str, Any] = Field(examples=[{"seller": "allectra"}])
    at: datetime = Field(examples=["2026-11-20T11:00:00Z"])
    orders: int = Field(examples=[1])
    concerned: int = Field(examples=[1])
    differing: list[Differing]
    undecided: list[NotDecided] = Field(examples=[[]])
    kinds: list[KindTotal]
    totals: list[GroupTotal]
    accounts: list[AccountTotal]
