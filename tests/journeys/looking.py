"""What is asked of every screen: no barrier that axe calls serious, nothing wider than the window, nothing the browser complains of."""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.journeys.conftest import SIZES, Place, Someone
from tests.journeys.gallery import Screen

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
MOST_BYTES = 60 * 1024
COUNTED = {"serious", "critical"}


@cache
def axe() -> str:
    """Return the script that finds barriers."""
    return AXE.read_text()


def barriers(one: Someone) -> list[str]:
    """Return what keeps people out, as axe names it, with the first place where it does."""
    one.page.evaluate(axe())
    found: list[dict[str, Any]] = one.page.evaluate(
        "() => axe.run(document, {resultTypes: ['violations']}).then((result) => result.violations.map("
        "(v) => ({id: v.id, impact: v.impact, count: v.nodes.length, first: v.nodes[0].html, why: v.nodes[0].failureSummary})))"
    )
    return [f"{v['id']} ×{v['count']}: {v['first'][:160]} {v['why'][:200]}" for v in found if v["impact"] in COUNTED]


def overflow(one: Someone) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(one.page.evaluate("() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"))


def complaints(one: Someone, screen: Screen) -> list[str]:
    """Return what the browser told; the status of a request that is refused on purpose is no complaint."""
    return [text for text in one.told if not (screen.errors and text.startswith("Failed to load resource"))]


def weight(one: Someone, browser: Browser, place: Place) -> int:
    """Return the bytes over the wire of the present address with an empty cache."""
    other = Someone(browser, place)
    other.context.add_cookies(one.context.cookies())  # type: ignore[arg-type]  # what one gives the other takes
    network = other.context.new_cdp_session(other.page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    other.page.goto(one.page.url)
    other.page.wait_for_timeout(50)
    other.context.close()
    return int(sum(sizes))


def wrong_with(screen: Screen, one: Someone, browser: Browser, place: Place) -> tuple[list[str], int]:
    """Look at a screen that was reached, at both sizes; return what is wrong with it and what it weighs."""
    wrong = []
    for size, viewport in SIZES.items():
        one.page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a width and a height
        one.page.wait_for_timeout(50)
        wrong += [f"{size}: {barrier}" for barrier in barriers(one)]
        if (wider := overflow(one)) > 0:
            wrong.append(f"{size}: {wider} px wider than the window")
    wrong += complaints(one, screen)
    heavy = weight(one, browser, place)
    if heavy > MOST_BYTES:
        wrong.append(f"{heavy} bytes over the wire")
    return wrong, heavy
