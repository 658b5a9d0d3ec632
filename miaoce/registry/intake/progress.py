"""How far the reading of a batch is, told beside the reading in writes of their own, so that a page can show it.

Losing one of these writes loses nothing: the rows and the state of the batch are written by `reading.store` alone.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

from miaoce.registry.intake import states
from miaoce.registry.intake.claiming import Life
from miaoce.registry.intake.models import Batch

READ, CHECK, ASK, WRITE, SEND = "read", "check", "ask", "write", "send"
STAGES = {READ: "读取", CHECK: "核对格式", ASK: "查重", WRITE: "存好"}
"""The stages of reading in words; sending is one stage."""
PAUSE_SECONDS = 0.5

Tell = Callable[[str, int, int], None]


def teller(batch: Batch) -> Tell:
    """Return what tells a batch's page the stage, the rows done and the rows in all; at most twice a second within a stage.

    Each word is also a sign of life of whoever holds the batch.
    """
    began, life = monotonic(), Life(batch)
    last: tuple[str, float] = ("", 0.0)

    def tell(stage: str, done: int, of: int) -> None:
        nonlocal last
        now = monotonic()
        if stage == last[0] and now - last[1] < PAUSE_SECONDS:
            return
        last = (stage, now)
        told = told_of(stage, done, of, now - began)
        mine = Batch.objects.filter(pk=batch.pk, state=states.READING, claimed_by=batch.claimed_by)
        mine.update(progress=told, claimed_at=life.now())

    return tell


def told_of(stage: str, done: int, of: int, seconds: float) -> dict[str, Any]:
    """Return what a page is told: the stage, rows done, rows in all, and the seconds left as the pace so far says."""
    left = round(seconds / done * (of - done)) if done else 0
    return {"stage": stage, "done": done, "of": of, "left": left}


def nothing(stage: str, done: int, of: int) -> None:
    """Tell nobody: for readings that no page waits for."""
