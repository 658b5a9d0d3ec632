"""What the nightly run leaves for people: pairs that matching found alike and documents that the register does not know."""

from django.db.models import Exists, OuterRef, QuerySet

from miaoce.registry.identity.models import NAME_DIFFERS, NO, DocumentProblem
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import documents as digits
from miaoce.registry.matching import pairs as matching
from miaoce.registry.matching.comparison import ATTRIBUTES, WIDTH
from miaoce.registry.matching.models import MatchPair
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.problems.opening import Found, FoundDocument, open_documents, open_found

AT_ONCE = 2_000
DOCUMENT = [attribute.key for attribute in ATTRIBUTES].index("document")
KIND_OF = {NO: states.NOT_KNOWN, NAME_DIFFERS: states.NAME_DIFFERS}
"""Kind of problem for what a register answered (identity.models)."""


def _pairs() -> QuerySet[MatchPair]:
    """Return the pairs that wait for a decision and that nobody has before him."""
    held = ProblemRecord.objects.filter(
        one_id=OuterRef("one_id"),
        other_id=OuterRef("other_id"),
        state__in=[*states.IN_HAND, states.MERGED, states.VOIDED],
    )
    return matching.open_pairs().filter(~Exists(held))


def _documents() -> QuerySet[DocumentProblem]:
    """Return what an outside register found wrong and that nobody has before him or has accepted evidence for."""
    held = ProblemRecord.objects.filter(one_id=OuterRef("child_id"), other_id=None, opened_at__gte=OuterRef("found_at"))
    return DocumentProblem.objects.filter(cleared_at__isnull=True).filter(~Exists(held)).order_by("id")


def is_due() -> bool:
    """Say whether anything waits to become a problem."""
    return _pairs().exists() or _documents().exists()


def open_due(*, process: Process) -> int:
    """Open what was found, up to 2,000 pairs and documents, and return how many problems were opened or opened again."""
    pairs = [
        Found(pair.one_id, pair.other_id, pair.code, pair.verdict, is_same_document=_same_document(pair.code))
        for pair in _pairs()[:AT_ONCE]
    ]
    opened = open_found(pairs=pairs, process=process)
    wrong = [FoundDocument(p.child_id, KIND_OF[p.kind]) for p in _documents()[:AT_ONCE]]
    documents = open_documents(found=wrong, process=process)
    return len(opened.new) + len(opened.again) + len(documents.new)


def _same_document(code: str) -> bool:
    """Say whether a code says that both have the same document number."""
    return len(code) == WIDTH and int(code[DOCUMENT]) == digits.Document.SAME
