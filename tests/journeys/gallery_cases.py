"""Every screen of the changes that a county decides: one list, 缓学, 注销 and 恢复 of both sides, in every state."""

from tests.factories.proofs import photo
from tests.journeys.conftest import Someone
from tests.journeys.gallery import NEWCOMER, Reach, Screen, at, first, submits

WAITING, BACK, DONE = "tab=waiting", "tab=back", "tab=done"


def case(kind: str, tab: str = WAITING, then: str = "") -> Reach:
    """Open the first case of a kind in a tab, or a page below it."""
    return first(f"/cases/?{tab}&kind={kind}", "tbody th a", then)


def filing(way: str, state: str = "attending") -> Reach:
    """Open the form of a kind for the last child of a list, by the child's own page."""

    def reach(one: Someone) -> None:
        first(f"/children/?state={state}", "tbody th a")(one)
        one.goes_to(one.page.locator(f"main a[href*='/cases/{way}/']").first.get_attribute("href") or "")

    return reach


def filed_wrong(way: str, state: str = "attending") -> Reach:
    """Send a form with nothing in it."""
    return lambda one: (filing(way, state)(one), submits(one, {}, "main button.primary"))[0]


def proof_taken_in(one: Someone) -> None:
    """Upload a proof before the form is sent."""
    filing("cancel")(one)
    one.page.select_option("#proof-kind", "police_letter")
    picture = {"name": "回执.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    one.page.set_input_files("#proof-files", picture)
    submits(one, {}, "main button[name=act]")


def reasonless(one: Someone) -> None:
    """Send a case back without saying why."""
    case("deferral", then="send-back/")(one)
    submits(one, {}, "main button.bad")


def proof_beside(one: Someone) -> None:
    """Look at the proof of a case beside it."""
    case("deferral")(one)
    one.page.locator(".proof button").first.click()
    one.page.wait_for_selector(".proof img")


CASES = [
    Screen("cases", "wangmin", at("/cases/")),
    Screen("cases-back", "wangmin", at("/cases/?tab=back")),
    Screen("cases-done", "wangmin", at("/cases/?tab=done")),
    Screen("cases-empty", NEWCOMER, at("/cases/")),
    Screen("case-defer", "wangmin", filing("defer")),
    Screen("case-defer-wrong", "wangmin", filed_wrong("defer"), errors=True),
    Screen("case-cancel", "wangmin", filing("cancel")),
    Screen("case-cancel-proof", "wangmin", proof_taken_in),
    Screen("case-restore", "wangmin", filing("restore", "left")),
    Screen("case-restore-wrong", "wangmin", filed_wrong("restore", "left"), errors=True),
    Screen("case-deferral", "wangmin", case("deferral")),
    Screen("case-back", "wangmin", case("deferral", BACK)),
    Screen("case-mend", "wangmin", case("deferral", BACK, "mend/")),
    Screen("case-deferral-done", "wangmin", case("deferral", DONE)),
    Screen("case-cancellation-done", "wangmin", case("cancellation", DONE)),
    Screen("principal-cases", "lixiaoyan", at("/cases/")),
    Screen("county-cases", "lijianhua", at("/cases/")),
    Screen("county-cases-deferral", "lijianhua", at("/cases/?kind=deferral")),
    Screen("county-cases-done", "lijianhua", at("/cases/?tab=done")),
    Screen("county-case-deferral", "lijianhua", case("deferral")),
    Screen("county-case-cancellation", "lijianhua", case("cancellation")),
    Screen("county-case-restoration", "lijianhua", case("restoration")),
    Screen("county-case-proof", "lijianhua", proof_beside),
    Screen("county-case-back", "lijianhua", case("deferral", then="send-back/")),
    Screen("county-case-back-reasonless", "lijianhua", reasonless, errors=True),
]
