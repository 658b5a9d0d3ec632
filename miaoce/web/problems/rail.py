"""The rail of a problem: found, each side's word, the decision; who is next and until when."""

from datetime import date

from miaoce.registry.approvals.models import Clock
from miaoce.registry.problems import states
from miaoce.registry.problems.queries import Detail, SideShown
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words, moment
from miaoce.web.components.parts import Entry


def rail_of(found: Detail, *, on: date) -> list[Entry]:
    """Return the steps of a problem in their order."""
    problem = found.problem
    again = f"，第 {problem.rounds} 次核对" if problem.rounds > 1 else ""
    rail = [Entry("发现", f"{moment(problem.opened_at)}{again}")]
    rail += [_side(side, found, on) for side in found.sides]
    if problem.state == states.ARBITRATION:
        clock = _clock(found, problem.office_id)
        rail.append(Entry(f"{found.office}裁定（现在）", _until(clock, on), "next"))
    elif problem.state == states.OPEN:
        rail.append(Entry(f"{found.office}裁定", "各方都说明后开始", "next"))
    else:
        detail = " · ".join(part for part in (moment(problem.decided_at), found.decided_words) if part)
        rail.append(Entry(states.LABELS[problem.state], detail, "bad" if problem.state == states.ENDED else ""))
    return rail


def _side(side: SideShown, found: Detail, on: date) -> Entry:
    """Return the step of one kindergarten."""
    title, own = f"{side.kindergarten}佐证", side.side
    if own.said_at is not None:
        return Entry(title, " · ".join(part for part in (moment(own.said_at), side.saying) if part))
    if found.problem.state == states.OPEN:
        return Entry(f"{title}（现在）", _until(_clock(found, own.kindergarten_id), on), "next")
    return Entry(title, "没有说明", "bad" if found.problem.state in states.IN_HAND else "")


def _clock(found: Detail, owner_id: object) -> Clock | None:
    """Return the clock of a unit."""
    return next((clock for clock in found.due if clock.owner_id == owner_id), None)


def _until(clock: Clock | None, on: date) -> str:
    """Return until when somebody has to act."""
    return due_words(clock.due_on, reference.working_days_between(on, clock.due_on)) if clock else ""
