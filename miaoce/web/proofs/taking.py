"""The part of a form that takes proofs. Any page may carry it: `taken(request, child)` for what was sent, `fields_of` to draw it.

In a template: `<form method="post" enctype="multipart/form-data">` with `{% include "proofs/_fields.html" %}`. It works without
scripts: a file of a form that is shown again is kept already, and stands there as a tick.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.core.files.base import File
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import proofs, proofs_rules
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.reference.rows import Entry
from miaoce.registry.refusals import Refusal
from miaoce.web.components.formats import moment
from miaoce.web.permissions import DeskRequest

CAME_AS = {"jpeg": "照片", "png": "图片", "webp": "图片", "heif": "照片", "pdf": "PDF"}
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,.heic,application/pdf"


@dataclass(frozen=True)
class Line:
    """A proof as a page lists it."""

    proof: ProofFile
    kind: str
    detail: str
    is_ticked: bool = False


@dataclass
class Taken:
    """What a form sent along: the ids to file, and what was wrong with what it sent."""

    ids: list[UUID] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    kind: str = ""


@dataclass(frozen=True)
class Fields:
    """What the part of the form shows."""

    lines: Sequence[Line]
    kinds: Sequence[Entry]
    taken: Taken
    megabytes: int
    pages: int
    accept: str = ACCEPT


def taken(request: DeskRequest, child: Child) -> Taken:
    """Keep the files that came with a form and return what is to be filed: those, and the ones that were ticked.

    A file that cannot be taken is told in `errors`; the others are kept all the same. Call it outside of a transaction.
    """
    files, ticked = request.FILES.getlist("proof_files"), set(request.POST.getlist("proofs"))
    found = Taken([proof.pk for proof in _free(child, request.officer) if str(proof.pk) in ticked])
    found.kind = request.POST.get("proof_kind", "")
    try:
        if len(files) > proofs_rules.MOST_FREE:
            raise proofs_rules.TooManyFree(count=len(files))
        if files and reference.codebook(timezone.localdate()).entry("proof", found.kind) is None:
            raise proofs_rules.UnknownProofKind
    except Refusal as refusal:
        found.errors.append(str(refusal))
        return found
    for file in files:
        try:
            found.ids.append(_kept(request, child, found.kind, file))
        except Refusal as refusal:
            found.errors.append(f"{file.name}：{refusal}")
    found.ids = list(dict.fromkeys(found.ids))
    return found


def _kept(request: DeskRequest, child: Child, kind: str, file: "File[bytes]") -> UUID:
    """Draw one file, keep it and return its id."""
    limits = proofs.limits_of_today()
    proofs_rules.must_fit(size=file.size or 0, limits=limits)
    drawing = proofs.draw(file.read(), limits=limits)
    with journal.process("proof.keep", actor=request.officer, at=timezone.now()) as process:
        return proofs.keep(fresh=[proofs.Fresh(child.pk, kind, drawing)], process=process)[0].pk


def fields_of(officer: Officer, child: Child, *, on: date, given: Taken | None = None) -> Fields:
    """Return the part of the form for a child: what lies unused, ticked as it was sent, and the kinds to choose from."""
    given, book, limits = given or Taken(), reference.codebook(on), proofs.limits_of_today()
    lines = lines_of(_free(child, officer), book, ticked=given.ids)
    return Fields(lines, book.entries("proof"), given, limits.file_bytes >> 20, limits.pages)


def lines_of(found: Iterable[ProofFile], book: Codebook, *, ticked: Iterable[UUID] = ()) -> list[Line]:
    """Return proofs as lines of a page: what each is, how many pages, when it came."""
    wanted = set(ticked)
    return [
        Line(
            proof,
            book.name("proof", proof.kind),
            f"{CAME_AS.get(proof.came_as, '')} {proof.pages} 页，{moment(proof.uploaded_at)} 上传",
            proof.pk in wanted,
        )
        for proof in found
    ]


def _free(child: Child, officer: Officer) -> Sequence[ProofFile]:
    """Return the proofs of a child that the officer's unit brought in and no case took, the oldest first."""
    return list(ProofFile.objects.free().filter(child_id=child.pk, unit_id=officer.unit_id).order_by("id"))
