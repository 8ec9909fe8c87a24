"""The compose file: valid by its specification, true to this program's settings and commands."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from adapters.cli import app
from adapters.settings import KNOWN, PREFIX
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


def test_the_image_has_what_the_wheel_is_built_of() -> None:
    copied = {
        line.split()[1] for line in (DEPLOY / "Containerfile").read_text().splitlines()
        if line.startswith("COPY") and "--from" not in line
    }  # fmt: skip
    assert copied == {
        "requirements.lock", "requirements-replay.lock", "pyproject.toml", "domain", "projections",
        "adapters", "deploy/demo", "deploy/replay",
    }  # fmt: skip
