"""Data keys in the database: made, opened, erased, re-wrapped while others read, retired, restored."""

import logging
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from miaoce.registry.ids import new_id
from miaoce.registry.vault import actions, keys, queries, rules
from miaoce.registry.vault.models import DataKey
from miaoce.registry.vault.safe import Safe
from miaoce.registry.vault.suites import SECRET_BYTES, Suite

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_keys(tmp_path, settings, monkeypatch):
    """Give each test a key file of its own."""
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)
    settings.KEY_FILE = tmp_path / "keys" / "keys.json"
    keys.service().ensure(suite=Suite.AES256GCM, at=NOW)
    return settings.KEY_FILE


def made(subjects: Iterable[UUID]) -> Safe:
    return actions.make_keys(subjects, at=NOW)


def children(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def sealed(safe: Safe, subjects: list[UUID]) -> dict[UUID, bytes]:
    return {s: safe.seal(s, "child", "phone", s, f"1380000{n:04}") for n, s in enumerate(subjects)}


def opened(subjects: list[UUID], blobs: dict[UUID, bytes]) -> list[str]:
    safe = queries.open_safe(subjects)
    return [safe.open(s, "child", "phone", s, blobs[s]) for s in subjects]


def phones(count: int) -> list[str]:
    return [f"1380000{n:04}" for n in range(count)]


@pytest.mark.django_db
@pytest.mark.parametrize("suite", ["aes256gcm", "sm4gcm"])
@pytest.mark.parametrize("count", [1, 3, 120])
def test_what_is_sealed_with_new_keys_opens_with_stored_ones(suite, count, settings):
    settings.CIPHER_SUITE = suite
    subjects = children(count)
    blobs = sealed(made(subjects), subjects)
    assert opened(subjects, blobs) == phones(count)
    stored = DataKey.objects.get(subject_id=subjects[0])
    assert (stored.key_version, stored.suite) == (1, Suite.named(suite))
    assert stored.created_at == NOW
    assert len(bytes(stored.wrapped)) == SECRET_BYTES + 30


@pytest.mark.django_db
def test_a_change_of_suite_leaves_every_value_readable(settings):
    subjects, blobs = [], {}
    for suite in ("aes256gcm", "sm4gcm", "aes256gcm"):
        settings.CIPHER_SUITE = suite
        new = children(2)
        blobs |= {s: made([s]).seal(s, "child", "phone", s, suite) for s in new}
        subjects += new
    assert opened(subjects, blobs) == ["aes256gcm"] * 2 + ["sm4gcm"] * 2 + ["aes256gcm"] * 2


@pytest.mark.django_db
def test_a_safe_costs_one_statement_however_many_it_holds(django_assert_num_queries):
    subjects = children(300)
    made(subjects)
    with django_assert_num_queries(1):
        assert len(queries.open_safe(subjects + subjects)) == 300
    with django_assert_num_queries(0):
        assert len(queries.open_safe([])) == 0


@pytest.mark.django_db
def test_more_subjects_than_a_statement_takes_are_split(monkeypatch, django_assert_num_queries):
    subjects = children(25)
    blobs = sealed(made(subjects), subjects)
    monkeypatch.setattr(queries, "CHUNK", 10)
    with django_assert_num_queries(3):
        assert opened(subjects, blobs) == phones(25)
    assert actions.forget(subjects) == 25


@pytest.mark.django_db
def test_nobody_gets_a_second_key():
    subject = new_id()
    made([subject, subject])
    with pytest.raises(IntegrityError), transaction.atomic():
        made([subject])
    assert DataKey.objects.count() == 1


@pytest.mark.django_db
def test_a_forgotten_child_cannot_be_read_again_and_the_others_can():
    subjects = children(3)
    blobs = sealed(made(subjects), subjects)
    assert actions.forget([subjects[1], new_id()]) == 1
    with pytest.raises(rules.KeyMissing) as refused:
        queries.open_safe(subjects)
    assert refused.value.facts == {"count": 1}
    assert opened([subjects[0], subjects[2]], blobs) == ["13800000000", "13800000002"]
    again = made([subjects[1]])
    with pytest.raises(rules.ValueTampered):
        again.open(subjects[1], "child", "phone", subjects[1], blobs[subjects[1]])


@pytest.mark.django_db
def test_a_data_key_moved_or_changed_in_the_database_is_refused(caplog):
    one, two = children(2)
    made([one, two])
    wrapped = {key.subject_id: bytes(key.wrapped) for key in DataKey.objects.all()}
    flipped = wrapped[one][:-1] + bytes([wrapped[one][-1] ^ 1])
    for changed in (wrapped[two], flipped, wrapped[one][:40], b""):
        DataKey.objects.filter(subject_id=one).update(wrapped=changed)
        with pytest.raises(rules.WrappedKeyTampered) as refused:
            queries.open_safe([one])
        assert refused.value.code == "VLT-03"
    assert caplog.text.count("vault.wrapped_key_tampered") == 4
    assert len(queries.open_safe([two])) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"key_version": 0}, {"suite": 9}])
def test_the_database_refuses_a_version_or_suite_that_cannot_be(changes):
    (subject,) = children(1)
    made([subject])
    with pytest.raises(IntegrityError), transaction.atomic():
        DataKey.objects.filter(subject_id=subject).update(**changes)


@pytest.mark.django_db
def test_first_keys_are_made_for_an_empty_register_only(own_keys):
    own_keys.unlink()
    assert actions.ensure_keys(at=NOW)
    assert not actions.ensure_keys(at=NOW)
    made(children(1))
    own_keys.unlink()
    with pytest.raises(rules.KeysAbsent):
        actions.ensure_keys(at=NOW)
    assert not own_keys.exists()


# rotation


@pytest.mark.django_db
@pytest.mark.parametrize("suite", ["aes256gcm", "sm4gcm"])
def test_a_rotation_puts_every_row_on_the_new_key_and_changes_no_value(suite, settings):
    settings.CIPHER_SUITE = suite
    subjects = children(23)
    blobs = sealed(made(subjects), subjects)
    done = actions.rotate(at=NOW, batch=5)
    assert done == actions.Rotation(2, is_new=True, rewrapped=23, overtaken=0, unreadable=0, rows_on_old=0)
    assert set(DataKey.objects.values_list("key_version", flat=True)) == {2}
    assert opened(subjects, blobs) == phones(23)
    assert actions.rotate(at=NOW).version == 3
    assert opened(subjects, blobs) == phones(23)


@pytest.mark.django_db
def test_a_rotation_of_an_empty_register_only_adds_a_key():
    assert actions.rotate(at=NOW) == actions.Rotation(2, True, 0, 0, 0, 0)


@pytest.mark.django_db
def test_a_rotation_cut_short_is_finished_and_adds_no_other_key(monkeypatch):
    subjects = children(20)
    blobs = sealed(made(subjects), subjects)
    store, calls = actions._store, []

    def dies_at_the_third(ring, renewed):
        calls.append(len(renewed))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return store(ring, renewed)

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(actions, "_store", dies_at_the_third)
        actions.rotate(at=NOW, batch=4)
    status = queries.key_status()
    assert (status.current, status.rows, status.rows_on_old) == (2, {1: 12, 2: 8}, 12)
    assert opened(subjects, blobs) == phones(20)
    assert actions.rotate(at=NOW) == actions.Rotation(2, False, 12, 0, 0, 0)
    assert opened(subjects, blobs) == phones(20)


@pytest.mark.django_db
def test_between_any_two_batches_every_value_opens(monkeypatch):
    subjects = children(12)
    blobs = sealed(made(subjects), subjects)
    store, seen = actions._store, []

    def reads_before_and_after(ring, renewed):
        seen.append(opened(subjects, blobs))
        changed = store(ring, renewed)
        seen.append(opened(subjects, blobs))
        return changed

    monkeypatch.setattr(actions, "_store", reads_before_and_after)
    actions.rotate(at=NOW, batch=3)
    assert seen == [phones(12)] * 8


@pytest.mark.django_db
def test_two_rotations_at_once_harm_nothing(monkeypatch):
    subjects = children(9)
    blobs = sealed(made(subjects), subjects)
    rewrap, inner = actions._rewrap, []

    def overtaken(ring, found):
        renewed = rewrap(ring, found)
        if not inner:
            inner.append(None)
            inner[0] = actions.rotate(at=NOW)
        return renewed

    monkeypatch.setattr(actions, "_rewrap", overtaken)
    outer = actions.rotate(at=NOW, batch=4)
    assert (inner[0].rewrapped, inner[0].is_new) == (9, False)
    assert (outer.rewrapped, outer.overtaken, outer.rows_on_old) == (0, 4, 0)
    assert opened(subjects, blobs) == phones(9)


@pytest.mark.django_db
def test_a_damaged_data_key_is_counted_and_left_and_the_rest_goes_on(caplog):
    subjects = children(6)
    blobs = sealed(made(subjects), subjects)
    DataKey.objects.filter(subject_id=subjects[2]).update(wrapped=b"\x01\x01" + b"x" * 76)
    done = actions.rotate(at=NOW, batch=2)
    assert (done.rewrapped, done.unreadable, done.rows_on_old) == (5, 1, 1)
    assert str(subjects[2]) in caplog.text
    rest = [s for s in subjects if s != subjects[2]]
    assert len(opened(rest, blobs)) == 5
    with pytest.raises(rules.VersionInUse):
        actions.retire(1)


@pytest.mark.django_db(transaction=True)
def test_reading_and_admitting_go_on_while_the_keys_rotate(caplog):
    """S-15: rotate under load: no failed read, no row on an old key afterwards."""
    caplog.set_level(logging.ERROR)
    subjects = children(60)
    blobs = sealed(made(subjects), subjects)
    faults, reads, stop, started = list[str](), [], threading.Event(), threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                reads.append(opened(subjects, blobs) == phones(60))
                started.set()
                stop.wait(0.002)
        except Exception:  # noqa: BLE001  # whatever it is, the test must show it
            faults.append(traceback.format_exc())
            started.set()
        finally:
            connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    assert started.wait(20)
    for version in (2, 3, 4):
        assert actions.rotate(at=NOW, batch=7).version == version
        newcomer = children(1)
        blobs |= sealed(made(newcomer), newcomer)
        actions.retire(version - 1)
    stop.set()
    reader.join(20)
    assert not faults, faults[0]
    assert all(reads) and reads
    assert queries.key_status().rows_on_old == 0


@pytest.mark.django_db
def test_a_process_that_runs_follows_a_rotation_by_another(own_keys):
    """The other process has a service of its own on the same file."""
    subjects = children(4)
    blobs = sealed(made(subjects), subjects)
    here = keys.service()
    assert here.ring().current == 1
    keys._from_file.cache_clear()
    assert keys.service() is not here
    actions.rotate(at=NOW)
    assert here.ring().current == 2
    assert opened(subjects, blobs) == phones(4)


@pytest.mark.django_db
def test_an_unknown_version_makes_the_file_be_read_again(monkeypatch):
    subjects = children(2)
    blobs = sealed(made(subjects), subjects)
    stale = keys.service().ring()
    actions.rotate(at=NOW)
    service, asked = keys.service(), []
    read = service.ring

    def as_if_unchanged(*, again=False):
        asked.append(again)
        return read(again=True) if again else stale

    monkeypatch.setattr(service, "ring", as_if_unchanged)
    assert opened(subjects, blobs) == phones(2)
    assert asked == [False, True]


@pytest.mark.django_db
def test_a_key_file_that_is_too_old_is_said_in_words(own_keys):
    old = own_keys.read_text()
    subjects = children(2)
    made(subjects)
    actions.rotate(at=NOW)
    own_keys.write_text(old)
    with pytest.raises(rules.KeyVersionUnknown) as refused:
        queries.open_safe(subjects)
    assert refused.value.facts == {"version": 2}
    assert queries.key_status().unknown == [2]


@pytest.mark.django_db
def test_a_rotation_goes_by_the_environment_where_the_keys_are_there(own_keys, monkeypatch):
    subjects = children(3)
    blobs = sealed(made(subjects), subjects)
    monkeypatch.setenv(keys.ENVIRONMENT, own_keys.read_text())
    with pytest.raises(rules.KeysFixed):
        actions.rotate(at=NOW)
    monkeypatch.delenv(keys.ENVIRONMENT)
    keys.service().add_version(at=NOW)
    monkeypatch.setenv(keys.ENVIRONMENT, own_keys.read_text())
    assert actions.rotate(at=NOW) == actions.Rotation(2, False, 3, 0, 0, 0)
    assert opened(subjects, blobs) == phones(3)


# retiring and restoring


@pytest.mark.django_db
def test_a_version_in_use_by_a_row_is_not_retired():
    subjects = children(3)
    made(subjects)
    keys.service().add_version(at=NOW)
    with pytest.raises(rules.VersionInUse) as refused:
        actions.retire(1)
    assert refused.value.facts == {"rows": 3, "version": 1}
    actions.rotate(at=NOW)
    actions.retire(1)
    assert queries.key_status().minimum == 2


@pytest.mark.django_db
@pytest.mark.parametrize("version", [0, 1, 2])
def test_the_version_in_use_and_those_that_are_not_there_are_not_retired(version):
    with pytest.raises(rules.VersionIsCurrent):
        actions.retire(version)
    assert queries.key_status().minimum == 1


@pytest.mark.django_db
def test_a_backup_from_two_rotations_ago_is_readable_after_a_rewrap():
    """S-15: the keys that were retired stay in the file for exactly this."""
    subjects = children(5)
    blobs = sealed(made(subjects), subjects)
    backup = list(DataKey.objects.all())
    for version in (1, 2):
        actions.rotate(at=NOW)
        actions.retire(version)
    DataKey.objects.all().delete()
    DataKey.objects.bulk_create(backup)
    with pytest.raises(rules.KeyVersionRetired) as refused:
        queries.open_safe(subjects)
    assert "miaoce keys rotate" in str(refused.value)
    assert actions.rotate(at=NOW) == actions.Rotation(3, False, 5, 0, 0, 0)
    assert opened(subjects, blobs) == phones(5)
