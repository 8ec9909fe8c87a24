"""The outcomes of the demo, told once for all tests."""

import asyncio

import asyncpg
import pytest

from adapters.postgres.batch import EventRow
from tests.conftest import named
from tests.contract.messages import outcomes_of_the_demo


@pytest.fixture(scope="session")
def outcomes(server: str) -> list[EventRow]:
    """The outcomes of the demo as they are stored, in the order of the log."""

    async def tell() -> list[EventRow]:
        connection = await asyncpg.connect(server)
        await connection.execute("create database contract template template")
        await connection.close()
        return await outcomes_of_the_demo(named(server, "contract"))

    return asyncio.run(tell())
