"""How fast one token may ask: a bucket of requests for each, kept by each process of the web server for itself.

With W processes a token never gets more than W times the bound, and with one connection, which stays with one process, no
more than the bound itself. Nothing is written for it, so that reads stay reads.
"""

import math
import threading
import time
from collections import OrderedDict
from uuid import UUID

from django.conf import settings

MOST_TOKENS = 10_000  # remembered at once; a token forgotten begins with a full bucket


class Pace:
    """Buckets that fill by `per_minute` and hold a sixth of it, ten seconds' worth."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, token_id: UUID, *, per_minute: int, now: float) -> int:
        """Take one request from a token's bucket; return 0, or after how many seconds the next is there (none is taken)."""
        most = max(per_minute / 6, 1.0)
        with self._guard:
            level, at = self._buckets.pop(token_id, (most, now))
            level = min(most, level + (now - at) * per_minute / 60)
            self._buckets[token_id] = (level - 1 if level >= 1 else level, now)
            if len(self._buckets) > MOST_TOKENS:
                self._buckets.popitem(last=False)
        return 0 if level >= 1 else math.ceil((1 - level) * 60 / per_minute)


_pace = Pace()


def seconds_to_wait(token_id: UUID) -> int:
    """Return 0 when a token may ask now, else after how many seconds. MIAOCE_API_PER_MINUTE=0 sets no bound."""
    if not settings.API_PER_MINUTE:
        return 0
    return _pace.seconds_to_wait(token_id, per_minute=settings.API_PER_MINUTE, now=time.monotonic())
