"""Transfers: the lists, beginning one, the guardian's code. Each answer is masked and logged as on the page."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.timezone import localdate
from ninja import Query, Router

from miaoce.api import cursors, problems
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.v1.schemas import Coded, CursorParam, LimitParam, coded
from miaoce.api.v1.transfer_schemas import (
    BeginIn,
    CodeIn,
    CodesHandedOut,
    GuardianIn,
    HeardOut,
    InviteIn,
    MovedOut,
    NoteOut,
    RequestIn,
    TransferLine,
    TransferOut,
    TransfersOut,
    WhoOut,
    WishesOut,
    WishOut,
)
from miaoce.api.v1.transfer_steps import moved_out
from miaoce.registry.access.officers import the_guardian
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import codes, guardians, opening, queries, states
from miaoce.registry.transfers.guardians import Heard, Spoken
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.parties import verbs_of
from miaoce.registry.transfers.queries import Who
from miaoce.registry.vault.masking import Field as Masked
from miaoce.registry.vault.masking import Viewer
from miaoce.registry.vault.masking import shown as masked

router = Router(tags=["transfers"])
_P = Permission
LIST = "transfers"


@reads(router, "/transfers", _P.TRANSFER_VIEW, name="transfers_list", summary="转园", answer=TransfersOut)
def transfers(
    request: ApiRequest,
    tab: Annotated[Literal["mine", "others", "done"], Query()] = "mine",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> TransfersOut:
    """mine：要本单位办的；others：等别人办的；done：已办结的。新发起的在前。"""
    before = cursors.uuid_position(f"{LIST}:{tab}", cursor)
    mine = Transfer.objects.visible_to(request.officer)
    page = queries.page_of(queries.listed(request.officer, tab), among=mine, before=before, most=limit)
    lines = _lines(request, page.transfers, "api.transfers")
    following = cursors.written(f"{LIST}:{tab}", page.following.hex) if page.following else None
    return TransfersOut(transfers=lines, next=following)


@reads(router, "/transfers/wishes", _P.TRANSFER_HANDLE, name="transfers_wishes", summary="等着发起的", answer=WishesOut)
def wishes(request: ApiRequest) -> WishesOut:
    """登记时认出已在别的幼儿园有学籍、放在一边的幼儿。用 POST /transfers/begin 发起。"""
    found = queries.wishes_of(request.officer)
    children = Child.objects.select_related("kindergarten").in_bulk([wish.child_id for wish in found])
    if children:
        journal.log_reading(actor=request.officer, at=request.at, what="api.transfers", child_ids=sorted(children))
    return WishesOut(
        wishes=[
            WishOut(
                id=wish.pk,
                name=masked(Masked.NAME, child.name, Viewer.OTHER),
                kindergarten=_place(child.kindergarten),
                wished_at=wish.wished_at,
            )
            for wish in found
            if (child := children.get(wish.child_id))
        ]
    )


@writes(
    router, "/transfers", _P.TRANSFER_HANDLE, name="transfers_request", summary="凭学籍号申请转入", answer=TransferLine,
    status=201,
)  # fmt: skip
def request_one(request: ApiRequest, given: RequestIn) -> TransferLine | HttpResponse:
    """学籍号和姓名（或出生日期）都对上才申请。对不上答 422 TRF-04，不说哪一样不对；一天 10 次以后答 429 TRF-05。"""
    told = opening.Told(given.number, given.name, given.born_on)
    with process(request, "transfer.ask") as doing:
        answer = opening.ask_for(told=told, process=doing, code_days=settings.CODE_DAYS)
    if answer.transfer is None:
        return problems.refused(request, answer.refusal or Refusal())
    case = queries.with_places(Transfer.objects.filter(pk=answer.transfer.pk)).get()
    return _lines(request, [case], "api.transfer")[0]


@writes(
    router, "/transfers/begin", _P.TRANSFER_HANDLE, name="transfers_begin", summary="发起放在一边的", answer=MovedOut
)
def begin(request: ApiRequest, given: BeginIn) -> MovedOut:
    """把登记时认出来的幼儿变成转园。not_done 里的 id 是意向的。"""
    with process(request, "transfer.begin") as doing:
        opened = opening.begin(wish_ids=given.wishes, process=doing, code_days=settings.CODE_DAYS)
    return moved_out(doing, opened.done, opened.refused)


@writes(
    router, "/transfers/invite", _P.TRANSFER_HANDLE, name="transfers_invite", summary="由监护人发起", answer=MovedOut
)
def invite(request: ApiRequest, given: InviteIn) -> MovedOut:
    """为本园幼儿开转园单，监护人凭码写明去向。not_done 里的 id 是幼儿的。"""
    with process(request, "transfer.invite") as doing:
        opened = opening.invite(child_ids=given.children, process=doing)
    return moved_out(doing, opened.done, opened.refused)


@writes(
    router,
    "/transfers/code",
    _P.TRANSFER_VIEW,
    name="transfers_code",
    summary="给监护人确认码",
    answer=CodesHandedOut,
    key=False,
)
def code(request: ApiRequest, given: CodeIn) -> CodesHandedOut:
    """纸质码只答给孩子现在的幼儿园和它的县，只这一次，哪里都不保存，所以不用 Idempotency-Key；再要一次，前一个失效。"""
    made: dict[UUID, str] = {}
    with process(request, "transfer.code") as doing:
        if given.channel == "paper":
            moved, made = codes.hand_over(chosen=given.transfers, process=doing, days=settings.CODE_DAYS)
        else:
            moved = codes.send(chosen=given.transfers, process=doing, days=settings.CODE_DAYS)
    out = moved_out(doing, moved.done, moved.refused)
    return CodesHandedOut(**out.model_dump(), codes={str(pk): text for pk, text in made.items()})


@writes(
    router, "/transfers/guardian", _P.TRANSFER_VIEW, name="transfers_guardian", summary="监护人凭码办理", answer=HeardOut,
    key=False,
)  # fmt: skip
def guardian(request: ApiRequest, given: GuardianIn) -> HeardOut | HttpResponse:
    """家长端软件把监护人填的码和后四位交过来。码不对、用过、过期、不是这一件的，都答 422 TRF-14。"""
    spoken = Spoken(given.code, given.ending, given.transfer)
    place = Kindergarten.objects.filter(code=given.kindergarten).first() if given.kindergarten else None
    with journal.process(f"transfer.{given.act}", actor=the_guardian(), at=request.at) as doing:
        heard = _hear(given, spoken, place, doing)
    if heard.transfer is None:
        return problems.refused(request, heard.refusal or Refusal())
    who = queries.who_of([heard.transfer], the_guardian())[heard.transfer.pk]
    return HeardOut(
        id=heard.transfer.pk,
        version=heard.transfer.version,
        state=heard.transfer.state,
        state_name=_state_name(heard.transfer),
        who=_who_out(who),
        verbs=guardians.verbs_of(heard.transfer, heard.purpose) if heard.purpose else [],
        follow=heard.follow or None,
    )


def _hear(given: GuardianIn, spoken: Spoken, place: Kindergarten | None, doing: Process) -> Heard:
    """Do what a guardian says."""
    if given.act == "consent":
        return guardians.consent(spoken=spoken, process=doing, kindergarten_id=place.pk if place else None)
    if given.act == "dispute":
        return guardians.dispute(spoken=spoken, words=given.words, process=doing)
    do = {"decline": guardians.decline, "take_back": guardians.take_back}.get(given.act, guardians.look)
    return do(spoken=spoken, process=doing)


@reads(
    router, "/transfers/{transfer_id}", _P.TRANSFER_VIEW, name="transfers_show", summary="一件转园", answer=TransferOut
)
def show(request: ApiRequest, transfer_id: UUID) -> TransferOut:
    """各方看到的是同一件，按各自的权限遮住。"""
    case = queries.with_places(Transfer.objects.visible_to(request.officer)).filter(pk=transfer_id).first()
    if case is None:
        raise Http404
    (line,) = _lines(request, [case], "api.transfer")
    group, who = queries.group_of(case), queries.who_of([case], request.officer)[case.pk]
    moments = ("confirmed_at", "released_at", "accepted_at", "out_decided_at", "in_decided_at", "switch_at", "ended_at")
    return TransferOut(
        **line.model_dump(),
        **{name: getattr(case, name) for name in moments},
        group=group.name if group else None,
        is_released_by_county=case.is_released_by_county,
        switched_on=case.switched_on,
        stay=list(who.stay) if who.stay else None,
        reasons=coded(reference.codebook(localdate(request.at)), "transfer_refusal", case.reasons),
        notes=[NoteOut(at=n.at, party=n.party, verb=n.verb, words=n.words) for n in queries.notes_of(case)],
    )


def _lines(request: ApiRequest, found: Sequence[Transfer], what: str) -> list[TransferLine]:
    """Log and return transfers of a list."""
    if not found:
        return []
    journal.log_reading(actor=request.officer, at=request.at, what=what, child_ids=[t.child_id for t in found])
    who, running = queries.who_of(found, request.officer), queries.clocks_of([t.pk for t in found])
    return [
        TransferLine(
            id=t.pk,
            version=t.version,
            state=t.state,
            state_name=_state_name(t),
            who=_who_out(who[t.pk]),
            from_kindergarten=_place(t.from_kindergarten),
            to_kindergarten=_place(t.to_kindergarten) if t.to_kindergarten else None,
            opened_at=t.opened_at,
            due_on=running[t.pk].due_on if t.pk in running else None,
            verbs=verbs_of(request.officer, t),
        )
        for t in found
        if t.pk in who
    ]


def _who_out(who: Who) -> WhoOut:
    return WhoOut(name=who.name, number=who.number, born_on=who.born_on, sex=who.sex)


def _place(place: Kindergarten) -> Coded:
    return Coded(code=place.code, name=place.name)


def _state_name(transfer: Transfer) -> str:
    return states.label_of(transfer.state, is_within_a_county=transfer.is_within_a_county)
