"""S-10: what is sealed is nowhere in the clear: not in the database or its log, the uploads, a dump, or our own logs."""

import base64
import io
import logging
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from miaoce.logs import JsonFormatter
from miaoce.registry.children.models import Child
from miaoce.registry.intake import actions
from miaoce.registry.intake.models import Batch
from miaoce.registry.journal import actions as journal
from tests.factories.children import approve, issue_numbers
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, signed_in
from tests.factories.rolls import HEADINGS
from tests.fire.sheets import child

ROWS = 25
SEALED = ("证件号码", "联系电话", "监护人姓名", "家庭住址", "监护人证件号码")


def canaries(number: int) -> dict[str, str]:
    """Return a child whose sealed fields hold texts that stand nowhere else."""
    texts = child(500_000 + number)
    texts["监护人姓名"] = "龘靐齉" + chr(0x4E00 + 7 * number)
    texts["家庭住址"] = f"云川省青江市青禾区金丝雀街道{7_310_000 + number}号"
    texts["监护人证件号码"] = texts["证件号码"][:6] + f"1990010{1 + number % 9}" + f"{4321 + number}"
    return texts


def shapes(text: str) -> Iterator[bytes]:
    """Return every way in which a text could stand in a file."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        raw = text.encode(encoding)
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()
        for shift in range(3):  # base64 of it wherever it begins in what was encoded
            whole = base64.b64encode(b"\0" * shift + raw)
            yield whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]
    yield text.encode("unicode_escape")
    yield text[::-1].encode()


def found_in(places: dict[str, bytes], texts: list[str]) -> list[tuple[str, str]]:
    """Return which texts stand where, in any shape."""
    return [
        (text, place)
        for text in texts
        for shape in set(shapes(text))
        for place, data in places.items()
        if shape in data
    ]


def dumped() -> bytes:
    """Return a whole dump of the database, or the bytes of its file and log."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        files = [Path(f"{chosen['NAME']}{ending}") for ending in ("", "-wal", "-shm", "-journal")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    program = max(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), key=lambda path: int(path.parts[-3]))
    address = ["-h", chosen["HOST"], "-p", str(chosen["PORT"]), "-U", chosen["USER"], chosen["NAME"]]
    done = subprocess.run(
        [program, "--inserts", *address], env={"PGPASSWORD": chosen["PASSWORD"]}, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("suite", ["aes256gcm", "sm4gcm"])
def test_a_hundred_canaries_are_never_heard(suite: str, settings) -> None:
    settings.CIPHER_SUITE = suite
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    connection.force_debug_cursor = False
    try:
        rows = [canaries(number) for number in range(ROWS)]
        names = live_through(rows)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    uploads = b"".join(file.read_bytes() for file in Path(settings.UPLOADS).iterdir())
    places = {"database": dumped(), "uploads": uploads, "logs": said.getvalue().encode()}
    assert all(places.values())
    texts = [row[heading] for row in rows for heading in SEALED]
    assert len(set(texts)) == 5 * ROWS
    assert found_in(places, texts) == []
    assert {place for _, place in found_in(places, names)} == {"database"}, "the search finds what is there"


def live_through(rows: list[dict[str, str]]) -> list[str]:
    """Bring children from a file to their numbers and look at them, and return their names, which are kept in the clear."""
    place = make_kindergarten()
    registrar, reviewer = make_officer("registrar", place), make_officer("county_reviewer", place.office)
    headings = [*HEADINGS, "家庭住址", "监护人证件号码"]
    lines = ["\t".join(headings), *("\t".join(row[heading] for heading in headings) for row in rows)]
    at = timezone.now() - timedelta(hours=1)
    with journal.process("intake.receive", actor=registrar, at=at) as process:
        batch = actions.receive(
            kindergarten=place,
            source=actions.UPLOAD,
            file_name="名单.csv",
            data="\n".join(lines).encode(),
            process=process,
        )
    actions.read_batch(batch_id=batch.pk, actor=registrar, at=at)
    with journal.process("intake.submit", actor=registrar, at=at) as process:
        sent = actions.submit(batch=Batch.objects.get(pk=batch.pk), process=process)
    assert len(sent.done) == len(rows), sent.refused
    children = [row.becomes_id for row in batch.rows.all()]
    approve(children, actor=reviewer, at=at + timedelta(minutes=1))
    assert issue_numbers(at + timedelta(minutes=20)) == len(rows)
    for who in (registrar, reviewer):
        client = signed_in(who)
        for address in ("/", "/children/", *(f"/children/{child_id}/" for child_id in children[:5])):
            assert client.get(address).status_code == 200
        client.get("/search/", {"q": rows[0]["证件号码"]})
        client.post(f"/children/{children[0]}/reveal/", {"field": "document_number", "reason": "x"})
    return [row["姓名"] for row in rows]


@pytest.mark.django_db
def test_an_error_is_logged_by_kind_and_place_without_what_it_says() -> None:
    """PostgreSQL writes the whole failing row into its message; a parser writes the text that it could not read."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(JsonFormatter())
    log = logging.getLogger("tests.fire.canaries")
    log.addHandler(handler)
    broken = Child(name="龘靐齉", sex="9", born_on="2023-01-01", document_kind="none", state="x", recorded_at=timezone.now(),
                   changed_at=timezone.now(), kindergarten=make_kindergarten(), office=make_office_tree().county)  # fmt: skip
    try:
        with transaction.atomic():
            broken.save(force_insert=True)
    except IntegrityError:
        log.exception("it broke")
    finally:
        log.removeHandler(handler)
    assert "it broke" in said.getvalue()
    assert "IntegrityError" in said.getvalue()
    assert "test_canaries.py" in said.getvalue()
    assert "龘靐齉" not in said.getvalue()


def test_the_search_for_canaries_hears_every_shape() -> None:
    """What finds nothing must be able to find: each shape is found in a file that holds it."""
    text = "龘靐齉13900500001"
    for shape in shapes(text):
        assert found_in({"file": b"\x01" + shape + b"\x02"}, [text])
    for shift in range(3):
        inside = base64.b64encode(b"x" * shift + text.encode() + b"yy")
        assert found_in({"file": inside}, [text])
    assert re.search("uploads$", str(settings.UPLOADS))
