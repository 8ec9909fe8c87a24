"""What terms say about warranties: a promise of the seller or the maker beside the statute."""

from dataclasses import dataclass
from typing import Literal

from domain.fields import Finding
from domain.terms.complaint import Span
from domain.terms.values import Term

Start = Literal["delivery", "purchase"]


@dataclass(slots=True, frozen=True, kw_only=True)
class WarrantyTerms:
    """How long a fault may take to show, what is covered, and what an approved case gives.

    `short` is the period of goods with one of `short_categories` or `short_traits`, `period` that
    of all other (silent: it is stated elsewhere). `excluded_traits` have no warranty, nor have
    faults that come from something else (`excluded_findings`). `evidence` are the things of which
    one must be shown before the goods are examined. `packaging` is whether a case without approved
    outer packaging goes back unhandled. `submitted` is whether the goods must have come, marked
    with their number. `covers` are the words by which what is no fault of the goods is denied;
    `remedy` is what an approved case gives, and `proof` what shows that there is a warranty.
    `extended` is who answers for a guarantee that outlasts the time to complain.
    """

    period: Term[Span] | None
    period_from: Term[Start] | None
    short: Term[Span] | None
    short_from: Term[Start] | None
    short_categories: Term[tuple[str, ...]] | None
    short_traits: Term[tuple[str, ...]] | None
    excluded_traits: Term[tuple[str, ...]] | None
    excluded_findings: Term[tuple[Finding, ...]] | None
    evidence: Term[tuple[str, ...]] | None
    packaging: Term[bool] | None
    submitted: Term[bool] | None
    covers: Term[bool]
    extended: Term[Literal["manufacturer", "case_with_seller"]] | None
    remedy: Term[Literal["repair_or_replacement", "seller_chooses"]] | None
    proof: Term[Literal["order_confirmation"]] | None
