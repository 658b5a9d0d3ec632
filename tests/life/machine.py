"""Random lives: hypothesis takes verbs of the register in any order, and the model says what must have become of everybody."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.children.rules import NotKnownYet, NotRecordedYet
from miaoce.registry.enrolments import history
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import rebuild
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import states as transfers
from miaoce.registry.transfers.models import Transfer
from tests.life.model import ATTENDING, Life, Room, Stay
from tests.life.world import World

DICE = st.integers(0, 2**32).map(Random)
"""What a step chooses from; one number a step, so that long lives stay short to write down."""

BACK = st.sampled_from([0, 0, 1, 3, 10, 25])
SUMMER = 7


def births(dice: Random, count: int) -> list[date]:
    """Return birth dates of children of three to six."""
    return [date(2019, 1, 1) + timedelta(days=dice.randrange(1330)) for _ in range(count)]


class Lives(RuleBasedStateMachine):
    """The register and the model side by side. `done` counts what was really done, so that nobody mistakes idle steps for proof."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.world = World()
        self.lives: dict[UUID, Life] = {}
        self.wanted: dict[UUID, tuple[date, Room | None]] = {}
        self.numbers: dict[str, UUID] = {}
        self.closed: set[UUID] = set()
        self.recorded: dict[UUID, date] = {}

    def teardown(self) -> None:
        try:
            self._every_day_as_the_model_has_it()
            found = rebuild.compare()
            assert not found.tables, dict(found.tables)
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    @initialize(dice=DICE)
    def first_children(self, dice: Random) -> None:
        for place in self.world.places:
            rooms = [room for room in self.world.rooms if room.place == place.pk and room.is_there(self.world.today)]
            self._enter(dice, dice.choice(rooms), births(dice, 4))

    def _some(self, dice: Random, likely: str = "") -> list[UUID]:
        """Draw children, mostly such as stand where the verb leads on, sometimes any."""
        every = sorted(self.lives)
        fitting = [pk for pk in every if self.lives[pk].standing == likely]
        if fitting and dice.random() < 0.85:
            every = fitting
        return dice.sample(every, min(len(every), dice.randint(1, 4)))

    def _one(self, dice: Random, fits: Callable[[Life], bool]) -> UUID | None:
        found = sorted(pk for pk, life in self.lives.items() if fits(life))
        return dice.choice(found) if found else None

    def _room(self, dice: Random, place: UUID | None = None, on: date | None = None) -> Room:
        day = on or self.world.today
        rooms = [
            r
            for r in self.world.rooms
            if r.is_there(day) and (r.place == place or place is None) and r.place not in self.closed
        ]
        return dice.choice(rooms)

    def _must_agree(self, told: set[UUID], done: set[UUID], verb: str) -> None:
        assert done == told, f"{verb}: the register did {done}, the model {told}"
        self.done[verb] += len(done)

    @rule(dice=DICE)
    def some_enter(self, dice: Random) -> None:
        self._enter(dice, self._room(dice), births(dice, dice.randint(1, 3)))

    def _enter(self, dice: Random, room: Room, births: list[date]) -> None:
        entered = self.world.today - timedelta(days=dice.randint(0, 10))
        has_document = dice.random() < 0.7
        for child in self.world.admit(room, births, entered, has_document=has_document):
            self.lives[child.pk] = Life(room.place, child.born_on, [Stay(room, entered)])
            self.recorded[child.pk] = min(self.world.today, entered)

    @rule(days=st.sampled_from([1, 4, 15, 60, 100]))
    def days_go_by(self, days: int) -> None:
        for life in self.lives.values():
            life.remember(self.world.today)
        self.world.now += timedelta(days=days)

    @rule(dice=DICE, back=BACK)
    def regroup(self, dice: Random, back: int) -> None:
        chosen, on = self._some(dice, ATTENDING), self.world.today - timedelta(days=back)
        place = self.lives[chosen[0]].place
        if place in self.closed:
            return
        room = self._room(dice, place)
        done = self.world.regroup(place, chosen, room, on)
        self._must_agree({pk for pk in chosen if self.lives[pk].regroup(room, on, self.world.today)}, done, "regroup")

    @rule(dice=DICE, back=BACK, whereto=st.sampled_from(["home", "unknown"]))
    def leave(self, dice: Random, back: int, whereto: str) -> None:
        chosen, on = self._some(dice, ATTENDING), self.world.today - timedelta(days=back)
        place = self.lives[chosen[0]].place
        mine = [pk for pk in chosen if self.lives[pk].place == place]
        done = self.world.leave(place, chosen, on, whereto)
        self._must_agree({pk for pk in mine if self.lives[pk].leave(on, self.world.today)}, done, "leave")

    @rule(dice=DICE, back=BACK)
    def readmit(self, dice: Random, back: int) -> None:
        chosen, on = self._some(dice, "left"), self.world.today - timedelta(days=back)
        room = self._room(dice)
        try:
            done = self.world.readmit(chosen, room, on)
        except Refusal:
            assert not room.is_there(on)
            return
        self._must_agree({pk for pk in chosen if self.lives[pk].readmit(room, on, self.world.today)}, done, "readmit")

    @rule(dice=DICE, back=BACK)
    def graduate(self, dice: Random, back: int) -> None:
        chosen, on = self._some(dice, ATTENDING), self.world.today - timedelta(days=back)
        place = self.lives[chosen[0]].place
        try:
            done = self.world.graduate(place, chosen, on)
        except Refusal:
            assert on.month not in {SUMMER, SUMMER + 1}
            return
        ends = date(on.year, 8, 31)
        mine = [pk for pk in chosen if self.lives[pk].place == place]
        told = {pk for pk in mine if self.lives[pk].graduate(on, self.world.today, ends)}
        self._must_agree(told, done, "graduate")

    @rule(dice=DICE)
    def school_claims(self, dice: Random) -> None:
        chosen = self._some(dice, dice.choice(["graduated", "deferred", ATTENDING]))[:1]
        done = self.world.claim(chosen)
        self._must_agree({pk for pk in chosen if self.lives[pk].claim(self.world.today)}, done, "claim")

    @rule(dice=DICE)
    def ask_for_transfers(self, dice: Random) -> None:
        chosen = self._some(dice, ATTENDING)
        to = self._room(dice).place
        done = self.world.request(chosen, to)
        self._must_agree({pk for pk in chosen if self.lives[pk].open_transfer(to)}, done, "transfer")

    def _transfer(self, dice: Random) -> Transfer | None:
        pk = self._one(dice, lambda life: life.busy == "transfer")
        return Transfer.objects.get(child_id=pk, state__in=transfers.OPEN) if pk else None

    @rule(dice=DICE, steps=st.integers(1, 5))
    def transfer_goes_on(self, dice: Random, steps: int) -> None:
        transfer = self._transfer(dice)
        for _ in range(steps):
            if (
                transfer is None
                or transfer.from_kindergarten_id in self.closed
                or transfer.to_kindergarten_id in self.closed
            ):
                return
            self.world.onward(transfer, self._room(dice, transfer.to_kindergarten_id))
            transfer.refresh_from_db()
            if transfer.state == transfers.WINDOW:
                return

    @rule(dice=DICE, is_refused=st.booleans())
    def transfer_ends(self, dice: Random, is_refused: bool) -> None:
        transfer = self._transfer(dice)
        if transfer is None:
            return
        over = self.world.refuse(transfer) if is_refused else not self.world.call_off(transfer)
        if over:
            self.lives[transfer.child_id].busy = ""
        assert over or transfer.state not in {transfers.REQUESTED, transfers.CONFIRMED}

    @rule()
    def worker_switches(self) -> None:
        now = self.world.now + timedelta(minutes=1)
        due = list(Transfer.objects.filter(state=transfers.WINDOW, switch_at__lte=now))
        self.world.switch()
        rooms = {room.id: room for room in self.world.rooms}
        for transfer in due:
            life, room = self.lives[transfer.child_id], rooms[transfer.group_id]
            if transfer.to_kindergarten_id not in self.closed and room.is_there(self.world.today):
                assert life.busy == "transfer" and life.switch(room, self.world.today)
                self.done["switch"] += 1

    @rule(dice=DICE, kind=st.sampled_from(["defer", "death", "void", "restore", "restore"]), back=BACK)
    def file_a_case(self, dice: Random, kind: str, back: int) -> None:
        pk = dice.choice(sorted(self.lives))
        life, today = self.lives[pk], self.world.today
        if life.place in self.closed:
            return
        on = date(today.year + dice.randint(0, 2), 9, 1) if kind == "defer" else today - timedelta(days=back)
        room = self._room(dice, life.place) if kind == "restore" else None
        done = self.world.file(pk, kind, on, room)
        assert done == life.file(kind, on, today, room), f"{kind} on {on}: the register says {done}"
        if done:
            self.done[f"file {kind}"] += 1
            self.wanted[pk] = (on, room)

    @rule(dice=DICE, verb=st.sampled_from(["agree", "agree", "agree", "send_back", "take_back"]))
    def county_decides(self, dice: Random, verb: str) -> None:
        pk = self._one(dice, lambda life: life.busy not in {"", "transfer"} and life.place not in self.closed)
        if pk is None:
            return
        assert self.world.decide(pk, verb) is (verb != "send_back")
        if verb == "agree":
            self.done[f"agree {self.lives[pk].busy}"] += 1
            self.lives[pk].agree(*self.wanted[pk])
        self.lives[pk].busy = self.lives[pk].busy if verb == "send_back" else ""

    @rule(dice=DICE)
    def school_year_turns(self, dice: Random) -> None:
        place = self._room(dice).place
        for pk, room in (self.world.turn(place) or {}).items():
            assert self.lives[pk].turn(room, room.first)
            self.done["turn"] += 1

    @precondition(lambda self: not self.closed)
    @rule(dice=DICE, has_home=st.booleans(), back=BACK)
    def kindergarten_closes(self, dice: Random, has_home: bool, back: int) -> None:
        here, on = self.world.places[0].pk, self.world.today - timedelta(days=back)
        office = self.world.place(here).office_id
        other = self.world.places[1].pk
        has_home = has_home and self.world.place(other).office_id == office
        home = self._room(dice, other) if has_home else None
        homes = (
            {group: home.id for group in self.world.groups if self.world.groups[group].kindergarten_id == here}
            if home
            else {}
        )
        self.world.close(here, homes, on)
        self.closed.add(here)
        for life in self.lives.values():
            if life.place == here:
                self.done["rehome"] += life.rehome(home, on)

    @rule(dice=DICE)
    def county_settles(self, dice: Random) -> None:
        pk = self._one(dice, lambda life: life.listed and life.standing == "left")
        if pk is None:
            return
        office = Child.objects.get(pk=pk).office_id
        rooms = [r for r in self.world.rooms if r.place not in self.closed and self.world.groups[r.id].kindergarten_id]
        here = [r for r in rooms if self.world.place(r.place).office_id == office and r.is_there(self.world.today)]
        if here:
            room, on = dice.choice(here), self.world.today
            assert (self.world.settle(office, [pk], room, on) == {pk}) == self.lives[pk].settle(room, on)
            self.done["settle"] += 1

    @rule()
    def boundary_moves(self) -> None:
        self.world.move_boundary(self.world.places[1].pk)

    @invariant()
    def the_tables_are_what_the_model_says(self) -> None:
        stays: dict[UUID, list[tuple[Any, date, date | None]]] = {pk: [] for pk in self.lives}
        for stay in Enrolment.objects.exclude(state="withdrawn").order_by("started_on", "id"):
            stays[stay.child_id].append((stay.group_id, stay.started_on, stay.ended_on))
        held = dict(ChangeClaim.objects.values_list("child_id", "kind"))
        for child in Child.objects.filter(pk__in=list(self.lives)):
            life = self.lives[child.pk]
            told = sorted(((s.room.id, s.start, s.end) for s in life.stays), key=str)
            assert sorted(stays[child.pk], key=str) == told
            assert (child.standing, child.kindergarten_id) == (life.standing, life.place)
            assert [end for _, _, end in stays[child.pk]].count(None) == (child.standing == "attending")
            assert (child.pk in held) == bool(life.busy), (held.get(child.pk), life.busy)

    @invariant()
    def no_number_is_used_twice(self) -> None:
        claimed = {str(digest): child for digest, child in NumberClaim.objects.values_list("digest", "child_id")}
        assert all(claimed[digest] == child for digest, child in self.numbers.items())
        self.numbers = claimed
        open_ones = list(ChildNumber.objects.filter(to_on=None).values_list("child_id", flat=True))
        assert sorted(open_ones) == sorted(pk for pk, life in self.lives.items() if life.standing != "void")

    def _every_day_as_the_model_has_it(self) -> None:
        """Ask for every child about the days around each change, as known now and as known at the end of other days."""
        today = self.world.today
        for pk, life in self.lives.items():
            edges = {s.start for s in life.stays} | {s.end for s in life.stays if s.end} | {today}
            days = {day + timedelta(days=more) for day in edges for more in (-1, 0)}
            for known_on in [None, *sorted(life.known)[-3:]]:
                for on in sorted(day for day in days if self.recorded[pk] <= day <= today):
                    self._one_day(pk, life, on, known_on)
        for place in self.world.places:
            for on in (today, today - timedelta(days=40)):
                told = {pk for pk, life in self.lives.items() if (room := life.held(on)) and room.place == place.pk}
                assert {line.child_id for line in history.roll_on(place.pk, on=on)} == told

    def _one_day(self, pk: UUID, life: Life, on: date, known_on: date | None) -> None:
        room = life.held(on, known_on)
        try:
            then = history.child_on(pk, on=on, today=self.world.today, known_on=known_on)
        except (NotRecordedYet, NotKnownYet):
            assert room is None, (on, known_on)
            return
        assert (then.group.pk if then.group else None) == (room.id if room else None), (on, known_on, then.standing)
        assert (then.standing == "attending") == (room is not None)
