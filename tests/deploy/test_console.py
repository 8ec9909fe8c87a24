"""`make console`: on an empty machine, and again: an address, and a token for each role."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from adapters.access import Role
from tests.readme import ROOT


def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def test_tokens_are_told_of_no_address_that_another_program_has(home: Path) -> None:
    """Nor does who asks for help begin the demo."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environment = os.environ | {"VILLKOR_HOME": str(home / "villkor")}
        environment |= {"VILLKOR_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}"}
        for more, code in ((), 1), (("--help",), 0):
            done = subprocess.run(
                [sys.executable, "-m", "deploy.demo.console", *more], cwd=ROOT, text=True,
                env=environment, capture_output=True, check=False, timeout=60,
            )  # fmt: skip
            assert (done.returncode, "vlk_" in done.stdout) == (code, False), done.stderr
            assert "VILLKOR_LISTEN" in done.stdout + done.stderr
    assert not (home / "villkor").exists()


def test_one_command_opens_the_demo_and_tells_the_same_tokens_again(home: Path) -> None:
    """With each token somebody signs in to the order of the demo; Ctrl-C ends it without a word."""
    environment = {name: value for name, value in os.environ.items() if "VILLKOR" not in name}
    environment |= {"HOME": str(home), "VILLKOR_HOME": str(home / "villkor")}
    tokens = []
    for _ in range(2):
        listen = f"127.0.0.1:{port()}"
        with subprocess.Popen(
            [sys.executable, "-m", "deploy.demo.console"], cwd=ROOT, text=True,
            env=environment | {"VILLKOR_LISTEN": listen}, stdout=subprocess.PIPE,
        ) as program:  # fmt: skip
            assert program.stdout is not None
            said = ""
            while "Ctrl-C ends it." not in said:
                line = program.stdout.readline()
                assert line, said
                said += line
            tokens.append(re.findall(r"vlk_[\w-]+", said))
            transport = httpx.HTTPTransport(retries=50)
            with httpx.Client(base_url=f"http://{listen}", transport=transport) as browser:
                for token in tokens[-1]:
                    browser.post("/sign-in", data={"token": token})
                    assert "445.00" in browser.get("/orders/allectra/ALL-0004").text
            program.send_signal(signal.SIGINT)
            rest, _ = program.communicate(timeout=60)
            assert (program.returncode, rest) == (0, "")
    assert tokens[0] == tokens[1]
    assert len(set(tokens[0])) == len(Role)
    kept = home / "villkor" / "demo-tokens.json"
    assert kept.stat().st_mode & 0o077 == 0
