"""What the page of one child shows, gathered once and masked for the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.children.notices import Standing
from miaoce.registry.children.queries import GuardianRecord, Record
from miaoce.registry.enrolments import states as standings
from miaoce.registry.enrolments.leaving import destination_words
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.rules import clock_colour
from miaoce.registry.intake.models import Row
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault.masking import HIDDEN
from miaoce.web.components.formats import age, due_words, table_day


@dataclass(frozen=True)
class Value:
    """One line of the record. `field` names what 显示 reveals, empty where there is nothing more to show."""

    label: str
    text: str
    field: str = ""
    is_masked: bool = False


@dataclass(frozen=True)
class GuardianBlock:
    """One guardian with its lines and how it stands to each text."""

    title: str
    values: list[Value]
    standings: list[Standing]


@dataclass(frozen=True)
class Clock:
    """The two months in which a registration is done (domain.md §1.7)."""

    words: str
    colour: str
    due_on: date
    entered_on: date
    from_submission: bool


@dataclass(frozen=True)
class Step:
    """The button that leads on from a state."""

    label: str
    url: str
    icon: str


def basic(child: Child, record: Record, book: Codebook, officer: Officer, today: date) -> list[Value]:
    """Return the lines of 基本信息. Care (health, disability) is for roles that hold child:care."""
    born = f"{table_day(child.born_on)}（{age(child.born_on, today)}）"
    lines = [
        Value("性别", book.name("sex", child.sex)),
        Value("出生日期", born),
        Value("民族", book.name("ethnicity", child.ethnicity) if child.ethnicity else ""),
        Value("国籍", book.name("country", child.nationality)),
        Value("曾用名", child.former_name),
        Value(
            book.name("document", child.document_kind),
            record.document,
            _may_show(officer, "document_number", record.document),
            True,
        ),
        Value("户籍", book.region_name(child.hukou_region) if child.hukou_region else ""),
        Value("出生地", book.region_name(child.birth_region) if child.birth_region else ""),
        Value("住址", record.address, _may_show(officer, "address", record.address), True),
        Value("留守", book.name("left_behind", child.left_behind) if child.left_behind else ""),
        Value("备注", record.remark),
    ]
    return [line for line in lines if line.text] + _care(child, book, officer)


def _care(child: Child, book: Codebook, officer: Officer) -> list[Value]:
    """Return health and disability, or that they are hidden from this role."""
    care = [("健康状况", "health", child.health), ("残疾类型", "disability", child.disability)]
    if officer.may(Permission.CHILD_CARE):
        return [Value(label, book.name(name, code)) for label, name, code in care if code]
    return [Value(label, HIDDEN) for label, _, code in care if code]


def _may_show(officer: Officer, field: str, text: str) -> str:
    """Return the field where the officer may have it shown in full."""
    return field if text and officer.may(Permission.CHILD_REVEAL) else ""


def family(record: Record, book: Codebook, officer: Officer, standings: list[Standing]) -> list[GuardianBlock]:
    """Return the guardians with their lines."""
    return [
        _guardian(one, book, officer, [s for s in standings if s.guardian_id == one.id]) for one in record.guardians
    ]


def _guardian(one: GuardianRecord, book: Codebook, officer: Officer, standings: list[Standing]) -> GuardianBlock:
    prefix = f"guardian{one.position}_"
    kind = book.name("document", one.document_kind) if one.document_kind else "证件号"
    values = [
        Value("手机号", one.phone, _may_show(officer, f"{prefix}phone", one.phone), True),
        Value(kind, one.document, _may_show(officer, f"{prefix}document_number", one.document), True),
    ]
    relation = f"（{book.name('relation', one.relation)}）" if one.relation else ""
    return GuardianBlock(f"{one.name}{relation}", [value for value in values if value.text], standings)


def stays(found: Sequence[Enrolment], book: Codebook) -> list[tuple[Enrolment, str]]:
    """Return the stays of a child, each with why it left and whereto, where it did."""
    return [(stay, _whereto(stay, book)) for stay in found]


def _whereto(stay: Enrolment, book: Codebook) -> str:
    """Return why a child left and whereto, in words; what was written beside the codes is opened."""
    if stay.state != standings.LEFT or not stay.destination:
        return ""
    place = f"去向：{book.name('destination', stay.destination)}"
    return "；".join(
        part for part in (book.name("leave_reason", stay.leave_reason), place, destination_words(stay)) if part
    )


def clock_of(case: Proposal | None, today: date) -> Clock | None:
    """Return the running clock of a registration, None once the number is there or the case was withdrawn."""
    if case is None or case.state in {states.NUMBERED, states.WITHDRAWN}:
        return None
    left = reference.working_days_between(today, case.due_on)
    colour = clock_colour(entered_on=case.entered_on, on=today)
    return Clock(due_words(case.due_on, left), colour, case.due_on, case.entered_on, case.counts_from_submission)


def next_step(child: Child, case: Proposal | None, officer: Officer) -> Step | None:
    """Return the one primary button of a state for a role."""
    if child.state in {states.RETURNED, states.WITHDRAWN} and officer.may(Permission.INTAKE_EDIT):
        return Step("修改后重交", _row_of(child), "pen")
    if child.state == states.SUBMITTED and case is not None and officer.may(Permission.APPROVAL_DECIDE):
        return Step("去审批", f"{reverse('approvals')}?case={case.pk}", "check")
    if child.standing == standings.ATTENDING and officer.may(Permission.CHILD_PRINT):
        return Step("打印学籍卡", f"{reverse('cards')}?child={child.pk}", "print")
    if child.standing == standings.GRADUATED and officer.may(Permission.CHILD_PRINT):
        return Step("打印毕业证书", f"{reverse('certificates')}?child={child.pk}", "print")
    return None


def _row_of(child: Child) -> str:
    """Return the address of the row that a child came in by, where it is mended; the section where there is none."""
    row = Row.objects.filter(becomes_id=child.pk).only("batch_id", "position").first()
    return reverse("intake-row", args=[row.batch_id, row.position]) if row else reverse("intake")
