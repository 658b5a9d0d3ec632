"""S-13: what a fuzzer thinks up is refused or read, and nothing else. MIAOCE_FUZZ_SECONDS=600 for ten minutes a parser."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

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
