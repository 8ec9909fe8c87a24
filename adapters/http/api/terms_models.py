"""Terms as the API answers them."""

from datetime import date
from typing import Literal

from pydantic import Field

from adapters.http.api.models import EDITION, ReadAs, Shape, like

RULE = "A package not collected is charged a fee of at least SEK 350 plus actual shipping."
PlaceName = Literal["enforced", "shown", "not_computable"]


class SellerTerms(Shape):
    """A seller, how many dated values its terms have, and on which days they change."""

    seller: str = like("allectra")
    values: int = like(354)
    since: list[date] = like(["2020-10-11"])


class Sellers(Shape):
    """Whose terms are known, and up to which contracts the statutes were looked at."""

    sellers: list[SellerTerms]
    readings: int = like(60, "Open questions of the terms.")
    still_valid_on: date = like("2026-12-31")


class Value(Shape):
    """A value of the terms, who says it, and in which clauses."""

    key: str = like("unclaimed.floor")
    value: str = like("350.00")
    by: str = like("allectra")
    clauses: list[str] = like(["ALL-6.4-3", "ALL-6.5-5"])
    readings: list[ReadAs]


class Edition(Shape):
    """What applies to contracts of a day; `day` is the last by then on which a value turned."""

    edition: str = like(EDITION)
    seller: str = like("allectra")
    marketplace: str | None = like(None)
    day: date = like("2026-06-19")
    values: list[Value]


class PinnedEdition(Shape):
    """An edition that orders pinned."""

    edition: str = like(EDITION)
    seller: str = like("allectra")
    marketplace: str | None = like(None)
    day: date = like("2026-06-19")


class Editions(Shape):
    """By day."""

    editions: list[PinnedEdition]


class ClauseRow(Shape):
    """A clause in our words, its place, and what proves it: policies and scenarios.

    What is enforced names its policies; what is shown, to whom and where; else it says why not.
    """

    clause: str = like("ALL-6.4-3")
    terms: str = like("allectra")
    rule: str = like(RULE)
    place: PlaceName = like("enforced")
    to: str | None = like(None)
    where: str | None = like(None)
    why: str | None = like(None)
    policies: list[str] = like(["unclaimed"])
    scenarios: list[str] = like(["allectra-unclaimed-1"])


class ClauseOfEdition(ClauseRow):
    """A clause, and its values in the edition."""

    values: list[Value]


class Clauses(Shape):
    """A seller's clauses in their order, in an edition."""

    edition: str = like(EDITION)
    clauses: list[ClauseOfEdition]


class Coverage(Shape):
    """Clauses, how many have which place, and what is wrong with them: nothing."""

    clauses: list[ClauseRow]
    counts: dict[PlaceName, int] = like({"enforced": 1})
    faults: list[str] = like([])


class Says(Shape):
    """What a clause says and where it has its place; or a statute, and how it is known."""

    id: str = like("ALL-6.4-3")
    rule: str = like(RULE)
    document: str | None = like("allectra")
    place: PlaceName | None = like("enforced")
    to: str | None = like(None)
    where: str | None = like(None)
    why: str | None = like(None)
    act: str | None = like(None)
    known: str | None = like(None)
    mandatory: bool | None = like(None)


class Reading(Shape):
    """An open question, and how it is read unless somebody says so."""

    id: str = like("allectra-unclaimed-freight")
    options: list[str] = like(["return_leg", "outbound_leg", "round_trip"])
    default: str = like("return_leg")
    clauses: list[str] = like(["ALL-6.4-3", "ALL-6.5-5"])


class Dated(Shape):
    """A dated value that names the clause, or is chosen by the reading."""

    by: str = like("allectra")
    key: str = like("unclaimed.floor")
    since: str = Field(alias="from", examples=["2020-10-11"])
    value: str = like("350.00")
    clauses: list[str] = like(["ALL-6.4-3"])


class Decided(Shape):
    """What decided by it, and in which scenarios."""

    policies: list[str] = like(["unclaimed"])
    scenarios: list[str] = like(["allectra-unclaimed-1"])


class ClauseShown(Shape):
    """A clause, statute or reading, and where it is at work."""

    clause: str = like("ALL-6.4-3")
    says: Says | None
    reading: Reading | None
    values: list[Dated]
    decided: Decided


class Differing(Shape):
    """A value on both days, with its clauses; null where there is none."""

    value: str = like("law.interest.late")
    one: str | None = like("8.00 (RL-6)")
    other: str | None = like("8.25 (RL-6)")


class Comparison(Shape):
    """The values that differ."""

    seller: str = like("allectra")
    one: date = like("2026-06-18")
    other: date = like("2026-08-25")
    values: list[Differing]
