"""What reaches a transfer from beside it: moved boundaries, a death that is filed."""

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals.models import Case, ChangeClaim, Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.reference import actions as reference
from miaoce.registry.transfers import boundaries, deciding, filing, states
from tests.factories.places import make_office_tree, make_officer
from tests.factories.transfers import OBJECTION_DAYS, Stage, fresh, seen

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stage():
    reference.load_shipped(on=timezone.localdate())
    return Stage()


def redraw(stage, place, office):
    here = Kindergarten.objects.get(pk=place.pk)
    with stage.doing("institution.move", the_system("区划调整")) as process:
        boundaries.move(
            kindergartens=[here],
            office=office,
            region_code=office.region_code,
            on=journal.day_of(process),
            process=process,
        )


def owners(transfer):
    running = Clock.objects.filter(case_id=transfer.pk, stopped_at=None)
    return {step: (owner, office) for step, owner, office in running.values_list("step", "owner_id", "office_id")}


def test_an_open_transfer_follows_the_kindergarten_that_the_child_leaves(stage):
    (transfer,) = stage.bring_to(states.ACCEPTED)
    other = make_office_tree().other_county
    redraw(stage, stage.old, other)
    (transfer,) = fresh([transfer])
    assert (transfer.from_office_id, transfer.to_office_id) == (other.pk, stage.new.office_id)
    far = stage.new.office_id
    assert owners(transfer) == {"county_out": (other.pk, other.pk), "overall": (far, far)}
    with stage.doing("transfer.approve", stage.county) as process:
        assert deciding.approve(chosen=seen([transfer]), process=process, objection_days=OBJECTION_DAYS).refused
    assert stage.approve([transfer], by=make_officer("county_reviewer", other)).done
    assert not rebuild.compare().tables


def test_the_county_of_the_other_end_keeps_its_clock(stage):
    (transfer,) = stage.bring_to(states.FORWARDED)
    redraw(stage, stage.old, make_office_tree().other_county)
    far = stage.new.office_id
    assert owners(transfer) == {"county_in": (far, far), "overall": (far, far)}
    assert stage.approve([transfer], by=stage.far_county).done


def test_an_open_transfer_follows_the_kindergarten_that_the_child_comes_to(stage):
    (transfer,) = stage.bring_to(states.RELEASED)
    other = make_office_tree().other_county
    redraw(stage, stage.new, other)
    (transfer,) = fresh([transfer])
    assert (transfer.from_office_id, transfer.to_office_id) == (stage.old.office_id, other.pk)
    assert owners(transfer) == {"accept": (stage.new.pk, other.pk), "overall": (other.pk, other.pk)}
    assert not rebuild.compare().tables


def file(stage, child, reason, words="看过证明原件"):
    one = Asked(child.pk, child.version, reason, timezone.localdate(stage.now), None, words)
    with stage.doing("case.file", stage.releaser) as process:
        return filing.file(asked=[one], process=process)


def test_a_death_that_is_filed_ends_the_transfer_first(stage):
    (transfer,) = stage.bring_to(states.RELEASED)
    child = Child.objects.get(pk=transfer.child_id)
    assert file(stage, child, "cancellation.death").done
    assert fresh([transfer])[0].state == states.ENDED
    assert ChangeClaim.objects.get(child_id=child.pk).kind == "cancellation"
    assert not Clock.objects.filter(case_id=transfer.pk, stopped_at=None).exists()


def test_a_transfer_goes_on_where_the_death_could_not_be_filed(stage):
    (transfer,) = stage.bring_to(states.RELEASED)
    child = Child.objects.get(pk=transfer.child_id)
    assert {r.code for r in file(stage, child, "cancellation.death", words="").refused.values()} == {"ENR-21"}
    assert fresh([transfer])[0].state == states.RELEASED
    assert not Case.objects.exists()


def test_every_other_change_waits_for_the_transfer(stage):
    (transfer,) = stage.bring_to(states.RELEASED)
    child = Child.objects.get(pk=transfer.child_id)
    assert {r.code for r in file(stage, child, "cancellation.mistake").refused.values()} == {"APR-08"}
    assert fresh([transfer])[0].state == states.RELEASED
