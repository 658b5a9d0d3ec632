"""What waits for a kindergarten: its own to-dos by due day, what others do, its classes. A fixed number of statements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import queries as approvals
from miaoce.registry.approvals import states as cases
from miaoce.registry.enrolments import queries as enrolments
from miaoce.registry.enrolments.rules import RED_DAY, WARN_DAY
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.intake import queries as intake
from miaoce.registry.intake import states as batches
from miaoce.registry.intake.models import Row
from miaoce.registry.intake.queries import BatchLine
from miaoce.registry.reference import queries as reference
from miaoce.web.clocks import todos as clocked
from miaoce.web.components.formats import due_words, short_day
from miaoce.web.components.parts import KeyValue, TodoRow
from miaoce.web.desk import transfers
from miaoce.web.desk.urgency import clock_tone, urgency_of
from miaoce.web.problems import todos as problems

LATEST = 30  # batches looked at
LATER = date.max
NEWS_DAYS = 3  # how long new numbers are news


@dataclass(frozen=True)
class Progress:
    """How far registration is: submitted, of all that are known, and the nearest day by which a case must be done."""

    submitted: int
    known: int
    numbered: int
    open_rows: int
    returned: int


def progress(officer: Officer, *, on: date) -> Progress:
    """Return how far the kindergarten's registration is. Three statements."""
    standing = approvals.states_of(officer)
    open_rows = sum(line.to_do + line.ready for line in _open(officer, on))
    submitted = sum(standing.get(state, 0) for state in (cases.SUBMITTED, cases.APPROVED, cases.NUMBERED))
    back = standing.get(cases.RETURNED, 0)
    return Progress(submitted, submitted + back + open_rows, standing.get(cases.NUMBERED, 0), open_rows, back)


def _open(officer: Officer, on: date) -> list[BatchLine]:
    """Return the batches in which something is left to do."""
    return [line for line in intake.batches_of(officer, on=on, limit=LATEST) if line.batch.state == batches.OPEN]


def todos(officer: Officer, *, on: date) -> list[TodoRow]:
    """Return what the kindergarten has to do, the nearest due day first. Thirteen statements."""
    calendar = reference.calendar()
    dated = [
        *_batches(officer, on),
        *_returns(officer, on, calendar.between),
        *_clocks(officer, on),
        *_numbers(officer),
        *_whereto(officer, on, calendar.between),
        *clocked.todos(officer, on=on),
        *transfers.todos(officer, on=on),
        *problems.todos(officer, on=on),
    ]
    return [row for _, row in sorted(dated, key=lambda pair: pair[0])]


def _batches(officer: Officer, on: date) -> list[tuple[date, TodoRow]]:
    """Return batches with rows to mend, to decide or to submit, and files that could not be read."""
    rows = []
    for line in intake.batches_of(officer, on=on, limit=LATEST):
        batch = line.batch
        where = reverse("intake-batch", args=[batch.pk])
        came = "今天上传" if timezone.localdate(batch.created_at) == on else f"{short_day(batch.created_at)} 上传"
        if batch.state == batches.REFUSED:
            rows.append(
                (LATER, TodoRow(1, f"没读成「{batch.file_name}」", batch.refusal_words, where, "看看", came, "fix"))
            )
        elif batch.state == batches.OPEN and line.to_do:
            rest = f"；其余 {line.ready} 行已可提交" if line.ready else ""
            detail = f"{line.to_do} 行要改或要判断是否重复{rest}"
            late = f"还留 {line.days_left} 天" if line.days_left is not None else came
            row = TodoRow(line.to_do, f"导入「{batch.file_name}」", detail, where, "继续处理", late, "fix")
            rows.append((batch.expires_on, row))
        elif batch.state == batches.OPEN and line.ready:
            row = TodoRow(line.ready, f"导入「{batch.file_name}」", "都没问题，可以提交", where, "去提交", came)
            rows.append((batch.expires_on, row))
    return rows


def _returns(officer: Officer, on: date, days: Callable[[date, date], int]) -> list[tuple[date, TodoRow]]:
    """Return what the county sent back, with its words as written and the working days left."""
    back = approvals.returns_to(officer)
    if not back:
        return []
    book = reference.codebook(on)
    firsts = [one.child_ids[0] for one in back]
    batch_of = dict(Row.objects.filter(becomes_id__in=firsts).values_list("becomes_id", "batch_id"))
    rows = []
    for one in back:
        reasons = [book.name("refusal_reason", code) for code in one.reasons]
        detail = "；".join([*reasons, *([one.words] if one.words else [])])
        batch = batch_of.get(one.child_ids[0])
        where = (
            f"{reverse('intake-batch', args=[batch])}?tab=returned"
            if batch
            else reverse("child", args=[one.child_ids[0]])
        )
        left = days(on, one.due_on)
        urgency = urgency_of(left)
        title = f"县里退回 {len(one.child_ids)} 名幼儿"
        row = TodoRow(len(one.child_ids), title, detail, where, "去修改", due_words(one.due_on, left), "fix", urgency)
        rows.append((one.due_on, row))
    return rows


def _clocks(officer: Officer, on: date) -> list[tuple[date, TodoRow]]:
    """Return a warning for children whose two months run out and who stand at the kindergarten."""
    clock = clocks(officer, at=approvals.AT_KINDERGARTEN, on=on)
    if clock.due_on is None or not (clock.warn or clock.red):
        return []
    count = clock.warn + clock.red
    passed = f"{clock.red} 名已满两个月，" if clock.red else ""
    title = f"{count} 名入园快两个月，还没建学籍"
    detail = f"{passed}建籍要在入园两个月内办完。请改好后再次提交。"
    where = f"{reverse('children')}?state={cases.RETURNED}"
    tone = clock_tone(clock.red)
    left = reference.working_days_between(on, clock.due_on)
    urgency = urgency_of(left) or "due"
    return [
        (clock.due_on, TodoRow(count, title, detail, where, "看名单", due_words(clock.due_on, left), tone, urgency))
    ]


def _numbers(officer: Officer) -> list[tuple[date, TodoRow]]:
    """Return the numbers of the last days, whose cards can be printed now; they leave the list by themselves."""
    if not officer.may(Permission.CHILD_PRINT):
        return []
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    count = approvals.numbered_since(officer, since)
    detail = f"最近 {NEWS_DAYS} 天批准的。学籍卡和花名册可以打印了。"
    row = TodoRow(count, f"{count} 名已有学籍号", detail, reverse("papers"), "打印学籍卡")
    return [(LATER, row)] if count else []


def _whereto(officer: Officer, on: date, days: Callable[[date, date], int]) -> list[tuple[date, TodoRow]]:
    """Return the children who left for nobody knows where; the clock runs until it is written."""
    count, due_on = enrolments.whereto_count(officer)
    if not count or due_on is None:
        return []
    left = days(on, due_on)
    urgency, words = urgency_of(left), due_words(due_on, left)
    title, detail = f"{count} 名离园幼儿去向不清楚", "问清楚去了哪里，写明就行。县里也看得到。"
    return [(due_on, TodoRow(count, title, detail, reverse("destinations"), "去填写", words, "", urgency))]


def clocks(officer: Officer, *, at: Sequence[str], on: date) -> approvals.RegistrationClock:
    """Return the two-month clocks that are amber from day 40 and red from day 60 (enrolments.rules)."""
    return approvals.clocks_of(
        officer, at=at, warn_from=on - timedelta(days=WARN_DAY), red_from=on - timedelta(days=RED_DAY)
    )


def waiting(officer: Officer, *, on: date) -> list[tuple[str, str, str]]:
    """Return what others do for the kindergarten as rows: who, what, until when. Five statements."""
    rows = []
    count, due_on, oldest = approvals.waiting_at_county(officer)
    if count:
        rows.append(
            ("县教育局审批中", f"{count} 名新建学籍", f"最早 {short_day(oldest)} 提交，{short_day(due_on)}前要办完")
        )
    clock = clocks(officer, at=approvals.AT_COUNTY, on=on)
    if clock.warn or clock.red:
        late = f"，其中 {clock.red} 名已满两个月" if clock.red else ""
        rows.append(("县教育局审批中", f"{clock.warn + clock.red} 名入园快两个月{late}", "县里也会看到提醒"))
    approved = approvals.states_of(officer).get(cases.APPROVED, 0)
    if approved:
        rows.append(("县里已批准", f"{approved} 名等着赋学籍号", "过了可撤回的时间就赋号"))
    return rows + transfers.waiting(officer)


def classes(officer: Officer, *, on: date) -> tuple[str, list[KeyValue]]:
    """Return how many children attend, in words, and each class with those in the room and its norm. Two statements."""
    if officer.unit_id is None:
        return "班级", []
    groups = institutions.groups_of(officer.unit_id, on=on)
    heads = enrolments.heads_of([group.pk for group in groups])
    rows = [
        KeyValue(group.name, f"{size} / {group.size_norm}", size, group.size_norm)
        for group in groups
        for size in [heads.get(group.pk, enrolments.Heads()).present]
    ]
    applied = sum(one.applied for one in heads.values())
    waiting = f"，另有 {applied:,} 名待建籍" if applied else ""
    return f"在园 {sum(one.attending for one in heads.values()):,} 名{waiting}", rows
