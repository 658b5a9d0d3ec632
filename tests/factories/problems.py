"""Two records that may be one child, in one kindergarten, in two, or in two counties."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.children.models import Child
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import closing, deciding, merging, opening, undoing
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import Joining, ProblemRecord
from miaoce.registry.problems.moving import Moved
from miaoce.registry.problems.opening import Found, FoundDocument, Opened
from tests.factories import children, places

NOW = timezone.now()
CODE = "1100000000000"


class Desk:
    """The offices of the invented province, kindergartens in three counties, and who works there."""

    def __init__(self) -> None:
        self.tree = places.make_office_tree()
        self.here = places.make_kindergarten(self.tree.county, name="禾雀幼儿园")
        self.beside = places.make_kindergarten(self.tree.county, name="柳莺幼儿园")
        self.next = places.make_kindergarten(self.tree.other_county, name="溪鹭幼儿园")
        self.far = places.make_kindergarten(self.tree.far_county, name="桥鹭幼儿园")
        self._officers: dict[tuple[str, UUID], Officer] = {}

    def officer(self, role: str, unit: Kindergarten | Office) -> Officer:
        """Return the one who holds a role at a unit."""
        key = role, unit.pk
        if key not in self._officers:
            self._officers[key] = places.make_officer(role, unit)
        return self._officers[key]

    def child(self, garden: Kindergarten, **values: str) -> Child:
        """Make a child that attends."""
        given: dict[str, str] = {"name": "陈子墨", **values}
        registrar, reviewer = self.officer("registrar", garden), self.officer("county_reviewer", garden.office)
        return children.make_child(garden, at=NOW - timedelta(days=2), registrar=registrar, reviewer=reviewer, **given)

    def pair(self, one: Kindergarten, other: Kindergarten, **given: Any) -> tuple[ProblemRecord, Child, Child]:
        """Make two children alike and the problem that they are."""
        first, second = self.child(one), self.child(other)
        return self.problem(first, second, **given), first, second

    def problem(self, one: Child, other: Child, **given: Any) -> ProblemRecord:
        """Open the problem of two children."""
        return self.open(Found(one.pk, other.pk, CODE, "review", **given)).new[0]

    def open(self, *found: Found, at: datetime = NOW) -> Opened:
        """Open problems as the night does."""
        with journal.process("problem.open", actor=the_system("查重"), at=at) as process:
            return opening.open_found(pairs=found, process=process)

    def open_documents(self, found: Mapping[UUID, str], at: datetime = NOW) -> Opened:
        """Open problems of documents."""
        with journal.process("problem.open", actor=the_system("核验"), at=at) as process:
            some = [FoundDocument(child, kind) for child, kind in found.items()]
            return opening.open_documents(found=some, process=process)

    def say(self, problem: ProblemRecord, garden: Kindergarten, said: str = "", **given: Any) -> Moved:
        """Let a kindergarten say its word."""
        actor = given.pop("actor", None) or self.officer("registrar", garden)
        problem.refresh_from_db()
        one = Said(problem.pk, problem.version, said, **{"words": "看过户口簿", **given})
        with journal.process("problem.say", actor=actor, at=NOW) as process:
            return deciding.say(words_of=[one], process=process)

    def decide(self, verb: str, problem: ProblemRecord, actor: Officer, *, at: datetime = NOW, **given: Any) -> Moved:
        """Let somebody take a step with a problem as it stands."""
        problem.refresh_from_db()
        with journal.process(f"problem.{verb}", actor=actor, at=at) as process:
            return getattr(deciding, verb)(chosen={problem.pk: problem.version}, process=process, **given)

    def follow(self, at: datetime = NOW) -> int:
        """Let problems follow, as the worker does."""
        if not closing.is_due():
            return 0
        with journal.process("problem.follow", actor=the_system("问题学籍"), at=at) as process:
            return closing.follow_all(process=process)

    def arbitrated(self, problem: ProblemRecord) -> ProblemRecord:
        """Let every side say that it is one child, so that the office decides."""
        for garden in Kindergarten.objects.filter(
            pk__in=Child.objects.filter(pk__in=problem.child_ids).values("kindergarten")
        ):
            self.say(problem, garden, "same")
        problem.refresh_from_db()
        return problem

    def merge(self, problem: ProblemRecord, kept: Child, *, stay_of: Child | None = None, at: datetime = NOW) -> Moved:
        """Let the office merge."""
        actor = self.decider(problem)
        one = Merge(problem.pk, problem.version, kept.pk, stay_of.pk if stay_of else None)
        with journal.process("problem.merge", actor=actor, at=at) as process:
            return merging.merge(merges=[one], words="同一本户口簿", process=process)

    def decider(self, problem: ProblemRecord) -> Officer:
        """Return who decides a problem."""
        office = problem.office
        return self.officer("county_reviewer" if office.level == "county" else "arbiter", office)

    def undo(self, problem: ProblemRecord, *, at: datetime = NOW + timedelta(minutes=5)) -> Moved:
        """Let the office undo the merge of a problem."""
        joining = Joining.objects.filter(problem_id=problem.pk).order_by("-pk").first()
        if joining is None:
            raise LookupError("nothing was merged")
        with journal.process("problem.undo", actor=self.decider(problem), at=at) as process:
            return undoing.undo(joining_ids=[joining.pk], words="合并错了", process=process)
