"""As which parties somebody takes part in a problem, which steps that leaves, and in whose eyes each record is masked."""

from collections.abc import Sequence

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import SYSTEM, Permission, Scope
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.states import Party
from miaoce.registry.vault.masking import Viewer


def parties_of(actor: Officer, problem: ProblemRecord, sides: Sequence[ProblemSide]) -> frozenset[Party]:
    """Return as what an officer takes part: by its unit, never by what the page said."""
    if actor.role_code == SYSTEM.code:
        return frozenset({Party.WORKER})
    found = set()
    if actor.is_kindergarten and actor.unit_id is not None:
        own = [side for side in sides if side.kindergarten_id == actor.unit_id]
        if own:
            found.add(Party.SIDE)
        if problem.is_pair and len(own) == len(sides):
            found.add(Party.HOUSE)
    if actor.role.scope is Scope.OFFICE and actor.unit_id == problem.office_id:
        found.add(Party.OFFICE)
    if actor.is_county and any(side.office_id == actor.unit_id for side in sides):
        found.add(Party.COUNTY)
    return frozenset(found)


def verbs_of(actor: Officer, problem: ProblemRecord, sides: Sequence[ProblemSide]) -> list[str]:
    """Return the verbs that a problem offers to an officer: state, party and permission. Time and hands are asked later."""
    found = states.available(problem.state, parties_of(actor, problem, sides), kind=problem.kind)
    return [verb for verb in found if verb != "forward" and actor.may(states.STEPS[verb].permission)]


def viewer_of(actor: Officer, problem: ProblemRecord, side: ProblemSide) -> Viewer:
    """Return in whose eyes an officer sees one record of a problem: of another unit's, the least that decides."""
    if actor.is_kindergarten:
        return Viewer.OWN if side.kindergarten_id == actor.unit_id else Viewer.COMPARING
    decides = actor.unit_id == problem.office_id and actor.may(Permission.PROBLEM_DECIDE)
    return Viewer.COUNTY if decides or side.office_id == actor.unit_id else Viewer.COMPARING


def is_own(actor: Officer, side: ProblemSide) -> bool:
    """Say whether a record of a problem is the officer's own unit's."""
    return actor.unit_id in {side.kindergarten_id, side.office_id}
