"""`miaoce keys status|rotate|retire`: the key-encryption keys (docs/keys.md)."""

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("keys", help="密钥：status 看状态，rotate 换新，retire 停用旧版")
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("status", help="各版本还护着多少把数据密钥").set_defaults(run=_status)
    verbs.add_parser("rotate", help="加一版新密钥，并在运行中把全部数据密钥换过去").set_defaults(run=_rotate)
    retire = verbs.add_parser("retire", help="停用某一版及更早的密钥；还有数据在用时不办")
    retire.add_argument("version", type=int)
    retire.set_defaults(run=_retire)


def _status(_given: argparse.Namespace) -> int:
    """Print the versions and how many data keys each wraps."""
    from miaoce.cli.main import say
    from miaoce.registry.vault import queries as vault

    status = vault.key_status()
    say(f"现用密钥：第 {status.current} 版；最低可用：第 {status.minimum} 版")
    for version, count in sorted(status.rows.items()):
        say(f"第 {version} 版：{count} 把数据密钥")
    for version in status.unknown:
        say(f"密钥文件里没有第 {version} 版，这些资料读不出来。请换上最新的密钥文件。")
    return 1 if status.unknown else 0


def _rotate(_given: argparse.Namespace) -> int:
    """Add a version and re-wrap everything, while the register goes on working."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.vault import actions as vault

    done = vault.rotate(at=timezone.now())
    say(f"已换到第 {done.version} 版，重新包装 {done.rewrapped} 把数据密钥，旧版还剩 {done.rows_on_old} 把。")
    if done.unreadable:
        say(f"其中 {done.unreadable} 把打不开，编号在日志里。")
    return 0 if done.rows_on_old == 0 else 1


def _retire(given: argparse.Namespace) -> int:
    """Raise the minimum version."""
    from miaoce.cli.main import say
    from miaoce.registry.vault import actions as vault

    vault.retire(given.version)
    say(f"第 {given.version} 版及更早的密钥已停用。")
    return 0
