"""`villkor relay`: outcomes once more, for a new consumer or after a restored database."""

from typing import Annotated

import typer

from adapters.cli import render
from adapters.cli.act import bar
from adapters.cli.look import AsJson, _time
from adapters.cli.session import Session, running
from adapters.partitions import PARTITIONS

relay = typer.Typer(no_args_is_help=True)


@relay.command("replay")
def relay_replay(
    start: Annotated[str, typer.Option("--from", help="Recorded from this time on.")],
    end: Annotated[str, typer.Option("--to", help="Recorded before this time.")],
    topic: Annotated[str, typer.Option(help="Where to; it must exist, and not be a live one.")],
    seller: Annotated[str | None, typer.Option(help="Of one seller only.")] = None,
    json: AsJson = False,
) -> int:
    """Outcomes of a period to a topic of their own, marked as a replay."""
    from adapters.kafka.clients import Kafka  # aiokafka takes its time to be imported
    from adapters.kafka.relay_replay import Period, replay

    since, until = _time(start, "from"), _time(end, "to")
    assert since
    assert until
    if until <= since:
        raise typer.BadParameter(f"--to: {end!r} is not after {start!r}")

    async def work(session: Session) -> int:
        period, mode = Period(since, until, seller), session.settings.outcomes
        with bar("replay", PARTITIONS) as progress:
            run, count = await replay(
                Kafka.of(session.settings), session.store.pool, period, topic, mode, progress
            )
        if json:
            render.as_json({"run": run, "outcomes": count, "topic": topic})
        else:
            render.say(f"{count} outcomes to {topic}, marked as replay {run}")
        return 0

    return running(work)


@relay.command("reset")
def relay_reset(
    lane: Annotated[int, typer.Argument(help="The number of the lane that stopped.")],
    json: AsJson = False,
) -> int:
    """Publish again from where it is certain, where a lane stopped because nobody knows.

    Consumers may see outcomes again, by the same ids.
    """
    from adapters.kafka.clients import Kafka
    from adapters.kafka.relay_reset import reset

    async def work(session: Session) -> int:
        places = await reset(Kafka.of(session.settings), session.store.pool, lane)
        count = sum(place.event for place in places.values())
        if json:
            render.as_json({"lane": lane, "event": count, "partitions": len(places)})
            return 0
        render.say(f"lane {lane} goes on from event {count} of its {len(places)} partitions")
        return 0

    return running(work)
