"""S-13: what a fuzzer thinks up is refused or read, and nothing else. MIAOCE_FUZZ_SECONDS=600 for ten minutes a parser."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from miaoce.registry.intake.html_tables import read_html
from miaoce.registry.intake.sheets import DEFAULT_LIMITS, FileRefused
from tests.fire import tools

PARSERS = ("text", "html", "xml", "workbook", "row", "roll")


@pytest.mark.soak
@pytest.mark.parametrize("parser", PARSERS)
def test_no_input_makes_a_parser_raise(parser: str, tmp_path: Path, figure: Callable[[str], None]) -> None:
    seconds = int(os.environ.get("MIAOCE_FUZZ_SECONDS", "60"))
    python = tools.tool("atheris", beside_ours=True) / "python"
    done = subprocess.run(
        [python, "-m", "tests.fire.fuzz", parser, f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=30"],
        cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=seconds + 300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    runs = re.search(r"Done (\d+) runs", done.stderr)
    assert runs is not None
    figure(f"{int(runs[1]):,} inputs in {seconds} s, 0 finds")


FOUND = {
    "html": [
        b"<table><tr><td>x<![>></td><td>y",
        b"<table><tr><td>x<![foo[ y]]><td>z</table>",
        b"<table><tr><td>x<![",
        b"<table><![",
    ],
}
"""What fuzzing found once, so that it is never found again."""


@pytest.mark.parametrize("data", FOUND["html"])
def test_what_was_found_in_html_is_read(data: bytes) -> None:
    try:
        sheet, _ = read_html(data, DEFAULT_LIMITS)
    except FileRefused as refused:
        assert refused.refusal.code in {"EMPTY", "NOT_A_TABLE"}
    else:
        assert sheet.rows[0].cells[0].startswith("x")
