"""The envelope of a package (pure): what is signed, how it is verified with nothing but the public key, what is refused.

The signed bytes travel as they were signed (base64), so that nobody has to write them again; a file whose bytes differ in
any place from the one form it can have is refused. Replay is refused by remembering (sender, receiver, sequence) for ever.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from miaoce.registry.refusals import Refusal

FORMAT, ALGORITHM, PURPOSE = "miaoce.handover/1", "Ed25519", "primary_admission"
FIELDS = frozenset(
    {"format", "sender", "receiver", "purpose", "sequence", "created", "not_after", "previous", "content"}
)


class PackageRefused(Refusal):
    """A package is not what its sender signed, not for this receiver, too old, or was here before."""

    code, message, http = "PKG-01", "这份档案包不能接收：{why}。", 422


@dataclass(frozen=True)
class Terms:
    """What one package says about itself; `created` and `not_after` are moments, `previous` the digest of the one before."""

    sender: str
    receiver: str
    sequence: int
    created: datetime
    not_after: datetime
    previous: str = ""
    purpose: str = PURPOSE


@dataclass(frozen=True)
class Opened:
    """A package that was verified: its terms, its content, and the digest that the next one names."""

    terms: Terms
    content: Mapping[str, Any]
    digest: str


class Seen(Protocol):
    """What a receiver remembers for ever."""

    def remember(self, sender: str, receiver: str, sequence: int, digest: str) -> bool:
        """Remember a package, and say whether it was new. Of two at once one is new."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the one form of a JSON object: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def key_id(public: Ed25519PublicKey) -> str:
    """Return the short name of a key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def seal(*, terms: Terms, content: Mapping[str, Any], key: Ed25519PrivateKey) -> tuple[bytes, str]:
    """Return the bytes of a signed package and the digest of what was signed."""
    signed = canonical(
        {
            "format": FORMAT, "sender": terms.sender, "receiver": terms.receiver, "purpose": terms.purpose,
            "sequence": terms.sequence, "created": terms.created.isoformat(), "not_after": terms.not_after.isoformat(),
            "previous": terms.previous, "content": dict(content),
        }
    )  # fmt: skip
    wrapper = {
        "algorithm": ALGORITHM,
        "key": key_id(key.public_key()),
        "signature": base64.b64encode(key.sign(signed)).decode(),
        "signed": base64.b64encode(signed).decode(),
    }
    return canonical(wrapper), hashlib.sha256(signed).hexdigest()


def verify(data: bytes, *, keys: Mapping[str, Ed25519PublicKey], receiver: str, at: datetime, seen: Seen) -> Opened:
    """Return what a package holds. Refuses PKG-01: altered, unknown key, for another, for another purpose, late, seen before."""
    signed = _signed(data, keys)
    try:
        facts = json.loads(signed)
        if not isinstance(facts, dict) or set(facts) != FIELDS or canonical(facts) != signed:
            raise PackageRefused(why="格式不对")
        terms = Terms(
            facts["sender"], facts["receiver"], facts["sequence"], datetime.fromisoformat(facts["created"]),
            datetime.fromisoformat(facts["not_after"]), facts["previous"], facts["purpose"],
        )  # fmt: skip
    except (ValueError, TypeError):
        raise PackageRefused(why="格式不对") from None
    if facts["format"] != FORMAT or terms.purpose != PURPOSE:
        raise PackageRefused(why="用途不对")
    if terms.receiver != receiver:
        raise PackageRefused(why="不是发给本单位的")
    if not terms.created <= at <= terms.not_after:
        raise PackageRefused(why="不在有效期内")
    digest = hashlib.sha256(signed).hexdigest()
    if not seen.remember(terms.sender, terms.receiver, terms.sequence, digest):
        raise PackageRefused(why="已经接收过")
    return Opened(terms, facts["content"], digest)


def _signed(data: bytes, keys: Mapping[str, Ed25519PublicKey]) -> bytes:
    """Return the bytes that were signed, once the signature holds."""
    try:
        wrapper = json.loads(data)
        if not isinstance(wrapper, dict) or canonical(wrapper) != data or wrapper["algorithm"] != ALGORITHM:
            raise PackageRefused(why="格式不对")
        key = keys[wrapper["key"]]
        signed = _exact(wrapper["signed"])
        key.verify(_exact(wrapper["signature"]), signed)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise PackageRefused(why="格式不对，或签名的公钥不认识") from None
    except InvalidSignature:
        raise PackageRefused(why="签名不对，内容被改过") from None
    return signed


def _exact(text: str) -> bytes:
    """Return what base64 stands for, if it is written in its one form."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 can be written in one way only")
    return data
