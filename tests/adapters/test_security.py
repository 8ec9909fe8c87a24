"""Settings of the wire: what does not fit together is an error that says so."""

from pathlib import Path

import pytest

from adapters.kafka.security import Security
from adapters.settings import Settings
from domain.errors import VillkorError


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"SASL": "kerberos"}, "KAFKA_SASL is 'kerberos'; there are plain"),
        ({"SASL": "plain", "USER": "u", "PASSWORD_FILE": "pw"}, "plain, which needs TLS"),
        ({"SASL": "scram-sha-256", "USER": "u"}, "KAFKA_PASSWORD_FILE and VILLKOR_KAFKA_SASL go"),
        ({"USER": "u"}, "KAFKA_USER and VILLKOR_KAFKA_SASL go together"),
        ({"CERT": "c"}, "KAFKA_CERT and VILLKOR_KAFKA_KEY go together"),
        ({"CERT": "c", "KEY": "k"}, "KAFKA_CERT needs VILLKOR_KAFKA_CA"),
        ({"SASL": "scram-sha-256", "USER": "u", "PASSWORD_FILE": "nowhere"}, "cannot be read"),
    ],
)
def test_what_does_not_fit_is_an_error(told: dict[str, str], sentence: str) -> None:
    with pytest.raises(VillkorError, match=sentence):
        Settings.read({f"VILLKOR_KAFKA_{name}": value for name, value in told.items()})


def test_certificates_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(VillkorError, match=r"certificates for Kafka .*ca\.pem"):
        Security(ca=f"{tmp_path}/ca.pem").options()


def test_nothing_secret_is_in_what_a_setting_prints(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("opensesame\n")
    settings = Settings.read(
        {
            "VILLKOR_KAFKA_SASL": "scram-sha-256", "VILLKOR_KAFKA_USER": "worker",
            "VILLKOR_KAFKA_PASSWORD_FILE": f"{tmp_path}/pw",
            "VILLKOR_DATABASE": "postgresql://worker@db:5433/villkor?sslmode=require",
            "VILLKOR_DATABASE_PASSWORD_FILE": f"{tmp_path}/pw",
        }
    )  # fmt: skip
    assert settings.security.password == "opensesame"
    assert settings.database == "postgresql://worker:opensesame@db:5433/villkor?sslmode=require"
    assert "opensesame" not in repr(settings)


@pytest.mark.parametrize("url", ["postgresql://db/villkor", "postgresql://u:pw@db/villkor", None])
def test_a_password_file_goes_with_a_user_and_no_other_password(
    tmp_path: Path, url: str | None
) -> None:
    (tmp_path / "pw").write_text("opensesame")
    told = {"VILLKOR_DATABASE_PASSWORD_FILE": f"{tmp_path}/pw"}
    with pytest.raises(VillkorError, match="VILLKOR_DATABASE"):
        Settings.read(told if url is None else told | {"VILLKOR_DATABASE": url})
