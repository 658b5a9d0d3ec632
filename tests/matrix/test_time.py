"""How long a foreign and a missing id take: a figure, printed in the soak and judged by people."""

import statistics
import sys
import time

import pytest

from tests.matrix.answers import ask
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.soak]
TRIES = 1_000
ADDRESSES = {
    "page of a child": ("registrar", "/children/{child}/"),
    "page of a batch": ("registrar", "/intake/{batch}/"),
    "page of a decision": ("county_reviewer", "/approvals/decisions/{decision}/"),
}


@pytest.mark.parametrize("label", sorted(ADDRESSES))
def test_the_median_time_of_foreign_and_missing_ids(
    label: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    role, address = ADDRESSES[label]
    who = next(who for who in world.people if who.role == role)
    took: dict[str, list[float]] = {"foreign": [], "missing": []}
    for _ in range(TRIES):
        for whose, times in took.items():
            target = address.format(**world.things(who, whose))
            began = time.perf_counter()
            status = ask(world.client, who, "GET", target).status_code
            times.append(time.perf_counter() - began)
            assert status == 404
    foreign, missing = (statistics.median(times) * 1000 for times in took.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{label}: median of {TRIES} foreign {foreign:.2f} ms, missing {missing:.2f} ms, "
            f"apart {abs(foreign - missing):.2f} ms (5 ms is the limit of docs/trust.md)\n"
        )
