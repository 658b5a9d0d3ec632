"""Kindergartens, counties and a school, and every verb of the register as people take it, for lives at random.

Each verb returns for whom it was done. Moments go on by a minute with each, days only when asked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.utils.timezone import localdate

from miaoce.registry.access.officers import Officer, the_guardian, the_system
from miaoce.registry.approvals import cases
from miaoce.registry.approvals.models import Case
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import casework, graduation, leaving, moving, places, rehoming, turning
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.places import Ending
from miaoce.registry.handover import actions as handover
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import (
    actions,
    boundaries,
    codes,
    deciding,
    filing,
    guardians,
    opening,
    states,
    switching,
)
from miaoce.registry.transfers.guardians import Spoken
from miaoce.registry.transfers.models import Transfer
from tests.factories import places as make
from tests.factories.children import RECALL_MINUTES, make_children
from tests.factories.transfers import CODE_DAYS, ENDING, OBJECTION_DAYS, PHONE, seen
from tests.life.model import Room

BEGAN = datetime(2025, 9, 15, 1, 0, tzinfo=UTC)
SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
REASONS = {
    "defer": "deferral.health",
    "death": "cancellation.death",
    "void": "cancellation.mistake",
    "restore": "restoration.left",
}
VERB = {states.REQUESTED: "confirm", states.CONFIRMED: "release", states.RELEASED: "accept", states.ACCEPTED: "approve"}


class World:
    """Three kindergartens in two counties, each with a registrar, and a primary school."""

    def __init__(self) -> None:
        self.tree = make.make_office_tree()
        self.now, self.made = BEGAN, 0
        self.places = [
            make.make_kindergarten(o, classes=False) for o in (self.tree.county,) * 2 + (self.tree.far_county,)
        ]
        for place in self.places:
            for year in range(2024, 2029):
                make.make_groups(place, on=date(year, 10, 1))
        groups = Group.objects.select_related("school_year").order_by("school_year__starts_on", "sort")
        self.groups = {group.pk: group for group in groups.filter(kindergarten__in=self.places)}
        self.rooms = [
            Room(g.pk, g.kindergarten_id, g.school_year.starts_on, g.school_year.ends_on) for g in self.groups.values()
        ]
        self.registrar = {place.pk: make.make_officer("registrar", place) for place in self.places}
        self.second = {place.pk: make.make_officer("registrar", place) for place in self.places}
        offices = (self.tree.county, self.tree.far_county)
        self.reviewer = {office.pk: make.make_officer("county_reviewer", office) for office in offices}
        self.school = make.make_officer("school_registrar", make.make_school())

    @property
    def today(self) -> date:
        """Return the local day."""
        return localdate(self.now)

    @contextmanager
    def doing(self, kind: str, actor: Officer | object) -> Iterator[Process]:
        """Open a process a minute after the last."""
        self.now += timedelta(minutes=1)
        with journal.process(kind, actor=actor, at=self.now) as process:  # type: ignore[arg-type]  # officer or system
            yield process

    def place(self, pk: UUID) -> Kindergarten:
        """Return a kindergarten as it is now."""
        return Kindergarten.objects.select_related("office").get(pk=pk)

    def admit(self, room: Room, births: Sequence[date], entered: date, *, has_document: bool) -> list[Child]:
        """Bring children from submission to their number; days later they attend."""
        place, rows = self.place(room.place), []
        for born in births:
            self.made += 1
            name = f"林{SIGNS[self.made % 22]}{SIGNS[self.made // 22 % 22]}"
            paper = {} if has_document else {"id_type": "", "id_number": ""}
            rows.append(
                {"name": name, "birth_date": str(born), "entry_date": str(entered), "guardian1_phone": PHONE, **paper}
            )
        made = make_children(
            rows, place, registrar=self.registrar[place.pk], reviewer=self.reviewer[place.office_id],
            group=self.groups[room.id], at=self.now,
        )  # fmt: skip
        self.now += timedelta(minutes=RECALL_MINUTES + 3)
        return made

    def regroup(self, place: UUID, chosen: Collection[UUID], room: Room, on: date) -> set[UUID]:
        with self.doing("child.regroup", self.registrar[place]) as process:
            done = moving.regroup(chosen=dict.fromkeys(chosen, 0), group=self.groups[room.id], on=on, process=process)
        return set(done.done)

    def leave(self, place: UUID, chosen: Collection[UUID], on: date, whereto: str) -> set[UUID]:
        with self.doing("child.leave", self.registrar[place]) as process:
            left = Leaving(on, "moved", whereto)
            return set(leaving.leave(chosen=dict.fromkeys(chosen, 0), leaving=left, process=process).done)

    def readmit(self, chosen: Collection[UUID], room: Room, on: date) -> set[UUID]:
        """Take children in as the kindergarten that was told of them."""
        among = Child.objects.filter(pk__in=chosen)
        with self.doing("child.readmit", self.registrar[room.place]) as process:
            done = leaving.readmit(
                chosen=dict.fromkeys(chosen, 0), group=self.groups[room.id], on=on, process=process, among=among
            )
        return set(done.done)

    def graduate(self, place: UUID, chosen: Collection[UUID], on: date) -> set[UUID]:
        with self.doing("child.graduate", self.registrar[place]) as process:
            return set(graduation.graduate(chosen=dict.fromkeys(chosen, 0), on=on, process=process).done)

    def claim(self, chosen: Collection[UUID]) -> set[UUID]:
        with self.doing("handover.claim", self.school) as process:
            return set(handover.claim(chosen=dict.fromkeys(chosen, "number"), process=process).done)

    def request(self, chosen: Collection[UUID], to: UUID) -> set[UUID]:
        with self.doing("transfer.request", self.registrar[to]) as process:
            opened = opening.request(child_ids=list(chosen), process=process, code_days=CODE_DAYS)
        return {transfer.child_id for transfer in opened.done}

    def onward(self, transfer: Transfer, room: Room) -> None:
        """Take the next step of a transfer, as the party whose it is."""
        getattr(self, f"_{VERB.get(transfer.state, transfer.state)}")(transfer, room)

    def _confirm(self, transfer: Transfer, _room: Room) -> None:
        with self.doing("transfer.code", self.registrar[transfer.from_kindergarten_id]) as process:
            _, made = codes.hand_over(chosen=[transfer.pk], process=process, days=CODE_DAYS)
        with self.doing("transfer.consent", the_guardian()) as process:
            heard = guardians.consent(spoken=Spoken(made[transfer.pk], ENDING), process=process)
        assert heard.refusal is None

    def _release(self, transfer: Transfer, _room: Room) -> None:
        with self.doing("transfer.release", self.second[transfer.from_kindergarten_id]) as process:
            assert actions.release(chosen=seen([transfer]), process=process).done

    def _accept(self, transfer: Transfer, room: Room) -> None:
        with self.doing("transfer.accept", self.registrar[transfer.to_kindergarten_id]) as process:  # type: ignore[index]  # requested by one
            assert actions.accept(chosen=seen([transfer]), groups={transfer.pk: room.id}, process=process).done

    def _approve(self, transfer: Transfer, _room: Room) -> None:
        self._decide(transfer, self.reviewer[transfer.from_office_id])

    def _forwarded(self, transfer: Transfer, _room: Room) -> None:
        self._decide(transfer, self.reviewer[transfer.to_office_id])  # type: ignore[index]  # known since the request

    def _decide(self, transfer: Transfer, reviewer: Officer) -> None:
        with self.doing("transfer.approve", reviewer) as process:
            moved = deciding.approve(chosen=seen([transfer]), process=process, objection_days=OBJECTION_DAYS)
        assert moved.done, moved.refused

    def _window(self, transfer: Transfer, _room: Room) -> None:
        with self.doing("transfer.object", self.second[transfer.from_kindergarten_id]) as process:
            assert actions.object_(chosen=seen([transfer]), words="家长没有同意", process=process).done

    def _stopped(self, transfer: Transfer, _room: Room) -> None:
        with self.doing("transfer.resume", self.reviewer[transfer.from_office_id]) as process:
            assert deciding.resume(chosen=seen([transfer]), words="已核实，家长同意", process=process).done

    def call_off(self, transfer: Transfer) -> None:
        """Withdraw a transfer as the receiving kindergarten."""
        with self.doing("transfer.withdraw", self.registrar[transfer.to_kindergarten_id]) as process:  # type: ignore[index]  # as above
            assert actions.withdraw(chosen=seen([transfer]), process=process).done

    def refuse(self, transfer: Transfer) -> bool:
        """Refuse a transfer as the kindergarten that the child would leave; True where it could."""
        with self.doing("transfer.refuse", self.second[transfer.from_kindergarten_id]) as process:
            said = {"reasons": ["wrong_child"], "words": "不是这名幼儿"}
            return bool(actions.refuse(chosen=seen([transfer]), process=process, **said).done)  # type: ignore[arg-type]  # a dict of both kinds

    def switch(self) -> None:
        """Let the worker come by."""
        with self.doing("transfer.switch", the_system("转园")) as process:
            switching.switch_due(process=process)

    def file(self, child_id: UUID, kind: str, on: date, room: Room | None) -> bool:
        child = Child.objects.get(pk=child_id)
        one = Asked(child_id, child.version, REASONS[kind], on, room.id if room else None, "看过证明原件")
        with self.doing("case.file", self.registrar[child.kindergarten_id]) as process:
            return bool(filing.file(asked=[one], process=process).done)

    def decide(self, child_id: UUID, verb: str) -> bool:
        """Agree to what is in hand for a child at its county, send it back and in again, or take it back."""
        case = Case.objects.get(child_id=child_id, state__in=["filed", "sent_back"])
        chosen, registrar = {case.pk: case.version}, self.registrar[case.kindergarten_id]  # type: ignore[index]  # filed by one
        reviewer = self.reviewer[case.office_id]
        if verb == "agree":
            with self.doing("case.agree", reviewer) as process:
                return bool(casework.agree(chosen=chosen, process=process).done)
        if verb == "take_back":
            with self.doing("case.take_back", registrar) as process:
                return bool(cases.take_back(chosen=chosen, process=process).done)
        with self.doing("case.send_back", reviewer) as process:
            assert cases.send_back(chosen=chosen, reasons=[], words="请补证明", process=process).done
        with self.doing("case.refile", registrar) as process:
            assert cases.refile(chosen={case.pk: case.version + 1}, process=process).done
        return False

    def turn(self, place: UUID) -> Mapping[UUID, Room] | None:
        """Turn the school year of a kindergarten by the plan as drawn; return where it says that children go."""
        with self.doing("year.draw", self.registrar[place]) as process:
            try:
                plan = turning.draw(kindergarten_id=place, process=process)
            except Refusal:
                return None
        if plan.state != "draft" or self.today < plan.school_year.starts_on:
            return None
        with self.doing("year.turn", self.registrar[place]) as process:
            turning.run(plans=[plan], process=process)
        fresh = Group.objects.filter(kindergarten_id=place, school_year=plan.school_year).select_related("school_year")
        by_name = {group.name: group for group in fresh}
        for group in by_name.values():
            if group.pk not in self.groups:
                self.groups[group.pk] = group
                self.rooms.append(Room(group.pk, place, group.school_year.starts_on, group.school_year.ends_on))
        rooms = {room.id: room for room in self.rooms}
        return {UUID(hex=child): rooms[by_name[name].pk] for child, name in plan.moves.items() if name}

    def close(self, place: UUID, homes: Mapping[UUID, UUID | None], on: date) -> None:
        """Close a kindergarten; `homes` lead from its groups to a successor's."""
        here = self.place(place)
        with self.doing("institution.close", self.reviewer[here.office_id]) as process:
            places.close(ending=Ending(here, homes), on=on, process=process)

    def settle(self, office: UUID, chosen: Collection[UUID], room: Room, on: date) -> set[UUID]:
        """Give children of a county's list a class."""
        with self.doing("institution.place", self.reviewer[office]) as process:
            return set(rehoming.place(chosen=dict.fromkeys(chosen, room.id), on=on, process=process).moved)

    def move_boundary(self, place: UUID) -> None:
        """Move a kindergarten to the other county."""
        here = self.place(place)
        office = self.tree.far_county if here.office_id == self.tree.county.pk else self.tree.county
        with self.doing("institution.move", the_system("区划调整")) as process:
            boundaries.move(
                kindergartens=[here], office=office, region_code=office.region_code, on=self.today, process=process
            )
