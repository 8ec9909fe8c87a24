"""Settings: the environment read once; what is not understood is an error, in a sentence."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.settings import KNOWN, Settings
from domain.errors import VillkorError


def test_nothing_said_is_the_embedded_default() -> None:
    settings = Settings.read({"PATH": "/bin"})
    assert (settings.database, settings.kafka, settings.now) == (None, None, None)
    assert settings.log is None
    assert settings.home.is_absolute()


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Those of security have tests of their own."""
    (tmp_path / "senders.toml").touch()
    told = {
        "VILLKOR_DATABASE": "postgresql://ada@db/villkor",
        "VILLKOR_HEADS": f"{tmp_path}/heads",
        "VILLKOR_HOME": "~/v",
        "VILLKOR_KAFKA": "a:9092,b:9092",
        "VILLKOR_LISTEN": "[::1]:80",
        "VILLKOR_LOG": "json:debug",
        "VILLKOR_METRICS": "0.0.0.0:9100",
        "VILLKOR_NOW": "2024-03-05T09:00:00+01:00",
        "VILLKOR_OUTCOMES": "binary",
        "VILLKOR_READER": "postgresql://villkor_reader@db/villkor",
        "VILLKOR_SENDERS": f"{tmp_path}/senders.toml",
        "VILLKOR_TERMS": f"{tmp_path}",
    }
    secure = {one for one in KNOWN if one.startswith("KAFKA_") or one.endswith("_FILE")}
    assert {f"VILLKOR_{one}" for one in set(KNOWN) - secure} == set(told)
    settings = Settings.read(told)
    assert settings.database == "postgresql://ada@db/villkor"
    assert settings.home == Path("~/v").expanduser()
    assert (settings.kafka, settings.log) == ("a:9092,b:9092", "json:debug")
    assert settings.now == datetime(2024, 3, 5, 8, tzinfo=UTC)
    assert (settings.listen, settings.metrics) == (("::1", 80), ("0.0.0.0", 9100))
    assert (settings.outcomes, settings.terms) == ("binary", tmp_path)
    assert settings.senders == tmp_path / "senders.toml"
    assert settings.heads == tmp_path / "heads"
    assert settings.reader == "postgresql://villkor_reader@db/villkor"


def test_an_empty_setting_is_none() -> None:
    """Compose files hand on variables that are not set as empty text."""
    assert Settings.read({"VILLKOR_DATABASE": "", "VILLKOR_NOW": ""}).database is None


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("VILLKOR_DATABSE", "x", "VILLKOR_DATABSE is not a setting; there are VILLKOR_DATABASE"),
        ("VILLKOR_HEADS", "/nowhere/heads", "'/nowhere/heads' is not a file in a folder"),
        ("VILLKOR_DATABASE", "mysql://db", "must be a URL like postgresql://"),
        ("VILLKOR_READER", "villkor_reader", "VILLKOR_READER must be a URL like postgresql://"),
        ("VILLKOR_READER_PASSWORD_FILE", "/x", "READER_PASSWORD_FILE needs VILLKOR_READER"),
        ("VILLKOR_KAFKA", "broker", "'broker' is not host:port"),
        ("VILLKOR_KAFKA", "a:9092,", "'' is not host:port"),
        ("VILLKOR_LOG", "xml", "'xml' is not `json` or `console`"),
        ("VILLKOR_LOG", "json:loud", "'json:loud' is not"),
        ("VILLKOR_NOW", "soon", "'soon' is not a time"),
        ("VILLKOR_LISTEN", "8080", "LISTEN: '8080' is not host:port"),
        ("VILLKOR_METRICS", "a:99999", "METRICS: 'a:99999' is not host:port"),
        ("VILLKOR_OUTCOMES", "xml", "'xml' is neither structured nor binary"),
        ("VILLKOR_SENDERS", "/nowhere", "SENDERS: there is no file '/nowhere'"),
    ],
)
def test_a_setting_that_is_not_understood_is_an_error(name: str, value: str, sentence: str) -> None:
    with pytest.raises(VillkorError, match=sentence):
        Settings.read({name: value})


def test_an_error_does_not_repeat_a_password() -> None:
    with pytest.raises(VillkorError) as error:
        Settings.read({"VILLKOR_DATABASE": "ada:secret@db/villkor"})
    assert "secret" not in str(error.value)


def test_the_password_of_the_reader_comes_from_its_file_and_is_shown_nowhere(
    tmp_path: Path,
) -> None:
    """Each URL has a file of its own; one that names no user, or a password too, is refused."""
    (tmp_path / "password").write_text("s p@ce/\n")
    told = {"VILLKOR_READER_PASSWORD_FILE": f"{tmp_path}/password"}
    settings = Settings.read(told | {"VILLKOR_READER": "postgresql://villkor_reader@db/villkor"})
    assert settings.reader == "postgresql://villkor_reader:s%20p%40ce%2F@db/villkor"
    assert settings.database is None
    assert "p%40ce" not in repr(settings)
    for url in ("postgresql://db/villkor", "postgresql://villkor_reader:x@db/villkor"):
        with pytest.raises(VillkorError, match="VILLKOR_READER must name a user, and no password"):
            Settings.read(told | {"VILLKOR_READER": url})


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings.read({}).log = "json"  # type: ignore[misc]
