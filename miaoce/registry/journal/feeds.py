"""Feeds over identifiers that rise with time (UUIDv7), which repeat rather than miss.

A transaction that began earlier may end later, and clocks of machines differ; so the point to come back to never lies in
the last minutes, and what is younger is told again at the next visit.
"""

from datetime import datetime, timedelta
from uuid import UUID

SETTLED_AFTER = timedelta(minutes=5)


def moment_id(moment: datetime) -> UUID:
    """Return the lowest identifier that could have been made at a moment."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62))


def resume_at(last: UUID | None, *, at: datetime) -> UUID | None:
    """Return the point to come back to: what was last told, but nothing of the last minutes."""
    settled = moment_id(at - SETTLED_AFTER)
    return last if last is None or last < settled else settled
