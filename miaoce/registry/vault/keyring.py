"""The keys of an installation as one unchanging object, read from JSON. No file, no environment, no database here.

Form: {"format": 1, "current": 2, "minimum": 1,
       "wrapping": {"1": {"secret": base64, "made_at": moment or null}, "2": …},
       "index": {"current": 1, "previous": null,
                 "versions": {"1": {"secret": base64, "digest": "sha256", "purposes": {"phone": "sm3"}}}}}
Wrapping keys seal data keys. The index secret makes the digests; which hash it uses is fixed with the secret, because a
digest once stored must stay findable when the installation changes its cipher suite.
"""

import base64
import binascii
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from miaoce.registry.vault.rules import KeysUnreadable, KeyVersionRetired, KeyVersionUnknown
from miaoce.registry.vault.suites import SECRET_BYTES, Sealer, Suite

INDEX_BYTES = 32
HASHES: dict[str, type[hashes.SHA256] | type[hashes.SM3]] = {"sha256": hashes.SHA256, "sm3": hashes.SM3}


class IndexKey:
    """One version of the index secret; gives a keyed hash for each purpose and scope."""

    __slots__ = ("_keyed", "_secret", "version")

    def __init__(self, version: int, secret: bytes, digest: str, purposes: dict[str, str]) -> None:
        if len(secret) != INDEX_BYTES:
            raise ValueError(f"an index secret has {INDEX_BYTES} bytes")
        self.version, self._secret = version, secret
        names = {"": digest, **purposes}
        kinds = {purpose: HASHES[name] for purpose, name in names.items()}

        @lru_cache(maxsize=4096)
        def keyed(purpose: str, scope: str) -> hmac.HMAC:
            info = "\x1f".join(("miaoce index", str(version), purpose, scope)).encode()
            key = HKDF(hashes.SHA256(), length=32, salt=None, info=info).derive(secret)
            return hmac.HMAC(key, kinds.get(purpose, kinds[""])())

        self._keyed = keyed

    def __repr__(self) -> str:
        return f"<IndexKey {self.version}>"

    def __reduce__(self) -> str:
        raise TypeError("a key is never pickled")

    def keyed(self, purpose: str, scope: str) -> hmac.HMAC:
        """Return the keyed hash of a purpose and scope, to be copied and fed."""
        return self._keyed(purpose, scope)


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Wrapping keys by version, the version in use, the lowest readable one, and the index keys."""

    current: int
    minimum: int
    wrapping: dict[int, Sealer]
    index: IndexKey
    previous_index: IndexKey | None

    def __repr__(self) -> str:
        return f"<KeyRing {self.minimum}–{self.current}>"

    def __reduce__(self) -> str:
        raise TypeError("a key is never pickled")

    def wrapper(self, version: int, *, retired_too: bool = False) -> Sealer:
        """Return the key of a version; VLT-08 when it is not here, VLT-09 when it is below the minimum."""
        sealer = self.wrapping.get(version)
        if sealer is None:
            raise KeyVersionUnknown(version=version)
        if version < self.minimum and not retired_too:
            raise KeyVersionRetired(version=version)
        return sealer


def parse(text: str) -> KeyRing:
    """Return the keys written in a JSON text; VLT-05 for anything else, without a piece of the text."""
    try:
        content = json.loads(text)
        return _ring(content)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise KeysUnreadable(why=type(error).__name__) from None


def _ring(content: dict[str, Any]) -> KeyRing:
    if content["format"] != 1:
        raise ValueError("unknown format")
    wrapping = {int(v): Sealer(_bytes(entry["secret"])) for v, entry in content["wrapping"].items()}
    current, minimum = int(content["current"]), int(content["minimum"])
    if current not in wrapping or not 1 <= minimum <= current:
        raise ValueError("versions do not fit")
    index = content["index"]
    keys = {
        int(v): IndexKey(int(v), _bytes(entry["secret"]), entry["digest"], dict(entry.get("purposes", {})))
        for v, entry in index["versions"].items()
    }
    previous = index.get("previous")
    return KeyRing(current, minimum, wrapping, keys[int(index["current"])], keys[int(previous)] if previous else None)


def fresh(suite: Suite, *, made_at: str | None = None) -> dict[str, Any]:
    """Return the content of a new key file. Digests use SM3 where values use SM4, else SHA-256."""
    digest = "sm3" if suite is Suite.SM4GCM else "sha256"
    return {
        "format": 1,
        "current": 1,
        "minimum": 1,
        "wrapping": {"1": _entry(made_at)},
        "index": {
            "current": 1,
            "previous": None,
            "versions": {"1": {"secret": _text(INDEX_BYTES), "digest": digest, "purposes": {}}},
        },
    }


def with_new_version(content: dict[str, Any], *, made_at: str | None) -> dict[str, Any]:
    """Return the content with one more wrapping key, which becomes the one in use. Older keys stay."""
    version = max(int(v) for v in content["wrapping"]) + 1
    wrapping = {**content["wrapping"], str(version): _entry(made_at)}
    return {**content, "wrapping": wrapping, "current": version}


def with_minimum(content: dict[str, Any], minimum: int) -> dict[str, Any]:
    """Return the content with a minimum at least that high. Keys below it stay, for re-wrapping an old backup."""
    return {**content, "minimum": max(minimum, int(content["minimum"]))}


def _entry(made_at: str | None) -> dict[str, Any]:
    return {"secret": _text(SECRET_BYTES), "made_at": made_at}


def _text(size: int) -> str:
    return base64.b64encode(os.urandom(size)).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
