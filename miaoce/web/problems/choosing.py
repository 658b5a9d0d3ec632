"""What somebody may choose about a problem: each choice with its key, its button and what it will do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.problems import states
from miaoce.registry.problems.parties import parties_of
from miaoce.registry.problems.queries import Detail
from miaoce.registry.problems.states import Party
from miaoce.web.problems.showing import is_overdue

SAME, DIFFERENT, UNSURE = states.SAME, states.OTHER, states.UNSURE
ACCEPT, SEND_BACK, SETTLE = "accept", "send_back", "settle"
SAY, DECIDE = "problem-say", "problem-decide"

KEPT_BOTH = ("两条学籍都保留，不再提示", "姓名、证件等依据以后有变动，会重新提示")
MADE_ONE = ("两条并成一条，旧学籍号永远指向保留的一条", "就读、监护人、办件、佐证都转过去", "合并后可以撤销，逐行还原")
GROUNDS: dict[tuple[str, str], tuple[str, ...]] = {
    (SAY, SAME): ("已对照户口簿，是同一名", "已向监护人核实，是同一名", "孩子从另一园来，园里重复建籍"),
    (SAY, DIFFERENT): ("已对照户口簿，是两名幼儿", "双胞胎，户口簿上各有一页", "同名同生日，监护人不同", "已向监护人核实，不是同一名"),
    (SAY, UNSURE): ("联系不上监护人，还在核实", "证件不在手边，还在核实"),
    (DECIDE, SAME): ("各方佐证一致，是同一名", "证件和监护人都对得上", "已向派出所核实，是同一名"),
    (DECIDE, DIFFERENT): ("佐证显示是两名幼儿", "双胞胎，各有证件", "同名同生日，监护人不同", "已向派出所核实，是两名幼儿"),
    (DECIDE, ACCEPT): ("佐证齐全，号码没有错", "已向派出所核实，号码没有错"),
}  # fmt: skip
"""What a choice may rest on; the words are read by all sides."""


@dataclass(frozen=True)
class Way:
    """One choice: its key, its words, what follows; where it is sent, or the page that it leads to."""

    code: str
    key: str
    label: str
    confirm: str
    effects: Sequence[str]
    post_to: str = ""
    url: str = ""
    tone: str = ""
    grounds: Sequence[str] = ()


def ways_of(found: Detail, officer: Officer, *, on: date) -> list[Way]:
    """Return what an officer may choose about a problem now; nothing where it waits for somebody else."""
    parties = parties_of(officer, found.problem, [side.side for side in found.sides])
    is_ripe = found.problem.state == states.ARBITRATION or is_overdue(found, on=on)
    if is_ripe and Party.OFFICE in parties and officer.may(Permission.PROBLEM_DECIDE):
        return _of_office(found)
    if Party.SIDE in parties and officer.may(Permission.PROBLEM_HANDLE) and found.problem.state == states.OPEN:
        return _of_side(found, is_house=Party.HOUSE in parties)
    return []


def _of_office(found: Detail) -> list[Way]:
    """Return what the office that decides may choose."""
    if not found.problem.is_pair:
        accept = _way(
            ACCEPT, "1", "采信佐证", "确认采信", ("证件不改，按佐证留用", "这件办结，两级都看得到理由"), DECIDE
        )
        return [*([accept] if any(side.side.said_at for side in found.sides) else []), *_splits(found)]
    return [
        _way(SAME, "1", "是同一名：合并", "确认合并", MADE_ONE, DECIDE, "dup"),
        _way(DIFFERENT, "2", "不是同一名：都保留", "确认都保留", KEPT_BOTH, DECIDE),
    ]


def _splits(found: Detail) -> list[Way]:
    """Return the way to divide a record that served two children, where the office that decides is the record's county."""
    if "split" not in found.verbs:
        return []
    told = ("这条学籍其实是两名幼儿用的：选哪些就读和监护人归第二名，看清每一行再办",)
    return [Way("split", "2", "是两名幼儿：拆分", "", told, url="problem-split")]


def _of_side(found: Detail, *, is_house: bool) -> list[Way]:
    """Return what a kindergarten may say, or do about a document."""
    if not found.problem.is_pair:
        return _of_document()
    told = ("两边和主管部门都看得到", "各方都说明后，自动交主管部门裁定")
    apart = KEPT_BOTH if is_house else told
    other = "不是同一名：都保留" if is_house else "不是同一名"
    return [
        _way(SAME, "1", "是同一名", "确认：是同一名", (*told, "主管部门认定后合并，这里不改学籍"), SAY, "dup"),
        _way(DIFFERENT, "2", other, f"确认：{other}", apart, SAY),
        _way(UNSURE, "3", "拿不准", "确认：拿不准", ("照实说明，由主管部门向派出所核实",), SAY),
    ]


def _of_document() -> list[Way]:
    """Return what a kindergarten may do about a document that is wrong: prove, change, void."""
    return [
        Way("evidence", "1", "佐证", "", ("号码没有错：传户口簿等证明，由主管部门采信",), url=SAY),
        Way("correct", "2", "变更", "", ("号码或姓名登记错了：走关键信息变更，县里核准后这件自动办结",),
            url="problem-change"),
        Way("void", "3", "删除", "", ("这条学籍本来就不该有：申请注销，原因选“登记错误”，县里核准后作废",),
            url="problem-void"),
    ]  # fmt: skip


def _way(  # noqa: PLR0917 - a table of choices reads by its columns
    code: str, key: str, label: str, confirm: str, effects: Sequence[str], post_to: str, tone: str = ""
) -> Way:
    return Way(code, key, label, confirm, tuple(effects), post_to, tone=tone, grounds=GROUNDS[post_to, code])


def way_of(ways: Sequence[Way], code: str, post_to: str) -> Way:
    """Return a choice that is offered; 404 for any other."""
    found = next((way for way in ways if way.code == code and way.post_to == post_to), None)
    if found is None:
        raise Http404
    return found
