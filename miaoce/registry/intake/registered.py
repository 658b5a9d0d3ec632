"""What the register says about rows: the same record is here already, or a child that could be the same is somewhere."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from miaoce.registry.approvals import states as cases
from miaoce.registry.ids import new_id
from miaoce.registry.intake.findings import Finding
from miaoce.registry.matching.queries import DOCUMENT, Alike, Candidate, find_alike

KNOWN_HERE, SAME_HERE, SAME_ELSEWHERE = "KNOWN_HERE", "SAME_CHILD_HERE", "SAME_CHILD_ELSEWHERE"
WORDS = {
    "known": "本园已登记过{name}（{state}），不用再提交。",
    "known_returned": "本园已提交过{name}，县里退回了。请到原来那份导入里改。",
    "here_document": "证件号和本园{other}的一样。请对照户口簿核对两名幼儿的号码。",
    "here_person": "本园已有一名{name}，性别和生日都一样，证件号不同。请看看是不是同一名。",
    "elsewhere_document": "{name}在{place}{state}，证件号相同。如果孩子转来了，请发起转入。",
    "elsewhere_other_name": "{place}有一名幼儿用了这个证件号，姓名不同。请对照户口簿核对号码。",
    "elsewhere_person": "{name}在{place}{state}：姓名、性别、生日都一样。如果孩子转来了，请发起转入。",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A row as the register is asked about it. `settled` are the children that a person said are others."""

    values: Mapping[str, str]
    own_id: UUID | None = None
    settled: AbstractSet[str] = frozenset()


@dataclass(slots=True)
class Answer:
    """What the register says: findings, whether the same record is here, and whom the row could be (for comparing)."""

    findings: list[Finding] = field(default_factory=list)
    is_known: bool = False
    alike: list[dict[str, str]] = field(default_factory=list)


def ask(rows: Sequence[Asked], *, kindergarten_id: UUID) -> list[Answer]:
    """Ask the register about rows, in order; the number of statements is that of matching.find_alike."""
    keys = [new_id() for _ in rows]
    found = find_alike([_candidate(key, row) for key, row in zip(keys, rows, strict=True)])
    return [_answer(row, found.get(key, []), kindergarten_id) for key, row in zip(keys, rows, strict=True)]


def _candidate(key: UUID, row: Asked) -> Candidate:
    values, born = row.values, row.values.get("birth_date")
    return Candidate(
        key=key,
        name=values.get("name", ""),
        sex=values.get("sex", ""),
        born_on=date.fromisoformat(born) if born else None,
        document_kind=values.get("id_type", ""),
        document_number=values.get("id_number", ""),
        own_id=row.own_id,
    )


def _answer(row: Asked, alike: Sequence[Alike], kindergarten_id: UUID) -> Answer:
    """Turn the children a row could be into findings, the strongest first; one finding is enough to look."""
    answer, name = Answer(), row.values.get("name", "")
    for child in alike:
        is_here = child.kindergarten_id == kindergarten_id
        if is_here and child.by == DOCUMENT and child.name == name:
            words = "known_returned" if child.state == cases.RETURNED else "known"
            said = _say(words, name, child)
            return Answer([Finding(None, KNOWN_HERE, said, remark=True)], True, [_noted(child)])
        if child.child_id.hex not in row.settled:
            answer.alike.append(_noted(child))
            if not answer.findings:
                answer.findings.append(_finding(child, name, is_here=is_here))
    return answer


def _finding(child: Alike, name: str, *, is_here: bool) -> Finding:
    by = "document" if child.by == DOCUMENT else "person"
    if not is_here and by == "document" and child.name != name:
        by = "other_name"
    key = None if by == "person" else "id_number"
    return Finding(
        key, SAME_HERE if is_here else SAME_ELSEWHERE, _say(f"{'here' if is_here else 'elsewhere'}_{by}", name, child)
    )


def _say(words: str, name: str, child: Alike) -> str:
    state = "已有学籍" if child.state == cases.NUMBERED else "正在办理登记"
    return WORDS[words].format(name=name or "这名幼儿", place=child.kindergarten_name, state=state, other=child.name)


def _noted(child: Alike) -> dict[str, str]:
    return {"child": child.child_id.hex, "by": child.by, "place": child.kindergarten_id.hex}
