"""The compose file: valid by its specification, true to this program's settings and commands."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import yaml

from adapters.cli import app
from adapters.postgres.embedded import reached
from adapters.reading import ROLE
from adapters.settings import KNOWN, PREFIX, Settings
from typer.main import get_command

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS: dict[str, Any] = {
    name: one for name, one in COMPOSE["services"].items() if one["image"] == "villkor"
}


def test_it_is_valid_by_the_compose_specification() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    arguments = ["--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    done = subprocess.run([check, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_setting_and_command_is_one_of_this_program() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for service in OURS.values():
        assert {name.removeprefix(PREFIX) for name in service["environment"]} <= set(KNOWN)
        assert service["command"][0] in commands


def test_it_has_kafka_postgres_two_workers_and_serve() -> None:
    assert {"kafka", "postgres", "worker", "serve"} <= set(COMPOSE["services"])
    assert COMPOSE["services"]["worker"]["deploy"]["replicas"] == 2


def test_who_waits_for_another_waits_for_one_that_says_when_it_is_ready() -> None:
    for service in COMPOSE["services"].values():
        for other, how in service.get("depends_on", {}).items():
            on = COMPOSE["services"][other]
            assert (how["condition"] == "service_healthy") == ("healthcheck" in on)


def test_serve_asks_as_the_role_that_the_database_is_made_with() -> None:
    """With a password of its own, which only the two of them have."""
    serve, postgres = COMPOSE["services"]["serve"], COMPOSE["services"]["postgres"]
    settings = Settings.read({
        name: value for name, value in serve["environment"].items()
        if name.startswith("VILLKOR_READER") and not name.endswith("_FILE")
    })  # fmt: skip
    assert settings.reader == f"postgresql://{ROLE}@postgres/villkor"
    assert serve["environment"]["VILLKOR_READER_PASSWORD_FILE"] == "/run/secrets/reader_password"
    assert "./reader.sql:/docker-entrypoint-initdb.d/reader.sql:ro" in postgres["volumes"]
    having = {name for name, one in COMPOSE["services"].items()
              if "reader_password" in one.get("secrets", ())}  # fmt: skip
    assert having == {"serve", "postgres"}
    assert set(COMPOSE["secrets"]) == {"postgres_password", "reader_password"}


async def test_the_role_is_made_or_given_a_password_by_its_script(
    server: str, database: str, tmp_path: Path
) -> None:
    """Told twice it says the same; it leaves a role that may sign in, and nothing else."""
    (tmp_path / "password").write_text("it's $(a) `secret`\n")
    for _ in range(2):
        await asyncio.to_thread(
            subprocess.run,
            [shlex.split(reached(Path()))[0], "--quiet", "--no-psqlrc",
             "--set", "ON_ERROR_STOP=1", "--file", DEPLOY / "reader.sql", database],
            check=True, env={**os.environ, "READER_PASSWORD_FILE": f"{tmp_path}/password"},
        )  # fmt: skip
    connection = await asyncpg.connect(server)
    row = await connection.fetchrow("select * from pg_authid where rolname = $1", ROLE)
    may = {name for name, value in row.items() if value is True}
    assert may == {"rolcanlogin", "rolinherit"}
    assert row["rolpassword"].startswith("SCRAM-SHA-256$")
    await connection.execute(f"alter role {ROLE} password null")
    await connection.close()


def test_the_image_has_what_the_wheel_is_built_of() -> None:
    copied = {
        line.split()[1] for line in (DEPLOY / "Containerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
    }  # fmt: skip
    assert copied == {
        "requirements.lock", "requirements-replay.lock", "pyproject.toml", "domain", "projections",
        "adapters", "deploy/demo", "deploy/replay",
    }  # fmt: skip
