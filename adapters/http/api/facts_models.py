"""What is told to the API, and what became of it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

FACT: JsonDict = {
    "specversion": "1.0", "id": "pay-4711", "source": "psp:example", "type": "PaymentReceived",
    "seller": "allectra", "subject": "ALL-0004", "time": "2026-09-10T08:00:00Z",
    "data": {"amount": 445.00},
}  # fmt: skip
OUTCOME = {
    "specversion": "1.0", "id": "allectra/ALL-0004/24", "source": "villkor:outcomes",
    "type": "FeeAdjusted", "subject": "ALL-0004", "time": "2026-09-09T16:27:00Z",
    "seller": "allectra", "datacontenttype": "application/json",
    "data": {"key": "fee unclaimed:p1", "version": 24, "currency": "SEK", "kind": "unclaimed",
             "amount": 445.00, "change": 95.00, "vat": "none"},
}  # fmt: skip
ID: JsonDict = {"minLength": 1, "maxLength": 200}


class Fact(BaseModel):
    """A fact: a CloudEvent 1.0. What each type's `data` holds is in deploy/schemas."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [FACT]})

    specversion: Literal["1.0"]
    id: str = Field(json_schema_extra=ID, description="With `source` its identity.")
    source: str = Field(json_schema_extra=ID, description="The system that tells it.")
    type: str = Field(description="`PaymentReceived`, `Shipped`, ..")
    subject: str = Field(json_schema_extra=ID, description="The order, or `customer:REF`.")
    seller: str = Field(json_schema_extra=ID, description="Whose order.")
    time: datetime = Field(description="When it happened.")
    recordedtime: datetime | None = Field(None, description="When it became known; on arrival.")
    datacontenttype: Literal["application/json"] = "application/json"
    data: dict[str, Any] = Field(default_factory=dict)


class Parked(BaseModel):
    """A message of this name that was parked, and why."""

    id: int = Field(description="Among the dead letters.", examples=[7])
    reason: str = Field(examples=["conflict"])
    sentence: str = Field(examples=["m7 was told before and said something else"])


class FactStatus(BaseModel):
    """What became of a fact.

    `waiting` where nobody has decided it: it is on its way, if it was told. `refusal` says why a
    decision does not count. What is in the log may also have been told in other words, which are
    parked as a conflict.
    """

    seller: str = Field(examples=["allectra"])
    order: str = Field(examples=["ALL-0004"])
    source: str = Field(examples=["psp:example"])
    id: str = Field(examples=["pay-4711"])
    location: str = Field(
        examples=["/v1/facts?seller=allectra&order=ALL-0004&source=psp%3Aexample&id=pay-4711"]
    )
    state: Literal["waiting", "decided", "parked"] = Field(examples=["decided"])
    version: int | None = Field(description="Its place among the order's events.", examples=[25])
    recorded_at: datetime | None = Field(examples=["2026-09-10T08:00:02Z"])
    refusal: str | None = Field(examples=[None])
    outcomes: list[dict[str, Any]] = Field(
        description="What it caused, as `villkor.outcomes` has it.", examples=[[OUTCOME]]
    )
    parked: list[Parked] = Field(examples=[[]])


class FactStatuses(BaseModel):
    """What became of a batch, in its order."""

    facts: list[FactStatus]


Krona = Annotated[Decimal, Field(ge=0, le=100_000_000, decimal_places=2)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Short = Annotated[str, Field(min_length=1, max_length=200)]


class DecisionTold(BaseModel):
    """What a person decided; who it is the token says.

    About `goodwill`, `freight` or `agreed_fee` it stands beside the terms, and needs an `amount`;
    else it answers what the terms leave to a person, by its name (`unclaimed`, `unclaimed:p1`), in
    one of its words (`charge`, `waive`, `deduct`, ..).
    """

    model_config = ConfigDict(extra="forbid")

    seller: Short = Field(examples=["allectra"])
    order: Short = Field(examples=["ALL-0004"])
    about: Short = Field(examples=["goodwill"])
    decision: Short | None = Field(None, examples=[None], description="The word; beside the terms "
                                   "it need not be said.")  # fmt: skip
    amount: Krona | None = Field(None, examples=[100.00], description="Kronor.")
    percent: Annotated[Decimal, Field(ge=0, le=100)] | None = Field(None, examples=[None])
    reason: Text = Field(examples=["the parcel came a week late"], description="Why.")
    sure: bool = Field(False, description="Whether it is meant, though the same was decided today "
                       "already, the question is settled, or a charge is above what the order "
                       "comes to: without it, each of these is refused with 409.")  # fmt: skip
