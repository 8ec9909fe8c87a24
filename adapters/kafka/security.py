"""Security of the wire to Kafka: TLS and SASL, by environment. Secrets are never printed.

| setting | |
|---|---|
| `VILLKOR_KAFKA_CA` | turns TLS on: a file of certificates to trust, or `system` |
| `VILLKOR_KAFKA_CERT`, `VILLKOR_KAFKA_KEY` | our own certificate and its key, where brokers ask |
| `VILLKOR_KAFKA_SASL` | turns SASL on: `plain` (over TLS only), `scram-sha-256`, `scram-sha-512` |
| `VILLKOR_KAFKA_USER`, `VILLKOR_KAFKA_PASSWORD_FILE` | who asks; the file holds the password |
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.errors import VillkorError

NAMES = ("CA", "CERT", "KEY", "SASL", "USER", "PASSWORD_FILE")
MECHANISMS = ("plain", "scram-sha-256", "scram-sha-512")
SYSTEM = "system"


@dataclass(slots=True, frozen=True)
class Security:
    """`ca` is a file or `system`; without it there is no TLS, without `mechanism` no SASL."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    mechanism: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Security":
        """From the settings `KAFKA_*`. Raises VillkorError for what does not fit together."""
        get = {name: told.get(f"KAFKA_{name}") or None for name in NAMES}
        ca, cert, key, mechanism = get["CA"], get["CERT"], get["KEY"], get["SASL"]
        if (cert is None) != (key is None):
            raise _wrong("CERT", "and VILLKOR_KAFKA_KEY go together")
        if cert is not None and ca is None:
            raise _wrong("CERT", "needs VILLKOR_KAFKA_CA: a certificate is shown over TLS")
        if mechanism is not None and mechanism not in MECHANISMS:
            raise _wrong("SASL", f"is {mechanism!r}; there are {', '.join(MECHANISMS)}")
        if mechanism == "plain" and ca is None:
            raise _wrong("SASL", "is plain, which needs TLS (VILLKOR_KAFKA_CA)")
        for name in ("USER", "PASSWORD_FILE"):
            if (get[name] is None) != (mechanism is None):
                raise _wrong(name, "and VILLKOR_KAFKA_SASL go together")
        password = None
        if mechanism is not None:
            password = first_line("VILLKOR_KAFKA_PASSWORD_FILE", str(get["PASSWORD_FILE"]))
        return cls(ca, cert, key, mechanism, get["USER"], password)

    def options(self) -> dict[str, Any]:
        """What every client of aiokafka is told. Raises VillkorError for unusable certificates."""
        protocol = ("SASL_" if self.mechanism else "") + ("SSL" if self.ca else "PLAINTEXT")
        options: dict[str, Any] = {"security_protocol": protocol}
        if self.ca:
            options["ssl_context"] = self._context()
        if self.mechanism:
            options |= {
                "sasl_mechanism": self.mechanism.upper(),
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return options

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=None if self.ca == SYSTEM else self.ca)
            if self.cert and self.key:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(one for one in (self.ca, self.cert, self.key) if one)
            raise VillkorError(f"the certificates for Kafka ({files}): {error}") from error
        return context


OPEN = Security()
"""Neither TLS nor SASL."""


def first_line(name: str, file: str) -> str:
    """The secret in a file that a setting names. Raises VillkorError where there is none."""
    try:
        lines = Path(file).expanduser().read_text().splitlines()
    except (OSError, ValueError) as error:
        raise VillkorError(f"{name}: {file} cannot be read") from error
    if not lines or not lines[0]:
        raise VillkorError(f"{name}: {file} is empty")
    return lines[0]


def _wrong(name: str, why: str) -> VillkorError:
    return VillkorError(f"VILLKOR_KAFKA_{name} {why}")
