"""What if: the whole log decided otherwise, which orders, krona and accounts would differ."""

import asyncio
import os
import signal
import sys
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from adapters.app import App
from adapters.cli.demo import FACTS, NOW
from adapters.clock import Clock
from adapters.ingest import ingest, messages
from adapters.messages import Message
from adapters.partitions import partition_of
from adapters.postgres.store import Store
from adapters.what_if.supposed import Question, asked
from adapters.terms import TERMS, book
from adapters.what_if import AccountTotal, Change, KindTotal, Total, WhatIf
from adapters.what_if.log import kept_in, what_if
from domain.errors import TermsError, VillkorError
from tests.facts import life, message, placed
from tests.postgres.test_asking import hours

FEE = 'value = {}, clause = "SWE-outlost-1"'
ALLECTRA = 'value = {}, clause = "ALL-6.4-3"'
LATER = hours(1000)
HIGHER = 'from = 2010-01-01, value = 299.00, clause = "SWE-outlost-1"'


def draft(text: str = "", seller: str = "sweeto", old: str = FEE.format("250.00")) -> str:
    """A seller's terms with another text in one place: the fee of 250.00 kronor as 299.00."""
    terms = (TERMS / f"{seller}.toml").read_text("utf-8")
    assert old in terms
    return terms.replace(old, text or FEE.format("299.00"))


def supposing(**more: Any) -> Question:
    return Question(**{"terms": "sweeto", "text": draft(), **more})


async def tell(app: App, *orders: list[Message]) -> None:
    await app.handle([one for order in orders for one in order])


@pytest.fixture
async def told(app: App) -> App:
    """Unclaimed parcels: two of sweeto, one of allectra; one order of sweeto that is in order."""
    await tell(app, life("sweeto", "S-1"), life("sweeto", "S-2"), life("allectra", "A-1"),
               life("sweeto", "S-3")[:5])  # fmt: skip
    return app


async def answer(app: App, question: Question, **more: Any) -> WhatIf:
    return await what_if(app.store, app.book, question, LATER, **more)


FEES = [Change("unclaimed", "fee unclaimed:p1", "otherwise", "250.00", "299.00", 25000, 29900)]


async def test_another_fee_changes_exactly_its_orders_krona_and_accounts(told: App) -> None:
    """49 kronor more of each of two orders: 39.20 without the VAT of 9.80 that they hold."""
    before = await log(told.store)
    found = await answer(told, supposing())
    assert (found.found.orders, found.found.concerned, found.found.undecided) == (4, 3, [])
    assert [(one.order, one.changes) for one in found.found.differing] == [
        ("S-1", FEES), ("S-2", FEES)
    ]  # fmt: skip
    assert found.kinds() == [KindTotal("sweeto", "SEK", "fee unclaimed", 2, 0, 2, 0, 50000, 59800)]
    assert found.totals() == [Total("SEK", "fee", 50000, 59800)]
    assert found.accounts() == [
        AccountTotal("sweeto", "SEK", 1510, 9800),
        AccountTotal("sweeto", "SEK", 2611, -1960),
        AccountTotal("sweeto", "SEK", 3590, -7840),
    ]
    assert found.differs
    assert await log(told.store) == before, "nothing is written"


async def log(store: Store) -> list[Any]:
    return [
        await store.pool.fetch(f"select count(*), max(xmin::text::bigint) from {table}")
        for table in ("events", "partitions", "orders", "postings", "editions", "timers", "inbox")
    ]


async def test_what_is_in_force_changes_nothing(told: App) -> None:
    for question in (
        Question(terms="sweeto"), Question(day=date(2024, 3, 4)),
        Question(readings=(("allectra-unclaimed-freight", "return_leg"),)),
    ):  # fmt: skip
        found = await answer(told, question)
        assert not found.differs
        assert (found.kinds(), found.accounts(), found.found.concerned) == ([], [], 0)


async def test_a_reading_flips_what_it_decides_and_nothing_else(told: App) -> None:
    """A round trip costs the 79 kronor of sending beside the 95 of coming back."""
    found = await answer(told, Question(readings=(("allectra-unclaimed-freight", "round_trip"),)))
    [order] = found.found.differing
    assert (order.order, order.changes) == ("A-1", [
        Change("unclaimed", "fee unclaimed:p1", "otherwise", "445.00", "524.00", 44500, 52400)
    ])  # fmt: skip
    assert sum(one.difference for one in order.accounts) == 0
    assert {one.account: one.difference for one in order.accounts} == {
        1510: 7900, 2611: -1580, 3590: -6320,
    }  # fmt: skip


async def test_before_a_statute_its_deadlines_are_others(app: App) -> None:
    """The presumption of a fault was of six months until May 2022, and is of two years since."""
    got = message("Collected", "netzilla", "N-1", "got", 60, parcel="p1")
    await tell(app, [*life("netzilla", "N-1")[:5], got])
    found = await answer(app, Question(day=date(2022, 4, 30)))
    [order] = found.found.differing
    changes = {one.outcome: (one.what, one.before, one.after) for one in order.changes}
    assert changes["deadline presumption:p1"] == (
        "otherwise", "2026-03-06 open", "2024-09-06 open"
    )  # fmt: skip
    assert (order.accounts, found.accounts()) == ([], [])
    assert all(one.difference == 0 for one in found.kinds())


async def test_what_was_taken_back_decides_nothing(app: App) -> None:
    back = message("Retracted", "sweeto", "S-1", "oops", 310, fact="unclaimed")
    await tell(app, [*life("sweeto", "S-1")[:6], back], life("sweeto", "S-2")[:6])
    found = await answer(app, supposing())
    assert [one.order for one in found.found.differing] == ["S-2"]


async def test_questions_are_combined(told: App) -> None:
    """A fee that is higher only for contracts from May on, and all concluded in June."""
    later = draft(FEE.format("250.00") + " }, { " + HIGHER.replace("2010-01-01", "2024-05-01"))
    none = await answer(told, supposing(text=later))
    assert not none.differs
    june = await answer(told, supposing(text=later, day=date(2024, 6, 1)))
    assert [one.order for one in june.found.differing] == ["S-1", "S-2"]
    more = await answer(told, supposing(
        terms=None, text=None, day=date(2024, 6, 1),
        readings=(("allectra-unclaimed-freight", "round_trip"),),
    ))  # fmt: skip
    assert [one.order for one in more.found.differing] == ["A-1"]
    other = await answer(told, supposing(terms=None, text=None, seller="sweeto",
                                         day=date(2024, 6, 1)))  # fmt: skip
    assert (other.found.concerned, other.differs) == (0, False)


async def test_the_moment_is_the_one_asked_for(told: App) -> None:
    """At hour 290 nobody had failed to collect anything."""
    early = await answer(told, supposing(at=hours(290)))
    assert (early.at, early.differs) == (hours(290), False)
    assert (await answer(told, supposing(at=hours(310)))).differs


async def test_pinned_terms_stay_those_to_compare_with(store: Store) -> None:
    """Orders that pinned an edition which the files no longer have: today's is a supposition."""
    app = await App.start(store, book().beside("sweeto", draft()), "test", Clock())
    await app.claim()
    await tell(app, life("sweeto", "S-1"))
    today = book()
    found = await what_if(store, today, Question(terms="sweeto"), LATER)
    assert [one.changes for one in found.found.differing] == [[
        Change("unclaimed", "fee unclaimed:p1", "otherwise", "299.00", "250.00", 29900, 25000)
    ]]  # fmt: skip
    for reading, concerned in (
        (("sweeto-withdrawal-channel", "email_only"), 1),
        (("allectra-unclaimed-freight", "round_trip"), 0),
    ):
        read = await what_if(store, today, Question(readings=(reading,)), LATER)
        assert (read.found.concerned, read.differs) == (concerned, False), "but for the reading"


async def test_an_order_that_cannot_be_decided_is_listed(told: App) -> None:
    """The terms supposed begin after the contract."""
    lines = [
        line.replace("from = 2010-01-01", "from = 2024-03-05") for line in draft().splitlines()
    ]
    found = await answer(told, supposing(text="\n".join(lines)))
    assert found.differs
    assert {one.order for one in found.found.undecided} == {"S-1", "S-2", "S-3"}
    assert "terms of sweeto are known from 2024-03-05 on" in found.found.undecided[0].why


# -- what cannot be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told_so", "sentence"),
    [
        ({"terms": "ikea"}, "there are no terms of 'ikea'; there are those of allectra, compumail"),
        ({"terms": "nowhere/sweeto.toml"}, "nowhere/sweeto.toml is not there"),
        ({"readings": ["no-such=1"]}, "there is no reading 'no-such'; there are allectra-"),
        (
            {"readings": ["allectra-unclaimed-freight=x"]},
            "'x' is no option of allectra-unclaimed-freight; there are return_leg, outbound_leg",
        ),
        ({"day": "soon"}, "'soon' is not a day"),
        ({"terms": "sweeto@2024-01-01", "day": "2024-01-02"}, "say one day"),
        ({}, "nothing is supposed; say --terms, --reading or --date"),
    ],
)
def test_what_there_is_not_is_said(told_so: dict[str, Any], sentence: str) -> None:
    with pytest.raises(VillkorError, match=sentence):
        asked(book(), **told_so)


def test_terms_are_asked_for_by_file_name_seller_and_day(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(draft(), "utf-8")
    known = book()
    assert asked(known, f"sweeto={file}") == supposing()
    assert asked(known, f"sweeto={file}@2024-05-01").day == date(2024, 5, 1)
    assert asked(known, "sweeto@2022-04-30") == Question(terms="sweeto", day=date(2022, 4, 30))
    with pytest.raises(VillkorError, match="a file of another name is told as SELLER=FILE"):
        asked(known, str(file))


async def test_a_day_outside_the_terms_is_an_error(told: App) -> None:
    with pytest.raises(TermsError, match="known law, which is that of contracts from"):
        await answer(told, Question(day=date(1950, 1, 1)))
    with pytest.raises(TermsError, match=r"sweeto: .*floor"):
        await answer(told, supposing(text=draft('value = "x", clause = "SWE-outlost-1"')))
    with pytest.raises(VillkorError, match="no orders of 'gandalf'; there are those of allectra"):
        await answer(told, Question(seller="gandalf", day=date(2024, 1, 1)))


# -- over the whole log -------------------------------------------------------------------------


class Stopped(Exception):
    """The answer was broken off."""


def after(partitions: int) -> Any:
    """Progress that breaks off once so many partitions were done."""
    told: list[int] = []

    def look(done: int, of: int) -> None:
        told.append(done)
        if len(told) > partitions:
            raise Stopped

    return look


@pytest.fixture
async def many(app: App) -> App:
    await tell(app, *(life("sweeto", f"S-{n}") for n in range(12)), life("allectra", "A-1"))
    return app


async def test_broken_off_it_goes_on_where_it_was(many: App, tmp_path: Path) -> None:
    """The same answer as in one go; its moment is the one at which it was begun."""
    whole = await answer(many, supposing())
    file = tmp_path / "kept" / "answer.jsonl"
    with pytest.raises(Stopped):
        await answer(many, supposing(), kept=file, progress=after(5))
    with file.open("ab") as torn:
        torn.write(b'{"partition": 7, "posi')
    found = await what_if(many.store, many.book, supposing(), hours(2000), file)
    assert (found.resumed, found.at, found.found) == (5, LATER, whole.found)
    again = await what_if(many.store, many.book, supposing(), hours(2000), file)
    assert again.resumed == len(await many.store.partitions())
    assert again.found == whole.found


async def test_a_partition_whose_log_grew_is_done_again(many: App, tmp_path: Path) -> None:
    file = tmp_path / "answer.jsonl"
    first = await answer(many, supposing(), kept=file)
    beside = partition_of("sweeto/S-0")
    new = next(name for n in count() if partition_of(f"sweeto/{(name := f'X-{n}')}") == beside)
    await tell(many, life("sweeto", new))
    found = await answer(many, supposing(), kept=file)
    assert found.resumed == len(await many.store.partitions()) - 1
    assert found.found == (await answer(many, supposing())).found
    assert len(found.found.differing) == len(first.found.differing) + 1


async def test_another_question_is_not_gone_on_with(many: App, tmp_path: Path) -> None:
    file = tmp_path / "answer.jsonl"
    await answer(many, supposing(), kept=file)
    with pytest.raises(VillkorError, match=r"answer\.jsonl has the answer to another question"):
        await answer(many, supposing(at=hours(400)), kept=file)
    other = many.book.beside("sweeto", draft())
    with pytest.raises(VillkorError, match="or by other rules"):
        await what_if(many.store, other, supposing(), LATER, file)
    names = [kept_in(tmp_path, supposing(), known) for known in (many.book, other)]
    assert len({*names, kept_in(tmp_path, supposing(at=hours(400)), other)}) == 3
    file.write_bytes(b"a shopping list\n")
    with pytest.raises(VillkorError, match=r"answer\.jsonl holds no answer that was begun"):
        await answer(many, supposing(), kept=file)


async def test_killed_it_goes_on_where_it_was(many: App, tmp_path: Path) -> None:
    """A kill -9 between two partitions of a process of its own."""
    file = tmp_path / "answer.jsonl"
    program = [sys.executable, "-m", "tests.postgres.test_what_if", many.store.dsn, str(file)]
    killed = await asyncio.create_subprocess_exec(*program, cwd=Path(__file__).parents[2])
    assert await killed.wait() == -signal.SIGKILL
    found = await answer(many, supposing(), kept=file)
    assert found.resumed == 4
    assert found.found == (await answer(many, supposing())).found


async def test_in_processes_it_is_the_same_answer(many: App) -> None:
    here = await answer(many, supposing(), processes=1)
    assert await answer(many, supposing(), processes=2) == here
    assert here.differs


async def test_an_order_that_waits_to_be_placed_is_not_decided(told: App) -> None:
    """The merchant of a marketplace has no terms of its own, and the parcel says no marketplace."""
    sent = message("Shipped", "nordkabel", "N-1", "sent", 24, parcel="p1", carrier="dhl")
    await tell(told, [sent])
    found = await answer(told, Question(day=date(2024, 3, 4)))
    assert (found.found.orders, found.differs) == (5, False)


async def test_customers_are_not_decided(app: App) -> None:
    word = message("CreditLimitExceeded", "gandalf", "customer:c-1", "over", 30)
    await ingest(app, [placed("gandalf", "G-1"), word], LATER)
    found = await answer(app, Question(day=date(2024, 1, 1)))
    assert (found.found.orders, found.found.undecided) == (1, [])


async def test_the_demo_under_another_fee_and_reading(store: Store) -> None:
    """Three parcels of sweeto were not collected, eight on the terms of allectra."""
    app = await App.start(store, book(), "test", Clock(NOW))
    await app.claim()
    await ingest(app, list(messages([str(FACTS)])), NOW)
    fee = await what_if(store, app.book, supposing(), NOW)
    assert {one.order: one.changes for one in fee.found.differing} == dict.fromkeys(
        ("SWE-0004", "SWE-0027", "SWE-0031"), FEES
    )
    reading = Question(readings=(("allectra-unclaimed-freight", "round_trip"),))
    both = await what_if(store, app.book, reading, NOW)
    assert [(one.seller, one.orders, one.difference) for one in both.kinds()] == [
        ("allectra", 4, 31600), ("nordkabel", 4, 31600)
    ]  # fmt: skip
    floor = draft(ALLECTRA.format("400.00"), "allectra", ALLECTRA.format("350.00"))
    filled = await what_if(store, app.book, Question(terms="allectra", text=floor), NOW)
    assert [(one.seller, one.orders, one.difference) for one in filled.kinds()] == [
        ("allectra", 4, 20000), ("nordkabel", 4, 20000)
    ], "a marketplace's terms fill those of its merchants"  # fmt: skip
    assert filled.found.concerned == 80
    law = await what_if(store, app.book, Question(day=date(2021, 1, 1)), NOW)
    for found in (fee, both, law):
        for order in found.found.differing:
            assert sum(one.difference for one in order.accounts) == 0
    assert len(law.found.differing) > 25


async def _killed(dsn: str, file: Path) -> None:
    store = await Store.open(dsn)
    told: list[int] = []

    def kill(done: int, of: int) -> None:
        told.append(done)
        if len(told) > 4:
            os.kill(os.getpid(), signal.SIGKILL)

    await what_if(store, book(), supposing(), LATER, file, kill)


if __name__ == "__main__":
    asyncio.run(_killed(sys.argv[1], Path(sys.argv[2])))
