"""Bodies of shops, made up in the systems' shapes, full of persons who do not exist."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from adapters.messages import Message, understand
from adapters.shops import SHOPS, ShopFact, translator

FOLDER = Path(__file__).parent / "bodies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
PERSONS = (
    "Astrid", "Lindqvist", "Kornell", "Borlänge", "784 33", "555 01 23", "5550123", "example.se",
    "203.0.113.77", "4711", "hemlig", "ASTRID10", "Mozilla", "gustav", "4242", "auth-992",
    "o-tok-73", "kinkig", "Nils", "Holgersson", "Gåsstigen", "Vemmenhög", "0411", "Akka", "1881",
    "19570304", "198.51.100.9", "Selma", "Ottilia", "Mårbacka", "Ämtervik", "0565", "repig",
)  # fmt: skip
"""What the bodies say of them: none of it may leave a translator."""


def body(name: str) -> Any:
    """A body as it can be changed."""
    return json.loads((FOLDER / f"{name}.json").read_bytes())


def system(name: str) -> str:
    return next(one for one in SHOPS if name.startswith(one))


def told(name: str, told: Any = None, topic: str | None = None) -> tuple[ShopFact, ...]:
    """The facts of a body, changed or as it is."""
    value = body(name) if told is None else told
    return translator(system(name))(json.dumps(value).encode(), topic)


def one(facts: tuple[ShopFact, ...], type: str) -> ShopFact:
    """The only fact of a type."""
    found = [fact for fact in facts if fact.type == type]
    assert len(found) == 1, facts
    return found[0]


def types(facts: tuple[ShopFact, ...]) -> list[str]:
    return [fact.type for fact in facts]


def taken(fact: ShopFact) -> None:
    """The domain takes the fact: no field is unknown, no amount is none."""
    event = {
        "specversion": "1.0", "id": fact.id, "source": "shop", "type": fact.type,
        "subject": fact.order, "time": fact.at.isoformat(), "seller": "allectra", "data": fact.data,
    }  # fmt: skip
    understand(Message(json.dumps(event, default=str).encode(), "test"))


def without(found: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: deepcopy(value) for name, value in found.items() if name not in names}
