"""Whole lives in a full house: a child's page with its ten events, and the roll of a kindergarten as of an earlier day."""

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle
from statistics import median
from typing import Any

from bench.figures import Figure, keep, p95, scaled, times_of, watch
from bench.ground import COUNTY, Ground, browser, vendor

ASKED, MORE, APART = 120, 9, 30
DAYS = {
    "postgresql": "(effective_on + %s * INTERVAL '1 day')::date",
    "sqlite": "date(effective_on, %s || ' days')",
}
IDS = {
    "postgresql": "(lpad(to_hex(%s), 2, '0') || substr(id::text, 3))::uuid",
    "sqlite": "printf('%%02x', %s) || substr(id, 3)",
}
VALUES = {"postgresql": ("%s::uuid", "%s::jsonb"), "sqlite": ("%s", "%s")}


def measure(ground: Ground, many: int) -> None:
    """Give every child a longer life, then ask for pages and rolls, each time of another child or kindergarten."""
    from bench.million import fifty_by_key, settle
    from miaoce.registry.access.models import Appointment

    with watch() as seen:
        for step in range(1, MORE + 1):
            _age(ground, step)
    settle()
    print(f"  gave {many:,} children {MORE} events more in {seen.wall:.0f} s", flush=True)
    county = Appointment.objects.select_related("staff", "office").get(staff__username="lijianhua")
    floor = p95(times_of(fifty_by_key(), ASKED))
    for what, ask in _asked(browser(county), ground).items():
        ask()
        with watch() as whole:
            taken = times_of(ask, ASKED)
        slowest, middle, busy = p95(taken) * 1e3, median(taken) * 1e3, whole.cpu / ASKED * 1e3
        keep(Figure(
            f"{what} at {many:,} children with {MORE + 1} events each, p95, whole page", "≤ 50 ms",
            f"{slowest:.0f} ms (median {middle:.0f} ms, {busy:.0f} ms of processor)", slowest <= 50, f"{slowest / (floor * 1e3):.0f} ×",
            "p95 of reading fifty children by their keys, without a page",
        ))  # fmt: skip


def _age(ground: Ground, step: int) -> None:
    """Write one event more for every child, by one statement: an entry that was put right some weeks after the one before."""
    from django.db import connection

    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal

    groups = ('{"ethnicity": "01"}', '{"ethnicity": "11"}')
    before, after = groups[::-1] if step % 2 == 0 else groups
    engine = vendor()
    key, value = VALUES[engine]
    with journal.process("child.edit", actor=the_system(), at=ground.now) as process, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_event "  # noqa: S608 - our own words
            "(id, process_id, child_id, subject, subject_id, verb, before, after, effective_on, recorded_at) "
            f"SELECT {IDS[engine]}, {key}, child_id, 'child', child_id, 'child.edited', {value}, {value}, {DAYS[engine]}, "
            "recorded_at FROM registry_event WHERE verb = 'child.recorded' ORDER BY id",
            [16 + step, process.pk.hex, before, after, step * APART],
        )


def _asked(client: Any, ground: Ground) -> dict[str, Callable[[], Any]]:
    """Return what is asked for, each time of the next child or kindergarten of the county."""
    from django.urls import reverse

    from miaoce.registry.children.models import Child
    from miaoce.registry.institutions.models import Kindergarten

    here = Child.objects.filter(office__code=COUNTY, kindergarten__code__startswith="12")
    pages = cycle(
        [reverse("child", args=[key]) for key in here.order_by("id").values_list("pk", flat=True)[:: _step(here)]]
    )
    places = Kindergarten.objects.filter(office__code=COUNTY, code__startswith="12").values_list("code", flat=True)
    codes, on = cycle(places[:ASKED]), (ground.today - timedelta(days=100)).isoformat()
    return {
        "a child's page": lambda: _must_answer(client.get(next(pages))),
        "roll of a kindergarten as of a day": lambda: _must_answer(
            client.get(reverse("roll-as-of"), {"kindergarten": next(codes), "on": on})
        ),
    }


def _step(found: Any) -> int:
    return max(1, found.count() // ASKED)


def _must_answer(answer: Any) -> None:
    """Stop the run when a page is refused."""
    if answer.status_code != 200:
        raise RuntimeError(f"a page answered {answer.status_code}")


if __name__ == "__main__":
    from bench import loader
    from bench.ground import prepare

    place, children = prepare(), scaled(1_000_000, 5_000)
    loader.load(stage=1, count=children)
    measure(place, children)
