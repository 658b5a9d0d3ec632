"""What is drawn of a proof, and within which bounds. Pure; read by the child process too, so it knows no Django."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

JPEG = "image/jpeg"
NOT_A_PROOF, CORRUPT, LOCKED, PAGES, BOMB = "not_a_proof", "corrupt", "locked", "pages", "bomb"
"""Why a file is not drawn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one proof (trust.md S-13). Sizes in bytes, lengths in pixels."""

    file_bytes: int = 5 * 1024 * 1024
    seconds: int = 30
    memory_bytes: int = 512 * 1024 * 1024
    pixels: int = 50_000_000
    side: int = 4_096
    dots_per_inch: int = 200
    pages: int = 10
    page_bytes: int = 2 * 1024 * 1024


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Drawing:
    """A proof drawn anew: every page a JPEG of ours. `refused` is one of the words above, and then there is no page."""

    came_as: str = ""
    pages: tuple[bytes, ...] = ()
    refused: str = ""
    count: int = 0

    def packed(self) -> bytes:
        """Return one line that says what follows, and the pages behind it."""
        head: dict[str, Any] = {"came_as": self.came_as, "sizes": [len(page) for page in self.pages]}
        if self.refused:
            head |= {"refused": self.refused, "count": self.count}
        return json.dumps(head).encode() + b"\n" + b"".join(self.pages)


def unpacked(data: bytes) -> Drawing:
    """Return what `packed` wrote; ValueError for anything else."""
    line, _, body = data.partition(b"\n")
    head: Mapping[str, Any] = json.loads(line)
    pages, at = [], 0
    for size in head["sizes"]:
        pages.append(body[at : at + size])
        at += size
    if at != len(body):
        raise ValueError("the pages are not as long as was said")
    return Drawing(head["came_as"], tuple(pages), head.get("refused", ""), head.get("count", 0))


def limits_text(limits: Limits) -> str:
    """Return limits as the child process is handed them."""
    return json.dumps(asdict(limits))
