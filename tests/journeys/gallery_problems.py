"""Every screen of problem records in every state: the kindergarten's, the county's, the city's, the quality of matching."""

from tests.journeys.conftest import Someone
from tests.journeys.gallery import NEWCOMER, Reach, Screen, at, submits

LISTED = "tbody th a"


def opened(query: str = "", then: str = "") -> Reach:
    """Open the first problem of a list, or a page below it."""

    def reach(one: Someone) -> None:
        one.goes_to(f"/problems/{query}")
        address = str(one.page.locator(LISTED).first.get_attribute("href")).partition("?")[0]
        one.goes_to(f"{address}{then}")

    return reach


def chosen(key: str, query: str = "") -> Reach:
    """Open the first problem of a list and press the key of a choice."""

    def reach(one: Someone) -> None:
        opened(query)(one)
        one.page.keyboard.press(key)
        one.page.wait_for_selector("#bar form")

    return reach


def sent(then: str, query: str = "") -> Reach:
    """Send the empty form of a page below the first problem."""

    def reach(one: Someone) -> None:
        opened(query, then)(one)
        submits(one, {}, "main button.primary")

    return reach


def asked_back(one: Someone) -> None:
    """Send a problem back without words."""
    opened()(one)
    one.page.locator("main details summary", has_text="退回").click()
    submits(one, {}, "main details button.bad")


def shown_in_full(one: Someone) -> None:
    """Show the number of a record for a reason, within the page."""
    opened()(one)
    one.page.locator("details.reveal summary").click()
    one.page.locator("details.reveal [name=reason]").select_option("check_document")
    one.page.locator("details.reveal button").click()
    one.page.wait_for_selector("#opened b")


def reasonless(one: Someone) -> None:
    """Change a row without saying why."""
    one.goes_to("/problems/table/")
    submits(one, {}, "main button.primary")


def drafted(one: Someone) -> None:
    """Change a row and try the version out."""
    one.goes_to("/problems/table/?verdict=review")
    one.page.locator("tbody td a").first.click()
    one.page.wait_for_selector("#change")
    one.page.select_option("main [name=verdict]", "twin")
    one.page.fill("main [name=reason]", "看过 20 对，都是双胞胎")
    with one.page.expect_navigation():
        one.page.click("#change button")
    with one.page.expect_navigation():
        one.page.click("main button[value=try]")


PROBLEMS = [
    Screen("problems", "wangmin", at("/problems/")),
    Screen("problems-others", "wangmin", at("/problems/?tab=others")),
    Screen("problems-nothing-found", "wangmin", at("/problems/?q=无此人")),
    Screen("problems-empty", NEWCOMER, at("/problems/?tab=done")),
    Screen("problems-county", "lijianhua", at("/problems/")),
    Screen("problem", "wangmin", opened("?kind=same_person")),
    Screen("problem-chosen", "wangmin", chosen("1", "?kind=same_person")),
    Screen("problem-shown", "wangmin", shown_in_full),
    Screen("problem-say", "wangmin", opened("?kind=same_person", "say/")),
    Screen("problem-say-empty", "wangmin", sent("say/", "?kind=same_person"), errors=True),
    Screen("problem-document", "wangmin", opened("?kind=check_digit")),
    Screen("problem-change", "wangmin", opened("?kind=check_digit", "change/")),
    Screen("problem-void", "wangmin", opened("?kind=not_known", "void/")),
    Screen("problem-void-empty", "wangmin", sent("void/", "?kind=not_known"), errors=True),
    Screen("problem-county", "lijianhua", opened()),
    Screen("problem-county-chosen", "lijianhua", chosen("2")),
    Screen("problem-county-asked", "lijianhua", asked_back, errors=True),
    Screen("problem-county-document", "lijianhua", opened("?kind=name_differs")),
    Screen("problem-split", "lijianhua", opened("?kind=name_differs", "split/")),
    Screen("problem-split-empty", "lijianhua", sent("split/", "?kind=name_differs"), errors=True),
    Screen("problem-city", "hejing", opened()),
    Screen("desk-arbiter", "hejing", at("/")),
    Screen("match-quality", "lijianhua", at("/problems/quality/")),
    Screen("match-table", "lijianhua", at("/problems/table/")),
    Screen("match-table-change", "shenwei", at("/problems/table/?verdict=review")),
    Screen("match-table-reasonless", "shenwei", reasonless, errors=True),
    Screen("match-version", "shenwei", drafted),
    Screen("match-quality-city", "hejing", at("/problems/quality/")),
]
