"""What is asked once more before it is told: decisions that are most often slips.

A fee above all that the order comes to, where the terms set no bound; the same sum given beside the
terms again on one day; a question that was decided already. Each may be meant: who decides says so.
"""

from datetime import datetime
from decimal import Decimal

from adapters.story import Story
from adapters.undecided import Question, open_questions, settled_questions
from domain.calendar import STOCKHOLM, day_of
from domain.errors import Guarded
from domain.facts import DiscretionExercised
from domain.money import kronor
from domain.outcomes import DecisionNeeded, Ruling
from domain.policies.discretion import means
from domain.policies.goodwill import DECISIONS
from domain.state import Told


def look_twice(
    story: Story,
    about: str,
    word: str | None,
    amount: Decimal | None,
    now: datetime,
    id: str | None,
) -> None:
    """Raises Guarded where it is most often a slip; `amount` is kronor, `id` the decision's own.

    What is told again under its own id has been looked at.
    """
    earlier = story.order.state.all(DiscretionExercised)
    if any(one.id == id for one in earlier):
        return
    given = 0 if amount is None else int(amount.scaleb(2))
    doubt = (
        _again(earlier, about, given, now) if about in DECISIONS
        else _decided(story, earlier, about) or _too_much(story, word, given)
    )  # fmt: skip
    if doubt is not None:
        raise Guarded(f"{doubt}; say that you are sure, if that is meant")


def _again(
    earlier: list[Told[DiscretionExercised]], about: str, given: int, now: datetime
) -> str | None:
    for one in earlier:
        same = (one.fact.about, one.fact.amount, day_of(one.at)) == (about, given, day_of(now))
        if same:
            what = about.replace("_", " ")
            return f"{what} of {kronor(given)} was decided today already, at {_clock(one.at)}"
    return None


def _decided(story: Story, earlier: list[Told[DiscretionExercised]], about: str) -> str | None:
    """That no question of the name is open, and what was decided last."""
    if _named(open_questions(story.events), about):
        return None
    asked = _named(settled_questions(story.events), about)
    refused = {one.cause for one in story.outcomes if isinstance(one, Ruling)}
    for one in reversed(earlier):
        if one.id not in refused and any(
            means(one.fact.about, item.about, item.subject) for item in asked
        ):
            at = f"{day_of(one.at)} {_clock(one.at)}"
            return f"about {about} it was decided already, {at}: {one.fact.decision}"
    return None


def _named(questions: list[Question], about: str) -> list[DecisionNeeded]:
    items = [one.item for one in questions]
    return [item for item in items if means(about, item.about, item.subject)]


def _too_much(story: Story, word: str | None, given: int) -> str | None:
    state = story.order.state
    if word == "charge" and given > (whole := state.goods + state.freight):
        return f"amount: {kronor(given)} is more than the {kronor(whole)} that the order comes to"
    return None


def _clock(at: datetime) -> str:
    return f"{at.astimezone(STOCKHOLM):%H:%M}"
