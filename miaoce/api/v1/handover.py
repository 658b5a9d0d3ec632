"""Primary schools: look a list up, claim, read and answer for what was claimed. A missing record is a normal answer."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.schemas import CursorParam, Day, Given, LimitParam, Page, Text, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.handover import actions, looking, packages, rules, states
from miaoce.registry.handover.models import Handover
from miaoce.registry.handover.rules import Line
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference

router = Router(tags=["handover"])
_P = Permission
HANDOVERS, MOST = "handovers", 500
Outcome = Annotated[str, one_of(*rules.LABELS)]
Short = Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")]


class AdmittedIn(Given):
    """One line of the admitted list: a name, and a number (学籍号), a document, or birth date with guardian."""

    name: Short
    number: Short = ""
    document: Short = ""
    birth_date: Day | None = None
    guardian: Short = ""


class LookupIn(Given):
    """An admitted list. Nothing of it is kept."""

    lines: Annotated[list[AdmittedIn], Field(min_length=1, max_length=MOST)]


class LookedOut(Schema):
    """How one line ended, in the order of the list. `pass` claims it within half an hour; null where nothing can be claimed."""

    line: int
    outcome: Outcome
    outcome_name: str
    by: Annotated[str, one_of("", *looking.BY)]
    alike: int
    claim_pass: str | None


class LookupOut(Schema):
    """How the lines ended. `words` say what a missing record means: nothing for the child's entry."""

    lines: Sequence[LookedOut]
    words: str


class ClaimIn(Given):
    """Passes of what was found."""

    passes: Annotated[
        list[Annotated[str, Field(max_length=400, pattern=r"^[!-~]+$")]], Field(min_length=1, max_length=MOST)
    ]


class NotClaimed(Schema):
    """A child that was left as it is, and why."""

    child: UUID
    code: str
    detail: str
    facts: Mapping[str, Any]


class ClaimOut(Schema):
    """What was claimed, in one moment."""

    process: UUID
    done: Sequence[UUID]
    not_done: Sequence[NotClaimed]


class HandoverOut(Schema):
    """A claimed record: whose it is, where it came from, since when."""

    id: UUID
    child: UUID
    name: str
    born_on: date
    kindergarten: str
    kindergarten_name: str
    claimed_at: datetime


class HandoversOut(Page):
    """A page of claimed records, in the order of claiming."""

    handovers: Sequence[HandoverOut]


class PackageIn(Given):
    """Nothing has to be said."""


class PackageOut(Schema):
    """A signed package: the bytes as they are verified (base64), and the public key that verifies them (PEM)."""

    package: str
    public_key: str


class SendBackIn(Given):
    """What is wrong and what is right."""

    field: Literal[
        "name", "sex", "born_on", "document", "ethnicity", "hukou_region", "address", "guardian", "phone", "other"
    ]
    wanted: Annotated[Text, Field(min_length=1)]
    words: Text = ""


class SentBackOut(Schema):
    """A correction that went back to the kindergarten."""

    id: UUID
    state: Annotated[str, one_of(*states.LABELS)]


@reads(
    router, "/handover/lookup", _P.HANDOVER_CLAIM, name="handover_lookup", summary="查录取名单", answer=LookupOut, method="POST"
)  # fmt: skip
def lookup(request: ApiRequest, body: LookupIn) -> LookupOut:
    """按学籍号、证件号、姓名加出生日期加监护人依次找。没找到不影响入学，名单不保存。"""
    lines = [
        Line(row, one.name.replace(" ", ""), one.number.upper(), one.document.upper(), one.birth_date, one.guardian)
        for row, one in enumerate(body.lines)
    ]
    book = reference.codebook(localdate(request.at))
    answers = looking.look_up(actor=request.officer, lines=lines, book=book)
    hit = [one.child_id for one in answers if one.child_id is not None]
    journal.log_reading(actor=request.officer, at=request.at, what="school.lookup", child_ids=hit)
    return LookupOut(
        lines=[
            LookedOut(
                line=one.line.row, outcome=one.outcome, outcome_name=rules.LABELS[one.outcome], by=one.by,
                alike=one.alike, claim_pass=one.claim_pass or None,
            )
            for one in answers
        ],
        words=rules.NEVER_HINDERS,
    )  # fmt: skip


@writes(
    router, "/handover/claims", _P.HANDOVER_CLAIM, name="handover_claim", summary="认领", answer=ClaimOut, key=True
)  # fmt: skip
def claim(request: ApiRequest, body: ClaimIn) -> ClaimOut:
    """按查到的凭据认领，半小时内有效。一瞬间办完，两边都看得到，学籍号不变。"""
    chosen = dict(looking.holder_of(one, request.officer) for one in body.passes)
    with process(request, "handover.claim") as doing:
        done = actions.claim(chosen=chosen, process=doing)
    return ClaimOut(
        process=doing.pk,
        done=done.done,
        not_done=[
            NotClaimed(child=child, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for child, refusal in done.refused.items()
        ],
    )


@reads(router, "/handovers", _P.HANDOVER_CLAIM, name="handovers_list", summary="本校已认领的", answer=HandoversOut)
def handovers(request: ApiRequest, cursor: CursorParam = None, limit: LimitParam = 50) -> HandoversOut:
    """按认领先后。"""
    after = cursors.uuid_position(HANDOVERS, cursor)
    found = Handover.objects.visible_to(request.officer).order_by("id")
    page = cursors.sliced(
        HANDOVERS, list((found.filter(pk__gt=after) if after else found)[: limit + 1]), limit, lambda one: one.pk.hex
    )
    children = Child.objects.in_bulk([one.child_id for one in page.items])
    places = Kindergarten.objects.in_bulk([one.kindergarten_id for one in page.items])
    journal.log_reading(actor=request.officer, at=request.at, what="school.list", child_ids=list(children))
    return HandoversOut(
        handovers=[
            HandoverOut(
                id=one.pk, child=one.child_id, name=children[one.child_id].name, born_on=children[one.child_id].born_on,
                kindergarten=places[one.kindergarten_id].code, kindergarten_name=places[one.kindergarten_id].name,
                claimed_at=one.claimed_at,
            )
            for one in page.items
        ],
        next=page.following,
    )  # fmt: skip


def _mine(request: ApiRequest, handover_id: UUID) -> Handover:
    """Return a handover of the caller's school; 404 for foreign and unknown ones."""
    found = Handover.objects.visible_to(request.officer).select_related("school", "kindergarten__office")
    one = found.filter(pk=handover_id).first()
    if one is None:
        raise Http404
    return one


@writes(
    router, "/handovers/{handover_id}/package", _P.HANDOVER_CLAIM, name="packages_take", summary="领取档案包",
    answer=PackageOut,
)  # fmt: skip
def package(request: ApiRequest, handover_id: UUID, body: PackageIn) -> PackageOut:  # noqa: ARG001  an empty body
    """签名的档案包，同一名学生再取一次字节相同。用公钥就能核验（miaoce package verify）。"""
    one = _mine(request, handover_id)
    journal.log_reading(actor=request.officer, at=request.at, what="school.package", child_ids=[one.child_id])
    with process(request, "package.make") as doing:
        data = packages.package_of(handover=one, process=doing)
    return PackageOut(package=base64.b64encode(data).decode(), public_key=packages.public_key().decode())


@writes(
    router, "/handovers/{handover_id}/corrections", _P.HANDOVER_CLAIM, name="corrections_send", summary="发回更正",
    answer=SentBackOut, status=201, key=True,
)  # fmt: skip
def send_back(request: ApiRequest, handover_id: UUID, body: SendBackIn) -> SentBackOut:
    """把登记有误的地方发回原来的幼儿园，由幼儿园核对更正并答复。"""
    one = _mine(request, handover_id)
    with process(request, "handover.send_back") as doing:
        sent = actions.send_back(handover=one, column=body.field, wanted=body.wanted, words=body.words, process=doing)
    return SentBackOut(id=sent.pk, state=sent.state)
