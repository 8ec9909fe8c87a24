"""The demo's six shops, in one database that these tests read and never write."""

from collections.abc import AsyncIterator

import pytest

from adapters.postgres.store import Store


@pytest.fixture
async def shops(demo: str) -> AsyncIterator[Store]:
    """The demo's store."""
    store = await Store.open(demo)
    yield store
    await store.close()
