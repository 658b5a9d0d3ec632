"""Keys: from a file or the environment, made once, changed whole, and never shown."""

import base64
import hashlib
import hmac
import json
import logging
import os
import pickle
import stat
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from miaoce.registry.vault import keyring, keys, queries, rules
from miaoce.registry.vault.keys import EnvironmentKeys, FileKeys, Purpose
from miaoce.registry.vault.safe import Safe
from miaoce.registry.vault.suites import Suite

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys" / "keys.json"


@pytest.fixture
def in_file(file, settings, monkeypatch):
    """Let the process take its keys from a fresh file."""
    monkeypatch.delenv(keys.ENVIRONMENT, raising=False)
    settings.KEY_FILE = file
    keys.service().ensure(suite=Suite.AES256GCM, at=NOW)
    return file


def test_the_first_keys_are_made_once_and_for_the_owner_only(file):
    assert FileKeys(file).ensure(suite=Suite.AES256GCM, at=NOW)
    before = file.read_bytes()
    assert not FileKeys(file).ensure(suite=Suite.SM4GCM, at=NOW)
    assert file.read_bytes() == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(before)["wrapping"]["1"]["made_at"] == NOW.isoformat()


def test_many_who_need_the_first_keys_at_once_get_the_same(file):
    def first(_):
        service = FileKeys(file)
        made = service.ensure(suite=Suite.AES256GCM, at=NOW)
        return made, service.ring().index.keyed("phone", "").copy().finalize()

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(first, range(48)))
    assert sum(made for made, _ in results) == 1
    assert len({digest for _, digest in results}) == 1
    assert sorted(path.name for path in file.parent.iterdir()) == ["keys.json", "keys.json.lock"]


def test_many_who_add_a_version_at_once_lose_none(file):
    FileKeys(file).ensure(suite=Suite.AES256GCM, at=NOW)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: FileKeys(file).add_version(at=NOW), range(10)))
    assert FileKeys(file).ring().current == 11
    assert sorted(FileKeys(file).ring().wrapping) == list(range(1, 12))


def test_a_write_that_fails_leaves_the_old_file_whole(file, monkeypatch):
    service = FileKeys(file)
    service.ensure(suite=Suite.AES256GCM, at=NOW)
    before = file.read_bytes()
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space"):
            service.add_version(at=NOW)
    assert file.read_bytes() == before
    assert service.add_version(at=NOW).current == 2


def test_a_running_process_sees_a_file_that_another_changed(file):
    reader, writer = FileKeys(file), FileKeys(file)
    writer.ensure(suite=Suite.AES256GCM, at=NOW)
    assert reader.ring().current == 1
    assert reader.ring() is reader.ring()
    writer.add_version(at=NOW)
    assert reader.ring().current == 2
    writer.raise_minimum(2)
    assert reader.ring().minimum == 2
    writer.raise_minimum(1)
    assert reader.ring().minimum == 2


def test_no_file_is_said_in_words(file):
    with pytest.raises(rules.KeysAbsent) as refused:
        FileKeys(file).ring()
    assert refused.value.code == "VLT-04"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(file, mode):
    FileKeys(file).ensure(suite=Suite.AES256GCM, at=NOW)
    file.chmod(mode)
    with pytest.raises(rules.KeysExposed, match="600"):
        FileKeys(file).ring()


def _broken(**changes):
    return json.dumps({**keyring.fresh(Suite.AES256GCM), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        _broken(format=2),
        _broken(current=7),
        _broken(minimum=2),
        _broken(minimum=0),
        _broken(wrapping={"1": {"secret": "c2hvcnQ="}}),
        _broken(wrapping={"1": {"secret": "???"}}),
        _broken(index={"current": 2, "versions": {}}),
        _broken(index={"current": 1, "versions": {"1": {"secret": "c2hvcnQ=", "digest": "sha256"}}}),
        _broken(
            index={"current": 1, "versions": {"1": {"secret": base64.b64encode(b"x" * 32).decode(), "digest": "md5"}}}
        ),
    ],
)
def test_a_broken_key_file_is_refused_without_being_quoted(file, text):
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(rules.KeysUnreadable) as refused:
        FileKeys(file).ring()
    assert refused.value.code == "VLT-05"
    assert refused.value.__suppress_context__
    assert set(refused.value.facts) == {"why"}
    with pytest.raises(rules.KeysUnreadable):
        FileKeys(file).add_version(at=NOW)
    assert file.read_text() == text


def test_the_environment_goes_before_the_file_and_opens_the_same(in_file, monkeypatch):
    by_file = queries.digest(Purpose.PHONE, "13800004943")
    monkeypatch.setenv(keys.ENVIRONMENT, in_file.read_text())
    in_file.unlink()
    assert isinstance(keys.service(), EnvironmentKeys)
    assert queries.digest(Purpose.PHONE, "13800004943") == by_file
    assert not keys.service().ensure(suite=Suite.AES256GCM, at=NOW)
    assert not in_file.exists()


def test_keys_from_the_environment_cannot_be_changed_from_inside():
    service = EnvironmentKeys(json.dumps(keyring.fresh(Suite.AES256GCM)))
    with pytest.raises(rules.KeysFixed):
        service.add_version(at=NOW)
    with pytest.raises(rules.KeysFixed):
        service.raise_minimum(2)


def test_an_unknown_suite_in_the_settings_is_said_in_words(settings):
    settings.CIPHER_SUITE = "rot13"
    with pytest.raises(rules.KeysUnreadable, match="sm4gcm"):
        keys.suite()


def test_a_version_below_the_minimum_or_not_there_is_refused():
    content = keyring.with_minimum(keyring.with_new_version(keyring.fresh(Suite.SM4GCM), made_at=None), 2)
    ring = keyring.parse(json.dumps(content))
    assert ring.wrapper(2) is ring.wrapping[2]
    assert ring.wrapper(1, retired_too=True) is ring.wrapping[1]
    with pytest.raises(rules.KeyVersionRetired):
        ring.wrapper(1)
    with pytest.raises(rules.KeyVersionUnknown):
        ring.wrapper(3, retired_too=True)


# digests


def by_hand(secret: bytes, kind: str, purpose: str, scope: str, text: str) -> str:
    """The digest from its description: HKDF-SHA256 (RFC 5869, one block), then HMAC."""
    first = hmac.new(b"\0" * 32, secret, "sha256").digest()
    key = hmac.new(first, f"miaoce index\x1f1\x1f{purpose}\x1f{scope}".encode() + b"\x01", "sha256").digest()
    return hmac.new(key, text.encode(), kind).hexdigest()


@pytest.mark.parametrize(("suite", "kind"), [(Suite.AES256GCM, "sha256"), (Suite.SM4GCM, "sm3")])
def test_a_digest_is_what_its_description_says(suite, kind, monkeypatch):
    content = keyring.fresh(suite)
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(content))
    secret = base64.b64decode(content["index"]["versions"]["1"]["secret"])
    assert "sm3" in hashlib.algorithms_available
    for scope in ("", "990101"):
        expected = by_hand(secret, kind, "phone", scope, "13800004943")
        assert queries.digest(Purpose.PHONE, "13800004943", scope) == expected
        assert len(expected) == 64


def test_digests_differ_by_purpose_scope_text_and_key(in_file, monkeypatch):
    found = [queries.digest(purpose, "990101202301036516") for purpose in Purpose]
    found += [queries.digest(Purpose.CHILD_SEARCH, "990101202301036516", scope) for scope in ("990101", "990102")]
    found += [queries.digest(Purpose.PHONE, text) for text in ("", "1", "陈子墨")]
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(keyring.fresh(Suite.AES256GCM)))
    found += [queries.digest(purpose, "990101202301036516") for purpose in Purpose]
    assert len(set(found)) == len(found) == 2 * len(Purpose) + 5


def test_many_digests_are_the_single_ones_in_order(in_file):
    texts = [f"99010120230103{n:04}" for n in range(50)]
    single = [queries.digest(Purpose.DOCUMENT_CLAIM, text) for text in texts]
    assert queries.digests(Purpose.DOCUMENT_CLAIM, iter(texts)) == single
    assert queries.digests(Purpose.DOCUMENT_CLAIM, []) == []


def test_a_change_of_suite_leaves_every_stored_digest_findable(in_file, settings):
    before = queries.digest(Purpose.PHONE, "13800004943")
    settings.CIPHER_SUITE = "sm4gcm"
    assert queries.digest(Purpose.PHONE, "13800004943") == before


def test_one_purpose_may_have_a_hash_of_its_own(monkeypatch):
    content = keyring.fresh(Suite.AES256GCM)
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(content))
    before = {purpose: queries.digest(purpose, "x") for purpose in Purpose}
    content["index"]["versions"]["1"]["purposes"] = {"phone": "sm3"}
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(content))
    changed = {purpose for purpose in Purpose if queries.digest(purpose, "x") != before[purpose]}
    assert changed == {Purpose.PHONE}


def test_while_the_index_key_changes_both_digests_are_looked_for(monkeypatch):
    content = keyring.fresh(Suite.AES256GCM)
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(content))
    old = queries.digest(Purpose.PHONE, "13800004943")
    assert queries.findable(Purpose.PHONE, "13800004943") == [old]
    index = content["index"]
    index["versions"]["2"] = keyring.fresh(Suite.SM4GCM)["index"]["versions"]["1"]
    index.update(current=2, previous=1)
    monkeypatch.setenv(keys.ENVIRONMENT, json.dumps(content))
    new = queries.digest(Purpose.PHONE, "13800004943")
    assert queries.findable(Purpose.PHONE, "13800004943") == [new, old]
    assert new != old


# nothing shows a key


def test_no_key_and_no_value_is_in_a_text_a_log_or_a_traceback(in_file, caplog):
    caplog.set_level(logging.DEBUG)
    content = json.loads(in_file.read_text())
    entries = [*content["wrapping"].values(), *content["index"]["versions"].values()]
    secrets = [base64.b64decode(entry["secret"]) for entry in entries]
    ring = keys.service().ring()
    child = UUID(int=1)
    safe = Safe(Suite.AES256GCM, {child: ring.wrapping[1]})
    blob = safe.seal(child, "child", "phone", child, "13800004943")
    told = [f"{thing!r} {thing}" for thing in (ring, ring.index, ring.wrapping, safe, keys.service(), vars(ring))]
    for wrong in (blob[:-1] + bytes([blob[-1] ^ 1]), b"13800004943", b""):
        with pytest.raises(rules.ValueTampered) as refused:
            safe.open(child, "child", "phone", child, wrong)
        told += ["".join(traceback.format_exception(refused.value)), str(refused.value.facts)]
    in_file.write_text(in_file.read_text()[:-3])
    with pytest.raises(rules.KeysUnreadable) as unreadable:
        keys.service().ring()
    told += ["".join(traceback.format_exception(unreadable.value)), str(unreadable.value.facts), caplog.text]
    everything = "\n".join(told)
    assert caplog.text.count("vault.value_tampered") == 3
    for secret in secrets:
        for shape in (repr(secret)[2:-1], secret.hex(), base64.b64encode(secret).decode()):
            assert shape not in everything
            assert shape[:16] not in everything
    assert "13800004943" not in everything


def test_keys_are_never_pickled():
    ring = keyring.parse(json.dumps(keyring.fresh(Suite.AES256GCM)))
    for thing in (ring, ring.index):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_every_refusal_has_a_code_of_its_own_and_speaks_chinese():
    refusals = [r for r in vars(rules).values() if isinstance(r, type) and r.__module__ == rules.__name__]
    assert len({r.code for r in refusals}) == len(refusals) == 11
    assert all(r.code.startswith("VLT-") and r.message.endswith("。") for r in refusals)
