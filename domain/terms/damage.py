"""What terms and statutes say about goods that arrive damaged, wrong or not at all."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Term


@dataclass(slots=True, frozen=True, kw_only=True)
class ReportTerms:
    """How soon a kind of fault on arrival must be reported, and what a report must show.

    `period` is counted in `unit` from receipt of the parcel or of the whole order, or from the
    handover to the carrier; `clock` says whether hours are elapsed ones (silent: they are) or those
    on a clock. With `before_handover` the carrier must be told before the parcel is
    taken over. `late` is what a late report of a company leads to, `late_consumer` one later than
    the two months of the statute. `for_consumer` says whether the printed period falls to them or
    is shown as a request; `wish` that it binds nobody. `evidence` lists what can be shown, and
    `evidence_needed` how many of them are enough. `carrier_case` asks for the carrier's number.
    """

    period: Term[Days] | None
    unit: Term[Literal["hours", "days", "working_days", "before_handover"]] | None
    clock: Term[Literal["elapsed", "wall_clock"]] | None
    counted_from: Term[Literal["parcel", "order", "handover"]] | None
    late: Term[Literal["right_lost", "staff_decides", "wish"]] | None
    late_consumer: Term[Literal["staff_decides", "refused"]] | None
    for_consumer: Term[Literal["statutory", "request"]] | None
    evidence: Term[tuple[str, ...]] | None
    evidence_needed: Term[int] | None
    carrier_case: Term[bool] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class DamageTerms:
    """Transport damage beside its periods.

    `risk` says who bears it (silent: the seller). `remedy` is what an established damage gives;
    silent where it is chosen. `collecting` says whether a visibly damaged parcel may be taken
    over once the damage is reported (silent: it may). The customer is told to report to the carrier
    and to keep its case number (`carrier_told`), and to keep the packaging (`packaging_kept`).
    """

    risk: Term[Literal["seller", "customer"]] | None
    remedy: Term[Literal["new_item"]] | None
    collecting: Term[Literal["report_then_collect", "refuse"]] | None
    carrier_told: Term[bool] | None
    packaging_kept: Term[bool] | None


@dataclass(slots=True, frozen=True, kw_only=True)
class ReportLaw:
    """What the sale acts say of faults on arrival.

    A consumer's notice within `notice_months` of noticing is always in time (KKL 5:2, KKL90 23),
    and the seller bears the risk until the goods are there (KKL 2:6, KKL90 8); both beat a worse
    term. A company is too late after `company_years` (KL 32). Both may ask for what was not
    delivered (KKL 5:4, KKL90 26; KL 34).
    """

    notice_months: Term[Days]
    company_years: Term[Days]
    seller_bears_risk: Term[bool]
    redelivery_consumer: Term[bool]
    redelivery_company: Term[bool]
