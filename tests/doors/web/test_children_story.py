"""The timeline of a child: its whole life page by page, and what was recorded on another day than it became true."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from miaoce.registry.children.queries import story_of
from miaoce.registry.enrolments import moving
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event, Process, Reading
from miaoce.web.children.words import HAPPENED, told
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_officer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def registrar(place):
    return make_officer("registrar", place)


@pytest.fixture
def child(place):
    return make_child(place, entry_date=str(TODAY - timedelta(days=40)), at=NOW - timedelta(days=30))


def regroup(child, place, registrar, times: int) -> None:
    """Move a child to and fro, once a process."""
    groups = [place.groups.select_related("school_year").get(name=name) for name in ("中一班", "小一班")]
    for turn in range(times):
        with journal.process("child.regroup", actor=registrar, at=NOW - timedelta(minutes=times - turn)) as process:
            on = TODAY - timedelta(days=5)
            moved = moving.regroup(chosen={child.pk: 0}, group=groups[turn % 2], on=on, process=process)
            assert not moved.refused


def titles(answer) -> list[str]:
    return re.findall(r"<li class=\"\w*\"><b>([^<]+)</b>", answer.content.decode())


def test_a_long_life_goes_on_behind_earlier(place, registrar, child):
    regroup(child, place, registrar, 70)
    client = signed_in(registrar)
    page = client.get(f"/children/{child.pk}/")
    link = re.search(r'href="(/children/[^"]+/story/\?before=[^"]+)">更早的', page.content.decode())
    assert link
    found, pages = titles(page), 1
    following = link[1]
    while following:
        answer = client.get(following)
        found += titles(answer)
        following = answer.context["following"] and f"/children/{child.pk}/story/{answer.context['following']}"
        pages += 1
    assert found.count("调班") == 70 and pages > 2
    assert found[-1] == "提交县里审批"
    assert "开始在园" in found and found.count("开始在园") == 1, "a change of group tells its new stay itself"
    whole, following = [], "?"
    while following:
        answer = client.get(f"/children/{child.pk}/story/{following}")
        whole, following = whole + titles(answer), answer.context["following"]
    assert whole == found
    assert Reading.objects.filter(what="child.story").exists()


def test_what_was_recorded_later_than_it_is_true_says_both_days(place, registrar, child):
    regroup(child, place, registrar, 1)
    since, recorded = TODAY - timedelta(days=5), TODAY
    text = signed_in(registrar).get(f"/children/{child.pk}/").content.decode()
    year = "" if since.year == TODAY.year else f"{since.year}年"
    assert f"补记：{year}{since.month}月{since.day}日起，{recorded.month}月{recorded.day}日记入" in text


@pytest.mark.parametrize(
    ("on", "recorded", "mark"),
    [
        ((2026, 9, 1), (2026, 9, 20), "补记：9月1日起，9月20日记入"),
        ((2025, 9, 1), (2026, 3, 2), "补记：2025年9月1日起，3月2日记入"),
        ((2026, 9, 20), (2026, 9, 20), ""),
        ((2026, 9, 21), (2026, 9, 20), "预先记入：9月21日起，9月20日记入"),
    ],
)
def test_a_mark_stands_only_where_the_two_days_differ(child, on, recorded, mark):
    at = datetime(*recorded, 3, 30, tzinfo=UTC)
    doing = Process.objects.create(kind="child.leave", actor_name="", role="registrar", unit_name="", at=at)
    Event.objects.create(
        process_id=doing.pk, child_id=child.pk, subject="child", subject_id=child.pk, verb="child.left",
        effective_on=datetime(*on, tzinfo=UTC).date(), recorded_at=at,
    )  # fmt: skip
    story, _ = story_of(child.pk, verbs=["child.left"], limit=5)
    (entry,) = told(story, None, today=datetime(2026, 11, 24, tzinfo=UTC).date())
    assert (entry.title, entry.mark) == ("离园", mark)
    assert entry.detail.startswith(f"{recorded[1]}月{recorded[2]}日 11:30")


def test_a_page_never_cuts_a_process_in_two(place, registrar, child):
    regroup(child, place, registrar, 12)
    for limit in range(2, 12):
        seen, before, done = [], None, False
        while not done:
            story, before = story_of(child.pk, verbs=HAPPENED, limit=limit, before=before)
            seen.append({one.event.process_id for one in story})
            done = before is None
        assert sum(map(len, seen)) == len(set().union(*seen))


def test_whoever_may_not_see_the_child_gets_no_timeline(child):
    client = signed_in(make_officer("registrar", make_kindergarten()))
    assert client.get(f"/children/{child.pk}/story/").status_code == 404
