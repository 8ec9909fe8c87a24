"""The policies: what follows from an order's facts under its terms, one file a situation."""

from domain.policies.change import CHANGE
from domain.policies.credit import CREDIT
from domain.policies.damage import DAMAGE
from domain.policies.delay import DELAY
from domain.policies.delivery import DELIVERY
from domain.policies.discrepancy import DISCREPANCY
from domain.policies.force_majeure import FORCE_MAJEURE
from domain.policies.invoice import INVOICE
from domain.policies.policy import Policy
from domain.policies.unclaimed import UNCLAIMED
from domain.policies.undeliverable import UNDELIVERABLE

POLICIES: tuple[Policy, ...] = (
    UNCLAIMED,
    INVOICE,
    CREDIT,
    DAMAGE,
    DISCREPANCY,
    DELIVERY,
    DELAY,
    FORCE_MAJEURE,
    UNDELIVERABLE,
    CHANGE,
)  # fmt: skip
