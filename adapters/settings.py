"""Settings: the environment, read once at start. One that is not understood is an error."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote, urlsplit, urlunsplit

from platformdirs import user_data_path

from adapters.kafka.security import NAMES, OPEN, Security, first_line
from domain.calendar import moment
from domain.errors import VillkorError

PREFIX = "VILLKOR_"
KNOWN = (
    "DATABASE", "DATABASE_PASSWORD_FILE", "HEADS", "HOME", "KAFKA",
    *(f"KAFKA_{name}" for name in NAMES), "LISTEN", "LOG", "METRICS", "NOW", "OUTCOMES",
    "READER", "READER_PASSWORD_FILE", "SENDERS", "TERMS",
)  # fmt: skip
Mode = Literal["structured", "binary"]
MODES: tuple[Mode, ...] = get_args(Mode)
FOR_TESTS = ("TEST_KAFKA",)


@dataclass(slots=True, frozen=True)
class Settings:
    """`database` is a Postgres URL, or None for the embedded one in `home`; `kafka` the bootstrap
    servers, or None, `security` how they are spoken to; `log` the form and level of logs; `now`
    fixes the present; `terms` is a folder of sellers' terms files beside the installed ones, or
    None; `senders` the file of those who send raw bodies; `listen` where `serve` listens,
    `metrics` where a worker tells its own; `outcomes` the CloudEvents mode of what goes out;
    `heads` the file to which writers add the chain heads; `reader` the URL under which `serve`
    asks for others, as a role that owns nothing; the embedded database has one.
    """

    home: Path
    database: str | None = field(default=None, repr=False)
    kafka: str | None = None
    security: Security = OPEN
    log: str | None = None
    now: datetime | None = None
    terms: Path | None = None
    senders: Path | None = None
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    metrics: tuple[str, int] | None = None
    outcomes: Mode = "structured"
    heads: Path | None = None
    reader: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of an environment. Raises VillkorError for one that is not understood."""
        told = {
            name.removeprefix(PREFIX): value
            for name, value in environment.items()
            if name.startswith(PREFIX)
        }
        if unknown := sorted(set(told) - {*KNOWN, *FOR_TESTS}):
            raise VillkorError(
                f"{PREFIX}{unknown[0]} is not a setting; there are "
                + ", ".join(PREFIX + name for name in KNOWN)
            )
        return cls(
            home=Path(told.get("HOME") or user_data_path("villkor")).expanduser().absolute(),
            database=_database("DATABASE", told),
            kafka=_kafka(told.get("KAFKA") or None),
            security=Security.read(told),
            log=_log(told.get("LOG") or None),
            now=_now(told.get("NOW") or None),
            terms=_terms(told.get("TERMS") or None),
            senders=_file("SENDERS", told.get("SENDERS") or None),
            listen=_address("LISTEN", told.get("LISTEN") or "127.0.0.1:8080"),
            metrics=_address("METRICS", told["METRICS"]) if told.get("METRICS") else None,
            outcomes=_mode(told.get("OUTCOMES") or MODES[0]),
            heads=_beside("HEADS", told.get("HEADS") or None),
            reader=_database("READER", told),
        )


def _database(name: str, told: Mapping[str, str]) -> str | None:
    """The URL of a database, with the password of its file in it."""
    url, password_file = told.get(name) or None, told.get(f"{name}_PASSWORD_FILE") or None
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise VillkorError(f"{PREFIX}{name} must be a URL like postgresql://user@host/name")
    if password_file is None:
        return url
    if url is None:
        raise VillkorError(f"{PREFIX}{name}_PASSWORD_FILE needs {PREFIX}{name}")
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    if not user or ":" in user:
        raise VillkorError(f"{PREFIX}{name} must name a user, and no password beside its file")
    password = quote(first_line(f"{PREFIX}{name}_PASSWORD_FILE", password_file), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{place}"))


def _kafka(servers: str | None) -> str | None:
    for one in servers.split(",") if servers else ():
        host, _, port = one.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise VillkorError(f"{PREFIX}KAFKA: {one!r} is not host:port, or several with commas")
    return servers


def _log(setting: str | None) -> str | None:
    if setting is None:
        return None
    form, _, level = setting.partition(":")
    levels = logging.getLevelNamesMapping()
    if form not in ("json", "console") or (level or "info").upper() not in levels:
        raise VillkorError(f"{PREFIX}LOG: {setting!r} is not `json` or `console` with a `:level`")
    return setting


def _now(told: str | None) -> datetime | None:
    if told is None:
        return None
    try:
        return moment(told)
    except ValueError as error:
        raise VillkorError(f"{PREFIX}NOW: {told!r} is not a time in ISO 8601") from error


def _terms(told: str | None) -> Path | None:
    if told is None:
        return None
    folder = Path(told).expanduser().absolute()
    if not folder.is_dir():
        raise VillkorError(f"{PREFIX}TERMS: {told!r} is not a folder of terms files")
    return folder


def _file(name: str, told: str | None) -> Path | None:
    if told is None:
        return None
    path = Path(told).expanduser().absolute()
    if not path.is_file():
        raise VillkorError(f"{PREFIX}{name}: there is no file {told!r}")
    return path


def _beside(name: str, told: str | None) -> Path | None:
    """A file that need not be there yet, in a folder that is."""
    if told is None:
        return None
    path = Path(told).expanduser().absolute()
    if path.is_dir() or not path.parent.is_dir():
        raise VillkorError(f"{PREFIX}{name}: {told!r} is not a file in a folder that is there")
    return path


def _address(name: str, told: str) -> tuple[str, int]:
    host, _, port = told.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise VillkorError(f"{PREFIX}{name}: {told!r} is not host:port")
    return host.strip("[]"), int(port)


def _mode(told: str) -> Mode:
    for mode in MODES:
        if told == mode:
            return mode
    raise VillkorError(f"{PREFIX}OUTCOMES: {told!r} is neither {' nor '.join(MODES)}")
