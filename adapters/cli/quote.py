"""`villkor quote`: what a cart, a credit or a dispute comes to under the terms, without facts."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from adapters.cli import render
from adapters.clock import Clock
from adapters.scenarios.quoted import figures, looked_up, quoted, remarks
from adapters.settings import Settings
from adapters.terms import book
from domain.calendar import day_of
from domain.errors import VillkorError
from domain.explain import added_up, grounds, sentence
from domain.fields import ShippingMethod
from domain.money import ore
from domain.quotes import AnyQuote
from domain.quotes.credit import BEYOND_MEANING
from domain.quotes.limits import HOME
from domain.terms.book import Book, Overrides
from domain.terms.tariff import METHODS, TRANSPORT, limit_currencies, tariff_keys

Pairs = list[str] | None
CURRENCY = re.compile("[A-Z]{3}")


def quote(
    seller: Annotated[str | None, typer.Option(help="Whose terms.")] = None,
    goods: Annotated[str | None, typer.Option(help="A cart: its goods, as prices are.")] = None,
    method: Annotated[ShippingMethod, typer.Option(help="How the cart is delivered.")] = "standard",
    plan: Annotated[str | None, typer.Option(help="A credit, such as part_payment.")] = None,
    amount: Annotated[str | None, typer.Option(help="What is bought on credit.")] = None,
    months: Annotated[int | None, typer.Option(help="Over so many months.")] = None,
    dispute: Annotated[str | None, typer.Option(help="A dispute: what it is over.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of the dispute; SEK.")] = None,
    day: Annotated[str | None, typer.Option("--date", help="Terms of that day; today.")] = None,
    rate: Annotated[Pairs, typer.Option(help="Kronor for a unit, EUR=11.20.")] = None,
    tariff: Annotated[Pairs, typer.Option(help="A price left open, courier=189.")] = None,
    reading: Annotated[Pairs, typer.Option(help="Another reading, READING=OPTION.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> int:
    """What a cart, a credit or a dispute comes to, the clauses that say so, and the arithmetic."""
    said = {"seller": seller, "goods": goods, "plan": plan, "amount": amount, "months": months,
            "dispute_amount": dispute, "currency": currency}  # fmt: skip
    asked = {name: value for name, value in said.items() if value is not None}
    _one_thing(asked)
    on = _day(day)
    overrides = Overrides(
        readings=dict(_pairs(reading, "reading")),
        tariff={
            name: _amount(f"--tariff: {name}", value) for name, value in _pairs(tariff, "tariff")
        },
        rates={name: _rate(name, value) for name, value in _pairs(rate, "rate")},
    )
    asked["method"], known = method, book().otherwise(overrides)
    _looked_up(asked, known, on)
    whose, found = quoted(asked, known, on)
    notes = remarks(found, on)
    if json:
        render.as_json(_whole(whose, found) | {"notes": notes})
    else:
        _say(whose, found)
        for note in notes:
            render.say(f"note: {note}")
    return 0


NEEDS = {"plan": ("amount", "months"), "goods": (), "dispute_amount": ()}
AMOUNTS = {"goods": "goods", "amount": "amount", "dispute_amount": "dispute"}
LABELS = {
    "least": "least a month", "setup": "set-up fee", "statement": "fee a month",
    "rate": "interest, %", "effective_rate": "effective, %", "printed_rate": "printed, %",
    "instalment": "paid a month",
}  # fmt: skip
"""Names of figures that say too little beside a number."""


def _one_thing(asked: dict[str, Any]) -> None:
    """A quote is about one thing, and has what belongs to it."""
    about = [name for name in NEEDS if name in asked]
    if len(about) != 1:
        raise typer.BadParameter("say one of --goods, --plan and --dispute")
    belongs = {"plan": {"amount", "months"}, "dispute_amount": {"currency"}}.get(about[0], set())
    if stray := set(asked) - {"seller", *about, *belongs}:
        raise typer.BadParameter(
            f"--{AMOUNTS.get(min(stray), min(stray))} does not belong to --{about[0].split('_')[0]}"
        )
    for name in NEEDS[about[0]]:
        if name not in asked:
            raise typer.BadParameter(f"--{about[0]} needs --{name}")
    for name in asked.keys() & AMOUNTS.keys():
        _amount(f"--{AMOUNTS[name]}", asked[name])


def _pairs(told: Pairs, option: str) -> Iterable[tuple[str, str]]:
    for pair in told or ():
        name, is_pair, value = pair.partition("=")
        if not is_pair or not name or not value:
            raise typer.BadParameter(f"--{option}: {pair!r} is not NAME=VALUE")
        yield name, value


def _amount(where: str, value: str) -> str:
    try:
        ore(value)
    except ValueError as error:
        raise typer.BadParameter(f"{where}: {value!r} {error}") from error
    return value


def _rate(name: str, value: str) -> Decimal:
    if CURRENCY.fullmatch(name) is None:
        raise typer.BadParameter(f"--rate: {name!r} is not a currency such as EUR")
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise typer.BadParameter(f"--rate: {name}: {value!r} is not a number") from error
    if not rate.is_finite() or rate <= 0:
        raise typer.BadParameter(f"--rate: {name}: {value!r} is not a rate")
    return rate


def _looked_up(asked: dict[str, Any], known: Book, day: date) -> None:
    """Refuse a price or a rate that would be looked at by nobody, naming those that would."""
    currencies = limit_currencies(known.sellers.values()) | {asked.get("currency", HOME)}
    if unread := set(known.overrides.rates) - currencies:
        raise VillkorError(f"--rate: nobody reads {min(unread)}; there are {_listed(currencies)}")
    names = tariff_keys(known.sellers.values())
    for name in known.overrides.tariff:
        if name not in names:
            raise VillkorError(f"--tariff: nobody reads {name!r}; there are {_listed(names)}")
        wanted, why = looked_up(asked, known, day)
        if wanted is None:
            raise VillkorError(f"--tariff {name}: {why}")
        if name != wanted and (wanted == TRANSPORT or name not in METHODS):
            raise VillkorError(f"--tariff {name}: {why}; say {wanted}=..")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _day(told: str | None) -> date:
    if told is None:
        return day_of(Clock(Settings.read().now).now())
    try:
        return date.fromisoformat(told)
    except ValueError as error:
        raise typer.BadParameter(f"--date: {told!r} is not a day such as 2024-03-04") from error


def _whole(seller: str, found: AnyQuote) -> dict[str, Any]:
    """For programs: the figures, and what stands behind them."""
    shown = figures(seller, found)
    because = found.because
    shown |= {
        "readings": dict(because.readings),
        "en": sentence(because, "en"),
        "sv": sentence(because, "sv"),
        "arithmetic": added_up(because.steps),
    }
    return {name: _plain(value) for name, value in shown.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _say(seller: str, found: AnyQuote) -> None:
    for name, value in figures(seller, found).items():
        if value is not None and name not in ("schedule", "clauses"):
            shown = str(value).lower() if isinstance(value, bool) else value
            if name == "effective_rate" and value > BEYOND_MEANING:
                shown = f"over {BEYOND_MEANING}"
            render.line(f"{LABELS.get(name, name.replace('_', ' ')):15} {shown}")
    render.say("")
    render.say(sentence(found.because))
    if steps := added_up(found.because.steps):
        render.say(steps)
    for ground in grounds(found.because):
        render.say(ground)
