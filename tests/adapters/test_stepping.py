"""Stepping through an order: what policies are said to have said is what was raised."""

from adapters.asking import recorded_of, with_editions
from adapters.postgres.store import Store
from adapters.stepping import step
from adapters.terms import book, installed
from domain.events import OutcomeRaised

ORDERS = [("allectra", "ALL-0004"), ("nordkabel", "NOR-0009"), ("sweeto", "SWE-0014"),
          ("gandalf", "GAN-0005")]  # fmt: skip
"""A fee that changed, a decision, a fact that came late, and one that was taken back."""


async def test_each_outcome_is_among_what_its_policy_said_at_that_moment(demo: str) -> None:
    """What stands after an event is what the policy answered; what fell away is not in it. What an
    event moves on the accounts comes to nought.
    """
    store, known = await Store.open(demo), book()
    try:
        streams = await store.streams(ORDERS)
        outcomes, known_of = 0, set[str]()
        for rows in streams.values():
            await with_editions(store, known, rows)
            recorded = recorded_of(rows)
            for number, one in enumerate(recorded, 1):
                found = step(recorded, number, known)
                assert found.failure is None
                moved = [
                    (change.after or 0) - (change.before or 0)
                    for change in found.changed if change.table == "accounts"
                ]  # fmt: skip
                assert sum(moved) == 0
                for said in found.said:
                    assert said.seen.parts
                    for kind, numbers in said.seen.told.items():
                        assert {recorded[at - 1].event.type for at in numbers} == {kind}
                        assert max(numbers) <= number
                    known_of |= set(said.clauses)
                if isinstance(event := one.event, OutcomeRaised):
                    (said,) = [said for said in found.said if said.policy == event.policy]
                    assert event.type in said.raised
                    gone = event.type == event.item.names[2]
                    assert (event.item in said.items) != gone
                    outcomes += 1
    finally:
        await store.close()
    assert outcomes > 60
    assert known_of <= set(installed().clauses) | set(installed().statutes)
    assert len(known_of) > 20
