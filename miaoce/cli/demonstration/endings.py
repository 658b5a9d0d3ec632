"""A kindergarten hands classes over, children wait for a place, a primary school has begun to claim and sends corrections back."""

from datetime import datetime, timedelta

from django.utils import timezone

from miaoce.cli.demonstration.place import Place
from miaoce.registry.access.officers import Officer
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import places
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.places import Ending
from miaoce.registry.handover import actions as handover
from miaoce.registry.handover.models import Handover
from miaoce.registry.journal import actions as journal

FORMER, SUCCESSOR = "1199000038", "1199000035"
CLAIMED = 8
WRONG = (("name", "户口簿上第二个字是“禾”"), ("address", "已搬到云川省青江市青禾区新苗路 8 号"))


def end_some(*, where: Place, county: Officer, school: Officer, now: datetime) -> None:
    """Split a kindergarten ten days ago, and let the school claim first-graders two days ago."""
    gardens = {one.code: one for one in where.kindergartens}
    former = {group.name: group.pk for group in where.groups[FORMER]}
    homes = {group.name: group.pk for group in where.groups[SUCCESSOR]}
    ending = Ending(gardens[FORMER], {former["混龄一班"]: homes["混龄一班"], former["托一班"]: None})
    on = timezone.localdate(now) - timedelta(days=10)
    with journal.process("institution.split", actor=county, at=now - timedelta(days=10)) as process:
        places.split(ending=ending, on=on, process=process)
    with journal.process("institution.rename", actor=county, at=now - timedelta(days=9)) as process:
        places.rename(kindergarten=gardens[SUCCESSOR], name="蓝天实验幼儿园", on=on, process=process)
    stays = Enrolment.objects.filter(group_id=former["大一班"], ended_on=None, state="attending")
    children = Child.objects.filter(pk__in=stays.values("child_id"), standing="attending").order_by("pinyin", "id")
    chosen = dict.fromkeys(children.values_list("pk", flat=True)[:CLAIMED], "number")
    with journal.process("handover.claim", actor=school, at=now - timedelta(days=2)) as process:
        handover.claim(chosen=chosen, process=process)
    claimed = Handover.objects.select_related("kindergarten").filter(child_id__in=list(chosen)).order_by("id")
    for one, (column, wanted) in zip(claimed, WRONG, strict=False):
        with journal.process("handover.send_back", actor=school, at=now - timedelta(days=1)) as process:
            handover.send_back(handover=one, column=column, wanted=wanted, words="入学报名时发现", process=process)
