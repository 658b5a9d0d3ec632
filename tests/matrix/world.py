"""The place the matrix is asked of: two sides that mirror each other, in different counties of different cities.

Every child of a side carries its side's mark in the name, so that one search through an answer finds a leak.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.test import Client
from django.utils import timezone

from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import proofs, states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.children import notices
from miaoce.registry.children.models import Child, Guardian, NoticeText
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections.actions import Request
from miaoce.registry.handover import actions as handover
from miaoce.registry.handover.models import Handover
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.intake import actions as intake
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers import tokens
from miaoce.registry.transfers import actions as wishing
from miaoce.registry.transfers import opening
from tests.factories import children, places, rolls
from tests.matrix.problems import problems_of
from tests.matrix.stays import stays_of

MARKS = {"here": "禾雀", "there": "桥鹭"}
PHONES = {"here": "13811112222", "there": "13933334444"}
REGIONS = {"here": "990101", "there": "990201"}
ROLES = (
    "registrar",
    "principal",
    "health_worker",
    "county_reviewer",
    "arbiter",
    "analyst",
    "school_registrar",
    "auditor",
)
NOBODY = "nobody"
OTHER = {"here": "there", "there": "here"}


@dataclass
class Side:
    """What one side has. `things` are ids by the word that the tables use for them."""

    name: str
    garden: Kindergarten
    officers: dict[str, Officer]
    things: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Identity:
    """Who asks: a role on a side (its office, kindergarten or school), or nobody."""

    role: str
    side: str
    officer: Officer | None = None
    cookie: str = ""
    token: str = ""

    def __str__(self) -> str:
        return f"{self.role} {self.side}"


@dataclass
class World:
    """Both sides, and everybody who asks."""

    sides: dict[str, Side]
    people: list[Identity]
    programs: list[Identity]
    missing: dict[str, Any]
    client: Client = field(default_factory=Client)

    def things(self, who: Identity, whose: str) -> dict[str, Any]:
        """Return the ids that are own, foreign or missing for somebody."""
        if whose == "missing":
            return self.missing
        return self.sides[who.side if whose == "own" else OTHER[who.side]].things

    def foreign_marks(self, who: Identity) -> list[bytes]:
        """Return what must stand in no answer to somebody, as UTF-8 and as JSON may write it."""
        texts = [
            secret
            for name, side in self.sides.items()
            if name != who.side or not who.officer
            for secret in side.secrets
        ]
        return [text.encode() for text in texts] + [text.encode("unicode_escape") for text in texts]


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a request did, so that every request meets the same place."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build() -> World:
    """Make both sides with people, sessions and tokens."""
    now = timezone.now()
    notices.load_texts()
    tree = places.make_office_tree()
    sides = {
        "here": _side("here", tree.county, tree.city, now),
        "there": _side("there", tree.far_county, tree.far_city, now),
    }
    people, programs = [], []
    for side in sides.values():
        for role, officer in side.officers.items():
            people.append(Identity(role, side.name, officer, cookie=_cookie(officer)))
            programs.append(Identity(role, side.name, officer, token=_token(officer, now)))
            if side.name == "here":
                programs.append(Identity(f"{role} without scopes", "here", None, token=_token(officer, now, bare=True)))
    people.append(Identity(NOBODY, "here"))
    programs.append(Identity(NOBODY, "here"))
    return World(sides, people, programs, _missing(sides["here"].things))


def _side(name: str, county: Office, city: Office, now: datetime) -> Side:
    """Make one side: people of every role, children in every state, batches, a decision and a selection."""
    garden = places.make_kindergarten(county, name=f"{MARKS[name]}幼儿园")
    units = {"county_reviewer": county, "arbiter": city, "analyst": city, "auditor": city}
    officers = {
        role: places.make_officer(
            role, units.get(role) or (places.make_school(county) if role == "school_registrar" else garden)
        )
        for role in ROLES
    }
    side = Side(name, garden, {role: officers[role] for role in ROLES})
    _children(side, now)
    _batches(side, now)
    _changes(side, now)
    _handed_over(side, now)
    number = children.document_number(region=REGIONS[name])
    named = {"name": f"{MARKS[name]}童丑", "id_number": number, "guardian1_phone": PHONES[name]}
    side.things |= stays_of(garden, side.officers, now, **named)
    side.secrets.append(number)
    papers = children.document_number(region=REGIONS[name])
    side.secrets.append(papers)
    named |= {"name": f"{MARKS[name]}童午", "id_number": papers}
    side.things |= problems_of(garden, side.officers["registrar"], now, **named)
    _transfers(side, now)
    side.secrets += [f"{MARKS[name]}童", PHONES[name]]
    numbers = Child.objects.filter(kindergarten=garden).exclude(number_kind="")
    assert numbers.exists()
    return side


def _children(side: Side, now: datetime) -> None:
    """Make children: numbered, submitted, returned, and two whose approval is a minute old."""
    region, registrar, reviewer = REGIONS[side.name], side.officers["registrar"], side.officers["county_reviewer"]
    made: dict[str, Child] = {}
    for count, state in enumerate((states.NUMBERED, states.SUBMITTED, states.RETURNED, states.APPROVED)):
        values = {
            "name": f"{MARKS[side.name]}童{'甲乙丙丁'[count]}",
            "id_number": children.document_number(region=region),
            "guardian1_phone": PHONES[side.name],
        }
        side.secrets.append(values["id_number"])
        at = now - timedelta(minutes=2 if state == states.APPROVED else 90)
        made[state] = children.make_child(
            side.garden, state=state, registrar=registrar, reviewer=reviewer, at=at, **values
        )
    filed = {
        case.child_id: case for case in Proposal.objects.filter(child_id__in=[child.pk for child in made.values()])
    }
    waiting = filed[made[states.SUBMITTED].pk]
    chosen, shown = Proposal.objects.filter(pk=waiting.pk), {waiting.pk: waiting.version}
    selection, sampled = (approvals.choose(cases=chosen, actor=reviewer, at=now, shown=shown) for _ in range(2))
    type(sampled).objects.filter(pk=sampled.pk).update(sample=[waiting.pk.hex])
    numbered = made[states.NUMBERED]
    text = NoticeText.objects.filter(kind=notices.NOTICE).order_by("id").first()
    side.things |= {
        "child": numbered.pk,
        "child_version": numbered.version,
        "child_pick": f"{numbered.pk}:{numbered.version}",
        "guardian": Guardian.objects.filter(child_id=numbered.pk).values_list("pk", flat=True)[0],
        "text": text.pk if text else None,
        "case": waiting.pk,
        "version": waiting.version,
        "selection": selection.pk,
        "sampled": sampled.pk,
        "decision": filed[made[states.APPROVED].pk].decision_id,
        "group": side.garden.groups.order_by("sort")[1].pk,
        "token": tokens.tokens_of([numbered.pk])[numbered.pk],
        "kindergarten": side.garden.pk,
        "kindergarten_code": side.garden.code,
        "office": side.garden.office.code,
        "list": "sex",
        "verb": "rename",
    }


def _changes(side: Side, now: datetime) -> None:
    """File a change of a child of its own, with a proof that both parties may look at."""
    registrar, number = side.officers["registrar"], children.document_number(region=REGIONS[side.name])
    child = children.make_child(
        side.garden, registrar=registrar, reviewer=side.officers["county_reviewer"], at=now - timedelta(minutes=90),
        name=f"{MARKS[side.name]}童子", id_number=number, guardian1_phone=PHONES[side.name],
    )  # fmt: skip
    fresh = proofs.Fresh(child.pk, "household_book", Drawing("jpeg", (b"\xff\xd8\xff" + MARKS[side.name].encode(),)))
    with journal.process("proof.keep", actor=registrar, at=now) as process:
        (proof,) = proofs.keep(fresh=[fresh], process=process)
    asked = Request(child.pk, {"name": f"{child.name}一"}, "recorded_wrong", proofs=(proof.pk,))
    with journal.process("correction.file", actor=registrar, at=now) as process:
        (change,) = corrections.file(requests=[asked], process=process).done
    side.secrets.append(number)
    side.things |= {"corrected": child.pk, "change": change.pk, "proof": proof.pk, "page": 1}


def _handed_over(side: Side, now: datetime) -> None:
    """Let the side's school claim a child and send a correction back."""
    officer = side.officers["school_registrar"]
    number = children.document_number(region=REGIONS[side.name])
    side.secrets.append(number)
    child = children.make_child(side.garden, name=f"{MARKS[side.name]}童升", id_number=number)
    with journal.process("handover.claim", actor=officer, at=now) as process:
        handover.claim(chosen={child.pk: "number"}, process=process)
        claimed = Handover.objects.select_related("kindergarten").get(child_id=child.pk)
        sent = handover.send_back(handover=claimed, column="other", wanted="照户口簿", words="", process=process)
    side.things |= {"handover": claimed.pk, "sent_back": sent.pk}


def _transfers(side: Side, now: datetime) -> None:
    """Let a neighbour ask for a child of the side, and the side's kindergarten wish for one of the neighbour's."""
    registrar, reviewer = side.officers["registrar"], side.officers["county_reviewer"]
    neighbour = places.make_kindergarten(side.garden.office, name=f"{MARKS[side.name]}邻园")
    taker = places.make_officer("registrar", neighbour)
    number = [children.document_number(region=REGIONS[side.name]) for _ in range(2)]
    side.secrets += number
    leaving, coming = (
        children.make_child(
            place, registrar=who, reviewer=reviewer, at=now - timedelta(minutes=90), guardian1_phone=PHONES[side.name],
            name=f"{MARKS[side.name]}童{sign}", id_number=papers,
        )
        for place, who, sign, papers in ((side.garden, registrar, "辰", number[0]), (neighbour, taker, "巳", number[1]))
    )  # fmt: skip
    with journal.process("transfer.request", actor=taker, at=now) as process:
        (transfer,) = opening.request(child_ids=[leaving.pk], process=process, code_days=7).done
    with journal.process("intake.decide", actor=registrar, at=now) as process:
        wish = wishing.wish(child_id=coming.pk, kindergarten_id=side.garden.pk, row_id=new_id(), process=process)
    side.things |= {"transfer": transfer.pk, "transfer_version": transfer.version, "wish": wish.pk}


def _batches(side: Side, now: datetime) -> None:
    """Make a batch under review (ready, to mend, twice the same) and one that was submitted."""
    mark, registrar = MARKS[side.name], side.officers["registrar"]
    rows = [
        _sheet_row(side, 0),
        _sheet_row(side, 1, 民族="汗族"),
        _sheet_row(side, 2),
        _sheet_row(side, 3),
    ]
    rows.append(rows[3] | {"监护人姓名": "另一位"})
    batch = _brought_in(side, rows, "名单.csv", now)
    opened = list(Row.objects.filter(batch=batch).order_by("position"))
    assert {row.state for row in opened} == {"ready", "fix", "duplicate"}, [row.state for row in opened]
    sent = _brought_in(side, [_sheet_row(side, 5)], "另一份.csv", now)
    with journal.process("intake.submit", actor=registrar, at=now) as process:
        intake.submit(batch=sent, process=process)
    pair = [row for row in opened if row.state == "duplicate"]
    appointment = side.officers["registrar"].appointment_id
    side.things |= {
        "batch": batch.pk, "position": pair[-1].position, "row": opened[0].pk, "twin": pair[-1].pk, "other": pair[0].pk.hex,
        "sent_batch": sent.pk, "process": process.pk, "sent_row": Row.objects.get(batch=sent).pk, "mark": mark,
        "appointment": appointment,
    }  # fmt: skip


def _sheet_row(side: Side, number: int, **changes: str) -> dict[str, str]:
    """Return one line of a sheet, marked as its side's."""
    base = rolls.child(200 + number + (0 if side.name == "here" else 400))
    born = base["出生日期"].replace("-", "")
    document = rolls.document_number(born, 600 + number * 2 + 1, REGIONS[side.name])
    side.secrets.append(document)
    marked = {
        "姓名": f"{MARKS[side.name]}童{'戊己庚辛壬癸'[number]}",
        "证件号码": document,
        "性别": "男",
        "联系电话": PHONES[side.name],
    }
    return base | marked | changes


def _brought_in(side: Side, rows: list[dict[str, str]], name: str, now: datetime) -> Batch:
    """Upload a sheet and have it read."""
    registrar = side.officers["registrar"]
    data = rolls.pasted(rows).replace("\t", ",").encode()
    with journal.process("intake.receive", actor=registrar, at=now) as process:
        batch = intake.receive(
            kindergarten=side.garden, source=intake.UPLOAD, file_name=name, data=data, process=process
        )
    intake.read_batch(batch_id=batch.pk, actor=registrar, at=now)
    batch.refresh_from_db()
    return batch


def _cookie(officer: Officer) -> str:
    """Return the cookie of somebody signed in."""
    return str(places.sign_in(Client(), officer).cookies["sessionid"].value)


def _token(officer: Officer, now: datetime, *, bare: bool = False) -> str:
    """Return the secret of a token with all scopes of a role, or with none."""
    staff = Staff.objects.get(pk=officer.staff_id)
    with journal.process("token.create", actor=officer, at=now) as process:
        token, secret = access.create_token(
            username=staff.username, role=officer.role_code, scopes=[], days=1, label="matrix", process=process
        )
    if bare:
        type(token).objects.filter(pk=token.pk).update(scopes=[])
    return secret


def _missing(like: dict[str, Any]) -> dict[str, Any]:
    """Return ids that nothing has, of the same shape."""
    others = {
        "position": 9_999,
        "version": 1,
        "token": "AAAA.bbbb",
        "child_pick": f"{uuid4()}:1",
        "left_pick": f"{uuid4()}:1",
        "standing_pick": f"{uuid4()}:1",
        "problem_child": uuid4().hex,
        "kindergarten_code": "1199999999",
        "office": "999999",
    }
    made = {word: uuid4() if isinstance(value, UUID) else value for word, value in like.items()}
    return made | others | {"text": like["text"], "list": "nothing", "other": uuid4().hex, "mark": "无人"}
