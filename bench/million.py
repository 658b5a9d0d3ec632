"""In a full house: the cost of a row at ten thousand and at a million children, the list beside a bare view, the search."""

from collections.abc import Callable
from itertools import cycle
from statistics import median
from typing import Any

from bench.figures import Figure, keep, p95, scaled, times_of, watch
from bench.ground import COUNTY, Ground, browser, prepare, vendor

ASKED = 120


def main() -> None:
    """Fill the register step by step and measure on the way."""
    from bench import lives, loader
    from bench.list import beside_a_bare_view

    ground = prepare()
    few, some, many = scaled(10_000, 2_000), scaled(100_000, 10_000), scaled(1_000_000, 40_000)
    loader.load(stage=1, count=few)
    settle()
    before = cost_of_a_row(ground)
    loader.load(stage=2, count=some - few)
    settle()
    beside_a_bare_view(some)
    with watch() as seen:
        loader.load(stage=3, count=many - some)
    print(f"  loaded {many - some:,} children in {seen.wall:.0f} s", flush=True)
    settle()
    after = cost_of_a_row(ground)
    keep(Figure(
        f"cost of a row at {many:,} children, to that at {few:,}", "≤ 1.5 ×",
        f"{after / before:.2f} × ({after * 1e3:.2f} ms, {before * 1e3:.2f} ms)", after / before <= 1.5,
        f"{after / before:.2f} ×", "the same sheets, upload to numbers, by one process in the smaller register",
    ))  # fmt: skip
    searches(many)
    lives.measure(ground, many)


def settle() -> None:
    """Do what the database's own housekeeping, or the worker, does soon after so many new rows."""
    from django.db import connection

    from miaoce.registry import rows

    with connection.cursor() as cursor:
        if vendor() == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        else:
            rows.note_sizes()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def cost_of_a_row(ground: Ground) -> float:
    """Return the seconds that a row costs from upload to number: the middle of five sheets after a first one."""
    from bench import flow

    rows, taken = scaled(2_000, 500), []
    for _ in range(6):
        data = ground.intakes.sheet(rows, ground.book)
        with watch() as seen:
            batch = flow.receive(ground.registrar, ground.kindergarten, data)
            flow.read(batch)
            flow.submit(ground.registrar, batch)
            flow.approve(ground.reviewer, flow.choose(ground.reviewer))
            flow.number()
        taken.append(seen.wall / rows)
    return median(taken[1:])


def searches(many: int) -> None:
    """Ask for pages in each way that a search goes, at a county and at a kindergarten, and for the first list page."""
    from django.urls import reverse

    from miaoce.registry.access.models import Appointment

    county = Appointment.objects.select_related("staff", "office").get(staff__username="lijianhua")
    reviewer = browser(county)
    asked = _asked()
    floor = p95(times_of(fifty_by_key(), ASKED))
    pages: dict[str, Callable[[], Any]] = {}
    for way, texts in asked.items():
        pages[f"search by {way}"] = _search_in_turn(reviewer, texts)
    pages["first list page"] = lambda: reviewer.get(reverse("children"))
    for what, ask in pages.items():
        statements = _statements(ask)
        _must_not_count(what, statements)
        taken = times_of(ask, ASKED)
        slowest, words = p95(taken) * 1e3, f"median {median(taken) * 1e3:.0f} ms"
        keep(Figure(
            f"{what} at {many:,} children, p95, whole page", "≤ 50 ms", f"{slowest:.0f} ms ({words})", slowest <= 50,
            f"{slowest / (floor * 1e3):.0f} ×", "p95 of reading fifty children by their keys, without a page",
        ))  # fmt: skip


def _search_in_turn(browser: Any, texts: list[str]) -> Callable[[], Any]:
    """Return a search that asks for another text each time."""
    from django.urls import reverse

    turn = cycle(texts)
    return lambda: browser.get(reverse("search"), {"q": next(turn)})


def _asked() -> dict[str, list[str]]:
    """Return what people type, by the way it goes: a hundred of each, from children of the county."""
    from miaoce.registry.children.models import Child
    from miaoce.registry.vault import queries as vault

    step = max(1, Child.objects.filter(office__code=COUNTY).count() // 100)
    keys = list(Child.objects.filter(office__code=COUNTY).order_by("id").values_list("pk", flat=True)[::step])
    found = list(Child.objects.filter(pk__in=keys).exclude(document_number=None).exclude(number=None))
    safe = vault.open_safe([child.pk for child in found])
    return {
        "name": [child.name for child in found],
        "pinyin": [child.pinyin for child in found],
        "initials": [child.initials for child in found],
        "number": [safe.open(c.pk, "child", "number", c.pk, bytes(c.number)) for c in found if c.number_kind == "G"],
        "last four": [safe.open(c.pk, "child", "document_number", c.pk, bytes(c.document_number))[-4:] for c in found],
    }


def fifty_by_key() -> Callable[[], Any]:
    """Return a reading of fifty children by primary key."""
    from miaoce.registry.children.models import Child

    keys = list(Child.objects.values_list("pk", flat=True)[:50])
    return lambda: list(Child.objects.filter(pk__in=keys).values_list("name", "born_on"))


def _statements(ask: Callable[[], Any]) -> list[str]:
    """Return the statements that a page makes."""
    from django.db import connection

    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        answer = ask()
    if answer.status_code not in (200, 302):
        raise RuntimeError(f"a page answered {answer.status_code}")
    return found


def _must_not_count(what: str, statements: list[str]) -> None:
    """Stop when a page counts."""
    if counting := [sql for sql in statements if "COUNT(" in sql.upper()]:
        raise RuntimeError(f"{what} counts: {counting[0]}")


if __name__ == "__main__":
    main()
