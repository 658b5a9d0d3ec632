"""How far the reading of a batch is, told beside the reading in writes of their own, so that a page can show it.

Losing one of these writes loses nothing: the rows and the state of the batch are written by `reading.store` alone.
"""

from collections.abc import Callable
from time import monotonic
from uuid import UUID

from miaoce.registry.intake import states
from miaoce.registry.intake.models import Batch

READ, CHECK, ASK, WRITE = "read", "check", "ask", "write"
STAGES = {READ: "读取", CHECK: "核对格式", ASK: "查重", WRITE: "存好"}
PAUSE_SECONDS = 0.5

Tell = Callable[[str, int, int], None]


def teller(batch_id: UUID) -> Tell:
    """Return what tells a batch's page the stage, the rows done and the rows in all; at most twice a second within a stage."""
    began = monotonic()
    last: tuple[str, float] = ("", 0.0)

    def tell(stage: str, done: int, of: int) -> None:
        nonlocal last
        now = monotonic()
        if stage == last[0] and now - last[1] < PAUSE_SECONDS:
            return
        last = (stage, now)
        left = round((now - began) / done * (of - done)) if done else 0
        told = {"stage": stage, "done": done, "of": of, "left": left}
        Batch.objects.filter(pk=batch_id, state=states.READING).update(progress=told)

    return tell


def nothing(stage: str, done: int, of: int) -> None:
    """Tell nobody: for readings that no page waits for."""
