"""One block of the desk at a time: a block that fails says so, and the others live."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miaoce.registry.journal.readonly import WriteOnRead

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Block:
    """What a block shows; `has_failed` when it could not be read just now."""

    content: Any = None
    has_failed: bool = False


def block(read: Callable[[], Any]) -> Block:
    """Return what `read` returns, or a block that says it could not be read; the reason goes to the log."""
    try:
        return Block(read())
    except WriteOnRead:
        raise
    except Exception:
        log.exception("a block of the desk failed")
        return Block(has_failed=True)
