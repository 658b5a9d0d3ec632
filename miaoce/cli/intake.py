"""`miaoce intake check FILE --kindergarten CODE --format json`: checks a roll exactly as the upload page does, changes nothing."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("intake", help="登记：check 检查一份名单")
    verbs = top.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("check", help="检查名单文件，不写入任何数据；- 表示从标准输入读")
    check.add_argument("file")
    check.add_argument("--kindergarten", required=True, metavar="CODE", help="10 位学校标识码")
    check.add_argument("--format", choices=("json", "text"), default="text")
    check.set_defaults(run=_check)


def _check(given: argparse.Namespace) -> int:
    """Print the report; status 2 when the file as a whole is refused."""
    from django.utils import timezone

    from miaoce.registry.intake import trial

    now = timezone.now()
    if given.file == "-":
        answer = trial.check_text(sys.stdin.buffer.read(), kindergarten_code=given.kindergarten, at=now)
    else:
        answer = trial.check_file(Path(given.file), kindergarten_code=given.kindergarten, at=now)
    if given.format == "json":
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        _print(answer)
    return 2 if answer["refused"] else 0


def _print(answer: dict[str, Any]) -> None:
    """Print the report for a person."""
    from miaoce.cli.main import say

    if answer["refused"]:
        say(f"{answer['refused']['message']}（{answer['refused']['code']}）")
        return
    counts = answer["counts"]
    say(
        f"共读到 {answer['rows_read']} 行：可提交 {counts['ready']}，要改 {counts['fix']}，可能重复 {counts['duplicate']}，"
        f"已登记过 {counts['known']}，不是幼儿 {counts['ignored']}"
    )
    for row in answer["rows"]:
        for finding in row["findings"]:
            say(f"第 {row['row']} 行  {finding['message']}（{finding['code']}）")
