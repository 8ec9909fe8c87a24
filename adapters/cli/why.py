"""The command that says why: a sentence for the customer, and the record for the auditor."""

from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.look import AsJson, Seller
from adapters.cli.render import instant
from adapters.cli.session import Session, running
from adapters.asking.plain import exact, outcome_of, record_of
from adapters.record import Input, Record, record
from adapters.narrated import choice
from adapters.origins import Origin
from adapters.story import Story, called, explained, find, named
from adapters.terms import installed
from domain.errors import VillkorError
from domain.explain import INSTANT, clock
from domain.money import kronor
from domain.outcomes import DecisionNeeded
from domain.words import Language

LANGUAGES: tuple[Language, ...] = ("en", "sv")


def explain(
    order: str,
    outcome: Annotated[
        str | None, typer.Argument(help="A kind, kind:subject, or a class such as refund.")
    ] = None,
    seller: Seller = None,
    json: AsJson = False,
) -> int:
    """Why: the sentence for the customer in two languages, and the record for the auditor."""

    async def work(session: Session) -> int:
        row = await session.queries.order(order, seller)
        story = await Story.read(session.store, row["seller"], order)
        items = story.outcomes
        found = items if outcome is None else find(items, outcome)
        if not found:
            known = ", ".join(sorted(map(called, items))) or "nothing"
            raise VillkorError(f"nothing that stands is called {outcome!r}; there is: {known}")
        register, state = installed(), story.order.state
        explanations = [(item, record(item, story, session.book, register)) for item in found]
        if json:
            render.as_json({"explanations": [
                outcome_of(item)
                | {"en": explained(item, "en", state), "sv": explained(item, "sv", state)}
                | {"record": record_of(behind)}
                for item, behind in explanations
            ]})  # fmt: skip
            return 0
        for item, behind in explanations:
            render.heading(f"{type(item).__name__.lower()} {named(item)}")
            for language in LANGUAGES:
                render.indented(explained(item, language, state)[0])
            if isinstance(item, DecisionNeeded):
                render.indented(choice(item))
            _show(behind)
        return 0

    return running(work)


def _show(behind: Record) -> None:
    """The record, one thing a line."""
    for ground in behind.grounds:
        fell = f" to {ground.fell_to}" if ground.fell_to else ""
        value = f" ({ground.value})" if ground.value else ""
        says = f": {ground.says}" if ground.says else ""
        read = " and".join(f" by {name} as {option}" for name, option in ground.readings)
        render.indented(f"{ground.rank}: {ground.id}{value} {ground.role}{read}{fell}{says}")
    for name, chosen, options in behind.readings:
        others = ", ".join(option for option in options if option != chosen)
        render.indented(f"reading {name}: {chosen}, not {others}")
    for one in behind.inputs:
        render.indented(f"{one.name} {_value(one)}{_from(one.origin)}")
    for step in behind.steps:
        label = step.label.replace("_", " ")
        render.say(f"    {kronor(step.amount):>12} {label}{_from(step.origin)}")
    if behind.steps:
        render.say(f"    {kronor(sum(step.amount for step in behind.steps)):>12} in all")
    messages = ", ".join(f"{one.type} {one.id}" for one in behind.messages)
    render.indented(f"rests on {messages}")
    for at, event in behind.raised:
        render.indented(f"{event} {instant(at)}, under edition {behind.edition[:12]}")


def _value(one: Input) -> str:
    """As people read it: amounts in kronor, instants on the clocks of Stockholm."""
    if isinstance(one.value, str) and INSTANT.match(one.value):
        return clock(one.value)
    return str(exact(one))


def _from(origin: Origin) -> str:
    """In words: where it stands, where it may stand, or that it was computed."""
    if not origin.sources:
        return ", computed"
    words = [
        f"the terms ({one.id})" if one.source is None else f"{one.type} {one.id} of {one.source}"
        for one in origin.sources
    ]
    if origin.certain:
        return f", from {' and '.join(words)}"
    return f", the same as in {words[0]}" if len(words) == 1 else f", one of {', '.join(words)}"
