"""The side panel: what was checked, what is like this child, where it goes. Built from the record, masked for the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children import queries as children
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import queries as enrolments
from miaoce.registry.enrolments.rules import RED_DAY, clock_colour
from miaoce.registry.identity.checks import standing_of
from miaoce.registry.identity.rules import read_document
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import queries as readings
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown
from miaoce.web.approvals.flags import Flag, flag_of
from miaoce.web.components.formats import age, masked, short_day, table_day
from miaoce.web.components.parts import Check, CompareRow, KeyValue

MOST_ALIKE = 3
RECENT = timedelta(minutes=10)


@dataclass(frozen=True)
class Comparison:
    """Another record of the register beside this one."""

    title: str
    rows: Sequence[CompareRow]


@dataclass(frozen=True)
class Panel:
    """What the panel shows of one case."""

    case: Proposal
    child: Child
    flag: Flag
    checks: Sequence[Check]
    remarks: Sequence[str]
    comparisons: Sequence[Comparison]
    rows: Sequence[KeyValue]
    watchers: Sequence[str] = field(default_factory=list)
    columns: Sequence[str] = ("本次", "已有")

    @property
    def may_be_decided(self) -> bool:
        """Whether the case waits for a decision."""
        return self.case.state == states.SUBMITTED

    @property
    def pick(self) -> str:
        """The case and the version that is shown, as the forms carry it."""
        return f"{self.case.pk}:{self.case.version}"


def panel_of(case: Proposal, *, officer: Officer, now: datetime, on: date) -> Panel:
    """Log the reading and return the panel of a case that the officer may see; at most three like records beside it."""
    watchers = _watchers(case, officer, now)
    journal.log_reading(actor=officer, at=now, what="approval.panel", child_ids=[case.child_id])
    child = Child.objects.select_related("kindergarten").get(pk=case.child_id)
    alike = _alike(case, child)
    if alike:
        journal.log_reading(actor=officer, at=now, what="approval.compare", child_ids=[one.pk for one in alike])
    record = children.record_of(child, viewer=Viewer.COUNTY)
    group = Group.objects.get(pk=case.group_id)
    mine = Mine(case, child, record, group)
    checks = [
        _document(child),
        *_outside(child),
        _age(child, case, on),
        _room(group),
        _likeness(alike),
        _clock(case, on),
    ]
    return Panel(
        case=case,
        child=child,
        flag=flag_of(case.flags, case.risk),
        checks=checks,
        remarks=[remark["message"] for remark in case.facts.get("remarks", [])],
        comparisons=[_comparison(mine, other=one, officer=officer) for one in alike],
        rows=_rows(mine, on),
        watchers=watchers,
    )


def _watchers(case: Proposal, officer: Officer, now: datetime) -> list[str]:
    """Say which colleagues opened the case in the last ten minutes."""
    seen: dict[UUID | None, str] = {}
    for look in readings.last_looks(case.child_id, since=now - RECENT, what="approval.panel"):
        if look.actor_id != officer.staff_id and look.actor_id not in seen:
            minutes = max(int((now - look.at).total_seconds()) // 60, 0)
            when = f"{minutes} 分钟前" if minutes else "刚刚"
            seen[look.actor_id] = f"{when}{look.actor_name}也在看。"
    return list(seen.values())


def _alike(case: Proposal, child: Child) -> list[Child]:
    """Return records that could be the same child: those the kindergarten kept apart, and those of the same name and birth."""
    decided = [UUID(hex=other) for other in _reasons(case) if not other.startswith("row:")]
    others = Child.objects.select_related("kindergarten").exclude(pk=child.pk).exclude(state=states.WITHDRAWN)
    named = list(others.filter(pk__in=decided)[:MOST_ALIKE]) if decided else []
    twins = others.filter(name=child.name, born_on=child.born_on, sex=child.sex).exclude(pk__in=decided)
    return [*named, *twins[: MOST_ALIKE - len(named)]]


def _reasons(case: Proposal) -> dict[str, str]:
    """Return why the kindergarten kept this child apart from others, by what it was compared with."""
    return {decision["other"]: decision.get("reason", "") for decision in case.facts.get("decisions", [])}


def _document(child: Child) -> Check:
    """Check the document's number against its own rules, again and on the server."""
    if child.document_number is None:
        return Check("没有证件号，请看监护人和备注", None)
    safe = vault.open_safe([child.pk])
    number = safe.open(child.pk, "child", "document_number", child.pk, child.document_number)
    facts = read_document(child.document_kind, number)
    if facts.fault:
        return Check("证件号格式或校验位对不上", False)
    if facts.birth_date is not None and (facts.birth_date != child.born_on or facts.sex != child.sex):
        return Check("证件号里的生日或性别与登记的不同", False)
    return Check("证件号格式、校验位正确")


def _outside(child: Child) -> list[Check]:
    """Say what the outside register says of the document; an outage is something to wait for, no fault (ux.md W14)."""
    standing = standing_of(child)
    return [Check(standing.words, standing.passed)] if standing else []


def _age(child: Child, case: Proposal, on: date) -> Check:
    """Say the age; a remark of intake about it makes it something to look at."""
    strange = any(code.startswith("AGE_") for code in case.flags)
    return Check(f"年龄：{age(child.born_on, on)}", None if strange else True)


def _room(group: Group) -> Check:
    """Say how full the class is, this child included."""
    size = enrolments.heads_of([group.pk]).get(group.pk, enrolments.Heads()).present
    over = size - group.size_norm
    tail = f"超出 {over} 人" if over > 0 else "正好满额" if over == 0 else "有空位"
    return Check(f"{group.name} {size} / {group.size_norm} 人，{tail}", over <= 0)


def _likeness(alike: Sequence[Child]) -> Check:
    """Say whether another record is like this one."""
    return Check(f"与 {len(alike)} 名幼儿相似", False) if alike else Check("没有相似的记录")


def entry_words(case: Proposal) -> str:
    """Return the day of entry, or that none was given and the two months count from the submission."""
    day = table_day(case.entered_on)
    return f"没填，按提交日计（{day}）" if case.counts_from_submission else day


def _clock(case: Proposal, on: date) -> Check:
    """Say how long the child has been in without a registration."""
    days = (on - case.entered_on).days
    colour = clock_colour(entered_on=case.entered_on, on=on)
    since = "按提交日计，已" if case.counts_from_submission else "入园"
    words = (
        f"{since} {days} 天，{short_day(case.due_on)}前要办完" if days < RED_DAY else f"{since} {days} 天，已过两个月"
    )
    return Check(words, {"calm": True, "warn": None, "red": False}[colour])


@dataclass(frozen=True)
class Mine:
    """The case of the panel with everything read for it."""

    case: Proposal
    child: Child
    record: children.Record
    group: Group


def _rows(mine: Mine, on: date) -> list[KeyValue]:
    """Return the facts under the checks."""
    book, child = reference.codebook(on), mine.child
    family = "；".join(f"{book.name('relation', one.relation)} {one.name} {one.phone}" for one in mine.record.guardians)
    document = f"{book.name('document', child.document_kind)} {mine.record.document}".strip()
    pairs = {
        "性别": "男" if child.sex == "1" else "女",
        "出生日期": table_day(child.born_on),
        "证件": masked(document),
        "户籍地": book.region_name(child.hukou_region) if child.hukou_region else "",
        "监护人": masked(family),
        "幼儿园": child.kindergarten.name,
        "班级": mine.group.name,
        "入园日期": entry_words(mine.case),
    }
    return [KeyValue(label, value) for label, value in pairs.items() if value]


def _comparison(mine: Mine, *, other: Child, officer: Officer) -> Comparison:
    """Return two records side by side. The other county's is masked as for a comparison, one's own as for a county."""
    viewer = Viewer.COUNTY if other.office_id == officer.unit_id else Viewer.COMPARING
    theirs = children.record_of(other, viewer=viewer)
    stay = enrolments.open_stays([other.pk]).get(other.pk)
    place = f"{other.kindergarten.name} {stay.group.name if stay else ''}".strip()
    child, record = mine.child, mine.record
    same_document = bool(child.document_digest) and child.document_digest == other.document_digest
    name = shown(Field.NAME, other.name, viewer)
    pairs = [
        ("姓名", child.name, name, child.name != other.name),
        ("生日", table_day(child.born_on), table_day(other.born_on), child.born_on != other.born_on),
        ("证件号", record.document or "暂无", theirs.document or "暂无", not same_document),
        ("监护人", _family(record), _family(theirs), _family(record) != _family(theirs)),
        ("就读", f"{child.kindergarten.name} {mine.group.name}", place, True),
        ("状态", states.LABELS[mine.case.state], states.LABELS.get(other.state, ""), False),
    ]
    reason = _reasons(mine.case).get(other.pk.hex, "")
    title = f"园里认为不是同一名：{reason}" if reason else "姓名、性别、出生日期相同"
    return Comparison(title, [CompareRow(label, [one, two], differs) for label, one, two, differs in pairs])


def _family(record: children.Record) -> str:
    """Return the guardians' names as shown."""
    return "、".join(guardian.name for guardian in record.guardians)
