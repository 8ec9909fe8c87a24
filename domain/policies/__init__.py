"""The policies: what follows from an order's facts under its terms, one file a situation."""

from domain.policies.policy import Policy
from domain.policies.unclaimed import UNCLAIMED

POLICIES: tuple[Policy, ...] = (
    UNCLAIMED,
)  # fmt: skip
