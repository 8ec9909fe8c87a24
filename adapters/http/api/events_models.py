"""The log as it is fed to programs."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class EventShown(BaseModel):
    """An event of the log; `partition` and `position` name it.

    A fact's `data` are as they were told, an outcome's as `villkor.outcomes` has them. What is
    personal is not there: `personal` has its digests, by field.
    """

    partition: int = Field(ge=0, le=255, examples=[97])
    position: int = Field(ge=1, examples=[12])
    seller: str = Field(examples=["allectra"])
    order: str = Field(description="Or `customer:REF`.", examples=["ALL-0004"])
    version: int = Field(description="Its place in its order.", examples=[20])
    type: str = Field(examples=["Unclaimed"])
    at: datetime = Field(description="When it happened.", examples=["2026-09-06T15:56:00Z"])
    recorded_at: datetime = Field(examples=["2026-09-06T15:56:00Z"])
    source: str | None = Field(description="Of a fact.", examples=["carrier:postnord"])
    id: str | None = Field(description="Of a fact.", examples=["ALL-0004-9"])
    data: dict[str, Any] = Field(examples=[{"parcel": "p1"}])
    personal: dict[str, str] = Field({}, description="Digests.", examples=[{}])
    void: bool = Field(False, description="Whether it was taken back before it came.")
    extensions: dict[str, Any] = Field({}, description="Of its message.", examples=[{}])


class EventPage(BaseModel):
    """A page of the log; `next` is where to go on, always, and `more` whether to do so at once.

    A page may be empty and have more behind it.
    """

    events: list[EventShown]
    next: str = Field(examples=["3AEAAAAMAAAA"])
    more: bool = Field(examples=[False])
