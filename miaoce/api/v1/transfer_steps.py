"""The steps of transfers by the units that take part: batches by version; each that cannot move is named alone."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from ninja import Router

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.transfer_schemas import Moved, MovedOut, NoteIn, NotMoved, OneIn, PlaceIn, RefuseIn, SayIn, StepIn
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import actions, deciding, moving
from miaoce.registry.transfers.models import Transfer

router = Router(tags=["transfers"])
_P = Permission
View = Callable[..., MovedOut]


def _step(name: str, permission: Permission, summary: str) -> Callable[[View], View]:
    """Declare a step: a batch of transfers, under an idempotency key."""
    return writes(
        router, f"/transfers/{name}", permission, name=f"transfers_{name}", summary=summary, answer=MovedOut, key=True
    )


def _run(request: ApiRequest, kind: str, act: Callable[[Process], moving.Moved]) -> MovedOut:
    """Take a step in a process of its own."""
    with process(request, f"transfer.{kind}") as doing:
        moved = act(doing)
    return moved_out(doing, moved.done, moved.refused)


def _chosen(given: Sequence[OneIn]) -> dict[UUID, int]:
    """Return transfers with the versions that were seen."""
    return {one.id: one.version for one in given}


def moved_out(doing: Process, done: Sequence[Transfer], refused: Mapping[UUID, Refusal]) -> MovedOut:
    """Return what a step did."""
    return MovedOut(
        process=doing.pk,
        done=[Moved(id=t.pk, version=t.version, state=t.state) for t in done],
        not_done=[
            NotMoved(id=pk, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for pk, refusal in refused.items()
        ],
    )


@_step("release", _P.TRANSFER_HANDLE, "同意转出")
def release(request: ApiRequest, given: StepIn) -> MovedOut:
    """转出园同意。孩子仍在本园在读，直到学籍转入的那一刻。"""
    chosen = _chosen(given.transfers)
    return _run(request, "release", lambda doing: actions.release(chosen=chosen, process=doing))


@_step("accept", _P.TRANSFER_HANDLE, "受理并选班")
def accept(request: ApiRequest, given: PlaceIn) -> MovedOut:
    """转入园受理，选本园本学年的班。"""
    chosen, groups = _chosen(given.transfers), {one.id: one.group for one in given.transfers}
    return _run(request, "accept", lambda doing: actions.accept(chosen=chosen, groups=groups, process=doing))


@_step("regroup", _P.TRANSFER_HANDLE, "改选班级")
def regroup(request: ApiRequest, given: PlaceIn) -> MovedOut:
    """受理以后、学籍转入以前，转入园可以改选班级。"""
    chosen, groups = _chosen(given.transfers), {one.id: one.group for one in given.transfers}
    return _run(request, "regroup", lambda doing: actions.regroup(chosen=chosen, groups=groups, process=doing))


@_step("refuse", _P.TRANSFER_HANDLE, "不同意")
def refuse(request: ApiRequest, given: RefuseIn) -> MovedOut:
    """幼儿园不同意，写明列表里的原因和一句说明。没有交清费用不能作为理由（422 TRF-10）。"""
    chosen, reasons, words = _chosen(given.transfers), given.reasons, given.words
    return _run(
        request, "refuse", lambda doing: actions.refuse(chosen=chosen, reasons=reasons, words=words, process=doing)
    )


@_step("withdraw", _P.TRANSFER_HANDLE, "撤回申请")
def withdraw(request: ApiRequest, given: StepIn) -> MovedOut:
    """转入园在学籍转入以前都可以撤回；转出园可以作废还没用的转园码。"""
    chosen = _chosen(given.transfers)
    return _run(request, "withdraw", lambda doing: actions.withdraw(chosen=chosen, process=doing))


@_step("object", _P.TRANSFER_HANDLE, "提出异议")
def object_(request: ApiRequest, given: SayIn) -> MovedOut:
    """转出园在异议期内提出异议，先不转，等县里处理。"""
    chosen, words = _chosen(given.transfers), given.words
    return _run(request, "object", lambda doing: actions.object_(chosen=chosen, words=words, process=doing))


@_step("note", _P.TRANSFER_VIEW, "留言")
def note(request: ApiRequest, given: NoteIn) -> MovedOut:
    """各方都看得到。"""
    ids, words = given.transfers, given.words
    return _run(request, "note", lambda doing: actions.note(transfer_ids=ids, words=words, process=doing))


@_step("approve", _P.TRANSFER_DECIDE, "核准")
def approve(request: ApiRequest, given: StepIn) -> MovedOut:
    """同县核准一次；两县的，转出县先核准，转入县再核准。最后一次核准以后是异议期。"""
    chosen, days = _chosen(given.transfers), settings.OBJECTION_DAYS
    return _run(request, "approve", lambda doing: deciding.approve(chosen=chosen, process=doing, objection_days=days))


@_step("reject", _P.TRANSFER_DECIDE, "不予核准")
def reject(request: ApiRequest, given: RefuseIn) -> MovedOut:
    """县里不予核准，或异议成立。"""
    chosen, reasons, words = _chosen(given.transfers), given.reasons, given.words
    return _run(
        request, "reject", lambda doing: deciding.reject(chosen=chosen, reasons=reasons, words=words, process=doing)
    )


@_step("replace", _P.TRANSFER_DECIDE, "代转出园办理")
def replace(request: ApiRequest, given: StepIn) -> MovedOut:
    """转出园过了时限还没核办，或已停办，由转出县代为同意。没过时限的答 TRF-13。"""
    chosen = _chosen(given.transfers)
    return _run(request, "release_for", lambda doing: deciding.release_for(chosen=chosen, process=doing))


@_step("resume", _P.TRANSFER_DECIDE, "异议不成立，继续")
def resume(request: ApiRequest, given: SayIn) -> MovedOut:
    """转出县处理异议：不成立的继续办。成立的用 reject。"""
    chosen, words = _chosen(given.transfers), given.words
    return _run(request, "resume", lambda doing: deciding.resume(chosen=chosen, words=words, process=doing))
