"""The edge: from JSON to facts, or a refusal that names field and value.

What a message says of persons (`PersonalMark` in domain/fields.py) is taken out here and handed on
beside the fact; what policies need of it is derived first.
"""

from dataclasses import replace
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from domain.acts import ACTS
from domain.customer import derived
from domain.errors import Refused, UnknownType
from domain.fields import Customer, OrderData, PersonalMark, Value
from domain.vocabulary import BY_NAME, FACTS


_readers: dict[type[Value], TypeAdapter[Any]] = {}


def reader(kind: type[Value]) -> TypeAdapter[Any]:
    """The validator of one type of fact, made when it is first needed."""
    found = _readers.get(kind)
    if found is None:
        found = _readers[kind] = TypeAdapter(kind)
    return found


def fact_type(name: str) -> type[Value]:
    """The class of a fact. Raises UnknownType where there is none."""
    kind = BY_NAME.get(name)
    if kind is None:
        raise UnknownType(f"type: {name!r} is not a fact that is known here")
    return kind


def read_json(kind: type[Value], data: bytes) -> Value:
    """A fact from its `data` as told. Raises Refused, naming field and value."""
    try:
        fact: Value = reader(kind).validate_json(data)
    except ValidationError as error:
        raise Refused(_sentence(error)) from error
    except (ArithmeticError, RecursionError) as error:
        raise Refused(f"data: cannot be read ({type(error).__name__})") from error
    return fact


def read_values(kind: type[Value], data: dict[str, Any]) -> Value:
    """A fact from values that are already parsed (scenario files: scalars as text)."""
    try:
        fact: Value = reader(kind).validate_python(data)
    except ValidationError as error:
        raise Refused(_sentence(error)) from error
    return fact


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong: `cost: -5 is negative`."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(one) for one in first["loc"]) or "data"
    match first["type"]:
        case "missing" | "missing_keyword_only_argument" | "missing_argument":
            return f"{where}: is missing"
        case "unexpected_keyword_argument":
            return f"{where}: {_shown(first['input'])} is in a field that is not known here"
        case "value_error":
            what = first["msg"].removeprefix("Value error, ")
        case _:
            what = "is refused: " + first["msg"][0].lower() + first["msg"][1:]
    return f"{where}: {_shown(first['input'])} {what}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _personal_fields(kind: type[Any]) -> tuple[str, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(name for name, hint in hints.items() if PersonalMark in get_args(hint))


_KINDS = (*FACTS, *ACTS, Customer)
PERSONAL = {kind: _personal_fields(kind) for kind in _KINDS}
"""The fields of each class that are about a person."""
_WITHIN = {kind: ("customer",) if issubclass(kind, OrderData) else () for kind in _KINDS}


def without_persons(fact: Any) -> tuple[Any, dict[str, Any]]:
    """The fact without what it says of persons, and that, by path (`customer.age`)."""
    if isinstance(fact, OrderData) and (customer := derived(fact.customer)) != fact.customer:
        fact = replace(fact, customer=customer)
    taken: dict[str, Any] = {}
    for name in PERSONAL[type(fact)]:
        if (value := getattr(fact, name)) is not None:
            taken[name] = value
    changes: dict[str, Any] = dict.fromkeys(taken)
    for name in _WITHIN[type(fact)]:
        inner, persons = without_persons(getattr(fact, name))
        if persons:
            changes[name] = inner
            taken |= {f"{name}.{field}": value for field, value in persons.items()}
    return (replace(fact, **changes), taken) if changes else (fact, taken)
