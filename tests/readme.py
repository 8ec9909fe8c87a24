"""Writes the demo's output into README.md: `python -m tests.readme`."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- demo:[^\n]*-->\n).*?(<!-- /demo -->)", re.DOTALL)


def demo(home: str) -> str:
    """What the demo says on a fresh installation, as a terminal of 80 columns would show it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VILLKOR_")}
    command = [Path(sys.executable).parent / "villkor", "demo"]
    environment = kept | {"VILLKOR_HOME": home, "NO_COLOR": "1", "COLUMNS": "80"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def rendered(text: str, output: str) -> str:
    """The README with the demo's output in its block."""
    return BLOCK.sub(lambda found: f"{found[1]}```text\n{output}\n```\n{found[2]}", text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        README.write_text(rendered(README.read_text("utf-8"), demo(home)), "utf-8")
