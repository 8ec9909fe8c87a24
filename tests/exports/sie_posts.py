"""The posts of a SIE file: code page, lines, fields, order and checksum, strictly.

Paragraphs are those of "SIE filformat, utgåva 4B" (2008-09-30). An importing program is told to be
lenient; this reader refuses whatever a writer must not write.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, pairwise
from typing import NamedTuple
from zlib import crc32

Objects = tuple[tuple[str, str], ...]


class SieError(ValueError):
    """The file breaks a rule: `rule` is its paragraph, `line` counts from 1 (0: the whole file)."""

    def __init__(self, line: int, rule: str, what: str) -> None:
        super().__init__(f"line {line}, SIE {rule}: {what}")
        self.line = line
        self.rule = rule


class Form(NamedTuple):
    """A post's group (5.12), how many fields make it unique (None: may repeat), and its fields."""

    group: int
    key: int | None
    fields: str


# Section 11 and the summary in section 12. A field with "?" may be left out or be "".
ROW = Form(4, None, "account list money date? any? quantity? any?")
BALANCE = Form(4, 2, "year account money quantity?")
OF_OBJECT = Form(4, 3, "year account list money quantity?")
OF_PERIOD = Form(4, 4, "year period account list money quantity?")
FORMS = {
    "#FLAGGA": Form(1, 0, "flag"),
    "#KSUMMA": Form(0, None, "digits?"),
    "#PROGRAM": Form(2, 0, "text text"),
    "#FORMAT": Form(2, 0, "pc8"),
    "#GEN": Form(2, 0, "date any?"),
    "#SIETYP": Form(2, 0, "four"),
    "#PROSA": Form(2, None, "text"),
    "#FTYP": Form(2, 0, "company"),
    "#FNR": Form(2, 0, "text"),
    "#ORGNR": Form(2, 0, "orgnr any? any?"),
    "#BKOD": Form(2, 0, "digits"),
    "#ADRESS": Form(2, 0, "any any any any"),
    "#FNAMN": Form(2, 0, "text"),
    "#RAR": Form(2, 1, "year date date"),
    "#TAXAR": Form(2, 0, "taxyear"),
    "#OMFATTN": Form(2, 0, "date"),
    "#KPTYP": Form(2, 0, "chart"),
    "#VALUTA": Form(2, 0, "currency"),
    "#KONTO": Form(3, 1, "account text"),
    "#KTYP": Form(3, 1, "account type"),
    "#ENHET": Form(3, 1, "account text"),
    "#SRU": Form(3, 2, "account digits"),
    "#DIM": Form(3, 1, "dimension text"),
    "#UNDERDIM": Form(3, 1, "dimension text dimension"),
    "#OBJEKT": Form(3, 2, "dimension text text"),
    "#IB": BALANCE,
    "#UB": BALANCE,
    "#RES": BALANCE,
    "#OIB": OF_OBJECT,
    "#OUB": OF_OBJECT,
    "#PSALDO": OF_PERIOD,
    "#PBUDGET": OF_PERIOD,
    "#VER": Form(4, None, "series number date any? date? any?"),
    "#TRANS": ROW,
    "#RTRANS": ROW,
    "#BTRANS": ROW,
    "{": Form(4, None, ""),
    "}": Form(4, None, ""),
}
PAIRS = {"#OIB": (1,), "#OUB": (1,), "#PSALDO": (0, 1), "#PBUDGET": (0, 1)}
COMPANIES = "AB|E|HB|KB|EK|KHF|BRF|BF|SF|I|S|FL|BAB|MB|SB|BFL|FAB|OFB|SE|SCE|TSF|X"
LISTED = "\0"  # no field can hold it (5.7)
FIELDS = {
    "any": (r".*", "5.7"),
    "text": (r".+", "5.15"),
    "digits": (r"[0-9]+", "5.15"),
    "flag": (r"[01]", "11 #FLAGGA 1"),
    "pc8": (r"PC8", "11 #FORMAT 1"),
    "four": (r"4", "11 #SIETYP 1"),
    "company": (COMPANIES, "11 #FTYP 2"),
    "orgnr": (r"[0-9]{6}-[0-9]{4}", "11 #ORGNR 1"),
    "taxyear": (r"[0-9]{4}", "11 #TAXAR 1"),
    "chart": (r"BAS95|BAS96|EUBAS97|NE2007|BAS2.*", "11 #KPTYP 2, 5"),
    "currency": (r"[A-Z]{3}", "11 #VALUTA 2"),
    "account": (r"[0-9]+", "11 #KONTO 2"),
    "type": (r"[TSKI]", "11 #KTYP 1"),
    # 3-5 and 11-19 are kept for later editions.
    "dimension": (r"[126789]|10|[2-9][0-9]|[1-9][0-9]{2,}", "8.17"),
    "list": (LISTED, "8.21"),
    "money": (r"-?[0-9]+(\.[0-9]{1,2})?", "5.9"),
    "quantity": (r"-?[0-9]+(\.[0-9]+)?", "9.2"),
    "year": (r"0|-[1-9][0-9]*", "11 #RAR 1, 2"),
    "period": (r"[0-9]{4}(0[1-9]|1[0-2])", "11 #PSALDO 3"),
    "date": (r"[0-9]{8}", "5.10"),
    "series": (r"[^\W_]*", "11 #VER 4, 5"),
    "number": (r"[0-9]*", "11 #VER 7"),
}
# 5.7: a backslash is itself, unless a quotation mark follows it.
CHAR = r'\\"|\\(?!")'
QUOTED = rf'"(?:{CHAR}|[^"\\])*"'
FIELD = rf'(?:{QUOTED}|(?:{CHAR}|[^ \t"{{}}\\])+)'
LIST = rf"\{{[ \t]*(?:{FIELD}(?:[ \t]+{FIELD})*)?[ \t]*\}}"
POST = re.compile(rf"[ \t]*(?P<label>#[A-Z]+)(?P<rest>(?:[ \t]+(?:{FIELD}|{LIST}))*)[ \t]*")
# Swedish letters as latin-1 or Windows-1252 write them, next to another letter.
LATIN_1 = re.compile(rb"[A-Za-z][\xc4\xc5\xd6\xe4\xe5\xf6]|[\xc4\xc5\xd6\xe4\xe5\xf6][a-z]")


@dataclass(frozen=True)
class Post:
    """A line: its label ("{" and "}" are their own) and fields; `LISTED` stands for the list."""

    line: int
    label: str
    fields: tuple[str, ...] = ()
    objects: Objects = ()

    def __getitem__(self, at: int) -> str:
        return self.fields[at] if at < len(self.fields) else ""

    def refuse(self, rule: str, what: str) -> SieError:
        return SieError(self.line, rule, f"{self.label} {what}")


def posts_of(data: bytes) -> tuple[tuple[Post, ...], int | None]:
    """The posts in order, and the checksum when the file has one."""
    posts = tuple(_post(line, text) for line, text in _lines(data))
    _order(posts)
    return posts, _checksum(posts)


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines that are not empty (5.6), as code page 437 (5.8)."""
    if not data.isascii() and _is_utf_8(data):
        raise SieError(0, "5.8", "the bytes are UTF-8, not code page 437")
    *lines, rest = data.split(b"\n")
    if rest:
        raise SieError(len(lines) + 1, "5.5", "the last line does not end in a line feed")
    for number, raw in enumerate(lines, 1):
        if LATIN_1.search(raw):
            raise SieError(number, "5.8", "the bytes are latin-1, not code page 437")
        text = raw.removesuffix(b"\r").decode("cp437")
        if "\r" in text:
            raise SieError(number, "5.5", "a carriage return that does not end the line")
        if re.search(r"[\0-\x08\x0a-\x1f\x7f]", text):
            raise SieError(number, "5.7", "a control character")
        if text.strip(" \t"):
            yield number, text


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _post(line: int, text: str) -> Post:
    """One line as a post whose fields have the form that its label asks for."""
    if (bare := text.strip(" \t")) in ("{", "}"):
        return Post(line, bare)
    if not bare.startswith("#"):
        raise SieError(line, "5.4" if bare[0] in "{}" else "5.3", "not a label, nor a brace alone")
    if not (found := POST.fullmatch(text)):
        raise SieError(line, "5.7", "a quotation mark, a brace or a separator is out of place")
    if (label := found["label"]) not in FORMS:
        raise SieError(line, "7.2", f"{label} is no label of the standard")
    fields: list[str] = []
    lists: list[Objects] = []
    for part in re.findall(rf"{LIST}|{FIELD}", found["rest"]):
        if part.startswith("{"):
            lists.append(_objects(line, part))
            fields.append(LISTED)
        else:
            fields.append(_field(line, part))
    post = Post(line, label, tuple(fields), *lists[:1])
    if len(lists) != FORMS[label].fields.split().count("list"):
        raise post.refuse("8.21", f"has {len(lists)} lists of objects")
    _check_form(post)
    return post


def _field(line: int, part: str) -> str:
    if "\t" in part:
        raise SieError(line, "5.7", "a control character in a field")
    return (part[1:-1] if part.startswith('"') else part).replace('\\"', '"')


def _objects(line: int, part: str) -> Objects:
    """The pairs of dimension and object in an object list."""
    fields = [_field(line, each) for each in re.findall(FIELD, part)]
    if len(fields) % 2:
        raise SieError(line, "8.21", "an object list holds pairs of dimension and object")
    return tuple(zip(fields[::2], fields[1::2], strict=True))


def _check_form(post: Post) -> None:
    """Compulsory fields are there (5.15), each has its form, and none is unknown (7.3)."""
    kinds = FORMS[post.label].fields.split()
    if len(post.fields) > len(kinds):
        raise post.refuse("7.3", f"has {len(post.fields)} fields; the standard knows {len(kinds)}")
    if len(post.fields) < sum(not kind.endswith("?") for kind in kinds):
        raise post.refuse("5.15", "lacks a compulsory field")
    for kind, field in zip(kinds, post.fields, strict=False):
        if kind.endswith("?") and not field:
            continue
        form, rule = FIELDS[kind.removesuffix("?")]
        if not re.fullmatch(form, field) or (kind.startswith("date") and not _is_date(field)):
            raise post.refuse(rule, f"has {field!r} where the form is {kind}")
    if (pairs := PAIRS.get(post.label)) and len(post.objects) not in pairs:
        raise post.refuse(f"11 {post.label}", f"is of {len(post.objects)} objects")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _order(posts: Sequence[Post]) -> None:
    """The flag first (11 #FLAGGA 1), then the groups in order (5.12).

    What a post says of one thing it says once: the specification means it without saying so.
    """
    if not posts or posts[0].label != "#FLAGGA":
        raise SieError(posts[0].line if posts else 0, "11 #FLAGGA 1", "#FLAGGA is not first")
    sums = [at for at, post in enumerate(posts) if post.label == "#KSUMMA"]
    if sums and sums != [1, len(posts) - 1]:
        at = next((at for at in sums if at not in (1, len(posts) - 1)), sums[0])
        raise posts[at].refuse("10.4, 10.6", "stands once after #FLAGGA and once last")
    told: set[tuple[object, ...]] = set()
    grouped = [post for post in posts if post.label != "#KSUMMA"]
    for before, post in pairwise((grouped[0], *grouped)):
        group, key, _ = FORMS[post.label]
        if group < FORMS[before.label].group:
            raise post.refuse("5.12", f"comes after {before.label}, which is of a later group")
        if key is not None:
            if (name := (post.label, post.objects, *post.fields[:key])) in told:
                raise post.refuse(f"11 {post.label}", "is told twice")
            told.add(name)


def _checksum(posts: Sequence[Post]) -> int | None:
    """The sum when it is there and right.

    The CRC-32 of 10.11-10.13 is that of zip. It counts labels and what stands in the fields, and
    neither separators, nor quotation marks around a field, nor braces (10.14). A file that
    Norstedts Bokslut wrote in 2011, with 13 859 bytes to count, agrees with this reading.
    """
    if len(posts) < 2 or posts[1].label != "#KSUMMA":
        return None
    if posts[1].fields or not (told := posts[-1][0]):
        raise posts[-1].refuse("10.4", "tells no sum first, and the sum last")
    parts: list[str] = []
    for post in posts[2:-1]:
        parts += [] if post.label in "{}" else [post.label]
        for field in post.fields:
            parts += chain(*post.objects) if field == LISTED else [field]
    if int(told) != (right := crc32("".join(parts).encode("cp437"))):
        raise posts[-1].refuse("10.14", f"says {told}; the posts sum to {right}")
    return right
