"""Writes the output of the demo and of commands into README.md: `python -m tests.readme`."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- demo:[^\n]*-->\n).*?(<!-- /demo -->)", re.DOTALL)
SHELL = re.compile(r"(<!-- shell: villkor ([^\n]*) -->\n).*?(<!-- /shell -->)", re.DOTALL)
"""A block of what a command says of the demo's orders."""
NOW = "2026-11-20T12:00"


def demo(home: str) -> str:
    """What the demo says on a fresh installation, as a terminal of 80 columns would show it."""
    return said(home, "demo")


def said(home: str, *arguments: str, **more: str) -> str:
    """What a command says; exit codes are for programs. Raises where it says nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VILLKOR_")}
    command = [Path(sys.executable).parent / "villkor", *arguments]
    environment = kept | {"VILLKOR_HOME": home, "NO_COLOR": "1", "COLUMNS": "80"} | more
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if not done.stdout:
        raise RuntimeError(done.stderr)
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def with_commands(text: str, home: str) -> str:
    """The README with what its commands say at the demo's present."""

    def block(found: re.Match[str]) -> str:
        output = said(home, *found[2].split(), VILLKOR_NOW=NOW)
        return f"{found[1]}```text\n{output}\n```\n{found[3]}"

    return SHELL.sub(block, text)


def rendered(text: str, output: str) -> str:
    """The README with the demo's output in its block."""
    return BLOCK.sub(lambda found: f"{found[1]}```text\n{output}\n```\n{found[2]}", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        written = rendered(README.read_text("utf-8"), demo(home))
        README.write_text(with_commands(written, home), "utf-8")
