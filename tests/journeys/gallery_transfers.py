"""Every screen of transfers in every state it has: the two kindergartens', the counties', the province's, the guardian's."""

import re

from tests.journeys.conftest import Someone
from tests.journeys.gallery import NEWCOMER, Reach, Screen, at, first, sent, submits

CODE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}")
LISTED = "tbody tr:has-text('{words}') th a"


def case(words: str, tab: str = "mine") -> Reach:
    """Open the first transfer of a tab whose row holds some words."""
    return first(f"/transfers/?tab={tab}", LISTED.format(words=words))


def opened(words: str, tab: str = "mine") -> Reach:
    """Open a transfer and everything that is folded on it."""

    def reach(one: Someone) -> None:
        case(words, tab)(one)
        one.page.evaluate("() => document.querySelectorAll('main details').forEach((part) => { part.open = true; })")

    return reach


def stepped(words: str, verb: str, fields: dict[str, str] | None = None, tab: str = "mine") -> Reach:
    """Take a step of a transfer without filling its form, or filling what is given."""

    def reach(one: Someone) -> None:
        opened(words, tab)(one)
        one.page.evaluate("() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
        form = f"main form:has([name=verb][value={verb}])"
        for name, text in (fields or {}).items():
            if one.page.locator(f"{form} [name={name}][type=checkbox]").count():
                one.page.check(f"{form} [name={name}][value={text}]")
            else:
                one.page.fill(f"{form} [name={name}]", text)
        with one.page.expect_navigation():
            one.page.click(f"{form} button")

    return reach


def printed(one: Someone) -> str:
    """Print a code for the guardian of the transfer that waits for one, and return it."""
    stepped("填写去向", "print")(one)
    found = CODE.search(one.page.inner_text("body"))
    assert found is not None
    return found[0]


def paper(one: Someone) -> None:
    """See the sheet that a code stands on."""
    printed(one)


def ending_of(one: Someone) -> str:
    """Return the last four of the phone of the guardian of the open transfer, as the class roll prints it."""
    case("填写去向")(one)
    name = one.page.inner_text("h1").removeprefix("转园：")
    for link in rolls(one):
        prints_in_full(one, link)
        row = one.page.locator("tbody tr", has_text=name)
        if row.count():
            phone = re.search(r"(?<!\d)1\d{10}(?!\d)", row.first.inner_text())
            assert phone is not None
            return phone[0][-4:]
    raise AssertionError(f"{name} stands on no roll")


def rolls(one: Someone) -> list[str]:
    one.goes_to("/papers/")
    return [
        str(link.get_attribute("href")) for link in one.page.locator("main a[href*='/roll/']:not([href*=pdf])").all()
    ]


def prints_in_full(one: Someone, link: str) -> None:
    """Print a roll with whole numbers, for a reason."""
    one.goes_to(link)
    one.page.locator("[name=reason]").select_option("issue_paper")
    with one.page.expect_navigation():
        one.page.click(".slip button")


def spoken(then: str = "") -> Reach:
    """Open the case as the guardian does, and search for a kindergarten."""

    def reach(one: Someone) -> None:
        ending = ending_of(one)
        code = printed(one)
        one.goes_to("/transfers/guardian/")
        submits(one, {"code": code, "ending": ending}, "main button.primary")
        if then:
            one.page.fill("main [name=place]", then)
            with one.page.expect_navigation():
                one.page.click("main form:has([name=place]) button")

    return reach


TRANSFERS = [
    Screen("transfers", "wangmin", at("/transfers/")),
    Screen("transfers-others", "wangmin", at("/transfers/?tab=others")),
    Screen("transfers-done", "wangmin", at("/transfers/?tab=done")),
    Screen("transfers-empty", NEWCOMER, at("/transfers/")),
    Screen("transfers-county", "lijianhua", at("/transfers/")),
    Screen("transfers-province", "zhouxiao", at("/transfers/")),
    Screen("transfer-start", "wangmin", at("/transfers/start/")),
    Screen("transfer-start-empty", "wangmin", sent("/transfers/start/"), errors=True),
    Screen(
        "transfer-start-missed", "wangmin", sent("/transfers/start/", {"number": "G990101202301039999", "name": "无此人"}),
        errors=True,
    ),
    Screen("transfer-invite", "wangmin", first("/children/?state=attending", "tbody th a")),
    Screen("transfer-invited", "wangmin", opened("填写去向")),
    Screen("transfer-requested", "wangmin", opened("待监护人确认")),
    Screen("transfer-to-release", "wangmin", opened("待转出园核办")),
    Screen("transfer-refused-for-fees", "wangmin",
           stepped("待转出园核办", "refuse", {"reasons": "not_attending", "words": "伙食费还没交清"}), errors=True),
    Screen("transfer-to-accept", "wangmin", opened("待转入园受理")),
    Screen("transfer-accept-nothing", "wangmin", stepped("待转入园受理", "accept"), errors=True),
    Screen("transfer-window", "wangmin", opened("异议期", "others")),
    Screen("transfer-turned-down", "wangmin", opened("不予转园", "done")),
    Screen("transfer-switched", "chenjie", opened("已转园", "done")),
    Screen("transfer-overdue", "zhaoguoqiang", opened("待转出园核办", "others")),
    Screen("transfer-stopped", "zhaoguoqiang", opened("有异议")),
    Screen("transfer-to-approve", "lijianhua", opened("待转出县核准")),
    Screen("transfer-province", "zhouxiao", opened("有异议", "others")),
    Screen("transfer-paper", "wangmin", paper),
    Screen("transfer-guardian", "", at("/transfers/guardian/")),
    Screen("transfer-guardian-wrong", "", sent("/transfers/guardian/", {"code": "ABCD", "ending": "1"}), errors=True),
    Screen("transfer-guardian-case", "wangmin", spoken()),
    Screen("transfer-guardian-places", "wangmin", spoken("柳溪镇")),
    Screen("inbox", "", at("/messages/")),
]  # fmt: skip
