"""The strict SIE reader reads hand-made files that obey, and refuses one for each rule."""

from datetime import date

import pytest

from tests.exports.sie_files import COUNTED, EXPORT, IMPORT, polynomial_crc, summed
from tests.exports.sie_reader import Kind, SieError, Year, read


def refused(data: bytes, kind: Kind) -> SieError:
    with pytest.raises(SieError) as caught:
        read(data, kind)
    return caught.value


def test_an_export_is_read() -> None:
    sie = read(EXPORT.encode("cp437"), "4E")
    assert (sie.flag, sie.company, sie.generated) == (0, 'Måleri "Penseln" AB', date(2026, 1, 5))
    assert sie.header["#ADRESS"] == ("", "Box 21", "211 20  MALMÖ", "")
    assert sie.header["#FNR"] == (r"C:\bok",)
    assert sie.years == {
        0: Year(date(2025, 1, 1), date(2025, 12, 31)),
        -1: Year(date(2024, 1, 1), date(2024, 12, 31)),
    }
    assert sie.accounts["1910"].name == "Kassa {liten}"
    assert sie.accounts["1510"].type == "T"
    assert sie.opening[0] == {"1910": 100_000, "2010": -100_000}
    assert sie.closing[0] == {"1910": 112_500, "2010": -100_000, "2611": -2_500}
    assert sie.results == {0: {"3011": -10_000}, -1: {"3011": -30_000}}
    assert sie.checksum is None


def test_the_vouchers_of_an_export_are_read() -> None:
    """#BTRANS and #RTRANS are ignored, as 11 #RTRANS 5 tells a program that does not keep them."""
    first, _, last = read(EXPORT.encode("cp437"), "4E").vouchers
    assert (first.series, first.number, first.text) == ("A", "1", 'Faktura "7"')
    assert (first.registered, first.sign) == (date(2026, 1, 2), "AN")
    claim, vat, sale = first.transactions
    assert (claim.amount, claim.date, claim.quantity) == (12_500, date(2025, 2, 1), None)
    assert (vat.amount, vat.sign, str(vat.quantity)) == (-2_500, "A N", "-1")
    assert sale.objects == (("20", "01"), ("6", "47"))
    assert (sale.amount, sale.date, sale.text) == (-10_000, date(2025, 2, 2), 'såld 5"')
    assert [row.amount for row in last.transactions] == [-5, 5]


def test_an_import_is_read() -> None:
    """An import may leave series, numbers and accounts to the receiver, and the flag may be set."""
    sie = read(IMPORT.encode("cp437"), "4I")
    assert (sie.flag, sie.currency) == (1, "SEK")
    assert [(voucher.series, voucher.number) for voucher in sie.vouchers] == [("", ""), ("", "")]
    assert list(sie.accounts) == ["1910"]


def test_the_kind_is_known_by_the_balances() -> None:
    assert read(EXPORT.encode("cp437")).kind == "4E"
    assert read(IMPORT.encode("cp437")).kind == "4I"


def test_a_carriage_return_before_the_line_feed_is_allowed() -> None:
    """5.5"""
    data = EXPORT.encode("cp437")
    assert read(data.replace(b"\n", b"\r\n"), "4E") == read(data, "4E")


def test_the_checksum_counts_labels_and_fields() -> None:
    """10.14, with the example of 10.15 as a line of the file."""
    assert polynomial_crc(b"123456789") == 0xCBF43926
    sie = read(summed().encode("cp437"), "4I")
    assert sie.checksum == polynomial_crc(COUNTED.encode("cp437"))


def test_last_years_closing_stands_for_an_opening_that_is_not_told() -> None:
    """5.16"""
    kept = EXPORT.replace("#UB -1 2010 -700\n", "#UB -1 2010 -1000\n")
    kept = kept.replace("#IB 0 1910 1000.00\n", "").replace("#IB 0 2010 -1000.00\n", "")
    assert read(kept.replace("#RES -1 3011 -300\n", "").encode("cp437"), "4E").vouchers


@pytest.mark.parametrize(
    ("rule", "line", "data"),
    [
        ("5.8", 0, EXPORT.encode("utf-8")),
        ("5.8", 11, EXPORT.encode("latin-1")),
        ("5.5", 66, EXPORT.encode("cp437").removesuffix(b"\n")),
        ("5.5", 5, EXPORT.encode("cp437").replace(b"#SIETYP", b"\r#SIETYP")),
        ("5.7", 12, EXPORT.encode("cp437").replace(b"Penseln", b"Pen\x1aseln")),
        ("5.7", 12, EXPORT.encode("cp437").replace(b"Penseln", b"Pen\x7fseln")),
        ("5.7", 12, EXPORT.encode("cp437").replace(b"Penseln", b"Pen\tseln")),
        ("11 #FLAGGA 1", 0, b""),
        ("11 #FLAGGA 1", 0, b"\n \n"),
    ],
)
def test_bytes_that_are_refused(rule: str, line: int, data: bytes) -> None:
    error = refused(data, "4E")
    assert (error.rule, error.line) == (rule, line)
    assert str(error).startswith(f"line {line}, SIE {rule}: ")


# A rule, text that stands once in the file, what takes its place, and the start of the text of
# the line that is named ("": the whole file).
EXPORTS = [
    ("5.3", "#PROSA", "PROSA", "PROSA"),
    ("5.4", "#VER LEV1 1 20250301\n{", "#VER LEV1 1 20250301", "#VER LEV1"),
    ("5.4", "1 20250301\n{\n", "1 20250301\n{ #PROSA x\n", "{ #PROSA"),
    ("5.4", "#TRANS 1510 {} -125\n}", "#TRANS 1510 {} -125", "#VER A 3"),
    ("5.4", "1910 {} 0.05\n}", "1910 {} 0.05", "#VER A 3"),
    ("5.4", "#PSALDO 0 202502 3011 {} ", "{\n#PSALDO 0 202502 3011 {} ", "{"),
    ("5.7", '"Barnavd"', '"Barnavd', "#OBJEKT 20"),
    ("5.7", '"Barnavd"', 'Barn"avd"', "#OBJEKT 20"),
    ("5.7", '"Barnavd"', '"Barn" "avd"x', "#OBJEKT 20"),
    ("5.7", '"01" "Barnavd"', '"01""Barnavd"', "#OBJEKT 20"),
    ("5.7", '"Projekt ett"', r'"Projekt ett\"', "#OBJEKT 6"),
    ("5.7", "#FNR C:", "#FNR {C:", "#FNR"),
    ("5.7", "#TRANS 1510 {} -125", "#TRANS 1510 {}-125", "#TRANS 1510 {}"),
    ("5.7", "#TRANS 1510 {} -125", "#TRANS 1510 {1 {2}} -125", "#TRANS 1510 {1"),
    ("5.7", "#KPTYP", "#kptyp", "#kptyp"),
    ("5.9", "{} 125\n", "{} 125,00\n", "#TRANS 1910 {} 125"),
    ("5.9", "{} 125\n", "{} 125.000\n", "#TRANS 1910 {} 125"),
    ("5.9", "{} 125\n", "{} 125.\n", "#TRANS 1910 {} 125"),
    ("5.9", "{} 125\n", "{} +125\n", "#TRANS 1910 {} +125"),
    ("5.9", "{} 125\n", '{} "1 25"\n', "#TRANS 1910 {} "),
    ("5.9", "{} -125\n", "{} 125-\n", "#TRANS 1510 {} 125-"),
    ("9.2", "-4.125", "4,1", "#RES 0"),
    ("5.10", "#GEN 20260105", "#GEN 2026-01-05", "#GEN"),
    ("5.10", "#GEN 20260105", "#GEN 20260230", "#GEN"),
    ("5.10", "#OMFATTN 20251231", "#OMFATTN 251231", "#OMFATTN"),
    ("5.12", "#KONTO 1510 K", "#IB 0 1510 0\n#KONTO 1510 K", "#KONTO 1510"),
    ("5.12", "#KONTO 1910", "#PROSA sen\n#KONTO 1910", "#PROSA sen"),
    ("5.15", "#FNAMN ", '#FNAMN ""\n#PROSA ', "#FNAMN"),
    ("5.15", '#PROGRAM "Prov" 1.0', "#PROGRAM Prov", "#PROGRAM"),
    ("5.15", "#BKOD 82300", "#BKOD", "#BKOD"),
    ("5.15", "#BKOD 82300", "#BKOD bygg", "#BKOD"),
    ("7.2", "#PROSA", "#MOMS 25\n#PROSA", "#MOMS"),
    ("7.3", "#FTYP AB", "#FTYP AB publ", "#FTYP"),
    ("8.1", '#DIM 20 "Avdelning"\n', "", "#UNDERDIM 21"),
    ("8.1", '#OBJEKT 20 "01"', '#OBJEKT 22 "01"', "#OBJEKT 22"),
    ("8.1", "#OIB 0 1910 {6", "#OIB 0 1910 {22", "#OIB"),
    ("8.17", "#DIM 20", "#DIM 11", "#DIM"),
    ("8.17", "#DIM 20", '#DIM 2 "Bärare"\n#DIM 20', "#DIM 2 "),
    ("8.21", "#TRANS 1510 {} -125", "#TRANS 1510 {6} -125", "#TRANS 1510 {6}"),
    ("8.21", "#TRANS 1510 {} -125", "#TRANS 1510 -125", "#TRANS 1510 -125"),
    ("8.21", '"Projekt ett"', "{}", "#OBJEKT 6"),
    ("6", '#PROGRAM "Prov" 1.0\n', "", ""),
    ("6", "#FORMAT PC8\n", "", ""),
    ("6", "#GEN 20260105 AN\n", "", ""),
    ("6", "#SIETYP 4\n", "", ""),
    ("6", '#FNAMN "Måleri \\"Penseln\\" AB"\n', "", ""),
    ("6", "#RAR 0 20250101 20251231\n#RAR -1 20240101 20241231\n", "", ""),
    ("10.4, 10.6", "#FLAGGA 0\n", "#FLAGGA 0\n#KSUMMA\n", "#KSUMMA"),
    ("11 #FLAGGA 1", "#FLAGGA 0\n", "", "#PROGRAM"),
    ("11 #FLAGGA 1", "#FLAGGA 0\n", "#FLAGGA 2\n", "#FLAGGA"),
    ("11 #FORMAT 1", "PC8", "UTF8", "#FORMAT"),
    ("11 #SIETYP 1", "#SIETYP 4", "#SIETYP 4E", "#SIETYP"),
    ("11 #FTYP 2", "#FTYP AB", "#FTYP ABC", "#FTYP"),
    ("11 #ORGNR 1", "556334-3689", "5563343689", "#ORGNR"),
    ("11 #TAXAR 1", "#TAXAR 2026", "#TAXAR 26", "#TAXAR"),
    ("11 #KPTYP 2, 5", "#KPTYP BAS2025", "#KPTYP K3", "#KPTYP"),
    ("11 #VALUTA 2", "#VALUTA SEK", "#VALUTA kr", "#VALUTA"),
    ("11 #RAR 1, 2", "#RAR -1 ", "#RAR 1 ", "#RAR 1"),
    ("11 #RAR 1", "20240101 20241231", "20240101 20241230", "#RAR -1"),
    ("11 #RAR 1", "#RAR -1 ", "#RAR -2 ", "#RAR -2"),
    ("11 #RAR 1", "20250101 20251231", "20251231 20250101", "#RAR 0"),
    ("11 #RAR", "#RAR -1 20240101 20241231\n", "", "#IB -1 1910"),
    ("11 #RAR", "#RAR -1", "#RAR 0", "#RAR 0 2024"),
    ("11 #GEN", "#FTYP", "#GEN 20260105\n#FTYP", "#GEN 20260105\n"),
    ("11 #UB", "#UB 0 2010 ", "#UB 0 1910 1\n#UB 0 2010 ", "#UB 0 1910 1\n"),
    ("11 #KONTO", "#KONTO 2010", "#KONTO 1910 Kassan\n#KONTO 2010", "#KONTO 1910 Kassan"),
    ("11 #KONTO 2", "#KONTO 2010", "#KONTO 20A0", "#KONTO 20A0"),
    ("11 #KONTO 3", '#KONTO 2611 "Utgående moms"\n', "", "#UB 0 2611"),
    ("11 #KONTO 3", "#BTRANS 1910", "#BTRANS 1911", "\t#BTRANS 1911"),
    ("11 #KTYP 1", "#KTYP 1510", "#KTYP 1920", "#KTYP 1920"),
    ("11 #KTYP 1", "#KTYP 1510 T", "#KTYP 1510 A", "#KTYP 1510"),
    ("11 #ENHET 1", "#ENHET 3011", "#ENHET 3012", "#ENHET 3012"),
    ("11 #IB", "#IB 0 2010 -1000.00", "#IB 0 3011 -1000.00", "#IB 0 3011"),
    ("11 #RES", "#RES 0 3011", "#RES 0 2611", "#RES 0 2611"),
    ("11 #RES", "#ENHET", "#KTYP 3011 S\n#ENHET", "#RES -1 3011"),
    ("11 #OIB", '#OIB 0 1910 {6 "47"}', "#OIB 0 1910 {}", "#OIB"),
    ("11 #PBUDGET", "202502 3011 {} -90", "202502 3011 {6 1 7 1} -90", "#PBUDGET"),
    ("11 #OMFATTN 1", "#OMFATTN 20251231\n", "", "#PSALDO"),
    ("11 #PSALDO 1", "3011 {} -100.00", "3011 {} -99.99", "#PSALDO"),
    ("11 #PSALDO 3", "#PBUDGET 0 202502", "#PBUDGET 0 202513", "#PBUDGET"),
    ("11 #PBUDGET 2", "#PBUDGET 0 202502", "#PBUDGET 0 202402", "#PBUDGET"),
    ("11 #TRANS 3", "#VER A 3", "#TRANS 1910 {} 0\n#VER A 3", "#TRANS 1910 {} 0\n"),
    ("11 #TRANS 4", "#TRANS 1510 {} -125", "#TRANS 1510 {} -124.99", "#VER LEV1"),
    ("11 #RTRANS 4", '#RTRANS 3011 {"20" 01', '#RTRANS 3011 {"20" 02', "\t#RTRANS"),
    ("11 #RTRANS 4", "#BTRANS 1910 {} 77", "#RTRANS 1910 {} 77", "\t#RTRANS 1910"),
    ("11 #VER 1", "#VER A 3", "#VER B 1 20250101\n{\n}\n#VER A 3", "#VER B 1"),
    ("11 #VER 4, 5", "#VER LEV1", "#VER LEV-1", "#VER LEV-1"),
    ("11 #VER 6", "#VER LEV1 1", '#VER "" 1', '#VER ""'),
    ("11 #VER 6", "#VER LEV1 1", '#VER LEV1 ""', "#VER LEV1"),
    ("11 #VER 7", "#VER LEV1 1", "#VER LEV1 A1", "#VER LEV1"),
    ("11 #VER 7", "#VER A 3", "#VER A 1", "#VER A 1 20251231"),
    ("5.18", "#UB 0 1910 1125.00", "#UB 0 1910 1124.99", "#UB 0 1910"),
    ("5.18", "#UB 0 2611 -25.00\n", "", ""),
    ("5.18", "#RES 0 3011 -100.00", "#RES 0 3011 -100.01", "#RES 0 3011"),
    ("5.16", "#UB -1 1910 1000", "#UB -1 1910 999", "#IB 0 1910"),
    ("bookkeeping", "#RES -1 3011 -300", "#RES -1 3011 -301", ""),
    ("bookkeeping", "#IB -1 2010 -700", "#IB -1 2010 -699", ""),
    ("bookkeeping", "#VER A 3 20251231", "#VER A 3 20260101", "#VER A 3"),
    ("bookkeeping", "{} -0.05\n", "{} -0.05 20241231\n", "#TRANS 1910 {} -0.05"),
]
IMPORTS = [
    ("6", "#FORMAT PC8\n", "", ""),
    ("6", "#KONTO", "#BKOD 82300\n#KONTO", "#BKOD"),
    ("6", "#KONTO", "#OMFATTN 20250131\n#KONTO", "#OMFATTN"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#IB 0 1910 0\n", "#IB"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#UB 0 1910 0\n", "#UB"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#RES 0 6250 0\n", "#RES"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#OIB 0 1910 {6 1} 0\n", "#OIB"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#OUB 0 1910 {6 1} 0\n", "#OUB"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#PSALDO 0 202501 1910 {} 0\n", "#PSALDO"),
    ("6", "{} 1\n}\n", "{} 1\n}\n#PBUDGET 0 202501 1910 {} 0\n", "#PBUDGET"),
    ("8.23", '{1 "5" 21 "02"}', '{21 "02"}', "#TRANS 6250"),
    ("11 #KTYP 1", "#UNDERDIM", "#KTYP 6250 K\n#UNDERDIM", "#KTYP"),
    ("11 #RAR 1", "#RAR 0", "#RAR -1", "#RAR"),
    ("11 #TRANS 4", "-1000.00", "-1000.01", "#VER"),
    ("bookkeeping", "20250101 20251231", "20240101 20241231", "#VER"),
]
CHECKSUMS = [
    ("10.4", "#KSUMMA\n", "#KSUMMA 1\n", "#KSUMMA {last}"),
    ("10.4, 10.6", "#KSUMMA\n", "", "#KSUMMA {last}"),
    ("10.4, 10.6", "#KSUMMA {last}\n", "", "#KSUMMA"),
    ("10.4, 10.6", "#FORMAT", "#KSUMMA 1\n#FORMAT", "#KSUMMA 1"),
    ("10.14", "Måleri", "Maleri", "#KSUMMA {last}"),
    ("10.14", "5  x", "5 x", "#KSUMMA {last}"),
    ("10.14", r"\"Penseln\"", "Penseln", "#KSUMMA {last}"),
    ("10.14", '{6 "47" 1', '{6 "48" 1', "#KSUMMA {last}"),
    ("10.14", "20250202", '""', "#KSUMMA {last}"),
]


@pytest.mark.parametrize(
    ("kind", "rule", "old", "new", "at"),
    [("4E", *case) for case in EXPORTS] + [("4I", *case) for case in IMPORTS],
)
def test_a_file_that_breaks_a_rule_is_refused(
    kind: Kind, rule: str, old: str, new: str, at: str
) -> None:
    refused_at(EXPORT if kind == "4E" else IMPORT, kind, rule, old, new, at)


@pytest.mark.parametrize(("rule", "old", "new", "at"), CHECKSUMS)
def test_a_file_whose_checksum_is_wrong_is_refused(rule: str, old: str, new: str, at: str) -> None:
    last = summed().split()[-1]
    refused_at(summed(), "4I", rule, *(text.replace("{last}", last) for text in (old, new, at)))


def refused_at(file: str, kind: Kind, rule: str, old: str, new: str, at: str) -> None:
    assert file.count(old) == 1
    text = file.replace(old, new)
    error = refused(text.encode("cp437"), kind)
    line = f"\n{text}"[: f"\n{text}".index(f"\n{at}") + 1].count("\n") if at else 0
    assert (error.rule, error.line) == (rule, line), error


@pytest.mark.parametrize("post", EXPORT[: EXPORT.index("\n\n#VER")].split("\n"))
def test_a_post_that_is_told_twice_is_refused(post: str) -> None:
    """Save comments, which may be many (11 #PROSA)."""
    data = EXPORT.replace(f"{post}\n", f"{post}\n{post}\n").encode("cp437")
    if post.startswith("#PROSA"):
        assert read(data, "4E").vouchers
    else:
        assert refused(data, "4E").rule == f"11 {post.split()[0]}"


def test_a_checksum_that_is_one_too_high_is_refused() -> None:
    assert refused(summed(add=1).encode("cp437"), "4I").rule == "10.14"


def test_separators_and_needless_quotation_marks_leave_the_checksum_alone() -> None:
    """10.14"""
    text = summed().replace("#FORMAT PC8", '  #FORMAT\t "PC8" ').replace("{6 ", '{ "6"\t')
    assert read(text.encode("cp437"), "4I").checksum


def test_an_export_without_a_chart_is_refused() -> None:
    """Section 6; an import may do without (11 #KONTO 4)."""
    text = IMPORT.replace("#KONTO 1910 Kassa\n", "")
    assert read(text.encode("cp437"), "4I").accounts == {}
    assert refused(text.encode("cp437"), "4E").rule == "6"
