"""The county decides: approve, return, recall, versions, four eyes, bulk selections with their spot check."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import actions, queries, states
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)
MINUTES = 10


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def reviewer(garden):
    return places.make_officer("county_reviewer", garden.office, name="李建华")


def waiting(garden, number=1, **given):
    """Return the cases of children that wait for the county."""
    rows = [{"name": f"陈子{index:03d}"[:4], **given} for index in range(number)]
    made = children.make_children(rows, garden, state=states.SUBMITTED, at=NOW - timedelta(hours=2))
    return list(Proposal.objects.filter(child_id__in=[child.pk for child in made]).order_by("id"))


def shown(cases):
    return {case.pk: case.version for case in cases}


def approve(cases, actor, at=NOW):
    with journal.process("approval.approve", actor=actor, at=at) as process:
        return process, enrolments.approve(chosen=shown(cases), process=process, recall_minutes=MINUTES)


def give_back(cases, actor, reasons=("address_incomplete",), words="", at=NOW):
    with journal.process("approval.return", actor=actor, at=at) as process:
        return process, enrolments.return_(chosen=shown(cases), reasons=reasons, words=words, process=process)


def recall(decision, actor, at):
    with journal.process("approval.recall", actor=actor, at=at) as process:
        return enrolments.recall(decision_id=decision.pk, process=process, recall_minutes=MINUTES)


def test_approving_moves_cases_and_children_and_writes_down_who(garden, reviewer):
    cases = waiting(garden, 3)
    process, outcome = approve(cases, reviewer)
    assert len(outcome.done) == 3
    assert not outcome.refused
    for case in Proposal.objects.all():
        assert (case.state, case.version, case.decided_by) == (states.APPROVED, 2, reviewer.staff_id)
        assert (case.decision_id, case.number_after) == (process.pk, NOW + timedelta(minutes=MINUTES))
    assert set(Child.objects.values_list("state", flat=True)) == {states.APPROVED}
    assert Event.objects.filter(process_id=process.pk, verb="proposal.approved").count() == 3


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, reviewer):
    few, many = waiting(garden, 2, birth_date="2023-02-01"), waiting(garden, 40, birth_date="2023-03-01")
    with CaptureQueriesContext(connection) as one:
        approve(few, reviewer)
    with CaptureQueriesContext(connection) as two:
        approve(many, reviewer)
    assert len(one) == len(two)


def test_returned_words_reach_the_kindergarten_as_written(garden, reviewer):
    cases = waiting(garden)
    words = "户籍地址请写到区县，\n门牌不用写。"
    give_back(cases, reviewer, words=f"  {words} ")
    registrar = places.make_officer("registrar", garden)
    (came_back,) = queries.returns_to(registrar)
    assert (came_back.reasons, came_back.words) == (("address_incomplete",), words)
    assert came_back.child_ids == (cases[0].child_id,)


def test_a_return_without_reason_or_words_is_refused(garden, reviewer):
    cases = waiting(garden)
    with pytest.raises(states.ReasonMissing) as refusal:
        give_back(cases, reviewer, reasons=(), words="  ")
    assert refusal.value.code == "APR-06"
    assert Proposal.objects.get().state == states.SUBMITTED


def test_a_case_that_changed_since_it_was_shown_is_refused_alone(garden, reviewer):
    cases = waiting(garden, 3)
    seen = cases[:]
    Proposal.objects.filter(pk=cases[1].pk).update(version=7)
    process, outcome = approve(seen, reviewer)
    assert {case.pk for case in outcome.done} == {cases[0].pk, cases[2].pk}
    assert outcome.refused[cases[1].pk].code == "APR-02"
    assert Proposal.objects.get(pk=cases[1].pk).state == states.SUBMITTED
    (event,) = decided.refusals_of(process.pk)
    assert (event.subject_id, event.after["code"]) == (cases[1].pk, "APR-02")


def test_a_case_decided_already_is_refused_alone(garden, reviewer):
    cases = waiting(garden, 2)
    approve(cases[:1], reviewer)
    _, outcome = approve(cases, reviewer)
    assert [case.pk for case in outcome.done] == [cases[1].pk]
    assert outcome.refused[cases[0].pk].code == "APR-01"


def test_foreign_and_unknown_cases_are_answered_alike(garden, reviewer):
    tree = places.make_office_tree()
    foreign = waiting(places.make_kindergarten(tree.other_county), 1)[0]
    unknown = Proposal(version=1)
    _, outcome = approve([foreign, unknown], reviewer)
    assert not outcome.done
    words = {str(refusal) for refusal in outcome.refused.values()}
    assert len(outcome.refused) == 2
    assert len(words) == 1
    foreign.refresh_from_db()
    assert foreign.state == states.SUBMITTED


def test_only_the_county_decides(garden):
    cases = waiting(garden)
    for role, unit in (
        ("registrar", garden),
        ("principal", garden),
        ("analyst", garden.office),
        ("auditor", garden.office),
    ):
        with pytest.raises(Denied):
            approve(cases, places.make_officer(role, unit))
    assert Proposal.objects.get().state == states.SUBMITTED


def test_whoever_submitted_cannot_decide_in_another_role(garden):
    registrar = places.make_officer("registrar", garden)
    same_person = places.make_officer("county_reviewer", garden.office, staff=Staff.objects.get(pk=registrar.staff_id))
    children.make_child(garden, state=states.SUBMITTED, registrar=registrar)
    _, outcome = approve(list(Proposal.objects.all()), same_person)
    assert not outcome.done
    assert [refusal.code for refusal in outcome.refused.values()] == ["APR-03"]
    assert [refusal.http for refusal in outcome.refused.values()] == [403]


def raw(column_values, case):
    """Write columns behind the application's back."""
    columns = ", ".join(f"{column} = %s" for column in column_values)
    as_stored = [
        connection.ops.adapt_datetimefield_value(v) if hasattr(v, "hour") else v for v in column_values.values()
    ]
    key = case.pk if connection.vendor == "postgresql" else case.pk.hex
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE registry_proposal SET {columns} WHERE id = %s", [*as_stored, key])


def stored(identifier):
    return identifier if connection.vendor == "postgresql" else identifier.hex


def test_the_database_refuses_a_decision_by_the_proposer(garden):
    case = waiting(garden)[0]
    values = {
        "state": "approved",
        "decided_at": NOW,
        "decided_by": stored(case.submitted_by),
        "decision_id": stored(case.pk),
    }
    with pytest.raises(IntegrityError, match="proposal_decided_by_another"):
        raw(values, case)
    raw(values | {"decided_by": stored(case.child_id)}, case)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "approved"}, "proposal_decided_when_its_state_says_so"),
        ({"state": "elsewhere"}, "proposal_state_is_known|proposal_decided_when"),
        ({"decided_at": NOW}, "proposal_decision_is_whole|proposal_decided_when"),
    ],
)
def test_the_database_refuses_half_a_decision(garden, values, constraint):
    case = waiting(garden)[0]
    with pytest.raises(IntegrityError, match=constraint):
        raw(values, case)


def test_the_database_refuses_a_second_case_for_a_child(garden):
    case = waiting(garden)[0]
    case.pk, case._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(
            child_id=case.child_id,
            kindergarten=case.kindergarten,
            office=case.office,
            group_id=case.group_id,
            entered_on=case.entered_on,
            due_on=case.due_on,
            submitted_at=NOW,
        )


def test_a_decision_is_taken_back_within_ten_minutes(garden, reviewer):
    cases = waiting(garden, 2)
    process, _ = approve(cases, reviewer)
    recalled = recall(process, reviewer, NOW + timedelta(minutes=MINUTES))
    assert len(recalled) == 2
    for case in Proposal.objects.all():
        assert (case.state, case.decided_at, case.number_after, case.version) == (states.SUBMITTED, None, None, 3)
    assert set(Child.objects.values_list("state", flat=True)) == {states.SUBMITTED}
    assert children.issue_numbers(NOW + timedelta(hours=1)) == 0


def test_a_return_is_taken_back_and_its_words_go(garden, reviewer):
    cases = waiting(garden)
    process, _ = give_back(cases, reviewer, words="请改")
    recall(process, reviewer, NOW + timedelta(minutes=1))
    case = Proposal.objects.get()
    assert (case.state, case.return_reasons, case.return_words) == (states.SUBMITTED, [], "")


def test_after_ten_minutes_nothing_is_taken_back(garden, reviewer):
    process, _ = approve(waiting(garden), reviewer)
    with pytest.raises(states.RecallOver) as refusal:
        recall(process, reviewer, NOW + timedelta(minutes=MINUTES, seconds=1))
    assert refusal.value.code == "APR-04"
    assert Proposal.objects.get().state == states.APPROVED


def test_what_was_numbered_meanwhile_keeps_its_number(garden, reviewer):
    cases = waiting(garden, 2)
    process, _ = approve(cases, reviewer)
    Proposal.objects.filter(pk=cases[0].pk).update(number_after=NOW)
    assert children.issue_numbers(NOW + timedelta(minutes=1)) == 1
    recalled = recall(process, reviewer, NOW + timedelta(minutes=2))
    assert [case.pk for case in recalled] == [cases[1].pk]
    assert Child.objects.get(pk=cases[0].child_id).state == states.NUMBERED
    assert Child.objects.get(pk=cases[1].child_id).state == states.SUBMITTED


def test_another_county_takes_nothing_back(garden, reviewer):
    process, _ = approve(waiting(garden), reviewer)
    stranger = places.make_officer("county_reviewer", places.make_office_tree().other_county)
    with pytest.raises(states.RecallOver):
        recall(process, stranger, NOW)
    assert Proposal.objects.get().state == states.APPROVED


def test_a_returned_case_comes_back_with_a_new_version(garden, reviewer):
    registrar = places.make_officer("registrar", garden)
    child = children.make_child(garden, state=states.RETURNED, registrar=registrar, reviewer=reviewer)
    before = Proposal.objects.get()
    group = garden.groups.order_by("sort")[1]
    values = children.child_values(name="陈子墨")
    children.submit([enrolments.Admission(child.pk, values, group)], garden, actor=registrar, at=NOW)
    case = Proposal.objects.get()
    assert (case.state, case.version, case.return_words, case.opened_at) == (
        states.SUBMITTED,
        before.version + 1,
        "",
        None,
    )


def test_opening_ends_the_kindergartens_right_to_withdraw(garden, reviewer):
    registrar = places.make_officer("registrar", garden)
    children.make_children([{}, {"name": "王小满"}], garden, state=states.SUBMITTED, registrar=registrar)
    first, second = Proposal.objects.order_by("id")
    with journal.process("approval.open", actor=reviewer, at=NOW) as process:
        assert actions.open_cases(cases=Proposal.objects.filter(pk=first.pk), process=process) == 1
        assert actions.open_cases(cases=Proposal.objects.filter(pk=first.pk), process=process) == 0
    assert Event.objects.filter(verb="proposal.opened").count() == 1
    with journal.process("intake.withdraw", actor=registrar, at=NOW) as process:
        outcome = enrolments.withdraw(child_ids=[first.child_id, second.child_id], process=process)
    assert [case.pk for case in outcome.done] == [second.pk]
    assert outcome.refused[first.child_id].code == "APR-05"


# bulk selections ------------------------------------------------------------------------------------------------------


def test_a_bulk_approval_waits_for_its_spot_check(garden, reviewer):
    waiting(garden, actions.SPOT_CHECK_FROM)
    selection = actions.choose(cases=queries.waiting_in(reviewer, "clean"), actor=reviewer, at=NOW)
    assert len(selection.items) == 20
    assert len(selection.sample) == 5
    assert set(selection.sample) <= {case for case, _ in selection.items}
    with journal.process("approval.approve", actor=reviewer, at=NOW) as process, pytest.raises(states.SpotCheckMissing):
        actions.use(selection=selection, process=process)
    for case in Proposal.objects.all():
        actions.see(selection=selection, child_case=case.pk)
    assert sorted(selection.seen) == sorted(selection.sample), "only the sample is noted"
    with journal.process("approval.approve", actor=reviewer, at=NOW) as process:
        assert len(actions.use(selection=selection, process=process)) == 20
        assert actions.use(selection=selection, process=process) == {}, "a selection is used once"


def test_few_cases_and_returns_need_no_spot_check(garden, reviewer):
    waiting(garden, actions.SPOT_CHECK_FROM - 1)
    cases = queries.waiting_in(reviewer, "pending")
    assert actions.choose(cases=cases, actor=reviewer, at=NOW).sample == []
    waiting(garden, 1, birth_date="2023-05-05")
    assert actions.choose(cases=cases, actor=reviewer, at=NOW, is_spot_checked=False).sample == []
    assert len(actions.choose(cases=cases, actor=reviewer, at=NOW).sample) == 5


def test_risky_cases_are_never_in_the_spot_check(garden, reviewer):
    cases = waiting(garden, 30)
    risky = {case.pk.hex for case in cases[:10]}
    Proposal.objects.filter(pk__in=[case.pk for case in cases[:10]]).update(risk=2)
    for _ in range(10):
        selection = actions.choose(cases=Proposal.objects.all(), actor=reviewer, at=NOW)
        assert not set(selection.sample) & risky


def test_a_selection_keeps_the_versions_that_were_shown(garden, reviewer):
    cases = waiting(garden, 2)
    seen = shown(cases)
    Proposal.objects.filter(pk=cases[0].pk).update(version=5)
    selection = actions.choose(cases=Proposal.objects.filter(pk__in=seen), actor=reviewer, at=NOW, shown=seen)
    with journal.process("approval.approve", actor=reviewer, at=NOW) as process:
        chosen = actions.use(selection=selection, process=process)
        outcome = enrolments.approve(chosen=chosen, process=process, recall_minutes=MINUTES)
    assert [case.pk for case in outcome.done] == [cases[1].pk]
    assert outcome.refused[cases[0].pk].code == "APR-02"


def test_what_was_withdrawn_after_it_was_ticked_is_named_and_not_forgotten(garden, reviewer):
    registrar = places.make_officer("registrar", garden)
    child = children.make_child(garden, state=states.SUBMITTED, registrar=registrar)
    seen = shown(Proposal.objects.all())
    with journal.process("intake.withdraw", actor=registrar, at=NOW) as process:
        enrolments.withdraw(child_ids=[child.pk], process=process)
    selection = actions.choose(cases=Proposal.objects.filter(pk__in=seen), actor=reviewer, at=NOW, shown=seen)
    assert len(selection.items) == 1
    _, outcome = approve([Proposal(pk=case, version=version) for case, version in seen.items()], reviewer)
    assert [refusal.code for refusal in outcome.refused.values()] == ["APR-01"]


def test_a_colleagues_selection_is_not_found(garden, reviewer):
    waiting(garden)
    selection = actions.choose(cases=Proposal.objects.all(), actor=reviewer, at=NOW)
    colleague = places.make_officer("county_reviewer", garden.office)
    assert decided.selection_of(reviewer, selection.pk) == selection
    with pytest.raises(Selection.DoesNotExist):
        decided.selection_of(colleague, selection.pk)


# two at once ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_each_case_has_one(data_folder):
    garden = places.make_kindergarten()
    reviewers = [places.make_officer("county_reviewer", garden.office) for _ in range(2)]
    cases = waiting(garden, 40)
    start, outcomes = threading.Barrier(2), []

    def decide(actor, mine):
        close_old_connections()
        try:
            start.wait(timeout=30)
            outcomes.append(approve(mine, actor)[1])
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(reviewers[0], cases)),
        threading.Thread(target=decide, args=(reviewers[1], cases)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(outcomes) == 2, "nobody was thrown out"
    done = [case.pk for outcome in outcomes for case in outcome.done]
    assert sorted(done) == sorted(case.pk for case in cases)
    assert sum(len(outcome.refused) for outcome in outcomes) == len(cases)
    assert set(Proposal.objects.values_list("version", flat=True)) == {2}
