"""The command that says why: a sentence for the customer, and the record for the auditor."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from adapters.cli import render
from adapters.cli.look import AsJson, Seller, outcome_of
from adapters.cli.render import instant
from adapters.cli.session import Session, running
from adapters.record import Input, Record, Source, record
from adapters.story import Story, explained, find, named
from adapters.terms import installed
from domain.errors import VillkorError
from domain.explain import MONEY
from domain.money import kronor


def explain(
    order: str,
    outcome: Annotated[str | None, typer.Argument(help="A kind, or kind:subject.")] = None,
    seller: Seller = None,
    json: AsJson = False,
) -> int:
    """Why: the sentence for the customer in two languages, and the record for the auditor."""

    async def work(session: Session) -> int:
        row = await session.queries.order(order, seller)
        story = await Story.read(session.store, row["seller"], order)
        items = story.outcomes(session.book, None, None)
        found = items if outcome is None else find(items, outcome)
        if not found:
            known = ", ".join(sorted(item.key.split(" ", 1)[1] for item in items))
            raise VillkorError(f"nothing that stands is called {outcome!r}; there is: {known}")
        register = installed()
        explanations = [(item, record(item, story, session.book, register)) for item in found]
        if json:
            render.as_json({"explanations": [
                outcome_of(item) | {"en": explained(item, "en"), "sv": explained(item, "sv")}
                | {"record": _plain(behind)}
                for item, behind in explanations
            ]})  # fmt: skip
            return 0
        for item, behind in explanations:
            render.heading(f"{type(item).__name__.lower()} {named(item)}")
            english, swedish = explained(item, "en"), explained(item, "sv")
            for line in (english[0], swedish[0]):
                render.indented(line)
            _show(behind)
        return 0

    return running(work)


def _show(behind: Record) -> None:
    """The record, one thing a line."""
    for ground in behind.grounds:
        fell = f" to {ground.fell_to}" if ground.fell_to else ""
        value = f" ({ground.value})" if ground.value else ""
        says = f": {ground.says}" if ground.says else ""
        render.indented(f"{ground.rank}: {ground.id}{value} {ground.role}{fell}{says}")
    for name, chosen, options in behind.readings:
        others = ", ".join(option for option in options if option != chosen)
        render.indented(f"reading {name}: {chosen}, not {others}")
    for one in behind.inputs:
        render.indented(f"{one.name} {_value(one)}{_from(one.sources)}")
    for step in behind.steps:
        label = step.label.replace("_", " ")
        render.say(f"    {kronor(step.amount):>12} {label}{_from(step.sources)}")
    if behind.steps:
        render.say(f"    {kronor(sum(step.amount for step in behind.steps)):>12} in all")
    messages = ", ".join(f"{one.type} {one.id}" for one in behind.messages)
    render.indented(f"rests on {messages}")
    for at, event in behind.raised:
        render.indented(f"{event} {instant(at)}, under edition {behind.edition[:12]}")


def _value(one: Input) -> str:
    money = isinstance(one.value, int) and not isinstance(one.value, bool)
    return kronor(int(one.value or 0)) if money and one.name.endswith(MONEY) else str(one.value)


def _from(sources: tuple[Source, ...]) -> str:
    if not sources:
        return ", computed"
    words = [
        f"the terms ({one.id})" if one.source is None else f"{one.type} {one.id} of {one.source}"
        for one in sources
    ]
    return f", from {' and '.join(words)}"


def _plain(behind: Record) -> dict[str, Any]:
    """The record for programs: amounts as decimal numbers, by the names of what they are."""
    shown = asdict(behind)
    shown["readings"] = [
        {"reading": name, "chosen": chosen, "options": options}
        for name, chosen, options in behind.readings
    ]
    shown["raised"] = [{"at": at, "event": event} for at, event in behind.raised]
    shown["inputs"] = [
        {"name": one.name, "value": _value(one), "sources": [asdict(each) for each in one.sources]}
        for one in behind.inputs
    ]
    return shown
