"""What a page hears while a sheet is read."""

import pytest
from django.utils import timezone

from miaoce.registry.intake import actions as intake
from miaoce.registry.intake import progress, reading, states
from miaoce.registry.intake.models import Batch
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import actions as reference
from tests.factories.places import make_kindergarten, make_officer

pytestmark = pytest.mark.django_db
HEAD = "姓名\t性别\t出生日期\t民族\t班级\n"


@pytest.fixture
def batch() -> Batch:
    reference.load_shipped(on=timezone.localdate())
    place = make_kindergarten()
    text = HEAD + "".join(f"周小禾{n}\t女\t2023-01-03\t汉族\t小一班\n" for n in range(250))
    with journal.process("intake.receive", actor=make_officer("registrar", place), at=timezone.now()) as process:
        return intake.receive(
            kindergarten=place, source=intake.PASTE, file_name="粘贴", data=text.encode(), process=process
        )


def test_reading_tells_its_stages_and_rows(batch: Batch, monkeypatch: pytest.MonkeyPatch):
    heard: list[tuple[str, int, int]] = []
    monkeypatch.setattr(
        "miaoce.registry.intake.reading.teller",
        lambda batch: lambda stage, done, of: heard.append((stage, done, of)),
    )
    intake.read_batch(batch_id=batch.pk, actor=make_officer("registrar", batch.kindergarten), at=timezone.now())
    assert [stage for stage, _, _ in heard] == [progress.READ, progress.CHECK, progress.CHECK, progress.ASK]
    assert heard[1][1:] == (100, 251)
    assert heard[-1][2] == 250


def test_what_is_told_stands_with_the_batch_while_it_is_read(batch: Batch):
    batch = reading.claim(batch.pk, at=timezone.now())
    tell, began = progress.teller(batch), batch.claimed_at
    tell(progress.CHECK, 100, 300)
    tell(progress.CHECK, 101, 300)
    batch.refresh_from_db()
    assert batch.progress["stage"] == progress.CHECK
    assert (batch.progress["done"], batch.progress["of"]) == (100, 300), "twice a second is enough"
    tell(progress.ASK, 0, 300)
    batch.refresh_from_db()
    assert batch.progress["stage"] == progress.ASK
    assert batch.claimed_at > began, "each word is a sign of life"


def test_a_late_word_changes_nothing_once_the_batch_is_open(batch: Batch):
    late = progress.teller(reading.claim(batch.pk, at=timezone.now() - reading.claiming.LEASE * 2))
    intake.read_batch(batch_id=batch.pk, actor=make_officer("registrar", batch.kindergarten), at=timezone.now())
    batch.refresh_from_db()
    told = batch.progress
    late(progress.CHECK, 1, 250)
    batch.refresh_from_db()
    assert (batch.state, batch.progress) == (states.OPEN, told)
