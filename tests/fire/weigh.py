"""A small process that reads files one after the other and weighs each reader: what it is asked by lines, it answers by lines.

The kernel counts a forked child's memory from its parent's, so a heavy test process cannot weigh its own children.
"""

import json
import resource
import sys
from pathlib import Path

from miaoce.registry.intake import reader


def main() -> None:
    """Answer each path on standard input with what was read and the most memory that any reader held so far, in bytes."""
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        answer = reader.read(path, name=path.name)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        sys.stdout.write(json.dumps({"reading": answer.to_json(), "peak": peak}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
