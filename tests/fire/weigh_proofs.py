"""A small process that draws proofs one after the other and weighs each child: asked by lines, it answers by lines.

The kernel counts a forked child's memory from its parent's, so a heavy test process cannot weigh its own children.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import django


def main() -> None:
    """Answer each path on standard input with what was drawn of it, how long it took, and the most memory of a child."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miaoce.settings")
    django.setup()
    from miaoce.registry.approvals import proofs_files
    from miaoce.registry.refusals import Refusal

    for line in sys.stdin:
        began, code, pages = time.monotonic(), "", ()
        try:
            pages = proofs_files.draw(Path(line.rstrip("\n")).read_bytes()).pages
        except Refusal as refusal:
            code = refusal.code
        told = {
            "code": code,
            "pages": [page.hex() for page in pages],
            "seconds": time.monotonic() - began,
            "peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
