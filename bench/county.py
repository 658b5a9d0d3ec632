"""A county's first load: every sheet from upload to numbers, web side and worker side as two processes."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import Figure, keep, scaled, watch
from bench.ground import BEGAN, COUNTY, Ground, browser, prepare, start, vendor

MOST_MEGABYTES = 512
PATIENCE = 1_200  # seconds
SHEETS = "MIAOCE_BENCH_SHEETS"


def _used() -> dict[str, float]:
    """Return what this process and its children took: MiB at most of one of them, and seconds of processor together."""
    own, started = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "own": own.ru_maxrss // 1024,
        "started": started.ru_maxrss // 1024,
        "processor": own.ru_utime + own.ru_stime + started.ru_utime + started.ru_stime,
    }


def main() -> None:
    """Play the part that the command line names; without one, make the sheets and conduct the others."""
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    {"web": web, "worker": worker, "": conduct}[part]()


def conduct() -> None:
    """Make the sheets, start both sides, wait for the last number, keep the figures."""
    from bench import floors

    ground = prepare()
    with tempfile.TemporaryDirectory() as folder:
        total = _make_sheets(ground, Path(folder))
        surroundings = {**os.environ, SHEETS: folder}
        with watch() as seen:
            sides = {part: _side(part, surroundings) for part in ("web", "worker")}
            told = {part: side.communicate(timeout=PATIENCE)[0] for part, side in sides.items()}
        if any(side.returncode for side in sides.values()):
            raise RuntimeError("a side of the county's load ended with an error")
    web_told, worker_told = (json.loads(told[part].splitlines()[-1]) for part in ("web", "worker"))
    seconds, numbered = worker_told["until"] - web_told["since"], worker_told["numbered"]
    floor = floors.write_again()
    used = {"web": web_told["used"], "worker": worker_told["used"]}
    busy = " + ".join(f"{side['processor'] / total * 1e3:.2f}" for side in used.values())
    is_fast = total / seconds >= 1_000 if vendor() == "postgresql" else None
    keep(Figure(
        f"first load of {total:,} rows, upload to numbers issued", "≥ 1,000 rows/s on PostgreSQL",
        f"{total / seconds:,.0f} rows/s ({seconds:.0f} s, {numbered:,} numbers; processor of web + worker {busy} ms a row)", is_fast,
        f"{seconds / floor:.1f} ×", "all rows that came of it, written again by COPY or executemany without index",
    ))  # fmt: skip
    most = max(max(side["own"], side["started"]) for side in used.values())
    words = ", ".join(f"{part} {side['own']:.0f}, started by it {side['started']:.0f}" for part, side in used.items())
    keep(Figure(
        "the same, most memory of a process", f"≤ {MOST_MEGABYTES} MiB", f"{most:.0f} MiB ({words})", most <= MOST_MEGABYTES
    ))  # fmt: skip
    print(f"  both sides took {seen.wall:.0f} s with starting and stopping", flush=True)


def _make_sheets(ground: Ground, folder: Path) -> int:
    """Write every sheet, the county's kindergartens in turn; return the number of rows."""
    from bench.sheets import Crowd, Intakes

    here = [k for k in ground.where.kindergartens if k.office.code == COUNTY and k.is_licensed(ground.today)]
    people, size = Crowd("county"), scaled(5_000, 1_000)
    total = scaled(100_000, 5_000)
    for index in range(total // size):
        place = here[index % len(here)]
        intakes = Intakes(place, ground.where.groups[place.code], ground.where.year.starts_on, ground.today, people)
        (folder / f"{index:03d}-{place.code}.xlsx").write_bytes(intakes.sheet(size, ground.book))
    return total


def _side(part: str, surroundings: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "bench.county", part], env=surroundings, stdout=subprocess.PIPE)


def web() -> None:
    """Upload every sheet through the WSGI handler, submit each as soon as it was read, approve it."""
    start()
    from django.test import Client
    from django.urls import reverse

    from miaoce.registry.access.models import Appointment
    from miaoce.registry.institutions.models import Kindergarten

    desks = {path: _registrar(path.stem.split("-")[1]) for path in sorted(Path(os.environ[SHEETS]).iterdir())}
    reviewer = Appointment.objects.select_related("staff", "office").get(staff__username="lijianhua")
    browsers: dict[Any, Client] = {}
    since = time.time()
    batches = []
    for path, appointment in desks.items():
        client = browsers.setdefault(appointment.pk, browser(appointment))
        with path.open("rb") as file:
            batches.append((client, _uploaded(client.post(reverse("intake"), {"file": file}))))
    for client, batch in batches:
        _when_read(batch)
        answer = client.post(reverse("intake-submit", args=[batch]), {"promise": "1"})
        if answer.status_code != 302:
            raise RuntimeError(f"submitting answered {answer.status_code}")
        _approve_all(reviewer)
    places = Kindergarten.objects.count()
    print(json.dumps({"since": since, "places": places, "used": _used()}), flush=True)


def _registrar(code: str) -> Any:
    """Return the appointment of a kindergarten's registrar; one is made where the place has none."""
    from miaoce.registry.access.models import Appointment, Staff
    from miaoce.registry.institutions.models import Kindergarten

    kindergarten = Kindergarten.objects.get(code=code)
    found = Appointment.objects.select_related("staff").filter(kindergarten=kindergarten, role="registrar").first()
    if found is not None:
        return found
    staff = Staff.objects.create(username=f"bench-{code}", name="登记员")
    return Appointment.objects.create(staff=staff, role="registrar", kindergarten=kindergarten, from_on=BEGAN)


def _uploaded(answer: Any) -> str:
    """Return the id of the batch that an upload led to."""
    if answer.status_code != 302:
        raise RuntimeError(f"uploading answered {answer.status_code}")
    return str(answer["Location"].rstrip("/").split("/")[-1])


def _when_read(batch: str) -> None:
    """Wait until the worker has read a batch."""
    from miaoce.registry.intake import states
    from miaoce.registry.intake.models import Batch

    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        state = Batch.objects.values_list("state", flat=True).get(pk=batch)
        if state == states.OPEN:
            return
        if state == states.REFUSED:
            raise RuntimeError("a sheet was refused")
        time.sleep(0.05)
    raise RuntimeError("a sheet was not read in time")


def _approve_all(appointment: Any) -> None:
    """Approve what waits at the county."""
    from bench import flow
    from miaoce.registry.access import queries

    officer = queries.officer_of(appointment)
    flow.approve(officer, flow.choose(officer))


def worker() -> None:
    """Do the worker's duties until every sheet is read and every approved child has its number."""
    start()
    from miaoce.jobs.worker import tick
    from miaoce.registry.approvals import states as cases
    from miaoce.registry.approvals.models import Proposal
    from miaoce.registry.intake import states
    from miaoce.registry.intake.models import Batch, Row

    sheets, until = len(list(Path(os.environ[SHEETS]).iterdir())), time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if tick():
            continue
        read = Batch.objects.filter(state=states.OPEN).count() == sheets
        if read and not Row.objects.filter(state=states.READY).exists():
            waiting = Proposal.objects.exclude(state=cases.NUMBERED).exists()
            if not waiting and Proposal.objects.exists():
                break
        time.sleep(0.05)
    numbered = Proposal.objects.filter(state=cases.NUMBERED).count()
    print(json.dumps({"until": time.time(), "numbered": numbered, "used": _used()}), flush=True)


if __name__ == "__main__":
    main()
