"""A strict reader of SIE type 4 files, written from "SIE filformat, utgåva 4B" (2008-09-30).

It shares nothing with the writer. Paragraphs are those of the specification; a rule marked
"bookkeeping" is not in it, and follows from double entry or from the law.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from tests.exports.sie_posts import FORMS, ROW, Objects, Post, SieError, posts_of

__all__ = ["Account", "Kind", "Sie", "SieError", "Transaction", "Voucher", "Year", "read"]

Kind = Literal["4E", "4I"]
Balances = Mapping[int, Mapping[str, int]]

# Section 6: compulsory in both, in 4E besides, and not allowed in 4I.
COMPULSORY = ("#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN")
COMPULSORY_4E = ("#RAR", "#KONTO")
SUMS = ("#IB", "#UB", "#RES", "#OIB", "#OUB", "#PSALDO", "#PBUDGET")
NOT_IN_4I = (*SUMS, "#BKOD", "#OMFATTN")
RESERVED = frozenset({"1", "2", "6", "7", "8", "9", "10"})  # 8.4: need not be declared


@dataclass(frozen=True)
class Year:
    start: datetime.date
    end: datetime.date

    def __contains__(self, day: datetime.date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Account:
    """`type` is T, S, K or I as told; "" when the file leaves it to the BAS chart."""

    number: str
    name: str
    type: str = ""

    @property
    def in_balance_sheet(self) -> bool:
        return self.type in ("T", "S") if self.type else self.number[0] in "12"


@dataclass(frozen=True)
class Transaction:
    """One #TRANS. `amount` is in öre, debit positive; `date` is the voucher's when not told."""

    line: int
    account: str
    objects: Objects
    amount: int
    date: datetime.date
    text: str
    quantity: Decimal | None
    sign: str


@dataclass(frozen=True)
class Voucher:
    """`series` and `number` may be "" in a 4I file: the receiver assigns them."""

    line: int
    series: str
    number: str
    date: datetime.date
    text: str
    registered: datetime.date | None
    sign: str
    transactions: tuple[Transaction, ...]


@dataclass(frozen=True)
class Sie:
    """A file that obeys. `header` holds the fields of every identification post by label.

    `opening` (#IB), `closing` (#UB) and `results` (#RES) are öre by year (0, -1, ...) and account.
    """

    kind: Kind
    flag: int
    generated: datetime.date
    company: str
    currency: str
    header: Mapping[str, tuple[str, ...]]
    years: Mapping[int, Year]
    accounts: Mapping[str, Account]
    opening: Balances
    closing: Balances
    results: Balances
    vouchers: tuple[Voucher, ...]
    checksum: int | None


def read(data: bytes, kind: Kind | None = None) -> Sie:
    """Read a file whole, or raise `SieError`.

    Both kinds call themselves type 4 (4.10). Without `kind` a file with any balance is 4E.
    """
    posts, checksum = posts_of(data)
    kind = kind or ("4E" if any(post.label in SUMS for post in posts) else "4I")
    _extent(posts, kind)
    header = {post.label: post.fields for post in posts if FORMS[post.label].group in (1, 2)}
    years = _years(posts)
    accounts = _accounts(posts, kind)
    _dimensions(posts, kind)
    sie = Sie(
        kind=kind,
        flag=int(header["#FLAGGA"][0]),
        generated=datetime.date.fromisoformat(header["#GEN"][0]),
        company=header["#FNAMN"][0],
        currency=header.get("#VALUTA", ("SEK",))[0],  # 11 #VALUTA 2
        header=header,
        years=years,
        accounts=accounts,
        opening=_balances(posts, "#IB", years, accounts),
        closing=_balances(posts, "#UB", years, accounts),
        results=_balances(posts, "#RES", years, accounts),
        vouchers=tuple(_vouchers(posts)),
        checksum=checksum,
    )
    _numbered(sie)
    _dated(sie)
    if kind == "4E":
        _added_up(posts, sie)
        _periods(posts, sie)
    return sie


def _extent(posts: Sequence[Post], kind: Kind) -> None:
    """What the file's kind must have, and may not (section 6)."""
    labels = {post.label for post in posts}
    for label in (*COMPULSORY, *(COMPULSORY_4E if kind == "4E" else ())):
        if label not in labels:
            raise SieError(0, "6", f"a {kind} file has {label}")
    for post in posts:
        if kind == "4I" and post.label in NOT_IN_4I:
            raise post.refuse("6", "is not allowed in a 4I file")
        if post.label == "#PSALDO" and "#OMFATTN" not in labels:
            raise post.refuse("11 #OMFATTN 1", "asks for #OMFATTN")


def _years(posts: Sequence[Post]) -> Mapping[int, Year]:
    """The fiscal years: this one and those before it, without holes (11 #RAR)."""
    years: dict[int, Year] = {}
    told = {int(post[0]): post for post in posts if post.label == "#RAR"}
    for number, post in sorted(told.items(), reverse=True):
        years[number] = Year(
            datetime.date.fromisoformat(post[1]), datetime.date.fromisoformat(post[2])
        )
        if years[number].start > years[number].end:
            raise post.refuse("11 #RAR 1", "ends before it starts")
        if number != 0:
            after = years.get(number + 1)
            if not after or years[number].end + datetime.timedelta(days=1) != after.start:
                raise post.refuse("11 #RAR 1", "does not end the day before the next year starts")
    return years


def _accounts(posts: Sequence[Post], kind: Kind) -> Mapping[str, Account]:
    """The chart: told before it is used, save that a 4I file may leave it to the receiver."""
    accounts: dict[str, Account] = {}
    for post in posts:
        kinds = FORMS[post.label].fields.split()
        if post.label == "#KONTO":
            accounts[post[0]] = Account(post[0], post[1])
        elif "account" in kinds and (number := post[kinds.index("account")]) not in accounts:
            rule = f"11 {post.label} 1" if post.label in ("#KTYP", "#ENHET") else "11 #KONTO 3"
            if kind == "4E" or rule != "11 #KONTO 3":
                raise post.refuse(rule, f"names account {number} before #KONTO does")
        elif post.label == "#KTYP":
            accounts[number] = Account(number, accounts[number].name, post[1])
    return accounts


def _dimensions(posts: Sequence[Post], kind: Kind) -> None:
    """Dimensions are declared before they are used (8.1), save the reserved ones (8.4)."""
    known = set(RESERVED)
    above: dict[str, str] = {"2": "1"}  # 8.17
    for post in posts:
        if post.label in ("#DIM", "#UNDERDIM") and post[0] == "2" and post[2] != "1":
            raise post.refuse("8.17", "2 is not told as a dimension under 1")
        used = [dimension for dimension, _ in post.objects]
        used += {"#OBJEKT": [post[0]], "#UNDERDIM": [post[2]]}.get(post.label, [])
        for dimension in used:
            if dimension not in known:
                raise post.refuse("8.1", f"names dimension {dimension!r}, which is not declared")
            if kind == "4I" and post.objects and above.get(dimension, dimension) not in used:
                raise post.refuse("8.23", f"names dimension {dimension} without the one above it")
        if post.label in ("#DIM", "#UNDERDIM"):
            known.add(post[0])
            above |= {post[0]: post[2]} if post[2] else {}


def _ore(text: str) -> int:
    """Kronor with at most two decimals as öre."""
    whole, _, part = text.partition(".")
    return int(whole + part.ljust(2, "0"))


def _balances(
    posts: Iterable[Post], label: str, years: Mapping[int, Year], accounts: Mapping[str, Account]
) -> Balances:
    """The balances of one kind: #IB and #UB for balance accounts, #RES for result accounts."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for post in posts:
        if post.label in SUMS and int(post[0]) not in years:
            raise post.refuse("11 #RAR", f"is of year {post[0]}, which #RAR does not tell")
        if post.label == label:
            if accounts[post[1]].in_balance_sheet != (label != "#RES"):
                raise post.refuse(f"11 {label}", f"does not fit an account like {post[1]}")
            found[int(post[0])][post[1]] = _ore(post[2])
    return dict(found)


def _vouchers(posts: Iterable[Post]) -> Iterator[Voucher]:
    """Each #VER with the rows in the braces that follow it (5.4)."""
    rest = iter(posts)
    for post in rest:
        if post.label == "#VER":
            yield _voucher(post, rest)
        elif post.label in ("{", "}"):
            raise post.refuse("5.4", "does not follow a #VER")
        elif FORMS[post.label] is ROW:
            raise post.refuse("11 #TRANS 3", "is not within a #VER")


def _voucher(head: Post, rest: Iterator[Post]) -> Voucher:
    if next(rest, head).label != "{":
        raise head.refuse("5.4", "is not followed by a brace")
    rows: list[Post] = []
    for post in rest:
        if post.label == "}":
            break
        if FORMS[post.label] is not ROW:
            raise post.refuse("5.4", "stands within a #VER")
        rows.append(post)
    else:
        raise head.refuse("5.4", "has no closing brace")
    for row, after in pairwise([*rows, head]):
        if row.label == "#RTRANS" and replace(row, line=after.line, label="#TRANS") != after:
            raise row.refuse("11 #RTRANS 4", "is not followed by the same #TRANS")
    day = datetime.date.fromisoformat(head[2])
    rows = [row for row in rows if row.label == "#TRANS"]
    if not rows:
        raise head.refuse("11 #VER 1", "has no #TRANS")
    if total := sum(_ore(row[2]) for row in rows):
        raise head.refuse("11 #TRANS 4", f"sums to {total} öre, not to nought")
    registered = datetime.date.fromisoformat(head[4]) if head[4] else None
    made = tuple(_transaction(row, day) for row in rows)
    return Voucher(head.line, head[0], head[1], day, head[3], registered, head[5], made)


def _transaction(row: Post, day: datetime.date) -> Transaction:
    return Transaction(
        line=row.line,
        account=row[0],
        objects=row.objects,
        amount=_ore(row[2]),
        date=datetime.date.fromisoformat(row[3]) if row[3] else day,  # 11 #TRANS 2
        text=row[4],
        quantity=Decimal(row[5]) if row[5] else None,
        sign=row[6],
    )


def _numbered(sie: Sie) -> None:
    """Vouchers rise within their series (11 #VER 7); only 4I leaves names empty (11 #VER 6)."""
    last: dict[str, int] = {}
    for voucher in sie.vouchers:
        if sie.kind == "4E" and not (voucher.series and voucher.number):
            raise SieError(voucher.line, "11 #VER 6", "a voucher of a 4E file has no name")
        if voucher.number:
            if int(voucher.number) <= last.get(voucher.series, -1):
                raise SieError(voucher.line, "11 #VER 7", "the numbers do not rise in the series")
            last[voucher.series] = int(voucher.number)


def _dated(sie: Sie) -> None:
    """Vouchers and rows fall in year 0 (4E), or in any year that a 4I file tells (bookkeeping)."""
    years = [sie.years[0]] if sie.kind == "4E" else list(sie.years.values())
    for voucher in sie.vouchers:
        rows = [(row.line, row.date) for row in voucher.transactions]
        for line, day in ((voucher.line, voucher.date), *rows):
            if years and not any(day in year for year in years):
                raise SieError(line, "bookkeeping", f"{day} is outside the fiscal year")


def _added_up(posts: Iterable[Post], sie: Sie) -> None:
    """#IB and #TRANS make #UB, #TRANS make #RES; what is not written is nought (5.17, 5.18).

    Without #IB of this year, #UB of the last one stands for it (5.16).
    """
    moved: dict[str, int] = defaultdict(int)
    for voucher in sie.vouchers:
        for row in voucher.transactions:
            moved[row.account] += row.amount
    before = sie.closing.get(-1, {})
    opening = sie.opening.get(0, before)
    lines = {(post.label, post[1]): post.line for post in posts if post[0] == "0"}
    for number, account in sie.accounts.items():
        kept = account.in_balance_sheet
        told = (sie.closing if kept else sie.results).get(0, {}).get(number, 0)
        made = moved[number] + (opening.get(number, 0) if kept else 0)
        if told != made:
            name = "#UB" if kept else "#RES"
            what = f"{name} 0 {number} says {told} öre; the posts make {made}"
            raise SieError(lines.get((name, number), 0), "5.18", what)
        # The result of the last year may have been carried to equity (20xx) in between.
        carried = opening.get(number, 0) == before.get(number, 0) or number.startswith("20")
        if before and kept and not carried:
            line = lines.get(("#IB", number), 0)
            raise SieError(line, "5.16", f"#IB 0 {number} is not #UB -1 {number}")
    for year in sie.years:
        for parts in ((sie.opening,), (sie.closing, sie.results)):
            if total := sum(sum(part.get(year, {}).values()) for part in parts):
                raise SieError(0, "bookkeeping", f"year {year} is {total} öre off balance")


def _periods(posts: Iterable[Post], sie: Sie) -> None:
    """#PSALDO and #PBUDGET lie in their year; #PSALDO of year 0 is what was booked in the month."""
    moved: dict[tuple[str, str], int] = defaultdict(int)
    for voucher in sie.vouchers:
        for row in voucher.transactions:
            moved[f"{row.date:%Y%m}", row.account] += row.amount
    for post in posts:
        if post.label in ("#PSALDO", "#PBUDGET"):
            year = sie.years[int(post[0])]
            if not f"{year.start:%Y%m}" <= post[1] <= f"{year.end:%Y%m}":
                raise post.refuse(f"11 {post.label} 2", f"is of {post[1]}, outside its year")
        made = moved[post[1], post[2]]
        whole = post.label == "#PSALDO" and post[0] == "0" and not post.objects
        if whole and _ore(post[4]) != made:
            raise post.refuse("11 #PSALDO 1", f"says {post[4]}; the posts make {made} öre")
