"""Who asks over HTTP: tokens with a role and a set of sellers, and what each role may do.

A token is shown once, when it is made; the database keeps its SHA-256 digest. Making and revoking
one are acts of people in the log (`domain.acts`). What somebody may *see* is held by Postgres, by
row (`adapters.reading`); what somebody may *do* is held here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from secrets import token_urlsafe

PREFIX = "vlk_"
"""How tokens begin, so that one that was published by mistake can be found by searching."""
ALL = "*"
"""Among the sellers of somebody who sees all."""


class Role(StrEnum):
    """What somebody does for a living."""

    AGENT = "agent"
    ACCOUNTANT = "accountant"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Right(StrEnum):
    """What can be asked or done."""

    ORDERS = "orders"
    """Orders, deadlines, explanations, terms."""
    LEDGER = "ledger"
    """Balances, statements, subledgers, months."""
    LOG = "log"
    """The events as a feed; what another edition would change; verifying; stepping through."""
    LETTERS = "letters"
    """Seeing what is parked."""
    DECIDE = "decide"
    """Exercising discretion, with name and reason."""
    CLOSE = "close"
    """Closing a month."""
    TELL = "tell"
    """Telling facts."""
    OPERATE = "operate"
    """Retrying and discarding what is parked; rebuilding."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.ORDERS, Right.DECIDE}),
    Role.ACCOUNTANT: frozenset({Right.ORDERS, Right.LEDGER, Right.DECIDE, Right.CLOSE}),
    Role.AUDITOR: frozenset({Right.ORDERS, Right.LEDGER, Right.LOG, Right.LETTERS}),
    Role.OPERATOR: frozenset({
        Right.ORDERS, Right.LOG, Right.LETTERS, Right.TELL, Right.OPERATE,
    }),
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Who:
    """Somebody who asks: the token's id, its role, and the sellers whose rows there are for it."""

    token: str
    role: Role
    sellers: tuple[str, ...]

    @classmethod
    def of(cls, token: str, role: str, sellers: Iterable[str]) -> "Who":
        """From a row of the database, where no seller means all."""
        return cls(token, Role(role), tuple(sellers) or (ALL,))

    @property
    def sees_all(self) -> bool:
        return ALL in self.sellers

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def sees(self, seller: str | None) -> bool:
        """Whether a seller's rows are there for it; None is what belongs to no seller."""
        return self.sees_all or seller in self.sellers


def new_secret(prefix: str = PREFIX) -> str:
    """A secret of 256 bits that cannot be guessed."""
    return prefix + token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a secret. Plain SHA-256: nobody guesses 256 random bits."""
    return sha256(secret.encode()).digest()
