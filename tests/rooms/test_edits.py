"""Other data: changed at once with their event, checked as intake checks, never over what somebody else changed meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.corrections import edits, rules
from miaoce.registry.corrections.edits import Request
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from tests.factories import changes, children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)
SECOND = {
    "guardian2_name": "林芳", "guardian2_relation": "母亲", "guardian2_phone": "13900001111",
}  # fmt: skip


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def clerk(garden):
    return places.make_officer("registrar", garden, name="王敏")


@pytest.fixture
def child(garden, clerk):
    return children.make_child(garden, registrar=clerk, at=NOW - timedelta(days=2))


def edit(child, actor, *, version=None, others=(), at=NOW, **texts):
    child.refresh_from_db()
    request = Request(child.pk, version or child.version, texts, frozenset(others))
    with journal.process("child.edit", actor=actor, at=at) as process:
        return edits.edit(requests=[request], process=process)


def values_of(child) -> dict[str, str]:
    return edits.known_values([Child.objects.get(pk=child.pk)])[child.pk]


def refusal_of(outcome):
    (found,) = outcome.refused.values()
    return found


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("former_name", "陈小墨", "陈小墨"),
        ("ethnicity", "回族", "03"),
        ("nationality", "美国", "USA"),
        ("hukou_region", "云川省青江市柳溪县", "990102"),
        ("hukou_kind", "非农业户口", "2"),
        ("birth_region", "青禾区", "990101"),
        ("address", "青禾区新苗路 99 号", "青禾区新苗路 99 号"),
        ("only_child", "是", "1"),
        ("left_behind", "是", "1"),
        ("migrant", "否", "0"),
        ("orphan", "否", "0"),
        ("boarding", "寄宿", "boarding"),
        ("remark", "对花生过敏", "对花生过敏"),
        ("guardian1_phone", "139 0000 2222", "13900002222"),
        ("guardian1_name", "陈立德", "陈立德"),
        ("guardian1_relation", "母亲", "52"),
    ],
)
def test_a_field_is_changed_at_once_and_comes_out_in_its_one_form(key, text, value, child, clerk):
    before = values_of(child)
    outcome = edit(child, clerk, **{key: text})
    assert outcome.done == [child.pk], outcome.refused
    assert values_of(child) == before | {key: value}
    stored = Child.objects.get(pk=child.pk)
    assert (stored.version, stored.changed_at) == (2, NOW)
    assert rebuild.compare().tables == {}, "the events give the rows again"


def test_emptied_is_empty(child, clerk):
    edit(child, clerk, remark="临时备注", former_name="陈小墨")
    edit(child, clerk, remark="", former_name="", address="")
    stored = Child.objects.get(pk=child.pk)
    assert (stored.former_name, stored.remark, stored.address, stored.version) == ("", None, None, 3)
    assert rebuild.compare().tables == {}


def test_a_second_guardian_comes_and_goes(child, clerk):
    edit(child, clerk, **SECOND)
    assert {key: values_of(child)[key] for key in SECOND} == SECOND | {"guardian2_relation": "52"}
    assert rebuild.compare().tables == {}
    edit(child, clerk, **dict.fromkeys(SECOND, ""))
    assert Guardian.objects.filter(child_id=child.pk).count() == 1
    assert rebuild.compare().tables == {}


def test_a_guardian_whose_name_is_corrected_stays_the_person_that_was_told(child, clerk):
    first = Guardian.objects.get(child_id=child.pk)
    edit(child, clerk, guardian1_name="陈力")
    assert Guardian.objects.get(child_id=child.pk).pk == first.pk


def test_somebody_else_in_the_place_is_another_person(child, clerk):
    first = Guardian.objects.get(child_id=child.pk)
    edit(child, clerk, others=[1], guardian1_name="孙玉兰", guardian1_relation="外祖母", guardian1_phone="13900003333")
    second = Guardian.objects.get(child_id=child.pk)
    assert second.pk != first.pk and second.document_number is None
    assert rebuild.compare().tables == {}


def test_a_new_telephone_is_found_by_its_digest(child, clerk):
    edit(child, clerk, guardian1_phone="13900002222")
    assert Guardian.objects.get(child_id=child.pk).phone_digest == vault.digest(Purpose.PHONE, "13900002222")


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"ethnicity": "汗族"}, "汉族"),
        ({"hukou_region": "不知道哪里"}, "没认出户籍地"),
        ({"guardian1_phone": "1380000"}, "手机号"),
        ({"guardian1_phone": ""}, "没填监护人手机号"),
        ({"guardian1_name": ""}, "监护人"),
        ({"guardian1_id_number": "123"}, "证件"),
        ({"former_name": "陈1"}, "数字"),
    ],
)
def test_what_is_not_sound_is_refused_and_nothing_changes(texts, words, child, clerk):
    before = values_of(child)
    refused = refusal_of(edit(child, clerk, **texts))
    assert isinstance(refused, rules.NotSound) and words in str(refused)
    assert values_of(child) == before and Child.objects.get(pk=child.pk).version == 1


@pytest.mark.parametrize("key", ["name", "sex", "birth_date", "id_type", "id_number", "class", "entry_date"])
def test_key_data_are_not_changed_this_way(key, child, clerk):
    assert isinstance(refusal_of(edit(child, clerk, **{key: "别的"})), rules.NotEditable)


def test_what_changes_nothing_is_refused(child, clerk):
    assert isinstance(
        refusal_of(edit(child, clerk, address="云川省青江市青禾区柳河街道新苗路 8 号")), rules.NothingChanged
    )
    assert not Event.objects.filter(verb="child.edited").exists()


def test_an_old_page_does_not_write_over_what_a_colleague_changed(child, clerk, garden):
    colleague = places.make_officer("registrar", garden, name="李霞")
    edit(child, colleague, guardian1_phone="13900002222", address="新苗路 1 号")
    refused = refusal_of(edit(child, clerk, version=1, address="新苗路 2 号"))
    assert isinstance(refused, rules.ChangedMeanwhile)
    assert str(refused) == "您打开后，李霞改过现住址，请对照后再保存。"
    assert values_of(child)["address"] == "新苗路 1 号"


def test_two_who_change_different_fields_do_not_stand_in_each_others_way(child, clerk, garden):
    edit(child, places.make_officer("registrar", garden), guardian1_phone="13900002222")
    assert edit(child, clerk, version=1, address="新苗路 2 号").done
    values = values_of(child)
    assert (values["guardian1_phone"], values["address"]) == ("13900002222", "新苗路 2 号")
    assert rebuild.compare().tables == {}


def test_a_correction_that_was_agreed_meanwhile_is_no_hindrance(child, clerk, garden):
    changes.correct(child, clerk, places.make_officer("county_reviewer", garden.office), NOW, name="陈子默")
    assert edit(child, clerk, version=1, address="新苗路 2 号").done


def test_a_change_in_hand_does_not_stop_the_telephone(child, clerk):
    """Whoever handles a transfer needs the number that answers today: key data and stays wait, the rest does not."""
    changes.file(child, clerk, NOW, name="陈子默")
    assert edit(child, clerk, guardian1_phone="13900002222").done


def test_only_the_registrar_of_the_kindergarten_edits(child, garden):
    with pytest.raises(Denied):
        edit(child, places.make_officer("principal", garden), address="新苗路 2 号")
    with pytest.raises(Denied):
        edit(child, places.make_officer("county_reviewer", garden.office), address="新苗路 2 号")
    stranger = places.make_officer("registrar", places.make_kindergarten())
    assert isinstance(refusal_of(edit(child, stranger, address="新苗路 2 号")), rules.NotHere)


@pytest.mark.parametrize("standing", ["promoted", "cancelled"])
def test_a_record_that_went_on_is_read_only(standing, child, clerk):
    Child.objects.filter(pk=child.pk).update(standing=standing)
    assert isinstance(refusal_of(edit(child, clerk, address="新苗路 2 号")), rules.NotHere)


def test_a_child_being_registered_is_mended_in_its_row(garden, clerk):
    waiting = children.make_child(garden, registrar=clerk, state=states.RETURNED)
    assert isinstance(refusal_of(edit(waiting, clerk, address="新苗路 2 号")), rules.NotRegistered)


def test_how_a_child_attends_stands_on_its_stay(child, clerk):
    edit(child, clerk, boarding="寄宿")
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).boarding == "boarding"
    assert Event.objects.get(verb="enrolment.boarding_changed").after == {"boarding": "boarding"}


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, clerk):
    found = children.make_children([{"name": f"陈子{sign}"} for sign in "甲乙丙丁戊己庚辛"], garden, registrar=clerk)

    def run(some) -> int:
        asked = [
            Request(one.pk, 1, {"address": f"新苗路 {place} 号", **SECOND, "boarding": "寄宿"})
            for place, one in enumerate(some)
        ]
        with CaptureQueriesContext(connection) as seen, journal.process("child.edit", actor=clerk, at=NOW) as process:
            assert len(edits.edit(requests=asked, process=process).done) == len(some)
        return len(seen)

    assert run(found[:2]) == run(found[2:])


def test_of_two_who_save_the_same_version_at_once_one_does(transactional_db):
    garden = places.make_kindergarten()
    clerks = [places.make_officer("registrar", garden) for _ in range(2)]
    child = children.make_child(garden, registrar=clerks[0])
    gate, outcomes = threading.Barrier(2), []

    def save(clerk, text) -> None:
        gate.wait(timeout=30)
        try:
            with journal.process("child.edit", actor=clerk, at=NOW) as process:
                done = edits.edit(requests=[Request(child.pk, 1, {"address": text})], process=process)
            outcomes.append((len(done.done), [type(one).__name__ for one in done.refused.values()]))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=save, args=(one, f"新苗路 {place} 号")) for place, one in enumerate(clerks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [(0, ["ChangedMeanwhile"]), (1, [])]
    assert Child.objects.get(pk=child.pk).version == 2
    assert Event.objects.filter(verb="child.edited").count() == 1
