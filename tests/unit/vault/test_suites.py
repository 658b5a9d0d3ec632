"""Sealed values: published vectors, round trips, and refusal of every change."""

import pickle
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.vault.rules import KeyMissing, ValueTampered
from miaoce.registry.vault.safe import Safe
from miaoce.registry.vault.suites import OVERHEAD, SECRET_BYTES, Sealer, Sm4Gcm, Suite, Unreadable, looks_sealed

CHILD, OTHER, ROW, OTHER_ROW = (UUID(int=n) for n in (1, 2, 3, 4))
SECRET, OTHER_SECRET = bytes(range(SECRET_BYTES)), bytes(range(1, SECRET_BYTES + 1))
suites = pytest.mark.parametrize("suite", list(Suite), ids=lambda suite: suite.name)


def safe(suite: Suite) -> Safe:
    return Safe(suite, {CHILD: Sealer(SECRET), OTHER: Sealer(OTHER_SECRET)})


def test_sm4_gcm_gives_the_vector_of_rfc_8998():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    place = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    text = bytes.fromhex("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd") + bytes.fromhex(
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    )
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert Sm4Gcm(key).encrypt(nonce, text, place) == sealed
    assert Sm4Gcm(key).decrypt(nonce, sealed, place) == text


def test_aes_256_gcm_gives_the_sixteenth_vector_of_its_specification():
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    place = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    text = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    sealed = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    assert AESGCM(key).encrypt(nonce, text, place) == sealed


def test_sm4_gcm_never_returns_what_it_has_not_checked():
    cipher = Sm4Gcm(SECRET[:16])
    sealed = cipher.encrypt(b"n" * 12, b"text", b"here")
    with pytest.raises(InvalidTag):
        cipher.decrypt(b"n" * 12, sealed[:-1], b"here")
    with pytest.raises(InvalidTag):
        cipher.decrypt(b"n" * 12, sealed[:15], b"here")


@suites
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(suite, text):
    blob = safe(suite).seal(CHILD, "child", "address", ROW, text)
    assert safe(suite).open(CHILD, "child", "address", ROW, blob) == text
    assert len(blob) == OVERHEAD + len(text.encode())
    assert blob[:2] == bytes((1, suite))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("姓名abc"), inner, max_size=4),
)


@suites
@given(value=JSON)
def test_every_json_value_comes_back(suite, value):
    blob = safe(suite).seal_json(CHILD, "row", "content", ROW, value)
    assert safe(suite).open_json(CHILD, "row", "content", ROW, blob) == value


@suites
def test_a_bit_flipped_at_any_offset_is_refused(suite):
    blob = safe(suite).seal(CHILD, "child", "document_number", ROW, "990101202301036516")
    for offset in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[offset] ^= 1 << bit
            with pytest.raises(ValueTampered):
                safe(suite).open(CHILD, "child", "document_number", ROW, bytes(changed))


@suites
def test_a_value_cut_or_lengthened_anywhere_is_refused(suite):
    blob = safe(suite).seal(CHILD, "child", "document_number", ROW, "990101202301036516")
    for changed in [blob[:end] for end in range(len(blob))] + [blob[1:], blob + b"\0", b"\0" + blob]:
        with pytest.raises(ValueTampered):
            safe(suite).open(CHILD, "child", "document_number", ROW, changed)


@suites
@pytest.mark.parametrize(
    "place",
    [
        (OTHER, "child", "phone", ROW),
        (CHILD, "guardian", "phone", ROW),
        (CHILD, "child", "address", ROW),
        (CHILD, "child", "phone", OTHER_ROW),
        (OTHER, "child", "phone", OTHER_ROW),
    ],
)
def test_a_value_copied_to_another_place_is_refused(suite, place):
    blob = safe(suite).seal(CHILD, "child", "phone", ROW, "13800004943")
    with pytest.raises(ValueTampered):
        safe(suite).open(*place, blob)


def test_a_value_copied_to_another_child_is_refused_even_under_one_key():
    both = Safe(Suite.AES256GCM, {CHILD: Sealer(SECRET), OTHER: Sealer(SECRET)})
    with pytest.raises(ValueTampered):
        both.open(OTHER, "child", "phone", ROW, both.seal(CHILD, "child", "phone", ROW, "13800004943"))


def test_a_value_of_either_suite_opens_whichever_is_in_use():
    for written, in_use in [(Suite.SM4GCM, Suite.AES256GCM), (Suite.AES256GCM, Suite.SM4GCM)]:
        blob = safe(written).seal(CHILD, "child", "phone", ROW, "13800004943")
        assert safe(in_use).open(CHILD, "child", "phone", ROW, blob) == "13800004943"


@suites
def test_equal_texts_do_not_look_equal(suite):
    blobs = {safe(suite).seal(CHILD, "child", "phone", ROW, "13800004943") for _ in range(200)}
    assert len({blob[2:14] for blob in blobs}) == len(blobs) == 200


def test_a_subject_without_its_key_is_refused():
    with pytest.raises(KeyMissing) as refused:
        safe(Suite.AES256GCM).seal(ROW, "child", "phone", ROW, "13800004943")
    assert refused.value.code == "VLT-01"
    with pytest.raises(KeyMissing):
        safe(Suite.AES256GCM).open(ROW, "child", "phone", ROW, b"")


def test_a_safe_says_whom_it_holds_and_joins_another():
    one, two = Safe(Suite.SM4GCM, {CHILD: Sealer(SECRET)}), Safe(Suite.SM4GCM, {OTHER: Sealer(OTHER_SECRET)})
    both = one.joined(two)
    assert CHILD in both and OTHER in both and ROW not in both and len(both) == 2
    both.require([CHILD, OTHER])
    with pytest.raises(KeyMissing) as refused:
        one.require([CHILD, OTHER, ROW, ROW])
    assert refused.value.facts == {"count": 2}


def test_keys_are_never_pickled():
    for thing in (Sealer(SECRET), safe(Suite.AES256GCM)):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_only_the_form_of_a_sealed_value_looks_sealed():
    blob = Sealer(SECRET).seal(Suite.SM4GCM, b"", b"here")
    assert looks_sealed(blob)
    assert not looks_sealed(b"990101202301036516990101202301036516")
    assert not looks_sealed(blob[:-1])
    assert not looks_sealed(b"\x01\x03" + blob[2:])


def test_a_secret_of_another_length_is_refused():
    with pytest.raises(ValueError, match="48 bytes"):
        Sealer(SECRET[:-1])
    with pytest.raises(Unreadable):
        Sealer(OTHER_SECRET).open(Sealer(SECRET).seal(Suite.AES256GCM, b"text", b"here"), b"here")


def test_a_suite_is_named_as_in_the_settings():
    assert (Suite.named("aes256gcm"), Suite.named(" SM4GCM ")) == (Suite.AES256GCM, Suite.SM4GCM)
    with pytest.raises(ValueError, match="sm4gcm"):
        Suite.named("rot13")
