"""The command line, run in this process."""

import json
from typing import Any

import pytest

from adapters.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of a command."""
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What a command says to programs."""
    return json.loads(run(capsys, *arguments, "--json")[1])
