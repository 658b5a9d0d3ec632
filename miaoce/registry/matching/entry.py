"""At entry: whom of the register the table finds alike to rows that are about to be recorded. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from miaoce.registry.children.models import Child
from miaoce.registry.matching import deciding, judging, words
from miaoce.registry.matching.judging import Row
from miaoce.registry.matching.outcomes import Outcomes, Verdict
from miaoce.registry.rows import CHUNK


@dataclass(frozen=True, slots=True)
class Suspect:
    """A child that a row could be, or whose twin it is: what the table says, why in words, and where the child is."""

    child_id: UUID
    verdict: Verdict
    code: str
    reasons: tuple[str, ...]
    name: str
    kindergarten_id: UUID
    kindergarten_name: str
    state: str


def suspects(asked: Sequence[Row]) -> dict[UUID, list[Suspect]]:
    """Return for each row's key the children that the table does not call others, the surest first.

    The whole register is asked, whoever the kindergarten is. A fixed number of statements for each 2,000 rows.
    """
    if not asked:
        return {}
    outcomes, left = deciding.current().outcomes, iter(asked)
    found: dict[UUID, list[Suspect]] = {}
    while part := list(islice(left, CHUNK)):
        found.update(_suspects(part, outcomes))
    return found


def _suspects(asked: Sequence[Row], outcomes: Outcomes) -> dict[UUID, list[Suspect]]:
    """Ask for at most 2,000 rows."""
    judged = judging.judge_rows(asked, outcomes)
    ids = {one.child_id for those in judged.values() for one in those}
    columns = ("id", "name", "kindergarten_id", "kindergarten__name", "state")
    children = {row[0]: row[1:] for row in Child.objects.filter(pk__in=ids).values_list(*columns)} if ids else {}
    return {
        key: [
            Suspect(one.child_id, one.verdict, one.code, tuple(words.reasons_of(one.code)), *children[one.child_id])
            for one in those
            if one.child_id in children
        ]
        for key, those in judged.items()
    }
