"""Making papers: class rolls and student cards. Logged for each child before anything is opened.

Numbers and telephones are masked unless a reason is given; then they stand in full, and the log holds the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.timezone import localtime

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.queries import in_group
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers import fonts
from miaoce.registry.papers.facts import CARDS_A_PAGE, COLUMNS, Facts, facts_of, sheets, written
from miaoce.registry.papers.typesetting import pdf
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal

MOST_CARDS = 500  # trust.md S-03: nobody takes more away at once


class TooManyCards(Refusal):
    """More children than may be printed at once."""

    code, message, http = "PAP-02", "一次最多打印 {most} 名。请先按班级筛选，再分几次打印。", 422


class NoneChosen(Refusal):
    """No child was chosen, or none of them attends with a number."""

    code, message, http = "PAP-03", "选中的幼儿还没有学籍号，或已不在园。赋号后、在园的才能打印学籍卡。", 422


@dataclass(frozen=True)
class Printing:
    """A paper about to be made: whose, its facts, the line that says who printed it and when."""

    kindergarten: str
    facts: Sequence[Facts]
    mark: str
    on: str
    missing: Sequence[str]
    is_full: bool


def own_place(actor: Officer) -> UUID:
    """Return the kindergarten of an officer: only kindergartens hold child:print."""
    if actor.unit_id is None:
        raise LookupError("a role with child:print belongs to a kindergarten")
    return actor.unit_id


def roll(*, group: Group, actor: Officer, at: datetime, reason: str = "") -> Printing:
    """Return the roll of a group: the actor's children in it that attend. `reason` as the log keeps it, for full values."""
    children = in_group(Child.objects.visible_to(actor), group.pk).filter(state=states.NUMBERED)
    found = list(children.order_by("pinyin", "id"))
    return _printing(found, what="paper.roll", title=group.name, actor=actor, at=at, reason=reason)


def cards(*, chosen: ChildQuerySet, actor: Officer, at: datetime, reason: str = "") -> tuple[Printing, int]:
    """Return the cards of chosen children that attend with a number, and how many others were chosen. PAP-02, PAP-03."""
    found = list(chosen.order_by("pinyin", "id")[: MOST_CARDS + 1])
    if len(found) > MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    numbered = [child for child in found if child.standing == stays.ATTENDING and child.number is not None]
    if not numbered:
        raise NoneChosen
    made = _printing(numbered, what="paper.cards", title="", actor=actor, at=at, reason=reason)
    return made, len(found) - len(numbered)


def _printing(
    children: Sequence[Child], *, what: str, title: str, actor: Officer, at: datetime, reason: str
) -> Printing:
    """Log that these papers are made and open what stands on them."""
    require(actor, Permission.CHILD_PRINT)
    if children:
        what = f"{what}.full" if reason else what
        journal.log_reading(actor=actor, at=at, what=what, child_ids=[child.pk for child in children], reason=reason)
    local = localtime(at)
    place = Kindergarten.objects.get(pk=own_place(actor))
    facts = facts_of(children, reference.codebook(local.date()), is_full=bool(reason))
    mark = f"{actor.name}（{actor.role.name}）{local:%Y-%m-%d %H:%M} 打印 · {place.name} · 含个人信息，请妥善保管"
    others = {"place": place.name, "mark": mark, "title": title}
    missing = fonts.missing(written(facts, others))
    return Printing(place.name, facts, mark, local.date().isoformat(), missing, bool(reason))


def roll_pdf(group: Group, printing: Printing) -> bytes:
    """Return a roll as PDF. Refuses PAP-01."""
    data = {
        "title": f"{printing.kindergarten} {group.name} 花名册",
        "year": group.school_year.name,
        "columns": [{"label": column.label, "width": column.width} for column in COLUMNS],
        "pages": [sheet.rows for sheet in sheets(printing.facts)],
        "total": len(printing.facts),
        "on": printing.on,
        "mark": printing.mark,
    }
    return pdf("roll", data)


def cards_pdf(printing: Printing, codes: Mapping[UUID, str]) -> bytes:
    """Return cards as PDF, each with its drawing in `codes`. Refuses PAP-01."""
    data = {
        "kindergarten": printing.kindergarten,
        "cards": [{"name": one.name, "lines": one.card_lines(), "code": codes[one.child_id]} for one in printing.facts],
        "a_page": CARDS_A_PAGE,
        "on": printing.on,
        "mark": printing.mark,
    }
    return pdf("cards", data)
