"""The end of a school year: ten thousand graduate in one act, and a county's classes turn while somebody goes on reading."""

import threading
import time
from datetime import UTC, date, datetime
from typing import Any

from bench.figures import Figure, keep, scaled, watch
from bench.ground import Ground, prepare

TOGETHER = 20  # kindergartens that turn in one transaction


def main() -> None:
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
        f"graduation of {len(chosen):,} in one act", "≤ 10 s", f"{seen.wall:.2f} s", seen.wall <= 10,
        f"{seen.wall / floor:.1f} ×", "the same events by COPY or executemany",
    ))  # fmt: skip


def _key(pk: Any) -> str:
    from bench.ground import vendor

    return str(pk) if vendor() == "postgresql" else str(pk.hex)


def turn(ground: Ground) -> None:
    """Turn the classes of all kindergartens; the plans are drawn and read before, so the drawing is no part of it."""
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.enrolments import turning as room
    from miaoce.registry.enrolments.models import Enrolment, YearPlan
    from miaoce.registry.journal import actions as journal

    sitting = Enrolment.objects.filter(ended_on=None, state="attending")
    for place in sorted(sitting.values_list("kindergarten_id", flat=True).distinct()):
        with journal.process("year_plan.draw", actor=the_system(), at=_moment(ground, 8, 20)) as process:
            room.draw(kindergarten_id=place, process=process)
    plans = list(YearPlan.objects.select_related("school_year").order_by("pk"))
    slowest, stop = [0.0], threading.Event()
    reader = threading.Thread(target=_reading, args=(slowest, stop))
    reader.start()
    moved = 0
    with watch() as seen:
        for first in range(0, len(plans), TOGETHER):
            with journal.process("child.turn", actor=the_system(), at=_moment(ground, 9, 2)) as process:
                moved += len(room.run(plans=plans[first : first + TOGETHER], process=process).done)
    stop.set()
    reader.join()
    keep(Figure(
        f"turn of the school year, {moved:,} children in {len(plans):,} kindergartens", "≤ 60 s on PostgreSQL",
        f"{seen.wall:.1f} s", seen.wall <= 60, "", "",
    ))  # fmt: skip
    keep(Figure(
        "the longest a reader waited for a list meanwhile", "≤ 200 ms", f"{slowest[0] * 1000:.0f} ms", slowest[0] <= 0.2, "", ""
    ))  # fmt: skip


def _reading(slowest: list[float], stop: threading.Event) -> None:
    """Read a page of children again and again, as a list does, and remember the longest wait."""
    from django.db import connection

    from miaoce.registry.children.models import Child

    places = list(Child.objects.order_by().values_list("kindergarten_id", flat=True).distinct()[:200])
    count = 0
    while not stop.is_set():
        count += 1
        began = time.perf_counter()
        list(Child.objects.filter(kindergarten_id=places[count % len(places)]).order_by("pinyin", "id")[:50])
        slowest[0] = max(slowest[0], time.perf_counter() - began)
        time.sleep(0.02)
    connection.close()


if __name__ == "__main__":
    main()
