"""Cases as the list shows them: the child, who sent it and when, what to look at, how long the clock runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from miaoce.registry.access.models import Staff
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.rules import clock_colour
from miaoce.web.approvals.flags import Flag, flag_of

COLUMNS = ("id", "name", "sex", "born_on")


@dataclass(frozen=True)
class Line:
    """One row of the list."""

    case: Proposal
    child: Child
    sender: str
    flag: Flag
    colour: str
    days: int

    @property
    def pick(self) -> str:
        """The value of its tick box: the case and the version that is shown."""
        return f"{self.case.pk}:{self.case.version}"

    @property
    def sex(self) -> str:
        """The child's sex in words."""
        return "男" if self.child.sex == "1" else "女"


def lines_of(cases: Sequence[Proposal], *, on: date) -> list[Line]:
    """Return the rows of some cases, two statements. The caller logs that their children were shown."""
    children = Child.objects.only(*COLUMNS).in_bulk([case.child_id for case in cases])
    senders = Staff.objects.only("id", "name").in_bulk({case.submitted_by for case in cases if case.submitted_by})
    return [
        Line(
            case,
            children[case.child_id],
            senders[case.submitted_by].name if case.submitted_by in senders else "",
            flag_of(case.flags, case.risk),
            clock_colour(entered_on=case.entered_on, on=on),
            (on - case.entered_on).days,
        )
        for case in cases
        if case.child_id in children
    ]
