"""The two cipher suites and the form of a sealed value. Pure: bytes in, bytes out.

A sealed value is: version (1 byte) · suite (1 byte) · nonce (12 random bytes) · ciphertext · tag (16 bytes).
Every value names its suite, so that changing the suite of an installation leaves older values readable.
"""

import os
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
HEAD_BYTES = 2 + NONCE_BYTES
OVERHEAD = HEAD_BYTES + TAG_BYTES
SECRET_BYTES = 48  # 32 for AES-256 and another 16 for SM4: no key serves two ciphers


class Suite(IntEnum):
    """A cipher suite as written in the second byte of a value; the numbers never change their meaning."""

    AES256GCM = 1
    SM4GCM = 2

    @classmethod
    def named(cls, name: str) -> "Suite":
        """Return the suite of a settings value: aes256gcm or sm4gcm; ValueError for any other."""
        try:
            return cls[name.strip().upper()]
        except KeyError:
            raise ValueError(f"unknown cipher suite {name!r}: write aes256gcm or sm4gcm") from None


class Unreadable(Exception):
    """The bytes are no value sealed with this secret and this place. Holds nothing of either."""


class Sm4Gcm:
    """SM4-GCM (RFC 8998) with the calls of the library's AESGCM, built on its low-level cipher."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, place: bytes) -> bytes:
        """Return ciphertext and tag."""
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(place)
        sealed = encryptor.update(data) + encryptor.finalize()
        return sealed + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, place: bytes) -> bytes:
        """Return the plaintext once its tag has been checked; InvalidTag otherwise, and never unchecked bytes."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        decryptor = Cipher(self._cipher, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(place)
        opened = decryptor.update(body)
        return opened + decryptor.finalize()


class Sealer:
    """Seals and opens bytes under one secret. Cipher objects are made once, on first need."""

    __slots__ = ("_ciphers", "_secret")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes")
        self._secret = secret
        self._ciphers: dict[int, AESGCM | Sm4Gcm] = {}

    def __repr__(self) -> str:
        return "<Sealer>"

    def __reduce__(self) -> str:
        raise TypeError("a key is never pickled")

    def _cipher(self, suite: int) -> AESGCM | Sm4Gcm:
        cipher = self._ciphers.get(suite)
        if cipher is None:
            cipher = AESGCM(self._secret[:32]) if suite == Suite.AES256GCM else Sm4Gcm(self._secret[32:])
            self._ciphers[suite] = cipher
        return cipher

    def seal(self, suite: Suite, data: bytes, place: bytes) -> bytes:
        """Return a sealed value bound to a place (the associated data)."""
        nonce = os.urandom(NONCE_BYTES)
        return _HEADS[suite] + nonce + self._cipher(suite).encrypt(nonce, data, place)

    def open(self, blob: bytes, place: bytes) -> bytes:
        """Return what was sealed; Unreadable when a byte, the place or the secret is another one."""
        if not looks_sealed(blob):
            raise Unreadable
        try:
            return self._cipher(blob[1]).decrypt(blob[2:HEAD_BYTES], blob[HEAD_BYTES:], place)
        except InvalidTag:
            raise Unreadable from None


def looks_sealed(blob: bytes) -> bool:
    """Say whether bytes have the form of a sealed value. It proves nothing; it keeps clear text out of a column."""
    return len(blob) >= OVERHEAD and blob[0] == VERSION and blob[1] in _SUITES


_HEADS = {suite: bytes((VERSION, suite)) for suite in Suite}
_SUITES = frozenset(int(suite) for suite in Suite)
