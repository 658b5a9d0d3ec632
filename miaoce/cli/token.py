"""`miaoce token create --user NAME`: a program's key to the API."""

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("token", help="接口令牌：create 新建，revoke 吊销")
    verbs = top.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="为一个账号新建令牌，令牌只显示这一次")
    create.add_argument("--user", required=True, metavar="NAME", help="账号")
    create.add_argument("--role", default="", help="有多个身份时选一个，如 registrar")
    create.add_argument("--unit", default="", metavar="CODE", help="有几个单位时选一个，写单位代码，如 1199000002")
    create.add_argument("--scope", action="append", default=[], help="如 intake:edit，可多次；默认该身份的全部权限")
    create.add_argument("--days", type=int, default=180, help="有效天数，默认 180")
    create.add_argument("--label", default="接口", help="给令牌起个名字")
    create.set_defaults(run=_create)
    revoke = verbs.add_parser("revoke", help="吊销一个令牌")
    revoke.add_argument("--id", required=True, help="令牌编号")
    revoke.set_defaults(run=_revoke)


def _create(given: argparse.Namespace) -> int:
    """Print the new token's secret on standard output, its id beside it on standard error."""
    import sys

    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access import actions as access
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal

    with journal.process("token.create", actor=the_system("命令行"), at=timezone.now()) as process:
        token, secret = access.create_token(
            username=given.user,
            role=given.role,
            scopes=given.scope,
            days=given.days,
            label=given.label,
            process=process,
            unit=given.unit,
        )
    say(secret)
    sys.stderr.write(f"令牌编号 {token.pk}，{token.expires_at:%Y-%m-%d} 到期。令牌只显示这一次，请妥善保存。\n")
    return 0


def _revoke(given: argparse.Namespace) -> int:
    """Revoke a token at once."""
    from uuid import UUID

    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access import actions as access
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal

    with journal.process("token.revoke", actor=the_system("命令行"), at=timezone.now()) as process:
        access.revoke_token(token_id=UUID(given.id), process=process)
    say("已吊销。")
    return 0
