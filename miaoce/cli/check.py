"""`miaoce check`: says in plain words what is wrong with an installation."""

import argparse
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

SKEW = timedelta(seconds=60)


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("check", help="检查安装：设置、密钥、数据库、时钟、来年日历")
    top.set_defaults(run=_run)


def _run(_given: argparse.Namespace) -> int:
    """Print one line a finding; status 1 when something must be mended."""
    from miaoce.cli.main import say

    problems = 0
    for name, find in CHECKS:
        found = list(find())
        problems += len(found)
        for problem in found:
            say(f"要改  {name}：{problem}")
        if not found:
            say(f"正常  {name}")
    say("都正常。" if not problems else f"有 {problems} 处要改。")
    return 1 if problems else 0


def settings_are_safe() -> Iterator[str]:
    """Settings that must not stand in earnest."""
    from django.conf import settings

    if settings.DEBUG:
        yield "MIAOCE_DEBUG 开着，会把内部信息显示给人看。请去掉它再启动。"
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in {"127.0.0.1", "localhost", "[::1]"}]
    if "*" in settings.ALLOWED_HOSTS:
        yield "MIAOCE_HOSTS 里有 *，请写明网址里的主机名。"
    if hosts and not settings.SECURE_COOKIES:
        yield "MIAOCE_HOSTS 写了外面的主机名，但没有设 MIAOCE_HTTPS=1。请先装好 HTTPS 再打开它。"
    if settings.DATA.exists() and settings.DATA.stat().st_mode & 0o077:
        yield f"数据文件夹别的用户也能读。请运行 chmod 700 {settings.DATA}。"


def keys_are_there() -> Iterator[str]:
    """The key file can be read by this user only and holds every version that rows need."""
    from django.conf import settings
    from django.db import DatabaseError

    from miaoce.registry.refusals import Refusal
    from miaoce.registry.vault import queries as vault

    try:
        status = vault.key_status()
    except Refusal as refusal:
        yield f"{refusal}（{refusal.code}）"
        return
    except DatabaseError:
        return  # said by the check of the database
    if status.unknown:
        yield f"有数据用的是第 {status.unknown} 版密钥，密钥文件里没有。请从备份里找回。"
    if settings.KEY_FILE.exists() and settings.KEY_FILE.stat().st_mode & 0o077:
        yield f"密钥文件别的用户也能读。请运行 chmod 600 {settings.KEY_FILE}。"


def database_is_current() -> Iterator[str]:
    """The database answers, its schema is the program's, and the journal cannot be rewritten."""
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        yield f"连不上数据库（{type(error).__name__}）。请检查 MIAOCE_DATABASE_URL 和数据库服务。"
        return
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield f"数据库结构落后 {len(waiting)} 步。请运行 miaoce database prepare。"
        return
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege('registry_event', 'UPDATE'), current_setting('synchronous_commit')"
            )
            may_rewrite, durable = cursor.fetchone()
        if may_rewrite:
            yield "应用账号能改写日志表。请用另一个账号建表，再执行 miaoce database grants 打印的语句。"
        if durable == "off":
            yield "PostgreSQL 的 synchronous_commit 关着，断电会丢已确认的数据。请打开。"


def clock_is_right() -> Iterator[str]:
    """The database's clock and this machine's agree within a minute, and time does not run behind the journal."""
    from django.db import DatabaseError, connection
    from django.utils import timezone

    from miaoce.registry.journal.models import Process

    now = timezone.now()
    try:
        last = Process.objects.order_by("-id").values_list("at", flat=True).first()
        if last is not None and last - now > SKEW:
            yield f"本机时间比最近一条记录还早（{last:%Y-%m-%d %H:%M}）。请校准时钟。"
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT now()")
                there: datetime = cursor.fetchone()[0]
            if abs(there - now) > SKEW:
                yield "本机和数据库的时间相差超过一分钟。请校准时钟。"
    except DatabaseError:
        return  # said by the check of the database


def calendar_is_known() -> Iterator[str]:
    """Working days are known for this year, and from 1 November for the next one."""
    from django.db import DatabaseError
    from django.utils import timezone

    from miaoce.registry.reference import queries as reference

    try:
        missing = reference.years_without_calendar(timezone.localdate())
    except DatabaseError:
        return  # said by the check of the database
    for year in missing:
        yield f"{year} 年的放假和调休安排还没有装入，办理期限会按周末推算。请更新后运行 miaoce database prepare。"


def appointments_last() -> Iterator[str]:
    """Nobody's appointment ends within a fortnight without having been renewed."""
    from django.db import DatabaseError
    from django.utils import timezone

    from miaoce.registry.access import queries as access
    from miaoce.registry.access.permissions import ROLES

    try:
        found = access.ending(on=timezone.localdate())
    except DatabaseError:
        return  # said by the check of the database
    for one in found:
        unit = one.kindergarten or one.school or one.office
        where = f"{unit.name} {ROLES[one.role].name}" if unit else ROLES[one.role].name
        yield (
            f"{one.staff.username} 在{where}的任职 {one.to_on} 到期，之后进不来。"
            f"要续请运行 miaoce appointment renew --user {one.staff.username}；不续就不用管。"
        )


CHECKS: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
    ("设置", settings_are_safe),
    ("密钥", keys_are_there),
    ("数据库", database_is_current),
    ("时钟", clock_is_right),
    ("日历", calendar_is_known),
    ("任职", appointments_last),
)
