"""Mending rows in place: one, many at once, alike errors together, tidying undone, rows set aside as no child and back."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from miaoce.registry.intake import rules, states
from miaoce.registry.intake.check_details import read_entry
from miaoce.registry.intake.contents import OpenRow, write
from miaoce.registry.intake.fields import FIELD, label
from miaoce.registry.intake.findings import ENTRY_MISSING, Finding
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.problems import masked_text, shown_text
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.intake.working import Work, begin, check_again, settle, state_for
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process

SET_ASIDE = "SET_ASIDE"


@transaction.atomic
def mend(
    *, batch: Batch, row_id: UUID, values: Mapping[str, str], version: int | None, process: Process
) -> list[OpenRow]:
    """Put texts into a row's fields, check it again with the whole batch, and return all rows that came out different.

    Texts are as a person types them (“汉族”, not “01”). Refuses a row that changed since it was shown (INT-04), that is
    with the county (INT-06) or of a batch that is not open (INT-05).
    """
    work = begin(batch, process)
    row = work.changeable(row_id)
    if version is not None and row.row.version != version:
        _must_not_clash(work, row, values)
    return _mended(work, {row_id: values}, process)


@transaction.atomic
def mend_many(
    *, batch: Batch, changes: Mapping[UUID, Mapping[str, str]], versions: Mapping[UUID, int], process: Process
) -> tuple[list[OpenRow], list[rules.RowChanged | rules.RowNotFree]]:
    """Put texts into many rows at once; a row that changed meanwhile or is not free is refused alone."""
    work, sound, refused = (
        begin(batch, process),
        dict[UUID, Mapping[str, str]](),
        list[rules.RowChanged | rules.RowNotFree](),
    )
    for row_id, values in changes.items():
        try:
            row = work.changeable(row_id)
            if row_id in versions and row.row.version != versions[row_id]:
                _must_not_clash(work, row, values)
        except (rules.RowChanged, rules.RowNotFree) as refusal:
            refused.append(refusal)
        else:
            sound[row_id] = values
    return _mended(work, sound, process), refused


@transaction.atomic
def mend_alike(*, batch: Batch, field: str, wrong: str, right: str, process: Process) -> list[OpenRow]:
    """Put the right text wherever a field has a problem and holds the wrong one; return all rows that came out different."""
    work = begin(batch, process)
    same = {
        row.key: {field: right}
        for row in work.rows
        if work.shown[row.key] in CHANGEABLE
        and row.content.raw.get(field, "") == wrong
        and any(finding.field == field for finding in row.content.own)
    }
    return _mended(work, same, process)


@transaction.atomic
def fill_entry(*, batch: Batch, text: str, process: Process) -> list[OpenRow]:
    """Put one day of entry into every row that has none; return all rows that came out different.

    The two months of registration count from it. Refuses a text that is no day, or one far away (INT-21).
    """
    work = begin(batch, process)
    day, fault = read_entry(text.strip(), work.place.today)
    if day is None:
        raise rules.EntryUnclear(words=fault)
    given = {"entry_date": day.isoformat()}
    return _mended(
        work, {row.key: given for row in work.rows if work.shown[row.key] in CHANGEABLE and _lacks(row)}, process
    )


def _lacks(row: OpenRow) -> bool:
    return any(finding.code == ENTRY_MISSING for finding in row.content.own)


@transaction.atomic
def undo_tidy(
    *, batch: Batch, field: str, process: Process, row_ids: Collection[UUID] | None = None, again: bool = False
) -> list[OpenRow]:
    """Put a field's texts back as they were given, in the rows named or wherever it was tidied; `again` tidies them again.

    A text of a person's own stays like that; a date, a number or a code has one form that can be used, so its row waits to
    be mended, with the tidied form offered (TIDY_UNDONE). Returns all rows that came out different. Refuses a named row
    that is with the county (INT-06).
    """
    work = begin(batch, process)
    chosen = work.rows if row_ids is None else [work.changeable(row_id) for row_id in row_ids]
    changed = [
        row
        for row in chosen
        if work.shown[row.key] in CHANGEABLE
        and (field in row.content.verbatim if again else any(t.field == field for t in row.content.tidied))
    ]
    for row in changed:
        row.content.verbatim = sorted(set(row.content.verbatim) ^ {field})
    return _stored(work, changed, process, "row.tidied" if again else "row.untidied", {"field": field})


@transaction.atomic
def ignore(*, batch: Batch, row_id: UUID, process: Process) -> list[OpenRow]:
    """Set a row aside as no child of this roll; it stays in the sum and can be brought back."""
    work = begin(batch, process)
    row = work.changeable(row_id)
    row.row.state, work.shown[row.key] = states.IGNORED, states.IGNORED
    row.content.own = [*row.content.own, Finding(None, SET_ASIDE, "您把这一行放到一边了，不提交。", remark=True)]
    return _stored(work, [], process, "row.ignored", {}, also=[row])


@transaction.atomic
def restore(*, batch: Batch, row_id: UUID, process: Process) -> list[OpenRow]:
    """Take a row that was set aside, read as no child or called a repetition as a child and check it."""
    work = begin(batch, process)
    row = work.row(row_id)
    if work.shown[row_id] not in (states.IGNORED, states.REPEATED):
        return []
    row.content.decisions = [d for d in row.content.decisions if d["choice"] != "same"]
    row.row.state, work.shown[row.key] = states.READY, states.READY
    return _stored(work, [row], process, "row.restored", {})


def _must_not_clash(work: Work, row: OpenRow, values: Mapping[str, str]) -> None:
    """Refuse (INT-04) with both values when a field that is to change holds something else than was shown."""
    for key, mine in values.items():
        now = shown_text(key, row.content, work.codebook)
        if now != mine:
            raise rules.RowChanged(where=work.where(row), label=label(key), **_beside(key, now, mine))


def _beside(key: str, now: str, mine: str) -> dict[str, str]:
    """Return both values as they may be told, masked where they are sealed."""
    shown, typed = masked_text(key, now), masked_text(key, mine)
    return {"now": f"{shown}（隐藏的几位不同）" if shown == typed else shown, "mine": typed}


def _mended(work: Work, changes: Mapping[UUID, Mapping[str, str]], process: Process) -> list[OpenRow]:
    """Put texts into fields and check again. An empty text empties the field."""
    changed: list[OpenRow] = []
    for row in work.rows:
        if row.key not in changes:
            continue
        for key, text in changes[row.key].items():
            if key in FIELD:
                put(row, key, text)
        changed.append(row)
    fields = sorted({key for values in changes.values() for key in values})
    return _stored(work, changed, process, "row.mended", {"fields": fields})


def put(row: OpenRow, key: str, text: str) -> None:
    """Put one text into a row and remember that a person did."""
    content = row.content
    if key.startswith("guardian"):
        _stand_apart(row)
    if text.strip():
        content.raw[key] = text.strip()
    else:
        content.raw.pop(key, None)
    _remember(row, key)
    if key in content.verbatim:  # that was said of the text that stood here before
        content.verbatim.remove(key)
    if key in ("name", "sex", "birth_date", "id_number", "id_type"):  # another person, perhaps: decide anew
        content.decisions = []


def _remember(row: OpenRow, key: str) -> None:
    """Remember that a field holds what a person put there, and from which version of the row on."""
    if key not in row.content.edited:
        row.content.edited.append(key)
    row.content.since[key] = row.row.version + 1


def _stand_apart(row: OpenRow) -> None:
    """Give what one cell said of two people cells of its own, before a person changes one of them."""
    content = row.content
    family = [key for key in content.values if key.startswith("guardian")]
    if any(key not in content.raw for key in family):
        content.raw.update({key: content.told(key) if key in content.raw else content.values[key] for key in family})
        for key in family:
            _remember(row, key)


def _stored(
    work: Work,
    changed: Sequence[OpenRow],
    process: Process,
    verb: str,
    after: dict[str, object],
    *,
    also: Sequence[OpenRow] = (),
) -> list[OpenRow]:
    """Check, compare, store and note; return all rows that came out different, in the order of the sheet."""
    check_again(work, changed)
    touched = {row.key for row in changed}
    out = {row.key: row for row in (*settle(work, changed), *also)}
    for row in out.values():
        if row.key in touched:
            row.row.state = state_for(row.content)
            work.shown[row.key] = row.row.state
    write(list(out.values()), work.safe)
    journal.note(process, [Change(verb, "row", row.key, after=after) for row in (*changed, *also)])
    return sorted(out.values(), key=lambda row: row.row.position)
