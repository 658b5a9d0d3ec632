"""Signing in and out, roles, the end of a session, large type, and what is carried through signing in again."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from miaoce.registry.access.models import Staff
from miaoce.registry.journal.models import Process
from miaoce.web.staff import kept
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PAIR = {"username": "wangmin", "password": places.PASSWORD}


@pytest.fixture
def wang():
    garden = places.make_kindergarten(name="青禾中心幼儿园")
    officer = places.make_officer("registrar", garden, username="wangmin", name="王敏")
    staff = Staff.objects.get(pk=officer.staff_id)
    staff.set_password(places.PASSWORD)
    staff.save()
    return officer


def sign_in(client, **more):
    return client.post("/sign-in/", {**PAIR, **more})


def test_a_right_pair_opens_the_desk_under_a_new_session_key(client, wang):
    client.get("/sign-in/")
    before = client.session.session_key
    answer = sign_in(client)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.session.session_key != before
    assert client.get("/").status_code == 200
    assert Process.objects.filter(kind="session.begin", actor_id=wang.staff_id).count() == 1


def test_an_old_session_key_opens_nothing_after_signing_in(client, wang):
    sign_in(client)
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    client.post("/sign-out/")
    assert thief.get("/").status_code == 302


def test_a_new_sign_in_ends_the_older_session_and_says_why(client, wang):
    sign_in(client)
    assert client.get("/").status_code == 200
    other = Client()
    sign_in(other)
    ended = client.get("/children/?q=x")
    assert ended.status_code == 302 and "elsewhere=1" in ended["Location"] and "next=" in ended["Location"]
    page = client.get(ended["Location"]).content.decode()
    assert "这个账号刚在别处登录，这里已退出。" in page and "一个账号同时只能在一处用" in page
    assert other.get("/").status_code == 200, "the newer one goes on"
    sign_in(client)
    assert client.get("/").status_code == 200 and other.get("/").status_code == 302


def test_what_was_being_sent_by_the_older_session_is_carried_through_signing_in(client, wang):
    sign_in(client)
    sign_in(Client())
    answer = client.post("/intake/form/", {"name": "林想好"})
    page = answer.content.decode()
    assert answer.status_code == 401 and "这个账号刚在别处登录" in page and "刚才填的内容还在" in page


def test_two_accounts_do_not_end_each_other(client, wang):
    sign_in(client)
    colleague = places.make_officer("principal", places.make_kindergarten(), username="lixiaoyan")
    staff = Staff.objects.get(pk=colleague.staff_id)
    staff.set_password(places.PASSWORD)
    staff.save()
    Client().post("/sign-in/", {"username": "lixiaoyan", "password": places.PASSWORD})
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_account_are_answered_alike(client, wang):
    wrong = client.post("/sign-in/", {"username": "wangmin", "password": "no"})
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "no"})
    assert wrong.status_code == unknown.status_code == 422
    said = "账号或密码不对。请检查大小写后重试，还可试 4 次。"
    assert said in wrong.content.decode()
    assert said in unknown.content.decode()


def test_the_fifth_wrong_try_locks_this_pair_only(client, wang, settings):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post("/sign-in/", {"username": "wangmin", "password": "no"})
    assert answer.status_code == 429
    assert "连续试错 5 次" in answer.content.decode()
    assert sign_in(client).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.9.9.9")).status_code == 302, "another address of the same person goes in"
    colleague = places.make_officer("principal", places.make_kindergarten(), username="lixiaoyan")
    staff = Staff.objects.get(pk=colleague.staff_id)
    staff.set_password(places.PASSWORD)
    staff.save()
    assert sign_in(client, username="lixiaoyan").status_code == 302, "a colleague at the same address goes in"


def test_a_person_without_an_appointment_is_told_so(client):
    staff = Staff.objects.create(username="wangmin", name="王敏", password=places.PASSWORD)
    answer = sign_in(client)
    assert staff.is_active
    assert answer.status_code == 422
    assert "今天没有身份" in answer.content.decode()


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil", ""])
def test_signing_in_leads_only_to_this_site(client, wang, address):
    assert sign_in(client, next=address)["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, wang):
    asked = client.get("/?a=1")
    assert asked["Location"] == "/sign-in/?next=/%3Fa%3D1"
    assert sign_in(client, next="/?a=1")["Location"] == "/?a=1"


def test_signing_out_ends_the_session_and_clears_the_browser(client, wang):
    sign_in(client)
    answer = client.post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302
    assert client.get("/sign-out/").status_code == 405


def test_a_session_ends_after_fifteen_idle_minutes_and_after_eight_hours(client, wang, settings):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client)
        clock.shift(timedelta(seconds=settings.IDLE_SECONDS - 1))
        assert client.get("/").status_code == 200
        clock.shift(timedelta(seconds=settings.IDLE_SECONDS + 1))
        assert client.get("/").status_code == 302
        sign_in(client)
        for _ in range(settings.ABSOLUTE_SECONDS // 600 - 1):
            clock.shift(timedelta(seconds=600))
            assert client.get("/").status_code == 200
        clock.shift(timedelta(seconds=601))
        assert client.get("/").status_code == 302


def test_every_page_says_that_nothing_may_be_stored(client, wang):
    assert client.get("/sign-in/")["Cache-Control"] == "no-store"
    sign_in(client)
    assert client.get("/")["Cache-Control"] == "no-store"


def test_a_person_switches_between_own_roles_only(client, wang):
    staff = Staff.objects.get(pk=wang.staff_id)
    second = places.make_officer("principal", places.make_kindergarten(name="小星星幼儿园"), staff=staff)
    foreign = places.make_officer("county_reviewer", places.make_office_tree().county)
    sign_in(client)
    key = client.session.session_key
    assert client.post("/switch-role/", {"appointment": str(second.appointment_id)}).status_code == 302
    assert client.session["appointment"] == str(second.appointment_id)
    assert client.session.session_key != key
    for other in (str(foreign.appointment_id), "00000000-0000-0000-0000-000000000000", ""):
        assert client.post("/switch-role/", {"appointment": other}).status_code == 404
    assert client.get("/switch-role/").status_code == 405


def test_words_sent_after_the_session_ended_are_carried_through_signing_in(client, wang):
    answer = client.post("/switch-role/?a=1", {"appointment": "想好的话", "more": ["一", "二"]})
    assert answer.status_code == 401
    assert "刚才填的内容还在" in answer.content.decode()
    words = answer.context["kept"]
    assert "想好的话" not in answer.content.decode(), "the words travel packed, not in the open"
    answer = sign_in(client, kept=words)
    assert answer.status_code == 200
    assert answer.context["words"].path == "/switch-role/?a=1"
    assert answer.context["words"].fields == [("appointment", "想好的话"), ("more", "一"), ("more", "二")]
    assert 'name="more" value="二"' in answer.content.decode()


def test_htmx_gets_the_sign_in_form_in_the_place_of_the_page(client, wang):
    answer = client.post("/switch-role/", {"appointment": "x"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#main")
    assert 'name="kept"' in answer.content.decode()
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == "/sign-in/"


def test_words_that_were_not_packed_here_are_not_shown(client, wang):
    assert sign_in(client, kept="forged:words:here")["Location"] == "/"
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        old = kept.signing.dumps(["/", [("a", "b")]], salt=kept.SALT, compress=True)
    assert kept.unpack(old) is None


def test_large_type_is_a_cookie_of_this_browser(client):
    answer = client.post("/big-text/", {"next": "/sign-in/"})
    assert answer["Location"] == "/sign-in/"
    assert client.cookies["big"].value == "1"
    assert 'class="big"' in client.get("/sign-in/").content.decode()
    client.post("/big-text/")
    assert client.cookies["big"].value == "0"


def test_demo_accounts_stand_on_the_page_only_in_the_demonstration(client, wang, settings):
    assert "demo-only-wangmin" not in client.get("/sign-in/").content.decode()
    settings.DEMO = True
    page = client.get("/sign-in/").content.decode()
    assert "demo-only-wangmin" in page
    places.make_officer("registrar", places.make_kindergarten(), username="nopassword")
    assert "nopassword" not in client.get("/sign-in/").content.decode()


def test_an_old_browser_is_told_how_to_go_on(client):
    page = client.get("/sign-in/", headers={"User-Agent": "Mozilla/4.0 (compatible; MSIE 8.0; Trident/4.0)"})
    assert "极速模式" in page.content.decode()
    assert client.get("/old-browser/").status_code == 200


def test_health_says_ok_to_everybody(client):
    assert client.get("/health/").content == b"ok"


def test_an_ended_account_loses_its_session_at_once(client, wang):
    sign_in(client)
    Staff.objects.filter(pk=wang.staff_id).update(is_active=False)
    assert client.get("/").status_code == 302
