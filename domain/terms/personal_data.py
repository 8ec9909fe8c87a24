"""What terms and statutes say about how long personal data are kept, and who may ask for them."""

from dataclasses import dataclass
from typing import Literal

from domain.terms.values import Days, Term

Whose = Literal["everyone", "consumers"]


@dataclass(slots=True, frozen=True, kw_only=True)
class PersonalDataTerms:
    """Who may get what is registered, and who may have it erased."""

    access: Term[Whose]
    erasure: Term[Whose]


@dataclass(slots=True, frozen=True, kw_only=True)
class AccountTerms:
    """The account with a payment service that stands behind some payment methods.

    Its data are kept for the books some years, and erased then (`purge`) unless the account is in
    use or has money on it. It is dormant after `inactive_years` without a transaction or message;
    consent to close one with a balance is then asked for, and where no answer comes in
    `answer_years` and after so many `reminders` a person may decide without it, the balance falling
    to the service (`forfeited`) for good (`final`), or consent is always needed.
    """

    methods: Term[tuple[str, ...]]
    rights: Term[Whose]
    books_years: Term[Days]
    purge: Term[Literal["when_no_longer_needed"]]
    inactive_years: Term[Days]
    in_use: Term[Literal["kept"]]
    answer_years: Term[Days]
    reminders: Term[Days]
    balance: Term[Literal["consent_needed"]]
    silence: Term[Literal["staff_decides", "kept"]]
    forfeited: Term[Literal["to_service"]]
    final: Term[Literal["irreversible"]]


@dataclass(slots=True, frozen=True, kw_only=True)
class BookkeepingLaw:
    """Bokföringslagen 1999:1078: vouchers are kept through the last of so many years after the
    calendar year in which the fiscal year ended; fiscal years are taken to be calendar years."""

    years: Term[Days] | None
