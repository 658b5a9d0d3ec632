"""S-13: sixty-six files made to hurt. Each is answered in words within its limits, by a process that calls nobody."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from miaoce.registry.intake import reader, storage
from miaoce.registry.intake.sheets import DEFAULT_LIMITS, Reading
from miaoce.registry.intake.wording import file_message
from tests.fire.bombs import BOMBS

pytestmark = pytest.mark.slow

CODES = {"BOMB", "CORRUPT", "EMPTY", "ENCRYPTED", "NOT_A_TABLE", "TOO_LARGE"}
HARMLESS = {
    "xlsx: an extent that is not true": 1,
    "xlsx: a hundred thousand merged areas": 1,
    "xlsx: one area over everything": 1,
    "xlsx: formulas that call": 1,
    "xlsx: a part included from outside": 1,
    "xlsx: two thousand sheets": 2_000,
    "zip: parts that overlap": 1,
    "zip: links and places outside": 1,
    "html: pictures and frames from outside": 1,
    "csv: a heading nine thousand times": 19_000,
}
"""Files that can be read without harm, and the rows they hold; every other one is refused as a whole."""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """Listen on this machine and keep whoever calls."""
    calls: list[object] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            try:
                calls.append(server.accept()[1])
            except TimeoutError:
                continue

    thread = threading.Thread(target=listen)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/", calls
    over.set()
    thread.join()
    server.close()


@pytest.fixture(scope="module")
def scales() -> Iterator["subprocess.Popen[str]"]:
    """A small process beside this one that reads and weighs (tests/fire/weigh.py)."""
    command = [sys.executable, "-m", "tests.fire.weigh"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)


def weighed(scales: "subprocess.Popen[str]", path: Path) -> tuple[Reading, int]:
    """Return what was read and the most memory that a reader held so far, in bytes."""
    assert scales.stdin is not None and scales.stdout is not None
    scales.stdin.write(f"{path}\n")
    scales.stdin.flush()
    told = json.loads(scales.stdout.readline())
    return Reading.from_json(told["reading"]), told["peak"]


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_made_to_hurt_is_answered_in_words(
    name: str, tmp_path: Path, listener: tuple[str, list[object]], scales: "subprocess.Popen[str]"
) -> None:
    caller, calls = listener
    path = BOMBS[name](tmp_path, caller)
    answer, peak = weighed(scales, path)
    assert calls == []
    if name in HARMLESS:
        assert answer.refused is None
        assert sum(len(sheet.rows) for sheet in answer.sheets) == HARMLESS[name]
    else:
        assert answer.refused is not None
        assert answer.refused.code in CODES
        assert answer.refused.message != file_message("slow"), "it was stopped by its time only"
    assert peak <= DEFAULT_LIMITS.memory_bytes


def test_nobody_climbs_out_of_an_archive(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    for name in ("zip: links and places outside", "xlsx: a sheet above the archive"):
        folder = tmp_path / name[:3] / "1" / "2" / "3" / "4" / "5" / "6"
        folder.mkdir(parents=True)
        reader.read(BOMBS[name](folder, listener[0]), name="a.xlsx")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"a.xlsx"}


def test_clear_bytes_on_their_way_to_the_reader_have_no_name_on_any_disk() -> None:
    """A file in memory without a name is gone with its process, so that a kill leaves no roll of children behind."""
    with storage.in_the_clear("姓名\n周一诺\n".encode()) as path:
        assert str(path.readlink()).startswith("/memfd:")
        assert reader.read(path, name="a.csv").sheets[0].rows[1].cells == ("周一诺",)
    assert not path.exists()


@pytest.mark.django_db
def test_pages_are_answered_while_bombs_go_off(tmp_path: Path, listener: tuple[str, list[object]]) -> None:
    paths = []
    for number, name in enumerate(
        ("xlsx: a comment of fifty megabytes", "csv: nothing but lines", "html: tables in tables")
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths.append(BOMBS[name](folder, listener[0]))
    threads = [threading.Thread(target=reader.read, args=(path,), kwargs={"name": path.name}) for path in paths]
    for thread in threads:
        thread.start()
    client, answered = Client(), 0
    while any(thread.is_alive() for thread in threads):
        assert client.get(reverse("health")).status_code == 200
        answered += 1
    assert answered > 0
