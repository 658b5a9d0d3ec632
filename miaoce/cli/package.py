"""`miaoce package key` prints the public key; `miaoce package verify FILE --key PEM --receiver CODE` needs nothing else."""

import argparse
import sqlite3
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("package", help="档案包：key 输出公钥，verify 核验")
    verbs = top.add_subparsers(dest="verb", required=True)
    key = verbs.add_parser("key", help="输出本系统签名用的公钥（PEM）")
    key.set_defaults(run=_key)
    verify = verbs.add_parser("verify", help="只用公钥核验一份档案包")
    verify.add_argument("file", type=Path)
    verify.add_argument("--key", type=Path, required=True, action="append", help="发送方的公钥文件，可以给几个")
    verify.add_argument("--receiver", required=True, help="接收学校的标识码")
    verify.add_argument("--seen", type=Path, help="记住收过哪些包的文件；再来一次就不收")
    verify.set_defaults(run=_verify)


class SeenFile:
    """What a receiver remembers, in a file of its own; without a file nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def remember(self, sender: str, receiver: str, sequence: int, digest: str) -> bool:
        """Remember a package, and say whether it was new."""
        if self._path is None:
            return True
        link = sqlite3.connect(self._path)
        try:
            with link:
                link.execute(
                    "CREATE TABLE IF NOT EXISTS seen (sender TEXT, receiver TEXT, sequence INTEGER, digest TEXT, "
                    "PRIMARY KEY (sender, receiver, sequence))"
                )
                found = link.execute(
                    "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", (sender, receiver, sequence, digest)
                )
                return found.rowcount == 1
        finally:
            link.close()


def _key(_given: argparse.Namespace) -> int:
    """Print the public key."""
    from miaoce.cli.main import say
    from miaoce.registry.handover import packages

    say(packages.public_key().decode().strip())
    return 0


def _verify(given: argparse.Namespace) -> int:
    """Verify a package and say what it holds, without a personal value. A refused one ends with status 2."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.handover import envelope

    keys = {}
    for path in given.key:
        public = load_pem_public_key(path.read_bytes())
        if isinstance(public, Ed25519PublicKey):
            keys[envelope.key_id(public)] = public
    opened = envelope.verify(
        given.file.read_bytes(), keys=keys, receiver=given.receiver, at=timezone.now(), seen=SeenFile(given.seen)
    )
    terms = opened.terms
    say(f"可以接收：{terms.sender} 发给 {terms.receiver} 的第 {terms.sequence} 份，{terms.created.isoformat()} 签发。")
    say(f"摘要 {opened.digest}")
    return 0
