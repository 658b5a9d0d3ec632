"""`miaoce states`: every table of states and steps as text, or with `--svg DIR` one picture a table.

The tables are the ones that buttons, server, API and tests read; nothing is said here but their titles and where each begins.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miaoce.registry.access.permissions import ROLES, Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.enrolments import states as stays
from miaoce.registry.handover import states as sent_back
from miaoce.registry.intake import states as batches
from miaoce.registry.problems import states as problems
from miaoce.registry.transfers import states as transfers


@dataclass(frozen=True)
class Table:
    """One table: the name of its file, its title, the words of its states in their order, its steps, where it begins."""

    name: str
    title: str
    labels: Mapping[str, str]
    steps: Sequence[cases.Step]
    begins: tuple[str, ...]


TABLES = (
    Table("stay", "就读（一段在班记录）", stays.LABELS, [*stays.STAY_STEPS.values()], (stays.APPLIED, stays.ATTENDING)),
    Table("standing", "幼儿在册情况", stays.STANDINGS, [*stays.STEPS.values()], (stays.NONE,)),
    Table("registration", "建籍（登记核准）", cases.LABELS, [*cases.STEPS.values()], (cases.SUBMITTED,)),
    Table(
        "case", "、".join(cases.CASE_KINDS.values()), cases.CASE_LABELS, [*cases.CASE_STEPS.values()], (cases.FILED,)
    ),
    Table("transfer", "转园", transfers.LABELS, [*transfers.STEPS.values()], (transfers.INVITED, transfers.REQUESTED)),
    Table("sent-back", "小学退回的更正", sent_back.LABELS, [*sent_back.STEPS.values()], (sent_back.OPEN,)),
    Table("problem", "问题学籍", problems.LABELS, [*problems.STEPS.values()], (problems.OPEN,)),
    Table("batch", "导入的一批", batches.BATCH_LABELS, [*batches.STEPS.values()], (batches.UPLOADED,)),
)


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("states", help="各类事项的状态和步骤：打印成文字，或用 --svg 每表画一张图")
    top.add_argument("--svg", metavar="目录", default=None, help="每张表写一个 SVG 文件到这个目录")
    top.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    """Print the tables, or write their pictures."""
    from miaoce.cli.diagrams import drawing
    from miaoce.cli.main import say

    if given.svg is None:
        say("\n".join(line for table in TABLES for line in lines(table)).rstrip())
        return 0
    folder = Path(given.svg)
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        path = folder / f"{table.name}.svg"
        path.write_text(drawing(table), encoding="utf-8")
        say(f"{table.title}：{path}")
    return 0


def lines(table: Table) -> Iterator[str]:
    """Yield a table as text: its states, then each step with whence, whither and who."""
    yield f"{table.title}（{table.name}）"
    yield "  状态：" + "、".join(f"{word}（{code or '空'}）" for code, word in table.labels.items())
    yield "  从这里开始：" + "、".join(table.labels[code] for code in table.begins)
    for step in table.steps:
        yield f"  {step.label}（{step.verb}）：{whence(table, step)} → {table.labels[step.target]}　{who(step)}"
    yield ""


def whence(table: Table, step: cases.Step) -> str:
    """Return the states from which a step leads on, in the order of the table."""
    return "、".join(word for code, word in table.labels.items() if code in step.sources)


def who(step: cases.Step) -> str:
    """Return who takes a step: its party in a transfer, otherwise the roles that hold its permission; and the permission."""
    if isinstance(step, transfers.Step):
        return f"{transfers.PARTIES[step.party]} · {step.permission}"
    return f"{roles(step.permission)} · {step.permission}"


def roles(permission: Permission) -> str:
    """Return the roles of people that hold a permission."""
    return "、".join(role.name for role in ROLES.values() if permission in role.permissions) or "系统"
