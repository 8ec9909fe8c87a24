"""The policies: what follows from an order's facts under its terms, one file a situation."""

from domain.policies.credit import CREDIT
from domain.policies.damage import DAMAGE
from domain.policies.discrepancy import DISCREPANCY
from domain.policies.invoice import INVOICE
from domain.policies.policy import Policy
from domain.policies.unclaimed import UNCLAIMED

POLICIES: tuple[Policy, ...] = (
    UNCLAIMED,
    INVOICE,
    CREDIT,
    DAMAGE,
    DISCREPANCY,
)  # fmt: skip
