"""S-13 for proofs: files made to hurt. Each is drawn anew or answered in words, within its limits, by a process that calls nobody."""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from miaoce.registry.approvals import proofs_files, proofs_rules
from miaoce.registry.approvals.proofs_drawing import DEFAULT_LIMITS, Limits
from miaoce.registry.refusals import Refusal
from tests.factories import proofs
from tests.fire.proof_bombs import BOMBS, SCRIPT
from tests.fire.test_bombs import listener

pytestmark = pytest.mark.slow
__all__ = ["listener"]

HARMLESS = {
    "png: a page behind its end",
    "png: a hundred frames",
    "jpeg: says it is a little larger",
    "jpeg: a script in its comment",
    "jpeg: an archive behind its end",
    "jpeg: a paper behind its end",
    "pdf: a script, a link, a file",
    "pdf: calls when it is opened",
    "pdf: a page of twenty metres",
    "pdf: a page without size",
    "pdf: a picture of ten thousand million pixels",
    "pdf: a picture larger than its bytes",
}
"""Files of which something harmless can be drawn; every other one is refused."""


@pytest.fixture(scope="module")
def scales() -> Iterator["subprocess.Popen[str]"]:
    """A small process beside this one that draws and weighs (tests/fire/weigh_proofs.py)."""
    command = [sys.executable, "-m", "tests.fire.weigh_proofs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)


@pytest.mark.parametrize("name", BOMBS)
def test_a_proof_made_to_hurt_is_drawn_or_refused(
    name: str, tmp_path: Path, listener: tuple[str, list[object]], scales: "subprocess.Popen[str]"
) -> None:
    caller, calls = listener
    path = tmp_path / "proof"
    path.write_bytes(BOMBS[name](caller))
    assert path.stat().st_size <= DEFAULT_LIMITS.file_bytes, "it would never be opened"
    assert scales.stdin is not None and scales.stdout is not None
    scales.stdin.write(f"{path}\n")
    scales.stdin.flush()
    told = json.loads(scales.stdout.readline())
    assert calls == []
    assert told["seconds"] < DEFAULT_LIMITS.seconds, "it was stopped by its time only"
    assert told["peak"] <= DEFAULT_LIMITS.memory_bytes
    assert (told["code"] == "") == (name in HARMLESS), told
    for page in (bytes.fromhex(text) for text in told["pages"]):
        assert Image.open(BytesIO(page)).format == "JPEG"
        assert max(Image.open(BytesIO(page)).size) <= DEFAULT_LIMITS.side
        assert page.endswith(b"\xff\xd9") and not any(word in page for word in (b"<script", b"%PDF", b"PK\x05", SCRIPT))


def test_a_child_that_takes_too_long_is_ended_and_said() -> None:
    with pytest.raises(proofs_rules.ProofTooHeavy):
        proofs_files.draw(proofs.photo(), limits=Limits(seconds=0))


def test_a_child_without_memory_is_refused_in_words() -> None:
    with pytest.raises(Refusal) as caught:
        proofs_files.draw(proofs.photo(image=proofs.picture(4_000, 4_000)), limits=Limits(memory_bytes=60 << 20))
    assert isinstance(caught.value, proofs_rules.ProofTooHeavy | proofs_rules.ProofUnreadable)


def test_a_file_above_the_limit_is_not_opened_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs_files, "_drawn", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(proofs_rules.ProofTooLarge):
        proofs_files.draw(b"\xff\xd8\xff" + b"\0" * DEFAULT_LIMITS.file_bytes)
    with pytest.raises(proofs_rules.NoProof):
        proofs_files.draw(b"")


def test_only_two_proofs_are_opened_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take half a gigabyte: a crowd waits, and whoever waits too long is told."""
    monkeypatch.setattr(proofs_files, "_drawn", lambda *_: pytest.fail("it was opened"))
    for _ in range(proofs_files.AT_ONCE):
        assert proofs_files._drawers.acquire(timeout=5)
    try:
        with pytest.raises(proofs_rules.DrawersBusy):
            proofs_files.draw(proofs.photo(), limits=Limits(seconds=0))
    finally:
        for _ in range(proofs_files.AT_ONCE):
            proofs_files._drawers.release()
