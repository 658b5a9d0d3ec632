"""The decision of the office that is common to all sides: same child, two children, evidence accepted, sent back; and its proofs."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import proofs
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.reveal import ReasonNeeded, WordsNeeded, reason_words
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.problems import deciding, evidence, merging, queries, states, undoing
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import Joining, ProblemRecord
from miaoce.registry.problems.moving import Moved
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.forms import identifier
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems.choosing import ACCEPT, DECIDE, DIFFERENT, GROUNDS, SAME, SEND_BACK, way_of, ways_of
from miaoce.web.problems.forms import WordsForm
from miaoce.web.problems.joining import UNDO_GROUNDS
from miaoce.web.problems.pages import go_on, problem_page, visible_problem
from miaoce.web.problems.saying import version_of
from miaoce.web.proofs import keys
from miaoce.web.proofs.pages import pictured
from miaoce.web.proofs.taking import lines_of
from miaoce.web.refusals import refused
from miaoce.web.said import say

DONE = {
    SAME: "已合并成一条。打开这件可以看移动了什么，也可以撤销。",
    DIFFERENT: "已认定不是同一名，两条都保留。",
    ACCEPT: "已采信佐证。",
    SEND_BACK: "已退回，请园里补佐证。",
}


@page(Permission.PROBLEM_VIEW, act=Permission.PROBLEM_DECIDE)
def decide(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """Decide what was chosen and confirmed, in the version shown, and go on to the next problem."""
    one = visible_problem(request, problem_id)
    if request.method != "POST":
        return redirect("problem", problem_id)
    choice = request.POST.get("choice", "")
    if choice == SEND_BACK:
        return _send_back(request, one)
    on = timezone.localdate()
    found = queries.detail(request.officer, one.pk, on=on)
    if found is None:
        raise Http404
    way = way_of(ways_of(found, request.officer, on=on), choice, DECIDE)
    ground = request.POST.get("ground", "")
    words = ground if ground in GROUNDS[DECIDE, way.code] else ""
    with journal.process(f"problem.{way.code}", actor=request.officer, at=timezone.now()) as process:
        moved = _decided(one, way.code, words, request, process)
    if moved.refused:
        return problem_page(request, visible_problem(request, one.pk), why_not=moved.refused[one.pk])
    return go_on(request, one, DONE[way.code], is_merged=way.code == SAME)


def _decided(one: ProblemRecord, code: str, words: str, request: DeskRequest, process: Process) -> Moved:
    """Take the step; a side that is silent past its day is not waited for."""
    version = version_of(request)
    if one.state == states.OPEN:
        taken = deciding.take_up(chosen={one.pk: version}, process=process)
        if taken.refused:
            return taken
        version = taken.done[0].version
    chosen = {one.pk: version}
    if code == DIFFERENT:
        return deciding.part(chosen=chosen, words=words, process=process)
    if code == ACCEPT:
        return deciding.accept(chosen=chosen, words=words, process=process)
    keep, stay = (identifier(request.POST.get(name, "")) for name in ("keep", "stay"))
    wanted = Merge(one.pk, version, keep or one.pk, stay)
    return merging.merge(merges=[wanted], words=words, process=process)


def _send_back(request: DeskRequest, one: ProblemRecord) -> HttpResponse:
    """Ask the sides for more, with words."""
    form = WordsForm(request.POST, auto_id="back_%s")
    if not form.is_valid():
        return problem_page(request, one, forms={"back_form": form})
    with journal.process("problem.send_back", actor=request.officer, at=timezone.now()) as process:
        chosen = {one.pk: version_of(request)}
        moved = deciding.send_back(chosen=chosen, words=form.cleaned_data["words"], process=process)
    if moved.refused:
        return problem_page(request, visible_problem(request, one.pk), why_not=moved.refused[one.pk])
    return go_on(request, one, DONE[SEND_BACK])


@page(Permission.PROBLEM_VIEW, act=Permission.PROBLEM_DECIDE)
def undo(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """Undo the merge of a problem: every row stands again as it stood; its sides are asked again."""
    one = visible_problem(request, problem_id)
    if request.method != "POST":
        return redirect("problem", problem_id)
    ground = request.POST.get("ground", "")
    joining = Joining.objects.filter(problem_id=one.pk, kind=Joining.MERGE, undone_at=None).first()
    joining_id = joining.pk if joining else one.pk
    with journal.process("problem.undo", actor=request.officer, at=timezone.now()) as process:
        words = ground if ground in UNDO_GROUNDS else ""
        moved = undoing.undo(joining_ids=[joining_id], words=words, process=process)
    if moved.refused:
        return problem_page(request, visible_problem(request, one.pk), why_not=moved.refused[joining_id])
    say(request, "已撤销合并，两条学籍逐行还原到合并以前。")
    return redirect("problem", one.pk)


def proof_of(request: DeskRequest, problem_id: UUID, proof_id: UUID) -> ProofFile:
    """Return a proof that was filed with a problem; 404 for every other."""
    found = evidence.proof(request.officer, problem_id, proof_id)
    if found is None:
        raise Http404
    return found


@page(Permission.PROBLEM_VIEW, act=Permission.PROBLEM_DECIDE)
def look(request: DeskRequest, problem_id: UUID, proof_id: UUID) -> HttpResponse:
    """Show the pages of a proof to the office that decides, for a reason that is logged first."""
    proof, now = proof_of(request, problem_id, proof_id), timezone.now()
    if request.method != "POST":
        return redirect("problem", problem_id)
    book = reference.codebook(timezone.localdate(now))
    try:
        reason = reason_words(book, request.POST.get("reason", ""), request.POST.get("words", ""))
    except (ReasonNeeded, WordsNeeded) as refusal:
        return refused(request, refusal)
    journal.log_reading(
        actor=request.officer, at=now, what=f"proof:{proof.kind}", child_ids=[proof.child_id], reason=reason
    )
    context: dict[str, Any] = {
        "line": lines_of([proof], book)[0],
        "proof": proof,
        "pages": range(1, proof.pages + 1),
        "key": keys.key_of(proof.pk, request.officer),
        "minutes": keys.SECONDS // 60,
        "problem_id": problem_id,
    }
    template = "problems/_proof.html" if request.headers.get("HX-Request") else "problems/proof.html"
    return render(request, template, context)


@page(Permission.PROBLEM_DECIDE)
def picture(request: DeskRequest, problem_id: UUID, proof_id: UUID, number: int) -> HttpResponse:
    """One page of a proof as a picture, under the key that a logged look gave; CHD-03 without."""
    proof = proof_of(request, problem_id, proof_id)
    if not 1 <= number <= proof.pages:
        raise Http404
    if not keys.fits(request.GET.get("key", ""), proof.pk, request.officer):
        raise ReasonNeeded
    return pictured(proofs.pages_of(proof)[number - 1])
