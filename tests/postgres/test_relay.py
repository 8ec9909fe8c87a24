"""How far the relay came, in Postgres: only the owner of a partition may say so."""

import pytest

from adapters.app import App
from adapters.kafka.outcomes import TYPES
from adapters.postgres.relay import Place, RelayStore
from adapters.postgres.store import Store
from domain.errors import Fenced


async def test_a_lane_that_is_slow_to_begin_does_not_undo_what_its_successor_said(
    app: App, store: Store
) -> None:
    """It read how far the lane came, slept, and wakes when another one has published more."""
    relay = RelayStore(store.pool, TYPES)
    old = {claim.partition: claim.epoch for claim in app.claims if claim.partition < 2}
    await relay.enrol(old)
    new = {one.partition: one.epoch for one in (await app.claim([0, 1])).values()}
    await relay.settle(dict.fromkeys(new, Place()), new)
    await relay.intend(dict.fromkeys(new, Place(16, 1)), new)
    with pytest.raises(Fenced):
        await relay.settle(dict.fromkeys(old, Place()), old)
    standings = await relay.standings(new)
    assert [standing.intent for standing in standings.values()] == [Place(16, 1)] * 2
