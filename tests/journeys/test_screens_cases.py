"""Every screen of the changes that a county decides, in every state and at both sizes: open to all, in its window, light."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Place, Someone
from tests.journeys.gallery import Screen
from tests.journeys.gallery_cases import CASES
from tests.journeys.looking import wrong_with


@pytest.mark.parametrize("screen", [*CASES], ids=str)
def test_a_screen_keeps_nobody_out(screen: Screen, browser: Browser, place: Place, entering, record_property) -> None:
    one: Someone = entering(screen.account)
    screen.reach(one)
    wrong, heavy = wrong_with(screen, one, browser, place)
    record_property("bytes", heavy)
    assert wrong == []
