"""One sheet at one desk: upload to review, the checks alone, and ten thousand approved in one act."""

import tempfile
from pathlib import Path
from statistics import median

from bench.figures import Figure, keep, scaled, watch
from bench.ground import Ground, browser, prepare


def main() -> None:
    """Measure."""
    ground = prepare()
    upload_to_review(ground, scaled(300, 100))
    checks_alone(ground, scaled(5_000, 1_000))
    approve_in_one_act(ground, scaled(10_000, 1_000))


def upload_to_review(ground: Ground, rows: int) -> None:
    """Post a sheet to the upload page and follow to the review page, through the WSGI handler."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from bench import floors

    client, taken = browser(ground.where.staff["wangmin"]), []
    for _ in range(6):
        data = ground.intakes.sheet(rows, ground.book)
        file = SimpleUploadedFile("bench.xlsx", data)
        with watch() as seen:
            answer = client.post(reverse("intake"), {"file": file}, follow=True)
        if answer.status_code != 200 or not answer.redirect_chain:
            raise RuntimeError(f"the review page answered {answer.status_code}")
        taken.append(seen.wall)
    worst, floor = (
        max(taken[1:]),
        floors.store(data, Path(settings.UPLOADS))
        + floors.write_again(["registry_row"], f"WHERE batch_id = '{_last_batch()}'"),
    )
    keep(Figure(
        f"a sheet of {rows} rows from upload to review page", "≤ 1.5 s", f"{worst:.2f} s (median {median(taken[1:]):.2f} s)",
        worst <= 1.5, f"{worst / floor:.0f} ×", "the same bytes stored and the same rows written",
    ))  # fmt: skip


def _last_batch() -> str:
    """Return the id of the newest batch as the database writes it."""
    from bench.ground import vendor
    from miaoce.registry.intake.models import Batch

    newest = Batch.objects.latest("id").pk
    return str(newest) if vendor() == "postgresql" else str(newest.hex)


def checks_alone(ground: Ground, rows: int) -> None:
    """Check rows that were read already; no database."""
    from django.utils import timezone

    from miaoce.registry.intake import reader, rolls
    from miaoce.registry.intake.places import place_of

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.xlsx"
        path.write_bytes(ground.intakes.sheet(rows, ground.book))
        reading = reader.read(path, name=path.name)
    place = place_of(ground.kindergarten, on=timezone.localdate())
    taken = []
    for _ in range(4):
        with watch() as seen:
            roll = rolls.check(reading, place=place, codebook=ground.book)
        taken.append(seen.cpu)
    headings = [column.field for column in roll.layouts[0].columns]
    with watch() as walked:
        kept = [dict(zip(headings, row.cells, strict=False)) for sheet in reading.sheets for row in sheet.rows]
    best = min(taken)
    keep(Figure(
        "checks alone", "≥ 5,000 rows/s per core", f"{len(roll.rows) / best:,.0f} rows/s", len(roll.rows) / best >= 5_000,
        f"{best / walked.cpu:.0f} ×", f"the same {len(kept):,} rows put under their headings and not checked",
    ))  # fmt: skip


def approve_in_one_act(ground: Ground, count: int) -> None:
    """Approve many cases in one act."""
    from bench import floors, flow

    for _ in range(2):
        batch = flow.receive(ground.registrar, ground.kindergarten, ground.intakes.sheet(count // 2, ground.book))
        flow.read(batch)
        flow.submit(ground.registrar, batch)
    selection = flow.choose(ground.reviewer)
    with watch() as seen:
        done = flow.approve(ground.reviewer, selection)
    floor = (
        floors.rewrite_again("registry_proposal", "state = 'approved', version = version + 1")
        + floors.rewrite_again("registry_child", "state = 'approved'")
        + floors.write_again(["registry_event"], "WHERE verb = 'proposal.approved'")
    )
    keep(Figure(
        f"approving {done:,} in one act", "≤ 10 s", f"{seen.wall:.2f} s", seen.wall <= 10,
        f"{seen.wall / floor:.1f} ×", "two UPDATEs of as many rows without index, the same events by COPY or executemany",
    ))  # fmt: skip


if __name__ == "__main__":
    main()
