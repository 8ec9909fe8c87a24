"""The API and its clients, on the demo."""

from collections.abc import AsyncIterator

import pytest

from adapters.http.desk import Desk
from tests.asked import desk_on


@pytest.fixture
async def desk(demo: str) -> AsyncIterator[Desk]:
    """A desk on the demo that these tests read and never write (but for tokens)."""
    async with desk_on(demo) as one:
        yield one


@pytest.fixture
async def own_desk(demo_copy: str) -> AsyncIterator[Desk]:
    """A desk on a demo of the test's own."""
    async with desk_on(demo_copy) as one:
        yield one
