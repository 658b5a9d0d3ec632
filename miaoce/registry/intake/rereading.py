"""Reading a batch once more: with columns explained by hand, or from the problem sheet that was mended elsewhere.

Both read outside a transaction and then lay what is new over what is there: edits made on the page, decisions and rows that
are with the county stay; every row is matched by its sheet and number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db.models import F
from django.utils.timezone import localdate

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import reader, rolls, rules, states, storage
from miaoce.registry.intake.contents import Content, OpenRow, fresh_row, write
from miaoce.registry.intake.fields import FIELD, GRADE, label
from miaoce.registry.intake.headers import looks_like_a_child
from miaoce.registry.intake.headings import step_of
from miaoce.registry.intake.mending import SET_ASIDE, put
from miaoce.registry.intake.models import Batch, HeadingMemory, Row
from miaoce.registry.intake.places import memory_of, place_of
from miaoce.registry.intake.problems_sheet import MARKED
from miaoce.registry.intake.progress import CHECK, READ, Tell, nothing
from miaoce.registry.intake.reading import (
    Understood,
    layout_of,
    limits,
    must_have_every_row,
    read_batch,
    understand,
)
from miaoce.registry.intake.rolls import Roll, RollRow
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.intake.working import Work, begin, check_again, settle
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault

MAPPABLE = ("NO_HEADER", "EMPTY")
LIKENESS = ("name", "id_number", "guardian1_phone")
"""What says that a row of a sheet without marks is the row that stood at its place: one of these is enough."""


@dataclass(frozen=True)
class Pointed:
    """A header row that a person pointed at."""

    sheet: str
    row: int


def remap(
    *, batch: Batch, columns: Mapping[str, str], pointed: Pointed | None = None, actor: Officer, at: datetime
) -> Batch:
    """Remember what headings mean here (heading → field, "" for a column left out) and read the batch again with that.

    Refuses a child for a heading (INT-16), two columns with one meaning (INT-12) and a batch that cannot be read again (INT-05).
    """
    explain(batch=batch, columns=columns, pointed=pointed, actor=actor, at=at)
    if batch.state == states.REFUSED:
        read_batch(batch_id=batch.pk, actor=actor, at=at)
        return Batch.objects.get(pk=batch.pk)
    understood = read_again(batch, at=at)
    with journal.process("intake.remap", actor=actor, at=at) as process:
        lay_over(begin(batch, process), understood, process)
    return Batch.objects.get(pk=batch.pk)


def explain(
    *, batch: Batch, columns: Mapping[str, str], pointed: Pointed | None = None, actor: Officer, at: datetime
) -> None:
    """Remember what headings mean here, and the row of them that was pointed at; a refused batch waits to be read again.

    Refuses a child for a heading (INT-16), two columns with one meaning (INT-12) and a batch that cannot be read again (INT-05).
    """
    require(actor, Permission.INTAKE_EDIT)
    if batch.kindergarten_id != actor.unit_id:
        raise Denied
    if pointed is not None and looks_like_a_child(list(columns)):
        raise rules.ChildAsHeading
    _must_differ(columns)
    if batch.state != states.OPEN and not (batch.state == states.REFUSED and batch.refusal_code in MAPPABLE):
        raise rules.NotOpen(state=states.BATCH_LABELS[batch.state])
    with journal.process("intake.explain", actor=actor, at=at) as process:
        _remember(batch, columns)
        _point(batch, pointed, process)


def read_again(batch: Batch, *, at: datetime, tell: Tell = nothing) -> Understood:
    """Read the file of an open batch once more with what is known of its headings now; INT-15 where it has none."""
    understood = understand(batch, safe=vault.open_safe([batch.pk]), at=at, tell=tell)
    if understood.roll.refused is not None:
        raise rules.StillNoHeader(words=understood.roll.refused.message)
    return understood


def lay_over(work: Work, understood: Understood, process: Process) -> None:
    """Put the rows that were read once more in the place of the stored ones."""
    _lay_over(work, understood.rows)
    work.batch.layout = {**work.batch.layout, **layout_of(understood.roll)}
    work.batch.rows_read = len(work.rows)
    Batch.objects.filter(pk=work.batch.pk).update(layout=work.batch.layout, rows_read=work.batch.rows_read)
    must_have_every_row(work.batch)
    journal.note(process, [Change("batch.remapped", "batch", work.batch.pk, after={"rows": len(work.rows)})])


def _must_differ(columns: Mapping[str, str]) -> None:
    """Refuse (INT-12) two columns with one meaning; province, city and county of a place are not one."""
    for key in filter(None, columns.values()):
        steps = [step_of(heading) for heading, given in columns.items() if given == key]
        if len(steps) > 1 and (0 in steps or len(set(steps)) < len(steps)):
            raise rules.ColumnsClash(label=label(key))


def _remember(batch: Batch, columns: Mapping[str, str]) -> None:
    """Remember headings for this kindergarten; no long texts and no numbers of people, which are hardly headings."""
    HeadingMemory.objects.bulk_create(
        [
            HeadingMemory(kindergarten_id=batch.kindergarten_id, heading=heading, field=field)
            for heading, field in columns.items()
            if 0 < len(heading) <= 60 and not looks_like_a_child([heading])
        ],
        update_conflicts=True,
        unique_fields=["kindergarten", "heading"],
        update_fields=["field"],
    )


def _point(batch: Batch, pointed: Pointed | None, process: Process) -> None:
    """Note the header row pointed at; a refused batch waits to be read again."""
    layout = dict(batch.layout)
    if pointed is not None:
        layout["pointed"] = {"sheet": pointed.sheet, "row": pointed.row}
    refused = batch.state in states.STEPS["explain"].sources
    state = states.STEPS["explain"].target if refused else batch.state
    try:
        Batch.objects.filter(pk=batch.pk, state=batch.state).update(
            layout=layout, state=state, version=F("version") + 1
        )
    except IntegrityError:  # the same bytes stand open in another batch
        raise rules.NotOpen(state="另一份相同的文件正在处理") from None
    batch.layout = layout
    journal.note(process, [Change("batch.explained", "batch", batch.pk, after={"pointed": layout.get("pointed")})])


def _lay_over(work: Work, fresh: Sequence[OpenRow]) -> None:
    """Put freshly read rows in the place of the stored ones, keeping ids, edits and whatever is with the county."""
    old = {(row.row.sheet, row.row.number): row for row in work.rows}
    laid = [_merged(work, old.pop((row.row.sheet, row.row.number), None), row) for row in fresh]
    laid += [row for row in old.values() if work.shown[row.key] not in CHANGEABLE and row.row.state != states.IGNORED]
    work.rows, known = laid, work.shown
    work.shown = {row.key: known.get(row.key, row.row.state) for row in laid}
    edited = [row for row in laid if work.shown[row.key] in CHANGEABLE]
    check_again(work, [row for row in edited if row.content.edited or row.content.verbatim])
    settle(work, edited)
    for position, row in enumerate(laid):
        row.row.position = position
        row.row.version += 1
    Row.objects.filter(batch=work.batch).delete()
    rows.insert([row.close(work.safe) for row in laid])


def _merged(work: Work, old: OpenRow | None, fresh: OpenRow) -> OpenRow:
    """Return the row to keep: the old one where it must not change, otherwise the fresh one with the old id and edits."""
    if old is None:
        return fresh
    by_hand = any(finding.code == SET_ASIDE for finding in old.content.own)
    if by_hand or (work.shown[old.key] not in CHANGEABLE and old.row.state != states.IGNORED):
        return old
    kept = old.content
    fresh.row.pk, fresh.row.becomes_id, fresh.row.version = old.row.pk, old.row.becomes_id, old.row.version
    for key in kept.edited:
        if key in kept.raw:
            fresh.content.raw[key] = kept.raw[key]
        else:
            fresh.content.raw.pop(key, None)
    fresh.content.edited, fresh.content.since = kept.edited, kept.since
    fresh.content.verbatim, fresh.content.decisions = kept.verbatim, kept.decisions
    work.shown[old.key] = fresh.row.state
    return fresh


@dataclass(frozen=True)
class Clash:
    """A row that was changed on the page after the sheet went out, and says something else there: left as it is.

    `texts` are (field, text now, text of the sheet) for everything in which the two differ.
    """

    row: OpenRow
    texts: list[tuple[str, str, str]]


@dataclass(frozen=True)
class BroughtBack:
    """What a sheet brought back did: rows changed, rows as they were, rows that are new, rows with the county left alone.

    `clashes` are the rows refused alone, because somebody changed them meanwhile.
    """

    changed: int
    same: int
    new: int
    left: int
    clashes: list[Clash] = field(default_factory=list)

    @property
    def words(self) -> str:
        """What was done, in a sentence."""
        new = f"，新加 {self.new} 行" if self.new else ""
        left = f"，{self.left} 行已提交，没有动" if self.left else ""
        return f"问题清单已收回：改了 {self.changed} 行，没变 {self.same} 行{new}{left}。"


def bring_back(*, batch: Batch, file_name: str, data: bytes, actor: Officer, at: datetime) -> BroughtBack:
    """Take the mended problem sheet back into its batch: rows are matched by their mark or by likeness, never a second batch.

    A row of which the sheet knows less than the page, because it was changed there since, is refused alone and answered with
    both texts. Rows that the sheet has in addition are added. Refuses a file that cannot be read (INT-14) or holds no row of this
    batch (INT-11).
    """
    require(actor, Permission.INTAKE_EDIT)
    rules.must_fit(size=len(data), megabytes=settings.FILE_MEGABYTES)
    roll = read_sheet(batch, file_name=file_name, data=data, at=at)
    with journal.process("intake.bring_back", actor=actor, at=at) as process:
        return take_back(begin(batch, process), roll, process)


def read_sheet(batch: Batch, *, file_name: str, data: bytes, at: datetime, tell: Tell = nothing) -> Roll:
    """Read and check a sheet that was brought back; INT-14 for one that cannot be read."""
    tell(READ, 0, 0)
    place, book = place_of(batch.kindergarten, on=localdate(at)), reference.codebook(localdate(at))
    with storage.in_the_clear(data) as path:
        reading = reader.read(path, name=file_name, limits=limits())
    memory = memory_of(batch.kindergarten)
    roll = rolls.check(reading, place=place, codebook=book, memory=memory, tell=lambda done, of: tell(CHECK, done, of))
    if roll.refused is not None:
        raise rules.SheetRefused(words=roll.refused.message)
    return roll


def take_back(work: Work, roll: Roll, process: Process) -> BroughtBack:
    """Lay the values of a mended sheet over the rows of the batch."""
    pairs, new = _paired(work, roll)
    if not pairs:
        raise rules.NothingToTake
    fields = set(roll.columns.values())
    free = [(row, given) for row, given in pairs if work.shown[row.key] in CHANGEABLE]
    differing = [(row, texts, _version(given)) for row, given in free if (texts := _differences(row, given, fields))]
    clashes = [Clash(row, texts) for row, texts, version in differing if _is_older(row, texts, version)]
    refused = {clash.row.key for clash in clashes}
    changed = [row for row, _, _ in differing if row.key not in refused]
    for row, texts, _ in differing:
        for key, _, text in texts if row.key not in refused else ():
            put(row, key, text)
    added = [_added(work, row) for row in new]
    work.rows += added
    work.shown.update({row.key: row.row.state for row in added})
    check_again(work, [*changed, *added])
    out = settle(work, [*changed, *added])
    fresh = {row.key for row in added}
    left = sum(work.shown[row.key] in (states.SENT, states.DONE) for row, _ in pairs)
    write([row for row in out if row.key not in fresh], work.safe)
    rows.insert([row.close(work.safe) for row in added])
    Batch.objects.filter(pk=work.batch.pk).update(rows_read=len(work.rows))
    work.batch.rows_read = len(work.rows)
    must_have_every_row(work.batch)
    after = {"changed": len(changed), "new": len(added), "refused": len(clashes)}
    journal.note(process, [Change("batch.brought_back", "batch", work.batch.pk, after=after)])
    return BroughtBack(len(changed), len(free) - len(differing), len(added), left, clashes)


def _paired(work: Work, roll: Roll) -> tuple[list[tuple[OpenRow, RollRow]], list[RollRow]]:
    """Match the rows of a sheet with those of the batch, each once: by the mark it carries, otherwise by likeness.

    A place alone says nothing: the sheet may have been sorted, or be another one.
    """
    marked = {row.key.hex: row for row in work.rows}
    pairs, bare, new = [], [], []
    for given in roll.rows:
        row = marked.pop(given.mark.partition(MARKED)[0], None)
        if row is not None:
            pairs.append((row, given))
        elif given.state != states.IGNORED:
            bare.append(given)
    free = _Unmarked(list(marked.values()))
    for given in bare:
        row = free.take(given)
        if row is not None:
            pairs.append((row, given))
        else:
            new.append(given)
    return pairs, new


class _Unmarked:
    """Rows of the batch that no mark of the sheet names, to be found by what stands in them."""

    def __init__(self, free: Sequence[OpenRow]) -> None:
        one_sheet = len({row.row.sheet for row in free}) == 1
        self._at = {("" if one_sheet else row.row.sheet, row.row.number): row for row in free}
        self._one_sheet = one_sheet
        self._by_number = {number: row for row in free if (number := _text(row.content, "id_number"))}
        self._by_name = {_named(row.content): row for row in free if all(_named(row.content))}
        self._taken = set[UUID]()

    def take(self, given: RollRow) -> OpenRow | None:
        """Return the row at the same place if it is alike in anything, or the one with the same document or family."""
        place = self._at.get(("" if self._one_sheet else given.sheet[:60], given.row))
        if place is not None and not any(_text(place.content, key) == _text(given, key) != "" for key in LIKENESS):
            place = None
        for row in (place, self._by_number.get(_text(given, "id_number")), self._by_name.get(_named(given))):
            if row is not None and row.key not in self._taken:
                self._taken.add(row.key)
                return row
        return None


def _text(row: Content | RollRow, key: str) -> str:
    return row.raw.get(key, "").strip()


def _named(row: Content | RollRow) -> tuple[str, str]:
    return _text(row, "name"), _text(row, "guardian1_phone")


def _differences(row: OpenRow, given: RollRow, fields: set[str]) -> list[tuple[str, str, str]]:
    """Return (field, text now, text of the sheet) where a sheet says something else, in the order of the registry."""
    pairs = [
        (key, row.content.raw.get(key, "").strip(), given.raw.get(key, "").strip())
        for key in (*FIELD, GRADE)
        if key in fields
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _version(given: RollRow) -> int:
    """Return the version in which a row went out; 0, the oldest, where a sheet does not say."""
    version = given.mark.partition(MARKED)[2]
    return int(version) if version.isdecimal() else 0


def _is_older(row: OpenRow, texts: Sequence[tuple[str, str, str]], version: int) -> bool:
    """Say whether the page changed anything in which the sheet differs after the sheet went out."""
    return any(row.content.since.get(key, 0) > version for key, _, _ in texts)


def _added(work: Work, given: RollRow) -> OpenRow:
    """Return a row that a sheet has in addition."""
    position = max((row.row.position for row in work.rows), default=-1) + 1 + given.position
    row = OpenRow(fresh_row(work.batch, sheet=given.sheet, number=given.row, position=position), Content(raw=given.raw))
    row.row.state = given.state
    return row
