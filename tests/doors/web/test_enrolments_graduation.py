"""毕业 on the pages: who is ticked and who stands below and why; certificates on paper and the code on them."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import steps
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
JULY = date(2026, 7, 31)
SUMMER = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
OF_AGE, YOUNG = "2020-05-06", "2020-09-01"


@pytest.fixture(autouse=True)
def _in_august():
    with time_machine.travel(SUMMER, tick=False):
        yield


@pytest.fixture
def garden():
    place = places.make_kindergarten(name="青禾中心幼儿园", classes=False)
    places.make_groups(place, on=JULY)
    return place


@pytest.fixture
def desk(garden):
    return places.signed_in(places.make_officer("registrar", garden))


def attending(garden, *births, group="大一班"):
    rows = [
        {"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n]}", "birth_date": born, "entry_date": "2025-09-01"}
        for n, born in enumerate(births)
    ]
    return factory.make_children(rows, garden, group=garden.groups.get(name=group), at=SUMMER - timedelta(days=30))


def picks(*children):
    return [f"{child.pk}:{child.version}" for child in children]


def graduates(desk, *children, on="2026-07-31"):
    return desk.post("/enrolments/graduate/", {"pick": picks(*children), "on": on}, follow=True)


def test_who_is_of_age_is_ticked_and_the_others_stand_below_with_the_reason(garden, desk):
    old, young = attending(garden, OF_AGE, YOUNG)
    page = desk.get("/enrolments/graduate/").content.decode()
    ticked = re.findall(r'name="pick" value="([^":]+):\d+" checked', page)
    assert ticked == [str(old.pk)]
    assert young.name in page and "还不满 6 周岁，这一批不毕业" in page
    assert 'value="2026-07-31"' in page
    assert Reading.objects.filter(what="enrolment.choose").exists()


def test_a_press_lets_all_ticked_ones_graduate_and_says_who_did_not(garden, desk):
    old, young = attending(garden, OF_AGE, YOUNG)
    page = graduates(desk, old, young).content.decode()
    assert "成功 1 名，没办成 1 名" in page and "打印毕业证书" in page
    stay = Enrolment.objects.get(child_id=old.pk)
    assert (stay.state, stay.ended_on) == ("graduated", JULY)
    assert "打印毕业证书" in desk.get(f"/children/{old.pk}/").content.decode()


def test_nobody_ticked_and_a_day_outside_are_said(garden, desk):
    (child,) = attending(garden, OF_AGE)
    nobody = desk.post("/enrolments/graduate/", {"on": "2026-07-31"})
    assert nobody.status_code == 422 and "还没有选幼儿" in nobody.content.decode()
    early = desk.post("/enrolments/graduate/", {"pick": picks(child), "on": "2026-03-01"})
    assert early.status_code == 422 and "毕业日期要在 2026-07-01 到 2026-08-31 之间" in early.content.decode()


def test_before_the_season_the_list_is_shown_and_no_button(garden, desk):
    attending(garden, OF_AGE)
    with time_machine.travel(datetime(2026, 5, 4, 1, 0, tzinfo=UTC)):
        page = places.signed_in(places.make_officer("registrar", garden)).get("/enrolments/graduate/").content.decode()
    assert "还没到毕业的时候。" in page and "2026-07-01 起可以办" in page and "毕业 {n} 名" not in page


def test_in_september_those_who_still_sit_in_last_years_classes_can_graduate(garden, desk):
    (child,) = attending(garden, OF_AGE)
    places.make_school_year(date(2026, 9, 5))
    with time_machine.travel(datetime(2026, 9, 5, 1, 0, tzinfo=UTC)):
        late = places.signed_in(places.make_officer("registrar", garden))
        assert "2025—2026" in late.get("/enrolments/graduate/").content.decode()
        assert "毕业 1 名" in graduates(late, child).content.decode()


def test_the_certificate_says_who_from_when_to_when_and_its_code_is_valid(garden, desk):
    (child,) = attending(garden, OF_AGE)
    graduates(desk, child)
    page = desk.get("/papers/certificates/", {"child": child.pk}).content.decode()
    assert child.name in page and "2020 年 5 月 6 日生，2025 年 9 月至 2026 年 7 月在本园学习" in page
    assert "青禾中心幼儿园（盖章）" in page and "<svg" in page
    assert Reading.objects.filter(what="paper.certificates").count() == 1
    answer = desk.get("/papers/certificates/pdf/", {"child": child.pk})
    (sheet,) = PdfReader(BytesIO(answer.content)).pages
    text = sheet.extract_text().replace("\n", "")
    assert child.name in text and "准予毕业" in text and "青禾中心幼儿园" in text


def code_of(stay):
    from miaoce.registry.papers import tokens

    return tokens.token_of(stay.pk, tokens.CERTIFICATES)


def test_the_code_leads_to_a_page_that_masks_the_name_and_is_void_once_taken_back(garden, desk):
    (child,) = attending(garden, OF_AGE)
    graduates(desk, child)
    stay = Enrolment.objects.get(child_id=child.pk)
    page = Client().get(f"/verify/{code_of(stay)}/").content.decode()
    assert "有效" in page and "2026-07-31" in page and "青禾中心幼儿园" in page and child.name not in page
    assert Reading.objects.filter(what="certificate.verify").count() == 1
    with journal.process("case.agree", actor=places.make_officer("registrar", garden), at=SUMMER) as process:
        steps.reopen([stay], verb="enrolment.restored", step="restore", process=process)
    page = Client().get(f"/verify/{code_of(stay)}/").content.decode()
    assert "这张毕业证书已失效" in page and "青禾中心幼儿园" not in page


def test_a_card_s_code_is_no_certificate_s(garden, desk):
    (child,) = attending(garden, OF_AGE)
    graduates(desk, child)
    stay = Enrolment.objects.get(child_id=child.pk)
    from miaoce.registry.papers import tokens

    assert tokens.row_id_of(code_of(stay)) is None
    assert tokens.row_id_of(tokens.token_of(stay.pk), tokens.CERTIFICATES) is None


def test_a_whole_year_is_printed_from_the_papers_page_and_no_certificate_goes_out_for_a_child_that_died(garden, desk):
    first, second = attending(garden, OF_AGE, OF_AGE)
    graduates(desk, first, second)
    papers = desk.get("/papers/").content.decode()
    assert "2025—2026" in papers and "毕业证书" in papers
    year = Enrolment.objects.get(child_id=first.pk).group.school_year_id
    assert desk.get("/papers/certificates/", {"year": year}).content.decode().count('class="who"') == 2
    Child.objects.filter(pk=first.pk).update(standing="cancelled")
    page = desk.get("/papers/certificates/", {"year": year}).content.decode()
    assert first.name not in page and second.name in page


def test_who_did_not_graduate_here_gets_no_certificate(garden, desk):
    (child,) = attending(garden, OF_AGE)
    graduates(desk, child)
    stranger = places.signed_in(places.make_officer("registrar", places.make_kindergarten()))
    for client, chosen in ((stranger, child), (desk, attending(garden, YOUNG)[0])):
        answer = client.get("/papers/certificates/", {"child": chosen.pk})
        assert answer.status_code == 422 and "没有毕业证书可印" in answer.content.decode()
