"""Bringing children in: received once, read once, every row accounted for, mended, decided, sent, taken back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from miaoce.registry.access.officers import Denied, Officer, the_system
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.intake import actions, claiming, reading, review, rules, states, storage
from miaoce.registry.intake.findings import Finding
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.problems import problems_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.rules import KeyMissing
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import child, document_number, pasted

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Kindergarten:
    return make_kindergarten()


@pytest.fixture
def registrar(place: Kindergarten) -> Officer:
    return make_officer("registrar", place)


def received(place: Kindergarten, who: Officer, text: str, *, source: str = "paste", at=None) -> Batch:
    with journal.process("intake.receive", actor=who, at=at or timezone.now()) as process:
        return actions.receive(
            kindergarten=place, source=source, file_name="粘贴的内容", data=text.encode(), process=process
        )


def brought_in(place: Kindergarten, who: Officer, text: str) -> Batch:
    batch = received(place, who, text)
    actions.read_batch(batch_id=batch.pk, actor=who, at=timezone.now())
    batch.refresh_from_db()
    return batch


def counts(batch: Batch) -> dict[str, int]:
    every, _ = review.standings(batch)
    found = review.counts_of(every, Batch.objects.get(pk=batch.pk))
    return {state: count for state, count in found.items() if count and state != review.REMARK}


def row_of(batch: Batch, number: int) -> Row:
    return Row.objects.get(batch=batch, number=number)


def process_of(who: Officer, kind: str = "intake.mend", reason: str = ""):
    return journal.process(kind, actor=who, at=timezone.now(), reason=reason)


def test_the_bytes_are_sealed_on_the_disk_before_the_batch_exists(place, registrar) -> None:
    text = pasted([child(1)])
    batch = received(place, registrar, text)
    on_disk = storage.path_of(batch.pk).read_bytes()
    assert batch.state == states.UPLOADED
    assert "建国".encode() not in on_disk
    assert storage.fetch(batch_id=batch.pk, safe=vault.open_safe([batch.pk])).decode() == text


def test_the_same_bytes_give_the_open_batch_back(place, registrar) -> None:
    first = brought_in(place, registrar, pasted([child(1)]))
    again = received(place, registrar, pasted([child(1)]))
    elsewhere = make_kindergarten()
    assert again.pk == first.pk
    assert received(elsewhere, make_officer("registrar", elsewhere), pasted([child(1)])).pk != first.pk


def test_rows_are_read_checked_and_counted(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2, 民族="汗族"), child(3, 联系电话="138000")]))
    assert batch.state == states.OPEN
    assert batch.rows_read == 3
    assert counts(batch) == {"ready": 1, "fix": 2}
    assert row_of(batch, 3).codes == ["ENTRY_DATE_MISSING", "ETHNICITY_UNKNOWN"]


def test_contents_are_sealed(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1)]))
    assert document_number("20230201", 1).encode() not in bytes(row_of(batch, 2).content)


def test_a_file_that_cannot_be_read_says_why(place, registrar) -> None:
    batch = brought_in(place, registrar, "甲,乙\n一,二\n")
    assert batch.state == states.REFUSED
    assert batch.refusal_code == "NO_HEADER"
    assert review.first_rows_of(batch)[0][1:] == ["甲", "乙"]


def test_nothing_and_too_much_are_refused(place, registrar, monkeypatch) -> None:
    with pytest.raises(rules.NothingGiven):
        received(place, registrar, "  ")
    monkeypatch.setattr(settings, "FILE_MEGABYTES", 0)
    with pytest.raises(rules.FileTooLarge):
        received(place, registrar, "x")


def test_reading_again_reads_nothing_twice(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1)]))
    assert actions.read_batch(batch_id=batch.pk, actor=registrar, at=timezone.now()) is None
    assert Row.objects.filter(batch=batch).count() == 1


def test_a_killed_reader_is_taken_over_after_its_lease(place, registrar) -> None:
    batch, now = received(place, registrar, pasted([child(1), child(2)])), timezone.now()
    reading.claim(batch.pk, at=now)
    assert actions.read_waiting(actor=the_system(), at=now + timedelta(minutes=1)) == 0
    assert actions.read_waiting(actor=the_system(), at=now + claiming.LEASE + timedelta(seconds=1)) == 1
    assert Row.objects.filter(batch=batch).count() == 2


def test_bytes_that_are_gone_are_said_and_not_tried_again(place, registrar) -> None:
    batch = received(place, registrar, pasted([child(1)]))
    storage.remove(batch_id=batch.pk)
    assert actions.read_waiting(actor=the_system(), at=timezone.now()) == 1
    batch.refresh_from_db()
    assert batch.state == states.REFUSED
    assert "请重新上传" in batch.refusal_words


def test_a_batch_that_breaks_its_reader_does_not_stop_the_others(place, registrar, monkeypatch) -> None:
    broken, sound = received(place, registrar, pasted([child(1)])), received(place, registrar, pasted([child(2)]))
    real = reading.understand

    def understand(batch, **more):
        if batch.pk == broken.pk:
            raise ValueError
        return real(batch, **more)

    monkeypatch.setattr(reading, "understand", understand)
    assert actions.read_waiting(actor=the_system(), at=timezone.now()) == 1
    assert Row.objects.filter(batch=sound).count() == 1
    assert not Row.objects.filter(batch=broken).exists()


def test_a_class_that_is_gone_holds_the_row_back_until_it_is_mended(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1)]))
    place.groups.filter(name="小一班").update(name="向日葵班")
    sent = submitted(batch, registrar)
    assert "小一班" in next(iter(sent.refused.values()))
    assert counts(batch) == {"fix": 1}
    with process_of(registrar) as process:
        actions.mend(
            batch=batch, row_id=row_of(batch, 2).pk, values={"class": "向日葵班"}, version=None, process=process
        )
    assert counts(batch) == {"ready": 1}


def test_a_reader_that_lost_its_lease_writes_nothing(place, registrar) -> None:
    batch, now = received(place, registrar, pasted([child(1)])), timezone.now()
    slow = reading.claim(batch.pk, at=now)
    understood = reading.understand(slow, safe=vault.open_safe([batch.pk]), at=now)
    later = now + claiming.LEASE + timedelta(seconds=1)
    assert actions.read_waiting(actor=the_system(), at=later) == 1
    with process_of(registrar) as process:
        assert not reading.store(slow, understood, safe=vault.open_safe([batch.pk]), process=process)
    assert Row.objects.filter(batch=batch).count() == 1


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    st.lists(
        st.lists(st.text("赵钱孙子轩0123456789-/ \u3000男女汉合计小一班", max_size=8), min_size=1, max_size=9),
        max_size=12,
    )
)
def test_no_row_is_ever_lost(place, registrar, cells) -> None:
    lines = [child(1), *(dict(zip(child(1), texts, strict=False)) for texts in cells)]
    text = pasted(lines)
    batch = brought_in(place, registrar, text)
    filled = [line for line in text.splitlines()[1:] if line.replace("\u3000", " ").strip()]
    assert sum(counts(batch).values()) == batch.rows_read == len(filled) == Row.objects.filter(batch=batch).count()


def test_mending_checks_the_row_again(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2, 民族="汗族")]))
    row = row_of(batch, 3)
    with process_of(registrar) as process:
        changed = actions.mend(
            batch=batch, row_id=row.pk, values={"ethnicity": "汉族"}, version=row.version, process=process
        )
    assert [line.row.state for line in changed] == ["ready"]
    assert counts(batch) == {"ready": 2}


def test_mending_one_row_frees_the_other_of_a_pair(place, registrar) -> None:
    same = {key: child(1)[key] for key in ("证件号码", "出生日期", "性别")}
    batch = brought_in(place, registrar, pasted([child(1), child(2, **same)]))
    assert counts(batch)["duplicate"] == 2
    row = row_of(batch, 3)
    with process_of(registrar) as process:
        changed = actions.mend(
            batch=batch, row_id=row.pk, version=row.version, process=process,
            values={"id_number": child(2)["证件号码"], "birth_date": child(2)["出生日期"], "sex": child(2)["性别"]},
        )  # fmt: skip
    assert len(changed) == 2
    assert counts(batch) == {"ready": 2}


def test_a_row_that_changed_since_it_was_shown_is_refused_with_both_values(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(2, 民族="汗族")]))
    row = row_of(batch, 2)
    with process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "回族"}, version=row.version, process=process)
    with pytest.raises(rules.RowChanged) as refused, process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "汉族"}, version=row.version, process=process)
    assert "回族" in str(refused.value)
    assert "汉族" in str(refused.value)


def test_alike_errors_are_mended_together(place, registrar) -> None:
    batch = brought_in(
        place, registrar, pasted([child(n, 班级="苗苗班") for n in range(1, 5)] + [child(5, 民族="汗族")])
    )
    shown = review.review(batch, reference.codebook(timezone.localdate()))
    assert [(a.wrong, a.count) for a in shown.alike] == [("苗苗班", 4)]
    with process_of(registrar) as process:
        actions.mend_alike(batch=batch, field="class", wrong="苗苗班", right="小二班", process=process)
    assert counts(batch) == {"ready": 4, "fix": 1}


def test_a_row_set_aside_stays_in_the_sum(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2)]))
    row = row_of(batch, 3)
    with process_of(registrar) as process:
        actions.ignore(batch=batch, row_id=row.pk, process=process)
    assert counts(batch) == {"ready": 1, "ignored": 1}
    with process_of(registrar) as process:
        actions.restore(batch=batch, row_id=row.pk, process=process)
    assert counts(batch) == {"ready": 2}


def test_another_kindergarten_may_not_touch_it(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1)]))
    stranger = make_officer("registrar", make_kindergarten())
    with pytest.raises(Denied), process_of(stranger) as process:
        actions.mend(batch=batch, row_id=row_of(batch, 2).pk, values={"name": "某"}, version=None, process=process)


def submitted(batch: Batch, who: Officer) -> actions.Sent:
    with process_of(who, "intake.submit") as process:
        return actions.submit(batch=batch, process=process)


def test_ready_rows_are_sent_once(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2), child(3, 民族="汗族")]))
    assert len(submitted(batch, registrar).done) == 2
    assert submitted(batch, registrar).done == []
    assert counts(batch) == {"sent": 2, "fix": 1}
    assert Child.objects.filter(kindergarten=place).count() == Proposal.objects.count() == 2


def test_sending_a_row_does_not_seal_it_anew(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2, 联系电话="1")]))
    before = {row.number: bytes(row.content) for row in batch.rows.all()}
    submitted(batch, registrar)
    after = {row.number: (row.state, bytes(row.content), row.version) for row in batch.rows.all()}
    assert after == {2: (states.SENT, before[2], 2), 3: (states.FIX, before[3], 1)}


def test_the_same_file_after_discarding_knows_what_was_sent(place, registrar) -> None:
    text = pasted([child(1), child(2, 民族="汗族")])
    batch = brought_in(place, registrar, text)
    submitted(batch, registrar)
    with process_of(registrar, "intake.discard") as process:
        actions.discard(batch=batch, process=process)
    again = brought_in(place, registrar, text)
    assert again.pk != batch.pk
    assert counts(again) == {"known": 1, "fix": 1}
    assert counts(batch) == {"sent": 1, "ignored": 1}
    known = review.open_rows(again)[0].content
    known.own.append(Finding("class", "GROUP_OVER_NORM", "小一班已有 26 名。可以提交。", remark=True))
    said = problems_of(known, states.KNOWN, None, reference.codebook(timezone.localdate()))
    assert [problem.why[:6] for problem in said] == ["本园已登记过"]


def test_a_recalled_row_is_ready_again(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1)]))
    submitted(batch, registrar)
    with process_of(registrar, "intake.recall") as process:
        assert len(actions.recall(batch=batch, process=process).done) == 1
    assert counts(batch) == {"ready": 1}
    assert len(submitted(batch, registrar).done) == 1


def test_the_county_s_answer_shows_on_the_row(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2)]))
    submitted(batch, registrar)
    Proposal.objects.filter(child_id=row_of(batch, 2).becomes_id).update(
        state="returned", return_words="户籍地址少区县", decided_at=timezone.now(), decision_id=batch.pk
    )
    Proposal.objects.filter(child_id=row_of(batch, 3).becomes_id).update(
        state="numbered", decided_at=timezone.now(), decision_id=batch.pk
    )
    assert counts(batch) == {"returned": 1, "done": 1}
    shown = review.review(batch, reference.codebook(timezone.localdate()))
    assert "户籍地址少区县" in shown.rows[0].problems[0].why
    row = row_of(batch, 2)
    with process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"remark": "已补"}, version=None, process=process)
    assert counts(batch) == {"ready": 1, "done": 1}
    assert len(submitted(batch, registrar).done) == 1


def test_the_same_child_elsewhere_waits_for_a_decision(place, registrar) -> None:
    elsewhere = make_kindergarten(name="柳溪镇中心幼儿园")
    other = make_officer("registrar", elsewhere)
    submitted(brought_in(elsewhere, other, pasted([child(1), child(2)])), other)
    there = Child.objects.get(kindergarten=elsewhere, name=child(1)["姓名"])
    batch = brought_in(
        place, registrar, pasted([child(1), child(2, 证件号码=document_number("20230301", 22), 性别="女"), child(3)])
    )
    assert counts(batch) == {"duplicate": 2, "ready": 1}
    line = review.open_rows(batch)[0]
    assert "柳溪镇中心幼儿园" in line.content.findings[0].message
    with pytest.raises(rules.SameDocument), process_of(registrar, reason="不同") as process:
        actions.decide_duplicate(batch=batch, row_id=line.key, choice="different", other=there.pk.hex, process=process)
    with process_of(registrar) as process:
        actions.decide_duplicate(batch=batch, row_id=line.key, choice="same", other=there.pk.hex, process=process)
    assert counts(batch) == {"aside": 1, "duplicate": 1, "ready": 1}
    assert Event.objects.filter(verb="transfer.wished", child_id=there.pk).count() == 1


def test_two_children_are_kept_with_the_reason(place, registrar) -> None:
    elsewhere = make_kindergarten()
    other = make_officer("registrar", elsewhere)
    submitted(brought_in(elsewhere, other, pasted([child(2)])), other)
    there = Child.objects.get(kindergarten=elsewhere)
    batch = brought_in(place, registrar, pasted([child(2, 证件号码=document_number("20230301", 22))]))
    row = row_of(batch, 2)
    with pytest.raises(rules.ReasonMissing), process_of(registrar) as process:
        actions.decide_duplicate(batch=batch, row_id=row.pk, choice="different", other=there.pk.hex, process=process)
    with process_of(registrar, reason="户口簿不同") as process:
        actions.decide_duplicate(batch=batch, row_id=row.pk, choice="different", other=there.pk.hex, process=process)
    assert counts(batch) == {"ready": 1}
    submitted(batch, registrar)
    case = Proposal.objects.get(child_id=row_of(batch, 2).becomes_id)
    assert case.risk == 3
    assert case.facts["decisions"][0]["reason"] == "户口簿不同"


def test_a_child_recorded_elsewhere_meanwhile_is_not_sent(place, registrar) -> None:
    batch = brought_in(place, registrar, pasted([child(1), child(2)]))
    elsewhere = make_kindergarten()
    other = make_officer("registrar", elsewhere)
    submitted(brought_in(elsewhere, other, pasted([child(1)])), other)
    sent = submitted(batch, registrar)
    assert len(sent.done) == 1
    assert counts(batch) == {"sent": 1, "duplicate": 1}


def test_columns_explained_by_hand_are_remembered_and_edits_stay(place, registrar) -> None:
    headings = ("姓名", "性别", "出生日期", "证件号码", "民族", "班级", "监护人姓名", "与幼儿关系", "打给谁")
    rows_ = [child(n, 打给谁=child(n)["联系电话"]) for n in (1, 2)]
    rows_[1]["民族"] = "汗族"
    batch = brought_in(place, registrar, pasted(rows_, headings))
    assert counts(batch) == {"fix": 2}
    row = row_of(batch, 3)
    with process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "汉族"}, version=None, process=process)
    actions.remap(batch=batch, columns={"打给谁": "guardian1_phone"}, actor=registrar, at=timezone.now())
    assert counts(batch) == {"ready": 2}
    assert row_of(batch, 3).pk == row.pk
    later = brought_in(place, registrar, pasted([child(3, 打给谁=child(3)["联系电话"])], headings))
    assert counts(later) == {"ready": 1}


def test_a_header_pointed_at_opens_a_refused_file(place, registrar) -> None:
    sound = child(1)
    text = pasted([dict(zip("甲乙丙丁戊己庚辛壬", sound.values(), strict=True))], tuple("甲乙丙丁戊己庚辛壬"))
    batch = brought_in(place, registrar, text)
    assert batch.state == states.REFUSED
    fields = (
        "name",
        "sex",
        "birth_date",
        "id_number",
        "ethnicity",
        "class",
        "guardian1_name",
        "guardian1_relation",
        "guardian1_phone",
    )
    from miaoce.registry.intake.rereading import Pointed

    again = actions.remap(
        batch=batch, columns=dict(zip("甲乙丙丁戊己庚辛壬", fields, strict=True)), actor=registrar, at=timezone.now(),
        pointed=Pointed(sheet=reading.read(batch, safe=vault.open_safe([batch.pk])).sheets[0].name, row=1),
    )  # fmt: skip
    assert again.state == states.OPEN
    assert counts(again) == {"ready": 1}


def test_expiry_erases_what_nobody_waits_for(place, registrar) -> None:
    old = timezone.now() - timedelta(days=40)
    gone = received(place, registrar, pasted([child(1)]), at=old)
    actions.read_batch(batch_id=gone.pk, actor=registrar, at=old)
    kept = received(place, registrar, pasted([child(2)]), at=old)
    actions.read_batch(batch_id=kept.pk, actor=registrar, at=old)
    submitted(kept, registrar)
    assert actions.expire(actor=the_system(), at=timezone.now()) == 1
    assert actions.expire(actor=the_system(), at=timezone.now()) == 0
    with pytest.raises(KeyMissing):
        vault.open_safe([gone.pk])
    assert row_of(gone, 2).state == states.READY
    assert counts(kept) == {"sent": 1}


def test_given_rows_are_checked_like_a_file(place, registrar) -> None:
    given_row = {
        "name": "赵子轩", "id_number": document_number(), "ethnicity": "汉族", "class": "小一班", "guardian1_name": "赵建国",
        "guardian1_relation": "父亲", "guardian1_phone": "13800001111",
    }  # fmt: skip
    with process_of(registrar, "intake.receive") as process:
        batch = actions.receive_rows(
            kindergarten=place, source=actions.FORM, rows=[given_row], name="逐个登记", process=process
        )
    actions.read_batch(batch_id=batch.pk, actor=registrar, at=timezone.now())
    batch.refresh_from_db()
    assert counts(batch) == {"ready": 1}
    assert review.open_rows(batch)[0].content.values["birth_date"] == "2023-03-12"


def test_a_child_that_is_known_or_repeated_does_not_count_twice_in_its_class(place, registrar) -> None:
    Group.objects.filter(kindergarten=place, name="小一班").update(size_norm=3)
    batch = brought_in(place, registrar, pasted([child(n) for n in range(1, 4)]))
    submitted(batch, registrar)
    again = brought_in(place, registrar, pasted([child(n) for n in range(1, 5)] + [child(4)]))
    assert counts(again) == {"known": 3, "ready": 1, "duplicate": 1}
    assert [row.number for row in Row.objects.filter(batch=again) if "CLASS_OVER_NORM" in row.codes] == [5]
