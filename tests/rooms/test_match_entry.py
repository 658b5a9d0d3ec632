"""Matching at entry: a row is compared with the whole register before anything is recorded."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.intake import registered
from miaoce.registry.intake.registered import Asked
from miaoce.registry.journal import actions as journal
from miaoce.registry.matching import keeping
from miaoce.registry.matching.entry import Suspect, suspects
from miaoce.registry.matching.judging import Row
from miaoce.registry.matching.models import MatchRecord
from miaoce.registry.matching.outcomes import Verdict
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import document_number

pytestmark = pytest.mark.django_db


def values(**given: str) -> dict[str, str]:
    """Return a child as intake understands it, with both parents."""
    return {
        "name": "慕容若溪", "sex": "2", "birth_date": "2022-05-16", "id_type": "resident_id",
        "id_number": document_number("20220516", 36), "ethnicity": "01", "hukou_region": "990101",
        "address": "青禾区天和新村30号楼3单元604", "entry_date": "2025-09-01",
        "guardian1_name": "慕容建国", "guardian1_relation": "51", "guardian1_phone": "13800004943",
        "guardian2_name": "柳如烟", "guardian2_relation": "52", "guardian2_phone": "13800004944", **given,
    }  # fmt: skip


def recorded(place: Kindergarten, *children: Mapping[str, str]) -> list[UUID]:
    """Record children as a submission does, records of matching included."""
    group = Group.objects.filter(kindergarten=place).first()
    admissions = [Admission(new_id(), one, group) for one in children]
    with journal.process("intake.submit", actor=make_officer("registrar", place), at=timezone.now()) as process:
        enrolments.submit(admissions=admissions, kindergarten=place, process=process)
        keeping.renew(child_ids=[one.child_id for one in admissions], at=process.at)
    return [one.child_id for one in admissions]


def found(given: Mapping[str, str], place: Kindergarten, own: UUID | None = None) -> list[Suspect]:
    key = new_id()
    return suspects([Row(key, given, place.pk, own)]).get(key, [])


@pytest.fixture
def here() -> Kindergarten:
    return make_kindergarten(name="柳溪镇中心幼儿园")


@pytest.fixture
def there() -> Kindergarten:
    return make_kindergarten(name="河东镇幼儿园")


OTHER = {"id_type": "none", "id_number": "", "entry_date": "2026-03-02"}


@pytest.mark.parametrize(
    "slips",
    [
        {"name": "慕容若夕"},
        {"name": "慕容若曦", "birth_date": "2022-05-17"},
        {"birth_date": "2022-06-16"},
        {"name": "慕容 若溪", "guardian1_name": "柳如烟", "guardian1_relation": "52", "guardian1_phone": "13800004944",
         "guardian2_name": "慕容建国", "guardian2_relation": "51", "guardian2_phone": "13800004943", "birth_date": "2021-05-16"},
        {"name": "柳若溪"},
    ],
)  # fmt: skip
def test_a_child_written_down_with_slips_elsewhere_is_found(here, there, slips):
    (child,) = recorded(there, values())
    (suspect,) = found(values(**OTHER, **slips), here)
    assert (suspect.child_id, suspect.kindergarten_name) == (child, "河东镇幼儿园")
    assert suspect.verdict in (Verdict.SAME, Verdict.REVIEW)
    assert suspect.reasons


def test_a_stranger_is_nobody(here, there):
    recorded(there, values())
    stranger = values(
        name="赵子轩", sex="1", birth_date="2023-03-12", id_number=document_number("20230312", 1), address="河西路1号2-301",
        guardian1_name="赵大山", guardian1_phone="13900001111", guardian2_name="钱小红", guardian2_phone="13900001112",
    )  # fmt: skip
    assert found(stranger, here) == []


def test_a_twin_is_said_so(here):
    recorded(here, values())
    twin = values(name="慕容若云", id_number=document_number("20220516", 38))
    (suspect,) = found(twin, here)
    assert suspect.verdict is Verdict.TWIN


def test_a_child_is_not_found_beside_itself(here):
    (child,) = recorded(here, values())
    assert found(values(), here, own=child) == []


def test_who_was_withdrawn_does_not_count(here, there):
    children = recorded(there, values())
    with journal.process("intake.withdraw", actor=make_officer("registrar", there), at=timezone.now()) as process:
        enrolments.withdraw(child_ids=children, process=process)
    assert found(values(**OTHER), here) == []


def test_the_number_of_statements_does_not_grow(here, there):
    recorded(
        there,
        *(
            values(name=f"慕容若{sign}", id_number=document_number("20220516", 2 * n))
            for n, sign in enumerate("溪云雨", 1)
        ),
    )
    counts = []
    for many in (1, 40):
        rows = [Row(new_id(), values(**OTHER, name=f"慕容若{chr(0x4E00 + n)}"), here.pk) for n in range(many)]
        rows.append(Row(new_id(), values(**OTHER), here.pk))
        with CaptureQueriesContext(connection) as seen:
            assert suspects(rows)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


def test_nothing_that_names_a_person_stands_in_a_record(here):
    (child,) = recorded(here, values())
    record = MatchRecord.objects.get(child_id=child)
    whole = repr([getattr(record, field.attname) for field in MatchRecord._meta.concrete_fields]).encode() + bytes(
        record.features
    )
    for text in (values()["id_number"], "13800004943", "慕容建国", "柳如烟", "天和新村", "若溪"):
        for written in (text.encode(), text.encode("utf-16-le"), text.encode("utf-32-le")):
            assert written not in whole


def test_a_phone_that_many_homes_share_makes_nobody_alike(here, there):
    shared = [
        values(
            name=f"{one}子轩", sex="1", birth_date=f"2022-0{n}-1{n}", id_number=document_number(f"20220{n}1{n}", 2 * n + 1),
            address=f"河西路{n}号", guardian1_name=f"{one}大山", guardian1_phone="13800004943", guardian2_name="", guardian2_phone="",
        )
        for n, one in enumerate("赵钱孙李周吴", 1)
    ]  # fmt: skip
    recorded(there, *shared)
    asks = values(name="郑雨桐", address="河东路9号", guardian1_name="郑大江", guardian2_name="", guardian2_phone="")
    assert found(asks, here) == []


def told(given: Mapping[str, str], place: Kindergarten, settled: frozenset[str] = frozenset()) -> registered.Answer:
    return registered.ask([Asked(given, None, settled)], kindergarten_id=place.pk)[0]


def test_a_row_that_could_be_a_child_elsewhere_waits_for_a_decision(here, there):
    (child,) = recorded(there, values())
    answer = told(values(**OTHER, name="慕容若夕"), here)
    (finding,) = answer.findings
    assert (finding.code, finding.remark) == ("SAME_CHILD_ELSEWHERE", False)
    assert "河东镇幼儿园" in finding.message
    assert "慕容建国" not in finding.message
    assert answer.alike == [{"child": child.hex, "by": "match", "place": there.pk.hex}]


def test_what_a_person_said_to_be_two_is_not_asked_again(here, there):
    (child,) = recorded(there, values())
    assert told(values(**OTHER, name="慕容若夕"), here, frozenset({child.hex})).findings == []


def test_a_twin_is_a_remark_and_holds_nothing_back(here):
    recorded(here, values())
    answer = told(values(name="慕容若云", id_number=document_number("20220516", 38)), here)
    (finding,) = answer.findings
    assert (finding.code, finding.remark, answer.alike) == ("TWIN_REGISTERED", True, [])


def test_several_alike_are_all_there_to_be_decided(here, there):
    children = recorded(there, values(), values(name="慕容若西", id_number=document_number("20220516", 136)))
    answer = told(values(**OTHER, name="慕容若夕"), here)
    assert {match["child"] for match in answer.alike} <= {child.hex for child in children}
    assert [finding.code for finding in answer.findings] == ["SAME_CHILD_ELSEWHERE"]


def test_the_same_document_is_told_as_before(here, there):
    recorded(there, values())
    answer = told(values(name="慕容若夕"), here)
    assert [finding.field for finding in answer.findings] == ["id_number"]
    assert [match["by"] for match in answer.alike] == ["document"]


def test_a_record_follows_its_child(here):
    (child,) = recorded(here, values())
    before = MatchRecord.objects.get(child_id=child)
    Child.objects.filter(pk=child).update(name="慕容云", version=2)
    assert keeping.renew_behind(at=timezone.now()) == 1
    after = MatchRecord.objects.get(child_id=child)
    assert (after.child_version, after.document) == (2, before.document)
    assert (after.name, after.digest) != (before.name, before.digest)
    assert keeping.renew_behind(at=timezone.now()) == 0


def test_the_worker_sees_what_was_recorded_without_matching(here):
    (child,) = recorded(here, values())
    MatchRecord.objects.all().delete()
    assert keeping.renew_changed(at=timezone.now()) == 1
    assert MatchRecord.objects.get().child_id == child
    assert keeping.renew_changed(at=timezone.now()) == 0
