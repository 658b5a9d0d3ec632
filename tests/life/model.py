"""What becomes of a child, told again without the register: no tables, no batches, no database, one child at a time.

Every verb says whether it may be done, and what holds afterwards. A stay holds on start <= day < end.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

ATTENDING, LIVING = "attending", {"attending", "left", "graduated", "deferred"}


@dataclass(frozen=True)
class Room:
    """A class of a kindergarten in one school year."""

    id: Any
    place: Any
    first: date
    last: date

    def is_there(self, on: date) -> bool:
        return self.first <= on <= self.last


@dataclass
class Stay:
    room: Room
    start: date
    end: date | None = None


@dataclass
class Life:
    """A child with a number: where its record is, how it stands, its stays in their order, the change in hand."""

    place: Any
    born: date
    stays: list[Stay]
    standing: str = ATTENDING
    busy: str = ""
    until: date | None = None
    listed: bool = False
    known: dict[date, list[tuple[Room, date, date | None]]] = field(default_factory=dict)

    @property
    def last(self) -> Stay:
        order = enumerate(self.stays)
        return max(order, key=lambda s: (s[1].end is None, s[1].end or s[1].start, s[0]))[1]

    def remember(self, today: date) -> None:
        """Keep what is known at the end of a day."""
        self.known[today] = [(stay.room, stay.start, stay.end) for stay in self.stays]

    def held(self, on: date, known_on: date | None = None) -> Room | None:
        """Say where the child was on a day, as known now or at the end of another day."""
        days = [day for day in self.known if known_on is not None and day <= known_on]
        told = self.known[max(days)] if days else [(stay.room, stay.start, stay.end) for stay in self.stays]
        return next((room for room, start, end in told if start <= on and (end is None or on < end)), None)

    def _goes_on(self, room: Room, on: date) -> bool:
        self.last.end = on
        self.stays.append(Stay(room, on))
        self.place = room.place
        return True

    def regroup(self, room: Room, on: date, today: date) -> bool:
        free = self.standing == ATTENDING and not self.busy and room.place == self.place and room.is_there(on)
        fits = free and self.last.start <= on <= today and self.last.room != room
        return fits and self._goes_on(room, on)

    def turn(self, room: Room, first: date) -> bool:
        fits = self.standing == ATTENDING and self.place == room.place and self.last.room.last < first
        return fits and self._goes_on(room, max(first, self.last.start))

    def leave(self, on: date, today: date, how: str = "left") -> bool:
        fits = self.standing == ATTENDING and not self.busy and self.last.start <= on <= today
        if fits:
            self.last.end, self.standing = on, how
        return fits

    def graduate(self, on: date, today: date, ends: date) -> bool:
        is_of_age = self.born <= date(ends.year - 6, 8, 31) and not (self.until and self.until > date(ends.year, 9, 1))
        return is_of_age and self.leave(on, today, "graduated")

    def readmit(self, room: Room, on: date, today: date) -> bool:
        ended = self.last.end
        fits = self.standing in {"left", "deferred"} and not self.busy and ended is not None and ended <= on <= today
        if fits:
            self.stays.append(Stay(room, on))
            self.standing, self.place, self.listed = ATTENDING, room.place, False
        return fits

    def open_transfer(self, to: Any) -> bool:
        fits = self.standing == ATTENDING and not self.busy and self.place != to
        self.busy = "transfer" if fits else self.busy
        return fits

    def switch(self, room: Room, on: date) -> bool:
        self.busy = ""
        return self._goes_on(room, on)

    def file(self, kind: str, on: date, today: date, room: Room | None) -> bool:
        """Ask the county for something: a case is in hand from then on."""
        at = {
            "defer": {"left", "graduated", ATTENDING},
            "restore": {"left", "graduated", "cancelled"},
            "correct": LIVING,
        }
        fits = self.standing in at.get(kind, LIVING) and (not self.busy or kind == "death")
        if kind in {"death", "void", "restore"}:
            fits = fits and (self.last.end or self.last.start) <= on <= today
        if kind == "defer":
            fits = fits and today < on and self.born <= date(on.year - 7, 8, 31) and on.year <= today.year + 2
        if kind == "restore":
            fits = fits and room is not None and room.place == self.place and room.is_there(on)
        self.busy = kind if fits else self.busy
        return fits

    def agree(self, on: date, room: Room | None) -> None:
        """Make true what was asked for."""
        kind, self.busy = self.busy, ""
        if kind == "defer":
            self.until, self.standing = on, ATTENDING if self.standing == ATTENDING else "deferred"
        elif kind == "death":
            self.standing = "cancelled"
            for stay in self.stays:
                stay.end = max(stay.start, on) if stay.end is None or stay.end > on else stay.end
        elif kind == "void":
            self.standing = "void"
            self.stays = [Stay(stay.room, stay.start, stay.start) for stay in self.stays]
        elif kind == "restore" and room is not None:
            self.standing = ATTENDING
            if self.last.room == room and self.last.end == on:
                self.last.end = None
            else:
                self.stays.append(Stay(room, on))

    def claim(self, today: date) -> bool:
        fits = self.standing in LIVING and not self.busy
        if fits and self.standing == ATTENDING:
            self.last.end = max(today, self.last.start)
        self.standing = "promoted" if fits else self.standing
        return fits

    def rehome(self, room: Room | None, on: date) -> bool:
        if self.standing != ATTENDING or self.busy == "transfer":
            return False
        day = max(on, self.last.start)
        if room is None:
            self.last.end, self.standing, self.listed = day, "left", True
            return True
        return self._goes_on(room, day)

    def settle(self, room: Room, on: date) -> bool:
        """Leave the county's list for a class."""
        fits = self.listed and self.standing == "left"
        if fits and self.last.end is not None:
            self.stays.append(Stay(room, max(on, self.last.end)))
            self.standing, self.place, self.listed = ATTENDING, room.place, False
        return fits
