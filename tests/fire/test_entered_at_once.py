"""The same children entered at many kindergartens at the same moment: each is recorded once, whatever papers it has."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.intake import actions
from miaoce.registry.intake.models import Batch
from miaoce.registry.journal import actions as journal
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import child, pasted
from tests.fire.dying import together
from tests.rooms.test_intake import brought_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("without_threads"),
]

WITHOUT = {"证件类型": "暂无证件", "证件号码": ""}
HEADINGS = ("姓名", "性别", "出生日期", "证件类型", "证件号码", "民族", "班级", "监护人姓名", "与幼儿关系", "联系电话")
Say = Callable[[str], None]


def sending(batch: Batch, who) -> Callable[[Say], None]:
    """Return the act of a kindergarten that sends what it brought in."""

    def run(say: Say) -> None:
        with journal.process("intake.submit", actor=who, at=timezone.now()) as process:
            sent = actions.submit(batch=batch, process=process)
        say(f"sent:{len(sent.done)}")
        say(f"kept:{len(sent.refused)}")

    return run


def enter(places: int, children: int) -> None:
    """Enter the same children at many kindergartens at once; half of them have no papers, and no one knows of another."""
    texts = [child(n, **({"证件类型": "居民身份证"} if n % 2 else WITHOUT)) for n in range(children)]
    acts = []
    for _ in range(places):
        place = make_kindergarten()
        who = make_officer("registrar", place)
        batch = brought_in(place, who, pasted(texts, HEADINGS))
        acts.append(sending(batch, who))
    ended = together(acts)
    assert [one.error for one in ended] == [""] * places
    said = [word.split(":") for one in ended for word in one.said]
    assert sum(int(count) for what, count in said if what == "sent") == children
    assert sum(int(count) for what, count in said if what == "kept") == children * (places - 1)
    assert Child.objects.count() == len(set(Child.objects.values_list("name", "born_on"))) == children


def test_ten_children_entered_at_four_kindergartens_are_ten() -> None:
    enter(4, 10)


@pytest.mark.soak
def test_a_hundred_children_entered_at_ten_kindergartens_are_a_hundred() -> None:
    enter(10, 100)
