"""What is logged comes in one form, whoever says it."""

import json
import logging

import pytest

from adapters.log import configure


def said(
    logger: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:  # fmt: skip
    """What stderr has of an error that a library says, where no test listens."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    configure("json:info")
    logging.getLogger(logger).error("it went wrong")
    return capsys.readouterr().err


def test_what_a_library_says_is_a_line_of_the_same_form(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = json.loads(said("asyncio", monkeypatch, capsys))
    assert (line["event"], line["level"]) == ("it went wrong", "error")


@pytest.mark.parametrize("library", ["aiokafka.client", "asyncpg.pool"])
def test_what_a_client_also_raises_it_does_not_say(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not said(library, monkeypatch, capsys)
