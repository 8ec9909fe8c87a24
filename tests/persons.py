"""Bodies full of persons who do not exist, and the search for what got through of them."""

import base64
import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from adapters.carriers import FAMILY
from adapters.senders import Senders, Shop
from adapters.shops import SHOPS
from adapters.shops.webhook import SIGNATURE

FOLDER = Path(__file__).parent / "adapters"
PLANTED = (
    "Qvarnstierna", "Zsofia-Maria", "Fjaedergraend 14b", "zq@privat.example", "0709988776",
    "4410778200119933", "19621124-7788", "198.51.100.234", "hemlig-token-91",
)  # fmt: skip
"""A name, an address, a telephone number, a card, a personal number, an IP address, a token."""
PERSON = " ".join(PLANTED)
ABOUT_PERSONS = {
    "first_name", "last_name", "address1", "address_1", "email", "phone", "zip", "firstName",
    "lastName", "streetName", "receivedByName", "recipientSignature",
    "signature", "signedForByName", "consignee", "customer_note", "note", "browser_ip", "token",
    "credit_card_number", "customer_ip_address", "comment", "landing_site",
}  # fmt: skip
SECRET = b"a secret that both know"
SENDERS = Senders(
    {(system, f"{system}.example"): Shop(system, f"{system}.example", "netzilla", SECRET)
     for system in SHOPS},
    dict.fromkeys(FAMILY, SECRET),
)  # fmt: skip
LETTER = f"Dear shop, I am {PERSON}".encode()


def bodies() -> Iterator[tuple[str, bytes]]:
    """(source, body): the bodies of every carrier and shop with persons in every part of them, and
    again so that they have to be refused."""
    for path in sorted([*FOLDER.glob("*/bodies/*.json"), *FOLDER.glob("*/bodies/*.xml")]):
        source = next(one for one in (*FAMILY, *SHOPS) if path.stem.startswith(one))
        if path.suffix == ".xml":
            whole = _in_xml(path.read_bytes())
        else:
            whole = json.dumps(_in_json(json.loads(path.read_bytes()))).encode()
            yield source, json.dumps(_gone_wrong(json.loads(whole))).encode()
        yield source, whole
        yield source, whole[: len(whole) * 2 // 3]
    for source in (*FAMILY, *SHOPS):
        yield source, LETTER
        yield source, json.dumps({PERSON: PERSON, "data": [PERSON], "body": PERSON}).encode()


def _in_json(found: Any) -> Any:
    """Persons in the fields that are theirs, and unknown fields with more of them everywhere."""
    if isinstance(found, list):
        return [_in_json(one) for one in found]
    if not isinstance(found, dict):
        return found
    told = {
        name: PERSON if name in ABOUT_PERSONS and not isinstance(value, (dict, list))
        else _in_json(value)
        for name, value in found.items()
    }  # fmt: skip
    return told | {
        "note": PERSON, "x-free-text": [PERSON, {PERSON: PERSON}],
        "recipient": {"fullName": PERSON, "x": {"y": [{"z": PERSON}]}},
    }  # fmt: skip


def _gone_wrong(found: Any) -> Any:
    """Persons where lists and plain values belong."""
    inner = found[0] if isinstance(found, list) else found
    for name, value in list(inner.items()):
        if isinstance(value, dict) and name != "recipient":
            return inner | {name: _gone_wrong(value)}
        if isinstance(value, list) and name != "x-free-text":
            return inner | {name: {PERSON: PERSON}}
    return {name: {PERSON: PERSON} for name in inner}


def _in_xml(body: bytes) -> bytes:
    """An attribute of the first element, and an element in the last one."""
    text = body.decode()
    start = text.index("<", text.index("?>") + 1 if "?>" in text else 0)
    end = text.index(">", start)
    end -= text[end - 1] == "/"
    text = f'{text[:end]} signed-by="{PERSON}"{text[end:]}'
    close = text.rindex("</") if "</" in text else len(text)
    signed = f"<signatory-name>{PERSON}</signatory-name>"
    return (text[:close] + (signed if close < len(text) else "") + text[close:]).encode()


def headers(source: str, value: bytes) -> dict[str, str]:
    """Those of a sender that is believed."""
    if source not in SIGNATURE:
        return {"X-Villkor-Token": SECRET.decode()}
    signature = base64.b64encode(hmac.new(SECRET, value, sha256).digest()).decode()
    return {SIGNATURE[source]: signature}


def leaked(*told: Any) -> list[str]:
    """What of the persons stands in any of these."""
    text = "\n".join(
        one.decode("latin-1") if isinstance(one, (bytes, memoryview)) else str(one) for one in told
    ).lower()
    return [one for one in PLANTED if one.lower() in text]


async def leaks_in(pool: asyncpg.Pool) -> list[tuple[str, str]]:
    """(table, what): every value of every column of every table, looked through."""
    tables = await pool.fetch(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    assert len(tables) > 10
    found = []
    for (table,) in tables:
        for row in await pool.fetch(f"select * from {table}"):
            found += [(table, one) for one in leaked(*row.values())]
    return found
