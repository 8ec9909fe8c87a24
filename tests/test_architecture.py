"""The house rules that no linter holds: short files and functions, and no clock in the domain."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()
    if (ROOT / name).exists()
]  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=[str(one.relative_to(ROOT)) for one in FILES])
def test_files_and_functions_are_short(file: Path) -> None:
    """Files under about 400 lines, functions on a screen."""
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 430
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < 70, node.name


CLOCKS = {"now", "utcnow", "today", "time", "perf_counter", "monotonic"}


@pytest.mark.parametrize(
    "file",
    [one for one in FILES if one.relative_to(ROOT).parts[0] in ("domain", "projections")],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_the_domain_reads_no_clock_and_no_file(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            read = isinstance(owner, ast.Name) and owner.id in ("datetime", "date", "time")
            assert not (read and node.func.attr in CLOCKS), ast.unparse(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open"
