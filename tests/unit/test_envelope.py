"""S-11: a signed package is taken once, by whom it is for, while it holds, and only as it was signed."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from miaoce.registry.handover import envelope
from miaoce.registry.handover.envelope import PackageRefused, Terms

KEY, OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32), Ed25519PrivateKey.from_private_bytes(b"o" * 32)
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
TERMS = Terms("miaoce", "2199000001", 1, NOW, NOW + timedelta(days=180))
CONTENT = {"name": "周禾禾", "stays": [{"group": "大一班"}] * 20}


class Memory:
    """Remembers packages as a receiver does."""

    def __init__(self):
        self.seen = set()

    def remember(self, sender, receiver, sequence, digest):
        new = (sender, receiver, sequence) not in self.seen
        self.seen.add((sender, receiver, sequence))
        return new


def seal(terms=TERMS, key=KEY, content=CONTENT):
    return envelope.seal(terms=terms, content=content, key=key)[0]


def verify(data, *, receiver="2199000001", at=NOW, seen=None, keys=(KEY,)):
    known = {envelope.key_id(key.public_key()): key.public_key() for key in keys}
    return envelope.verify(data, keys=known, receiver=receiver, at=at, seen=seen or Memory())


def test_what_was_sealed_is_opened_as_it_was():
    data, digest = envelope.seal(terms=TERMS, content=CONTENT, key=KEY)
    opened = verify(data)
    assert (opened.terms, opened.content, opened.digest) == (TERMS, CONTENT, digest)


def test_a_thousand_copies_are_taken_once():
    seen, data = Memory(), seal()
    assert verify(data, seen=seen)
    for _ in range(999):
        with pytest.raises(PackageRefused, match="已经接收过"):
            verify(data, seen=seen)


def test_packages_out_of_order_are_each_taken_once():
    seen = Memory()
    packages = [seal(replace(TERMS, sequence=number)) for number in range(1, 101)]
    for data in reversed(packages):
        assert verify(data, seen=seen)
    assert len(seen.seen) == 100


@pytest.mark.slow
def test_a_byte_changed_anywhere_is_refused():
    data = seal()
    assert len(data) > 1_000
    for place in range(len(data)):
        for flip in (1, 32, 128):
            altered = bytearray(data)
            altered[place] ^= flip
            with pytest.raises(PackageRefused):
                verify(bytes(altered))


def test_two_packages_put_together_are_refused():
    one, two = json.loads(seal()), json.loads(seal(replace(TERMS, sequence=2)))
    for part in ("signed", "signature"):
        with pytest.raises(PackageRefused):
            verify(envelope.canonical(one | {part: two[part]}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"receiver": "2199000002"}, "不是发给本单位的"),
        ({"purpose": "statistics"}, "用途不对"),
        ({"not_after": NOW - timedelta(seconds=1)}, "不在有效期内"),
        ({"created": NOW + timedelta(minutes=5)}, "不在有效期内"),
    ],
)
def test_a_package_for_another_purpose_place_or_time_is_refused(change, words):
    with pytest.raises(PackageRefused, match=words):
        verify(seal(replace(TERMS, **change)))


def test_another_key_signs_for_nobody():
    with pytest.raises(PackageRefused):
        verify(seal(key=OTHER_KEY))
    forged = json.loads(seal(key=OTHER_KEY)) | {"key": envelope.key_id(KEY.public_key())}
    with pytest.raises(PackageRefused, match="签名不对"):
        verify(envelope.canonical(forged))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b"\xff", b'{"algorithm":"Ed25519"}'])
def test_what_is_no_package_is_refused(data):
    with pytest.raises(PackageRefused):
        verify(data)


def test_signed_bytes_in_another_order_are_refused_even_when_signed():
    facts = json.loads(b64decode(json.loads(seal())["signed"]))
    loose = json.dumps(facts, ensure_ascii=False).encode()
    wrapper = {
        "algorithm": "Ed25519",
        "key": envelope.key_id(KEY.public_key()),
        "signature": b64encode(KEY.sign(loose)).decode(),
        "signed": b64encode(loose).decode(),
    }
    with pytest.raises(PackageRefused, match="格式不对"):
        verify(envelope.canonical(wrapper))
