"""Who has taken a batch to work on it. A process is told apart from every other, so that a dead one is known to be dead.

On the same machine a claim ends with its process; from elsewhere it ends when no sign of life came for the length of the
lease. Two workers on one batch cost time and no more: only the holder of the claim can write what came of it.
"""

import os
import platform
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from time import monotonic
from uuid import UUID

from django.db.models import Q

from miaoce.registry.ids import new_id
from miaoce.registry.intake.models import Batch

LEASE = timedelta(seconds=90)
"""Longer than a file may be read for (FILE_SECONDS), during which its reader gives no sign."""


def free(held: Collection[str], *, at: datetime, batch_id: UUID | None = None) -> Q:
    """Return the condition of batches in the states `held` that nobody has, or whose holder is dead; one statement."""
    taken = Batch.objects.filter(state__in=held).exclude(claimed_by="")
    if batch_id is not None:
        taken = taken.filter(pk=batch_id)
    gone = [claim for claim in taken.values_list("claimed_by", flat=True) if is_gone(claim)]
    silent = Q(claimed_at__lt=at - LEASE)
    return Q(state__in=held) & (Q(claimed_by="") | silent | Q(claimed_by__in=gone))


def take(batch_id: UUID, condition: Q, *, at: datetime, state: str) -> Batch | None:
    """Take a batch that meets the condition and put it into a state; None when somebody else was faster."""
    mine = Batch.objects.filter(condition, pk=batch_id).update(state=state, claimed_at=at, claimed_by=_mark())
    return Batch.objects.select_related("kindergarten").get(pk=batch_id) if mine else None


class Life:
    """The signs of life of a claim, counted on from the moment it was made."""

    def __init__(self, batch: Batch) -> None:
        if batch.claimed_at is None:
            raise ValueError("nobody has this batch")
        self._began, self._at = monotonic(), batch.claimed_at

    def now(self) -> datetime:
        """Return the moment, by the claim's own clock."""
        return self._at + timedelta(seconds=monotonic() - self._began)


def is_gone(claim: str) -> bool:
    """Say whether the process that made a claim ran here and runs no more; False where that cannot be known."""
    machine, _, rest = claim.rpartition("/")[0].partition("|")
    process = rest.split("/")
    return machine == _machine() and len(process) == 2 and _started(process[0]) != process[1]


def _mark() -> str:
    """Return the name of a new claim of this process: machine|process/start/claim."""
    return f"{_machine()}|{os.getpid()}/{_started(str(os.getpid()))}/{new_id().hex}"


@cache
def _machine() -> str:
    """Return what tells this machine since it was switched on from others; containers have names of their own."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{platform.node()[:40]}:{boot.read_text().strip()[:8] if boot.exists() else ''}"


def _started(process: str) -> str:
    """Return when a process of this machine was started, in ticks; empty when it does not run any more."""
    try:
        about = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if about[0] in "ZX" else about[19]
