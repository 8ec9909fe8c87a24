"""What a person decides about an order, told as a fact like any other (`DiscretionExercised`).

Either beside the terms (goodwill, freight, a fee agreed on), or as the answer to what the terms
leave to a person (`DecisionNeeded`). The command line, the API and the console call this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

import asyncpg
import msgspec

from adapters.cli.session import Session
from adapters.edge import read_json
from adapters.messages import DECISION_SOURCE, Message, Understood, understand
from adapters.postgres.letters import why_parked
from adapters.postgres.store import Store
from adapters.queries import Queries
from adapters.second_look import look_twice
from adapters.story import Story
from domain.errors import Missing, Refused
from domain.events import FactTold, OutcomeRaised
from domain.facts import DiscretionExercised, Retracted
from domain.outcomes import AnyOutcome, DecisionNeeded, Ruling
from domain.policies.discretion import means
from domain.policies.goodwill import DECISIONS
from domain.state import Told, target

SOURCE = DECISION_SOURCE
PLACE = "decide"
REMEDY_OPEN = "remedy.choice"
"""The rule that asks for a remedy to be chosen."""
OF_A_REMEDY = "-remedy"
"""What the id of the choice ends with that was told with a decision."""
KIND = "select type, body from events where (seller, order_id, source, id) = ($1, $2, $3, $4)"
_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(slots=True, frozen=True, kw_only=True)
class Decision:
    """What somebody decided: about what, in which word, how much (kronor, or per cent), and why.

    `about` is one of `DECISIONS`, whose word need not be said, or what a `DecisionNeeded` is about:
    by its kind alone (`unclaimed`), or with its subject (`unclaimed:p1`).
    """

    seller: str
    order: str
    about: str
    decision: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    by: str
    reason: str
    sure: bool = False
    """Whether it is meant, though it looks like a slip (`adapters.second_look`)."""

    def message(self, now: datetime, id: str | None = None) -> Message:
        """The fact, under an id of its own where none is said. Raises Refused, naming the field."""
        if self.about in DECISIONS and not (self.amount or 0) > 0:
            raise Refused(f"amount: {self.amount or 0} is nothing; say kronor, like 150.00")
        if (word := self.decision or DECISIONS.get(self.about)) is None:
            raise Refused(
                f"decision: is missing; {self.about!r} wants a word, like charge or waive"
            )
        data = {"about": self.about, "decision": word, "amount": self.amount,
                "percent": self.percent, "by": self.by, "reason": self.reason}  # fmt: skip
        for name in ("by", "reason"):
            if not str(data[name]).strip():
                raise Refused(f"{name}: is missing; a decision names who and why")
        event = {
            "specversion": "1.0", "id": id or _named(self.about, now), "source": SOURCE,
            "subject": self.order, "type": "DiscretionExercised", "seller": self.seller,
            "time": now.isoformat(),
            "data": {name: value for name, value in data.items() if value is not None},
        }  # fmt: skip
        message = Message(_encode(event), PLACE)
        understand(message)
        return message


@dataclass(slots=True, frozen=True)
class Decided:
    """What came of a decision: the outcomes that it changed, and the refusal, if it does not count.

    `story` is the order with the decision in it. Without outcomes it changed nothing.
    """

    id: str
    story: Story
    raised: list[OutcomeRaised]

    @property
    def outcomes(self) -> list[AnyOutcome]:
        return [event.item for event in self.raised]

    @property
    def refusal(self) -> Ruling | None:
        """With its bound in its reason."""
        for item in self.outcomes:
            if isinstance(item, Ruling) and (item.about, item.cause) == ("discretion", self.id):
                return item
        return None


async def decide(
    session: Session, decision: Decision, id: str | None = None, at: datetime | None = None
) -> Decided:
    """Tell a decision (made `at`; now), and wait for what its order makes of it.

    Raises Missing where there is no such order, or nothing of the kind is asked of it, Refused
    where no order could take it, Guarded where it looks like a slip, and Untaken where no writer
    takes it in time.
    """
    now = at or session.clock.now()
    first, *more = await messages_of(session.store, decision, now, id)
    await session.told([first, *more])
    told = understand(first).told
    story = await Story.read(session.store, decision.seller, decision.order)
    if (raised := came_of(story, told.id)) is None:
        name = (decision.seller, decision.order, told.source, told.id)
        why = await why_parked(session.store.pool, name)
        raise Refused(f"it was parked: {why or '`villkor dead-letters list` says why'}")
    return Decided(told.id, story, raised)


async def messages_of(
    store: Store, decision: Decision, now: datetime, id: str | None = None
) -> list[Message]:
    """The facts that tell a decision, itself first.

    Raises Missing where there is no such order, or it never had anything of that name, Refused
    where no order could take it, Guarded where it looks like a slip.
    """
    await Queries(store.pool).order(decision.order, decision.seller)
    story = await Story.read(store, decision.seller, decision.order)
    message = decision.message(now, id)
    if decision.about not in DECISIONS:
        _must_be_asked(story, decision)
    if not decision.sure:
        look_twice(story, decision.about, decision.decision, decision.amount, now, id)
    return [message, *_remedies(story, decision, understand(message).told)]


def _must_be_asked(story: Story, decision: Decision) -> None:
    if not any(means(decision.about, *one) for one in _had(story)):
        open_ = sorted({one.about for one in story.outcomes if isinstance(one, DecisionNeeded)})
        raise Missing(
            f"about: {decision.order} has nothing called {decision.about!r} to decide; "
            f"{'it asks about ' + ', '.join(open_) if open_ else 'it asks nothing of a person'}, "
            f"and beside the terms there are {', '.join(DECISIONS)}"
        )


def _had(story: Story) -> Iterator[tuple[str, str]]:
    """(kind or about, subject) of everything that was ever raised."""
    for event in story.events:
        if isinstance(event, OutcomeRaised):
            name = getattr(event.item, "kind", None) or getattr(event.item, "about", None)
            if name is not None:
                yield name, event.item.subject


def _remedies(story: Story, decision: Decision, told: Told[Any]) -> Iterator[Message]:
    """Which remedy was chosen is a fact of its own: it is what the rules of complaints ask for."""
    for item in story.outcomes:
        if (
            isinstance(item, DecisionNeeded) and item.because.rule == REMEDY_OPEN
            and means(decision.about, item.about, item.subject)
            and told.fact.decision in item.choices
        ):  # fmt: skip
            event = {
                "specversion": "1.0", "id": told.id + OF_A_REMEDY, "source": SOURCE,
                "subject": decision.order, "type": "RemedyChosen", "seller": decision.seller,
                "time": told.at.isoformat(),
                "data": {"lines": [item.line], "remedy": told.fact.decision},
            }  # fmt: skip
            yield Message(_encode(event), PLACE)
            return


def came_of(story: Story, id: str) -> list[OutcomeRaised] | None:
    """The outcomes of a decision told here; None where the order was not told it."""
    raised = raised_by(story, SOURCE, id)
    return None if raised is None else raised + (raised_by(story, SOURCE, id + OF_A_REMEDY) or [])


def raised_by(story: Story, source: str, id: str) -> list[OutcomeRaised] | None:
    """The outcomes that a message caused; None where the order was not told it."""
    for event in story.events:
        if isinstance(event, FactTold) and (event.told.source, event.told.id) == (source, id):
            version = event.originator_version
            return [
                one for one in story.events
                if isinstance(one, OutcomeRaised) and one.cause == version
            ]  # fmt: skip
    return None


async def is_of_a_decision(pool: asyncpg.Pool, one: Understood) -> bool:
    """Whether a retraction takes a decision back, or lets it count again.

    What is not in the log yet is known by its source alone: only Villkor tells as `SOURCE`.
    """
    told, passed = one.told, set[tuple[str, str]]()
    while isinstance(told.fact, Retracted) and (about := target(told)) not in passed:
        passed.add(about)
        if about[0] == SOURCE:
            return True
        row = await pool.fetchrow(KIND, one.seller, one.order, *about)
        if row is None or row["type"] != Retracted.__name__:
            return row is not None and row["type"] == DiscretionExercised.__name__
        told = Told(read_json(Retracted, row["body"]), told.at, told.recorded_at, *about)
    return False


def _named(about: str, now: datetime) -> str:
    """An id that no other decision has, also of one who decides twice at one moment."""
    return f"{about.partition(':')[0]}-{now:%Y%m%dT%H%M%S}-{token_hex(4)}"
