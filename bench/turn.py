"""The end of a school year: ten thousand graduate in one act, and a county's classes turn while somebody goes on reading."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bench.figures import Figure, keep, scaled, watch
from bench.ground import Ground, prepare, start

TOGETHER = 20  # kindergartens that turn in one transaction
READER, QUIET = "reader", 5  # the part of the process that reads; seconds that it reads before anything turns


def main() -> None:
    """Play the part that the command line names; without one, fill a register and end its school year."""
    (_read if sys.argv[1:] == [READER] else conduct)()


def conduct() -> None:
    """Fill a register and end its school year."""
    from bench import loader
    from bench.million import settle

    ground = prepare()
    loader.load(stage=1, count=scaled(110_000, 6_000))
    settle()
    graduation(ground, scaled(10_000, 500))
    turn(ground)


def _moment(ground: Ground, month: int, day: int) -> datetime:
    """Return a moment in the summer that ends the school year."""
    return datetime(ground.where.year.ends_on.year, month, day, 2, 0, tzinfo=UTC)


def graduation(ground: Ground, many: int) -> None:
    """Let many graduate in one act; the oldest are taken and made of age, so that there are enough."""
    from bench import floors
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.children.models import Child
    from miaoce.registry.enrolments import graduation as room
    from miaoce.registry.journal import actions as journal

    ids = list(Child.objects.filter(standing="attending").order_by("born_on").values_list("pk", flat=True)[:many])
    for first in range(0, len(ids), 2_000):
        Child.objects.filter(pk__in=ids[first : first + 2_000]).update(born_on=date(ground.today.year - 7, 1, 1))
    chosen = dict.fromkeys(ids, 0)
    with watch() as seen, journal.process("child.graduate", actor=the_system(), at=_moment(ground, 8, 3)) as process:
        done = room.graduate(chosen=chosen, on=date(ground.where.year.ends_on.year, 7, 31), process=process)
    if len(done.done) != len(chosen):
        raise RuntimeError(f"{len(done.refused)} children did not graduate")
    floor = floors.write_again(("registry_event",), f"WHERE process_id = '{_key(process.pk)}'")
    keep(Figure(
        f"graduation of {len(chosen):,} in one act", "≤ 10 s", f"{seen.wall:.2f} s ({seen.cpu:.2f} s of processor)", seen.wall <= 10,
        f"{seen.wall / floor:.1f} ×", "the same events by COPY or executemany",
    ))  # fmt: skip


def _key(pk: Any) -> str:
    from bench.ground import vendor

    return str(pk) if vendor() == "postgresql" else str(pk.hex)


def turn(ground: Ground) -> None:
    """Turn the classes of all kindergartens; the plans are drawn and read before, so the drawing is no part of it."""
    from bench import floors
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.enrolments import turning as room
    from miaoce.registry.enrolments.models import Enrolment, YearPlan
    from miaoce.registry.journal import actions as journal

    sitting = Enrolment.objects.filter(ended_on=None, state="attending")
    for place in sorted(sitting.values_list("kindergarten_id", flat=True).distinct()):
        with journal.process("year_plan.draw", actor=the_system(), at=_moment(ground, 8, 20)) as process:
            room.draw(kindergarten_id=place, process=process)
    plans = list(YearPlan.objects.select_related("school_year").order_by("pk"))
    with _reader() as before:
        time.sleep(scaled(QUIET, 1))
    moved, processes = 0, []
    with _reader() as waited, watch() as seen:
        for first in range(0, len(plans), TOGETHER):
            with journal.process("child.turn", actor=the_system(), at=_moment(ground, 9, 2)) as process:
                moved += len(room.run(plans=plans[first : first + TOGETHER], process=process).done)
            processes.append(f"'{_key(process.pk)}'")
    floor = floors.write_again(("registry_event",), f"WHERE process_id IN ({', '.join(processes)})")
    keep(Figure(
        f"turn of the school year, {moved:,} children in {len(plans):,} kindergartens", "≤ 60 s on PostgreSQL",
        f"{seen.wall:.1f} s ({seen.cpu:.1f} s of processor)", seen.wall <= 60, f"{seen.wall / floor:.1f} ×",
        "the same events by COPY or executemany",
    ))  # fmt: skip
    keep(Figure(
        "the longest a reader waited for a list meanwhile", "≤ 200 ms", f"{waited.longest * 1e3:.0f} ms of {waited.count:,} reads",
        waited.longest <= 0.2, f"{waited.longest / before.longest:.1f} ×", "the longest it waited while nothing turned",
    ))  # fmt: skip


@dataclass
class Waited:
    """How often a list was read, and the seconds of the longest reading; filled when the block ends."""

    longest: float = 0.0
    count: int = 0


@contextmanager
def _reader() -> Iterator[Waited]:
    """Let another process read lists while the block runs, so that it waits for the database and not for this process."""
    waited = Waited()
    command = [sys.executable, "-m", "bench.turn", READER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin and other.stdout
        other.stdout.readline()  # it has begun
        yield waited
        told = other.communicate("")[0].split()
    waited.longest, waited.count = float(told[0]), int(told[1])


def _read() -> None:
    """Read a page of children again and again, as a list does, until the input ends; say the longest wait and the count."""
    start()
    from miaoce.registry.children.models import Child

    places = list(Child.objects.order_by().values_list("kindergarten_id", flat=True).distinct()[:200])
    stop, longest, count = threading.Event(), 0.0, 0
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    print("reading", flush=True)
    while not stop.is_set():
        began = time.perf_counter()
        list(Child.objects.filter(kindergarten_id=places[count % len(places)]).order_by("pinyin", "id")[:50])
        longest, count = max(longest, time.perf_counter() - began), count + 1
        time.sleep(0.02)
    print(longest, count, flush=True)


if __name__ == "__main__":
    main()
