"""Asking an outside register about children's documents: a queue in the table, tried again with growing pauses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.children.models import Child
from miaoce.registry.identity.models import ANSWERS, PROBLEMS, YES, DocumentCheck, DocumentProblem
from miaoce.registry.identity.registers import Question, Register, chosen
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.vault import queries as vault

ASKED_KINDS = ("resident_id", "hmt_residence_permit")  # what the population register knows
AT_ONCE = 200
LEASE = timedelta(minutes=5)  # a worker that died while it asked is followed after this
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6))


@transaction.atomic
def ask(*, child_ids: Collection[UUID], process: Process) -> int:
    """Put the documents of children into the queue, also those that were answered before (the name may be another now).

    Return how many. Nothing where the installation has no register. Three statements however many.
    """
    if chosen() is None or not child_ids:
        return 0
    having = Child.objects.filter(pk__in=list(child_ids), document_kind__in=ASKED_KINDS).exclude(document_digest="")
    wanted = list(having.values_list("pk", "document_digest"))
    asked = DocumentCheck.objects.filter(child_id__in=[child for child, _ in wanted], digest__in=[d for _, d in wanted])
    asked.update(answer="", tries=0, next_try_at=process.at, answered_at=None, asked_at=process.at)
    made = [DocumentCheck(child_id=c, digest=d, asked_at=process.at, next_try_at=process.at) for c, d in wanted]
    DocumentCheck.objects.bulk_create(made, batch_size=rows.CHUNK, ignore_conflicts=True)
    return len(wanted)


def is_due(*, at: datetime) -> bool:
    """Say whether a question waits."""
    return chosen() is not None and DocumentCheck.objects.filter(answer="", next_try_at__lte=at).exists()


@dataclass(frozen=True)
class Asked:
    """Questions that this worker holds, with their answers."""

    checks: list[DocumentCheck]
    answers: Mapping[UUID, str]


def asked_now(*, register: Register, at: datetime) -> Asked:
    """Take due questions and ask them, outside of any transaction; several workers may. A dead one's come again."""
    taken = []
    for check in DocumentCheck.objects.filter(answer="", next_try_at__lte=at).order_by("next_try_at", "id")[:AT_ONCE]:
        mine = DocumentCheck.objects.filter(pk=check.pk, answer="", next_try_at=check.next_try_at)
        if mine.update(next_try_at=at + LEASE):
            taken.append(check)
    children = Child.objects.in_bulk([check.child_id for check in taken])
    held = [c for c in taken if c.child_id in children and children[c.child_id].document_digest == c.digest]
    safe = vault.open_safe([check.child_id for check in held])
    questions = []
    for check in held:
        child = children[check.child_id]
        number = safe.open(child.pk, "child", "document_number", child.pk, bytes(child.document_number or b""))
        questions.append(Question(child.document_kind, number, child.name, check.tries))
    answers = dict(zip([check.pk for check in held], register.ask(questions), strict=True))
    DocumentCheck.objects.filter(
        pk__in=[c.pk for c in taken if c not in held]
    ).delete()  # about a document that is gone
    return Asked(held, answers)


@transaction.atomic
def note(*, asked: Asked, process: Process) -> list[UUID]:
    """Write answers down; mark problems and clear those that are over. Return the children whose document was found right."""
    told = [check for check in asked.checks if asked.answers[check.pk] in ANSWERS]
    for answer in ANSWERS:
        pks = [check.pk for check in told if asked.answers[check.pk] == answer]
        DocumentCheck.objects.filter(pk__in=pks, answer="").update(
            answer=answer, answered_at=process.at, next_try_at=None, tries=F("tries") + 1
        )
    for check in asked.checks:
        if check not in told:
            pause = PAUSES[min(check.tries, len(PAUSES) - 1)]
            DocumentCheck.objects.filter(pk=check.pk, answer="").update(
                next_try_at=process.at + pause, tries=F("tries") + 1
            )
    changes = [
        Change("document.checked", "document_check", c.pk, c.child_id, after={"answer": asked.answers[c.pk]})
        for c in told
    ]
    answers = {check.child_id: asked.answers[check.pk] for check in told}
    journal.note(process, [*changes, *_cleared(answers, process), *_found(answers, process)])
    return [child for child, answer in answers.items() if answer == YES]


def _cleared(answers: Mapping[UUID, str], process: Process) -> list[Change]:
    """Close problems that the newest answer no longer says."""
    standing = DocumentProblem.objects.filter(child_id__in=list(answers), cleared_at__isnull=True)
    over = [problem for problem in standing if answers[problem.child_id] != problem.kind]
    new = {"cleared_at": process.at}
    DocumentProblem.objects.filter(pk__in=[problem.pk for problem in over]).update(**new)
    return [journal.changed("problem.cleared", problem, new=new, child_id=problem.child_id) for problem in over]


def _found(answers: Mapping[UUID, str], process: Process) -> list[Change]:
    """Open problems that an answer says."""
    wanted = [
        DocumentProblem(child_id=child, kind=answer, found_at=process.at)
        for child, answer in answers.items()
        if answer in PROBLEMS
    ]
    DocumentProblem.objects.bulk_create(wanted, ignore_conflicts=True)
    ours = DocumentProblem.objects.filter(pk__in=[problem.pk for problem in wanted])
    return [journal.made("problem.found", problem, child_id=problem.child_id) for problem in ours]


@dataclass(frozen=True)
class Standing:
    """How the check of a child's document stands, as a page says it: passed, not passed, or (None) still to come."""

    words: str
    passed: bool | None


def standing_of(child: Child) -> Standing | None:
    """Return how the check of a child's document stands; None where nothing was asked."""
    register = chosen()
    if register is None or not child.document_digest:
        return None
    check = DocumentCheck.objects.filter(child_id=child.pk, digest=child.document_digest).first()
    if check is None:
        return None
    if check.answer:
        return Standing(f"{register.label}：{ANSWERS[check.answer]}", check.answer == YES)
    if check.tries:
        return Standing("公安核验暂时不可用，系统会自动补核，不影响办理", None)
    return Standing(f"{register.label}：等核验", None)
