"""A child's life: re-homing when places end, and the feed of what changed."""

from typing import Any

from bench.figures import Figure, keep, scaled, watch
from bench.ground import COUNTY, Ground, prepare


def main() -> None:
    """Fill a register of some kindergartens and measure."""
    from bench import loader
    from bench.million import settle

    ground = prepare()
    loader.load(stage=1, count=scaled(50_000, 5_000))
    settle()
    rehoming(ground, scaled(5_000, 500))
    feed(ground, scaled(20_000, 2_000))


def rehoming(ground: Ground, many: int) -> None:
    """Move children of one county's kindergartens to the groups of another in one act."""
    from bench import floors
    from miaoce.registry.enrolments import rehoming as room
    from miaoce.registry.enrolments.models import Enrolment
    from miaoce.registry.journal import actions as journal

    stays = Enrolment.objects.filter(kindergarten__office__code=COUNTY, state="attending", ended_on=None)
    chosen = dict.fromkeys(
        stays.values_list("child_id", flat=True)[:many], ground.where.groups[ground.kindergarten.code][1].pk
    )
    with watch() as seen, journal.process("institution.close", actor=ground.reviewer, at=ground.now) as process:
        done = room.rehome(chosen=chosen, on=ground.today, process=process)
    if len(done.moved) != len(chosen):
        raise RuntimeError("some children stayed where they were")
    events = f"WHERE process_id = '{process.pk if _is_postgresql() else process.pk.hex}'"
    floor = floors.write_again(("registry_event",), events)
    keep(Figure(
        f"re-homing {len(chosen):,} children in one act", "≤ 5 s", f"{seen.wall:.2f} s ({seen.cpu:.2f} s of processor)",
        seen.wall <= 5, f"{seen.wall / floor:.1f} ×", "the same events by COPY or executemany",
    ))  # fmt: skip


def _is_postgresql() -> bool:
    from bench.ground import vendor

    return vendor() == "postgresql"


def feed(ground: Ground, many: int) -> None:
    """Read a county's feed page by page as its program does, and write it as CloudEvents."""
    import json

    from miaoce.registry.handover import feed as room
    from miaoce.registry.journal.models import Event

    told, last = 0, None
    with watch() as seen:
        while told < many and (page := room.events_for(ground.reviewer, after=last, limit=1_000)):
            json.dumps([event.as_cloud_event() for event in page])
            told, last = told + len(page), page[-1].id
    with watch() as floor:
        read: list[Any] = list(Event.objects.order_by("pk").values_list()[:told])
    rate = told / seen.wall
    keep(Figure(
        f"change feed, {told:,} events by pages of a thousand", "≥ 5,000 events/s", f"{rate:,.0f} events/s", rate >= 5_000,
        f"{seen.wall / floor.wall:.1f} ×", f"the same {len(read):,} rows read by one statement, without scope or shape",
    ))  # fmt: skip


if __name__ == "__main__":
    main()
