"""What a session opens when it ended: nothing, on any page. (Idle and absolute limits stand in tests/doors/web/test_staff.py.)"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.models import Appointment
from tests.matrix.answers import ask
from tests.matrix.routes import ROWS
from tests.matrix.test_pages import address_of, may
from tests.matrix.world import Identity, World, undone

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def pages_of(who: Identity, world: World) -> list[str]:
    """Return the address of every page that somebody may open."""
    rows = [row for row in ROWS if row.view and may(who, row.view) and not row.posts_only]
    return [address_of(row, world.things(who, "own")) for row in rows]


@pytest.fixture
def registrar(world: World) -> Identity:
    return next(who for who in world.people if who.role == "registrar")


def statuses(who: Identity, world: World) -> set[int]:
    return {ask(world.client, who, "GET", page).status_code for page in pages_of(who, world)}


def test_an_old_cookie_opens_no_page_after_signing_out(world: World, registrar: Identity) -> None:
    assert len(pages_of(registrar, world)) >= 20
    with undone():
        world.client.cookies["sessionid"] = registrar.cookie
        assert world.client.post(reverse("sign-out")).status_code == 302
        assert statuses(registrar, world) == {302}


def test_an_ended_appointment_opens_nothing_from_the_next_request_on(world: World, registrar: Identity) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    program = next(who for who in world.programs if who.officer == registrar.officer)
    with undone():
        Appointment.objects.filter(pk=registrar.officer.appointment_id).update(to_on=yesterday)
        assert statuses(registrar, world) == {302}
        assert ask(world.client, program, "GET", "/api/v1/children").status_code == 401
    assert 200 in statuses(registrar, world)
    assert ask(world.client, program, "GET", "/api/v1/children").status_code == 200


def test_a_changed_role_in_the_session_opens_no_other_unit(world: World, registrar: Identity) -> None:
    """A session that names somebody else's appointment falls back to the person's own."""
    other = world.sides["there"].officers["registrar"]
    with undone():
        world.client.cookies["sessionid"] = registrar.cookie
        session = world.client.session
        session["appointment"] = str(other.appointment_id)
        session.save()
        page = ask(world.client, registrar, "GET", f"/children/{world.sides['there'].things['child']}/")
        assert page.status_code == 404
