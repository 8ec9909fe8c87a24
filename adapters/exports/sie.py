"""SIE 4, the Swedish format of vouchers: type 4I for import into books, 4E with balances for audit.

After "SIE filformat", utgåva 4B (2008-09-30, SIE-gruppen); numbers in brackets are its sections.
[4.7] Villkor is the feeder system (försystem) of a seller's books, so that 4I is what one mostly
wants: no balances [6], and series and number are left to the importing program [11, #VER 6]. 4E
has one financial year [11, #RAR] up to the last month asked for (#OMFATTN), with all its vouchers
[4.9], and the balances of every year before: opening balance and vouchers come to the closing
balance within the file.

- No account is brought to 0 at a year's end here. A book of several years balances all the same
  because 4E shows what closing them would: 8999 has the result of each earlier year, 2099 what
  they come to. Both are reckoned, no voucher has them, and #PROSA says so.
- A voucher's number is the place of its event in the log: series P42, number 137 is position 137
  of partition 42, and the vouchers of a series ascend [11, #VER 7]. Its text begins with the place.
- The date of a voucher is its day in the books, `regdatum` the day on which it was recorded; where
  they differ, or it happened on another day, the text says so.
- One file has one currency [11, #VALUTA], and importing programs may overlook which: every other
  currency needs a file of its own.
- Code page 437 [5.8]: what it lacks loses its accents, or becomes `?`. Control characters and runs
  of blanks become a blank [5.7]; a backslash becomes a slash, since only a quotation mark may have
  one before it [5.7].
- There are no objects, hence no #OIB and #OUB, which only type 3 requires [6]; no codes for tax
  forms (#SRU), hence no #TAXAR. An organisation number is written only where it was told.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import BinaryIO, Literal
from zlib import crc32

from adapters.exports.ledger import (
    Balance, Ledger, Nature, Voucher, Written, name_of, nature_of,
)  # fmt: skip
from domain.calendar import add_months, add_years
from domain.errors import Unanswerable
from domain.money import kronor

Type = Literal["4I", "4E"]
SUFFIXES: dict[Type, str] = {"4I": ".si", "4E": ".se"}
"""[5.1]"""
KINDS: dict[Nature, str] = {"asset": "T", "liability": "S", "income": "I", "expense": "K"}
"""[11, #KTYP]"""
CHART_TYPE = "EUBAS97"
"""Every chart of the BAS group since 1997 has this structure [11, #KPTYP 4-5]."""
HOME = "SEK"
RESULT, CARRIED = "8999", "2099"
"""What closes a year by the BAS chart: the result of the year leaves 8999 and stands on 2099."""


@dataclass(slots=True, frozen=True)
class Company:
    """Who is exported, as far as it was told: the ledger knows neither."""

    name: str
    number: str | None = None
    year_starts: int = 1
    """The month in which the financial year starts."""

    def year_of(self, month: date) -> date:
        """The first day of the financial year that a month belongs to."""
        return add_months(month, -((month.month - self.year_starts) % 12))


def is_organisation_number(told: str) -> bool:
    """NNNNNN-NNNN, the last digit a check digit (Luhn)."""
    if not re.fullmatch(r"\d{6}-\d{4}", told, re.ASCII):
        return False
    doubled = [int(one) * (2 - at % 2) for at, one in enumerate(told.replace("-", ""))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


class Records:
    """Writes records and sums them up [5.3-5.10, 10]."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.sum = 0

    def put(self, label: str, *fields: str) -> None:
        """A record of fields as they are: numbers, dates, and what `text` made."""
        self.out.write(" ".join((label, *fields)).encode("cp437") + b"\r\n")
        counted = label + "".join(_counted(one) for one in fields)
        self.sum = crc32(counted.encode("cp437"), self.sum)

    def brace(self, brace: str) -> None:
        """Alone on its line [5.4], and not summed up [10.14]."""
        self.out.write(brace.encode() + b"\r\n")


def _counted(one: str) -> str:
    """What of a field is summed up: neither quotation marks around it nor braces [10.14]."""
    return one[1:-1].replace('\\"', '"') if one[0] in '"{' else one


def text(told: str) -> str:
    """A quoted field in the characters of code page 437."""
    plain = " ".join(told.translate(_CONTROLS).replace("\\", "/").split())
    if not _in_cp437(plain):
        plain = "".join(map(_likened, plain))
    return '"' + plain.replace('"', '\\"') + '"'


_CONTROLS = dict.fromkeys((*range(32), 127), " ")


def _likened(character: str) -> str:
    """The character itself, without its accent, or `?`."""
    bare = unicodedata.normalize("NFKD", character)[0]
    return next(filter(_in_cp437, (character, bare)), "?")


def _in_cp437(plain: str) -> bool:
    try:
        plain.encode("cp437")
    except UnicodeEncodeError:
        return False
    return True


def suffix(type: Type, currency: str, having: Sequence[str]) -> str:
    """How a file's name ends: with its currency, where there is more than the home one."""
    return ("" if [*having] == [HOME] else f"-{currency}") + SUFFIXES[type]


async def write(
    ledger: Ledger, out: BinaryIO, type: Type, company: Company, today: date, currency: str = HOME
) -> Written:
    """The vouchers in one currency. Raises Unanswerable where 4E would have two financial years."""
    year = company.year_of(ledger.last)
    if type == "4E" and ledger.first < year:
        raise Unanswerable(
            f"a SIE file of type 4E has one financial year, and {ledger.title} touches two; "
            f"export up to {add_months(year, -1):%Y-%m}, and the rest, each by itself"
        )
    records, written = Records(out), Written()
    records.put("#FLAGGA", "0")
    records.put("#KSUMMA")
    records.sum = 0  # from here on [10.14]
    _identify(records, ledger, type, company, today, currency)
    _declare(records, ledger, type, company, currency)
    if type == "4E":
        _balances(records, ledger, company, currency)
        vouchers = ledger.vouchers("number", currency, since=year)
    else:
        vouchers = ledger.vouchers("day", currency)
    async for voucher in vouchers:
        _voucher(records, voucher, type)
        written.count(voucher)
    records.put("#KSUMMA", str(records.sum))
    return written


def _identify(
    records: Records, ledger: Ledger, type: Type, company: Company, today: date, currency: str
) -> None:
    records.put("#PROGRAM", text("Villkor"), version("villkor"))
    records.put("#FORMAT", "PC8")
    records.put("#GEN", _day(today))
    records.put("#SIETYP", "4")
    records.put("#PROSA", text(_about(ledger, type, company)))
    records.put("#FNR", text(ledger.seller))
    if company.number is not None:
        records.put("#ORGNR", company.number)
    records.put("#FNAMN", text(company.name))
    if type == "4E":
        for number, start in _years(ledger, company):
            end = date.fromordinal(add_years(start, 1).toordinal() - 1)
            records.put("#RAR", str(number), _day(start), _day(end))
        records.put("#OMFATTN", _day(ledger.final_day))
    records.put("#KPTYP", CHART_TYPE)
    records.put("#VALUTA", currency)


def _about(ledger: Ledger, type: Type, company: Company) -> str:
    about = f"{ledger.title}, SIE {type}; 42/137 är partition 42, position 137 i Villkors logg"
    if type == "4E":
        about += ", liksom verifikation P42 137"
        if len(list(_years(ledger, company))) > 1:
            about += f"; {RESULT} och {CARRIED}: tidigare års resultat, räknat och ej bokfört"
    return about


def _years(ledger: Ledger, company: Company) -> Iterator[tuple[int, date]]:
    """(0, -1, ..; first day) of every financial year since the first entry."""
    earliest = company.year_of(min(min(months) for months in ledger.moved.values()))
    start = company.year_of(ledger.last)
    for number in range(start.year - earliest.year + 1):
        yield -number, add_years(start, -number)


def _declare(records: Records, ledger: Ledger, type: Type, company: Company, currency: str) -> None:
    """The accounts: of the vouchers, or all that were ever used [11, #KONTO 3-4]."""
    for one in ledger.balances(currency):
        account = str(one.account)
        if type == "4E" or max(ledger.moved[currency, one.account]) >= ledger.first:
            records.put("#KONTO", account, text(name_of(one.account)))
            records.put("#KTYP", account, KINDS[nature_of(one.account)])
    if type == "4E" and len(list(_years(ledger, company))) > 1:
        for account, kind in ((CARRIED, "S"), (RESULT, "K")):
            records.put("#KONTO", account, text("Årets resultat"))
            records.put("#KTYP", account, kind)


def _balances(records: Records, ledger: Ledger, company: Company, currency: str) -> None:
    """#IB and #UB of balance accounts, #RES of the others, by year [5.16]; #PSALDO of this year."""
    years = list(_years(ledger, company))
    for number, start in years:
        end, year = add_years(start, 1), str(number)
        results = 0, 0  # of all years before, and with this one
        for one in ledger.balances(currency):
            account = str(one.account)
            before, after = _until(ledger, one, start), _until(ledger, one, end)
            if nature_of(one.account) in ("asset", "liability"):
                records.put("#IB", year, account, kronor(before))
                records.put("#UB", year, account, kronor(after))
            else:
                records.put("#RES", year, account, kronor(after - before))
                results = results[0] + before, results[1] + after
        if len(years) > 1:
            records.put("#IB", year, CARRIED, kronor(results[0]))
            records.put("#UB", year, CARRIED, kronor(results[1 if number else 0]))
            records.put("#RES", year, RESULT, kronor(results[0] - results[1] if number else 0))
    for one in ledger.balances(currency):
        for month, amount in ledger.moved[currency, one.account].items():
            if month >= years[0][1]:
                records.put("#PSALDO", "0", f"{month:%Y%m}", str(one.account), "{}", kronor(amount))


def _until(ledger: Ledger, one: Balance, end: date) -> int:
    """What an account came to before a day."""
    months = ledger.moved[one.currency, one.account]
    return sum(amount for month, amount in months.items() if month < end)


def _voucher(records: Records, voucher: Voucher, type: Type) -> None:
    series, number = '""', '""'
    if type == "4E":
        series, number = f"P{voucher.partition}", str(voucher.position)
    words = text(f"{voucher.reference} {voucher.order} {voucher.words}")
    records.put("#VER", series, number, _day(voucher.day), words, _day(voucher.booked))
    records.brace("{")
    for leg in voucher.legs:
        records.put("#TRANS", str(leg.account), "{}", kronor(leg.amount))
    records.brace("}")


def _day(day: date) -> str:
    """[5.10]"""
    return f"{day:%Y%m%d}"
