"""Two kindergartens, their counties and a child that wants to move, with every step as people take it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from miaoce.registry.access.officers import Officer, the_guardian, the_system
from miaoce.registry.children.models import Child
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers import actions, codes, deciding, guardians, opening, states, switching
from miaoce.registry.transfers.guardians import Heard, Spoken
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.moving import Moved
from tests.factories.children import make_children
from tests.factories.places import make_kindergarten, make_office_tree, make_officer

PHONE = "13800005678"
ENDING = PHONE[-4:]
CODE_DAYS, OBJECTION_DAYS = 7, 3


@dataclass
class Stage:
    """Both ends of a transfer: `is_near` puts them into one county. Moments go on by an hour with every step."""

    is_near: bool = False
    now: datetime = field(default_factory=lambda: timezone.now() - timedelta(days=20))

    def __post_init__(self) -> None:
        tree = make_office_tree()
        self.old = make_kindergarten(tree.county)
        self.new = make_kindergarten(tree.county if self.is_near else tree.far_county)
        self.releaser = make_officer("registrar", self.old)
        self.taker = make_officer("registrar", self.new)
        self.county = make_officer("county_reviewer", self.old.office)
        self.far_county = self.county if self.is_near else make_officer("county_reviewer", self.new.office)

    def children(self, count: int = 1, kindergarten: Kindergarten | None = None) -> list[Child]:
        """Make numbered children of the old kindergarten."""
        signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
        rows = [
            {"name": f"林小{signs[n % 22]}{signs[n // 22]}", "guardian1_phone": PHONE, "entry_date": "2025-09-01"}
            for n in range(count)
        ]
        place = kindergarten or self.old
        at = timezone.now() - timedelta(days=40)
        return make_children(rows, place, registrar=make_officer("registrar", place), at=at)

    @contextmanager
    def doing(self, kind: str, actor: Officer) -> Iterator[Process]:
        """Open a process an hour after the last."""
        self.now += timedelta(hours=1)
        with journal.process(kind, actor=actor, at=self.now) as process:
            yield process

    def request(self, children: Sequence[Child], *, by: Officer | None = None) -> list[Transfer]:
        """Ask for children as the receiving kindergarten."""
        with self.doing("transfer.request", by or self.taker) as process:
            opened = opening.request(child_ids=[c.pk for c in children], process=process, code_days=CODE_DAYS)
        assert not opened.refused, opened.refused
        return opened.done

    def paper(self, transfers: Sequence[Transfer], *, by: Officer | None = None) -> dict[UUID, str]:
        """Print codes as the old kindergarten."""
        with self.doing("transfer.code", by or self.releaser) as process:
            _, made = codes.hand_over(chosen=[t.pk for t in transfers], process=process, days=CODE_DAYS)
        return made

    def consent(self, code: str, ending: str = ENDING, *, kindergarten: Kindergarten | None = None) -> Heard:
        """Agree with a code."""
        with self.doing("transfer.consent", the_guardian()) as process:
            spoken = Spoken(code, ending)
            return guardians.consent(
                spoken=spoken, process=process, kindergarten_id=kindergarten.pk if kindergarten else None
            )

    def confirm(self, transfers: Sequence[Transfer]) -> dict[UUID, str]:
        """Print codes and agree with all of them; return the codes for later."""
        found = {}
        for pk, code in self.paper(transfers).items():
            heard = self.consent(code)
            assert heard.refusal is None
            found[pk] = heard.follow
        return found

    def release(self, transfers: Sequence[Transfer], *, by: Officer | None = None) -> Moved:
        """Release as the old kindergarten."""
        with self.doing("transfer.release", by or self.releaser) as process:
            return actions.release(chosen=seen(transfers), process=process)

    def accept(self, transfers: Sequence[Transfer], *, by: Officer | None = None) -> Moved:
        """Take into the second group of the new kindergarten."""
        group = self.new.groups.order_by("sort")[1]
        with self.doing("transfer.accept", by or self.taker) as process:
            return actions.accept(chosen=seen(transfers), groups={t.pk: group.pk for t in transfers}, process=process)

    def approve(self, transfers: Sequence[Transfer], *, by: Officer | None = None) -> Moved:
        """Approve for one county."""
        with self.doing("transfer.approve", by or self.county) as process:
            return deciding.approve(chosen=seen(transfers), process=process, objection_days=OBJECTION_DAYS)

    def switch(self, *, at: datetime | None = None) -> int:
        """Let the worker come after the window."""
        self.now = at or self.now + timedelta(days=OBJECTION_DAYS, minutes=1)
        with journal.process("transfer.switch", actor=the_system("转园"), at=self.now) as process:
            return switching.switch_due(process=process)

    def bring_to(self, state: str, count: int = 1) -> list[Transfer]:
        """Bring children along the usual way to a state."""
        way = (
            (states.CONFIRMED, self.confirm),
            (states.RELEASED, self.release),
            (states.ACCEPTED, self.accept),
            (states.FORWARDED, lambda some: None if self.is_near else self.approve(some)),
            (states.WINDOW, lambda some: self.approve(some, by=self.far_county)),
            (states.SWITCHED, lambda some: self.switch()),
        )
        made = self.request(self.children(count))
        for reached, step in way:
            if {t.state for t in made} == {state}:
                break
            step(made)
            made = fresh(made)
            assert reached == states.FORWARDED or {t.state for t in made} == {reached}, [t.state for t in made]
        return made


def seen(transfers: Sequence[Transfer]) -> dict[UUID, int]:
    """Return transfers in the versions that they stand in now."""
    return {t.pk: t.version for t in fresh(transfers)}


def fresh(transfers: Sequence[Transfer]) -> list[Transfer]:
    """Return transfers as the database holds them now, in their order."""
    found = Transfer.objects.in_bulk([t.pk for t in transfers])
    return [found[t.pk] for t in transfers]
