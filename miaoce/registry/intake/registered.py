"""What the register says about rows: the same record is here already, or a child that could be the same is somewhere."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from miaoce.registry.approvals import states as cases
from miaoce.registry.ids import new_id
from miaoce.registry.intake.findings import Finding
from miaoce.registry.matching.entry import Suspect, suspects
from miaoce.registry.matching.judging import Row
from miaoce.registry.matching.outcomes import Verdict
from miaoce.registry.matching.queries import DOCUMENT, Alike, Candidate, find_alike

KNOWN_HERE, SAME_HERE, SAME_ELSEWHERE = "KNOWN_HERE", "SAME_CHILD_HERE", "SAME_CHILD_ELSEWHERE"
TWIN = "TWIN_REGISTERED"
MATCH = "match"
WORDS = {
    "known": "本园已登记过{name}（{state}），不用再提交。",
    "known_returned": "本园已提交过{name}，县里退回了。请到原来那份导入里改。",
    "here_document": "证件号和本园{other}的一样。请对照户口簿核对两名幼儿的号码。",
    "here_person": "本园已有一名{name}，性别和生日都一样，证件号不同。请看看是不是同一名。",
    "elsewhere_document": "{name}在{place}{state}，证件号相同。如果孩子转来了，请发起转入。",
    "elsewhere_other_name": "{place}有一名幼儿用了这个证件号，姓名不同。请对照户口簿核对号码。",
    "elsewhere_person": "{name}在{place}{state}：姓名、性别、生日都一样。如果孩子转来了，请发起转入。",
    "here_match": "{name}和本园已登记的{other}像是同一名幼儿：{reasons}。请对照户口簿看看是不是同一名。",
    "elsewhere_match": "{name}和{place}{state}的一名幼儿像是同一名：{reasons}。如果孩子转来了，请发起转入。",
    "here_review": "{name}可能就是本园已登记的{other}：{reasons}。请核对后决定。",
    "elsewhere_review": "{name}可能就是{place}{state}的一名幼儿：{reasons}。请核对后决定。",
    "here_twin": "本园的{other}看来是{name}的双胞胎或多胞胎兄弟姐妹，不算重复。",
    "elsewhere_twin": "{name}看来有双胞胎或多胞胎兄弟姐妹在{place}，不算重复。",
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
    """Ask the register about rows, in order: who has the same document or name, sex and birth date, and whom the table finds alike.

    A fixed number of statements: that of matching.find_alike and of matching.suspects.
    """
    keys = [new_id() for _ in rows]
    asked = list(zip(keys, rows, strict=True))
    found = find_alike([_candidate(key, row) for key, row in asked])
    whole = [(key, row) for key, row in asked if row.values.get("name") and row.values.get("birth_date")]
    like = suspects([Row(key, row.values, kindergarten_id, row.own_id) for key, row in whole])
    return [_answer(row, found.get(key, []), like.get(key, []), kindergarten_id) for key, row in asked]


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


def _answer(row: Asked, alike: Sequence[Alike], like: Sequence[Suspect], kindergarten_id: UUID) -> Answer:
    """Turn the children a row could be into findings, the strongest first; one finding is enough to look."""
    answer, name = Answer(), row.values.get("name", "")
    for child in alike:
        is_here = child.kindergarten_id == kindergarten_id
        if is_here and child.by == DOCUMENT and child.name == name:
            words = "known_returned" if child.state == cases.RETURNED else "known"
            said = _say(words, name, child)
            return Answer([Finding(None, KNOWN_HERE, said, remark=True)], True, [_noted(child, child.by)])
        if child.child_id.hex not in row.settled:
            answer.alike.append(_noted(child, child.by))
            if not answer.findings:
                answer.findings.append(_finding(child, name, is_here=is_here))
    known = {child.child_id for child in alike}
    for suspect in like:
        if suspect.child_id not in known and suspect.child_id.hex not in row.settled:
            _add(answer, suspect, name, is_here=suspect.kindergarten_id == kindergarten_id)
    return answer


def _finding(child: Alike, name: str, *, is_here: bool) -> Finding:
    by = "document" if child.by == DOCUMENT else "person"
    if not is_here and by == "document" and child.name != name:
        by = "other_name"
    key = None if by == "person" else "id_number"
    return Finding(
        key, SAME_HERE if is_here else SAME_ELSEWHERE, _say(f"{'here' if is_here else 'elsewhere'}_{by}", name, child)
    )


def _add(answer: Answer, suspect: Suspect, name: str, *, is_here: bool) -> None:
    """Add a child that the table finds alike: one to decide about, or a twin, which is only said."""
    where, is_twin = "here" if is_here else "elsewhere", suspect.verdict is Verdict.TWIN
    how = {Verdict.SAME: "match", Verdict.REVIEW: "review"}.get(suspect.verdict, "twin")
    said = _say(f"{where}_{how}", name, suspect, reasons="、".join(suspect.reasons))
    if is_twin:
        if not any(finding.code == TWIN for finding in answer.findings):
            answer.findings.append(Finding(None, TWIN, said, remark=True))
        return
    answer.alike.append(_noted(suspect, MATCH))
    if not any(finding.code != TWIN for finding in answer.findings):
        answer.findings.append(Finding(None, SAME_HERE if is_here else SAME_ELSEWHERE, said))


def _say(words: str, name: str, child: Alike | Suspect, *, reasons: str = "") -> str:
    state = "已有学籍" if child.state == cases.NUMBERED else "正在办理登记"
    return WORDS[words].format(
        name=name or "这名幼儿", place=child.kindergarten_name, state=state, other=child.name, reasons=reasons
    )


def _noted(child: Alike | Suspect, by: str) -> dict[str, str]:
    return {"child": child.child_id.hex, "by": by, "place": child.kindergarten_id.hex}
