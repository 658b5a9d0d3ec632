"""Every screen in every state it has, and how a person gets there. Tests look at them; `screens.py` takes their pictures."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Route

from tests.factories.proofs import photo
from tests.journeys.conftest import Someone

Reach = Callable[[Someone], None]
NOWHERE = "00000000-0000-7000-8000-000000000000"
ADMITTED = "姓名\t出生日期\t监护人\n林一\t2020-01-03\t林大山\n\t2020-01-03\t林大山"
NEWCOMER = "wangmin/小星星幼儿园"  # where nothing was registered yet


@dataclass(frozen=True)
class Screen:
    """One screen in one state: who sees it (an account, or nobody) and how it is reached."""

    name: str
    account: str
    reach: Reach
    errors: bool = False  # the browser itself reports the status of a refused request

    def __str__(self) -> str:
        return self.name


def at(path: str) -> Reach:
    """Go to an address."""
    return lambda one: one.goes_to(path)


def first(path: str, link: str, then: str = "") -> Reach:
    """Go to the first link of a page that matches, and from there to an address below it."""

    def reach(one: Someone) -> None:
        one.goes_to(path)
        address = one.page.locator(link).first.get_attribute("href")
        one.page.goto(one.page.evaluate("(href) => new URL(href, location.href).href", f"{address}"))
        if then:
            one.page.goto(re.sub(r"[?#].*", "", one.page.url) + then)

    return reach


def sent(path: str, fields: dict[str, str] | None = None, button: str = "main button.primary") -> Reach:
    """Fill a form without the browser's own checks and send it."""

    def reach(one: Someone) -> None:
        one.goes_to(path)
        submits(one, fields or {}, button)

    return reach


def sent_to(reach: Reach) -> Reach:
    """Go somewhere and send the form there as it stands."""

    def go(one: Someone) -> None:
        reach(one)
        submits(one, {}, "main button.primary")

    return go


def submits(one: Someone, fields: dict[str, str], button: str) -> None:
    """Fill and send what stands on the page."""
    one.page.evaluate("() => document.querySelectorAll('form').forEach((form) => { form.noValidate = true; })")
    for name, words in fields.items():
        one.page.fill(f"main [name={name}]", words)
    with one.page.expect_navigation():
        one.page.click(button)


def busy(path: str, fields: dict[str, str], button: str = "main button.primary") -> Reach:
    """Send a form whose answer does not come yet."""

    def reach(one: Someone) -> None:
        one.goes_to(path)
        for name, words in fields.items():
            one.page.fill(f"main [name={name}]", words)
        one.page.evaluate("() => window.addEventListener('submit', (event) => event.preventDefault())")
        one.page.click(button)
        one.page.wait_for_selector("[aria-busy]")

    return reach


def refused_file(one: Someone) -> None:
    """Bring in a file without a heading."""
    brings(one, "没有表头.csv", "甲,乙\n一,二\n")


def unread_file(one: Someone) -> None:
    """Bring in a file so large that the worker reads it; the page says how far it is."""
    lines = "".join(
        f"幼儿{count},男,2023-05-{1 + count % 28:02d},,汉族,小一班,家长,父亲,138{count:08d}\n" for count in range(9_000)
    )
    brings(one, "很长.csv", "姓名,性别,出生日期,证件号码,民族,班级,监护人姓名,与幼儿关系,联系电话\n" + lines)
    one.page.wait_for_selector("#progress")


def wrong_file(one: Someone) -> None:
    """Bring in a file in which every row has to be mended."""
    brings(
        one,
        "列错了.csv",
        "姓名,性别,出生日期,证件号码,班级\n"
        + "王一,男,2023-13-01,12345,大九班\n王二,女,2023-14-01,22345,大九班\n王三,女,,3,\n",
    )


def clean_file(one: Someone) -> None:
    """Bring in a file with nothing to mend."""
    heading = "姓名,性别,出生日期,证件号码,民族,班级,监护人姓名,与幼儿关系,联系电话,入园日期\n"
    brings(
        one,
        "都没问题.csv",
        heading + "项知行,男,2023-05-06,990101202305062031,汉族,小二班,项伟,父亲,13800002222,2026-09-01\n",
    )


def unchanged(route: Route) -> None:
    """Answer what a page asks again by itself with nothing new, so that it stays as it first stood; let all else through."""
    if "hx-request" in route.request.headers:
        route.fulfill(status=204)
    else:
        route.continue_()


def being_sent(one: Someone) -> None:
    """Submit so many rows that the worker does it; the page that says how far it is stays as it first stood."""
    names = (
        f"{family}{first}{second}"
        for family in "赵钱孙李周"
        for first in "一二三四五六七八"
        for second in "子木水火土金风云"
    )
    lines = "".join(
        f"{name},男,2023-04-{1 + n % 28:02d},暂无证件,汉族,中一班,{name[0]}建国,父亲,138{n:08d},2026-09-01\n"
        for n, name in enumerate(names)
    )
    head = "姓名,性别,出生日期,证件号码,民族,班级,监护人姓名,与幼儿关系,联系电话,入园日期\n"
    brings(one, "很多人.csv", head + lines)
    one.page.route("**/*", unchanged)
    one.page.click("#bar a.primary")
    one.page.check("#promise")
    with one.page.expect_navigation():
        one.page.click("main button.primary")
    one.page.wait_for_selector("#progress")


def brings(one: Someone, name: str, text: str) -> None:
    """Upload a text as a file."""
    one.goes_to("/intake/")
    one.page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    with one.page.expect_navigation():
        one.page.click("main button.primary")


def batch(then: str = "") -> Reach:
    """Go to the sheet of the demonstration, or below it."""
    return lambda one: _to_batch(one, then)


def _to_batch(one: Someone, then: str) -> None:
    one.goes_to("/intake/batches/")
    address = one.page.locator("a", has_text="秋季小一班.xlsx").first.get_attribute("href")
    one.goes_to(f"{address}{then}")


def sent_batch(one: Someone) -> None:
    """Submit what is ready of a small file and see the result."""
    clean_file(one)
    one.page.click("#bar a.primary")
    one.page.check("#promise")
    with one.page.expect_navigation():
        one.page.click("main button.primary")


def compared(one: Someone) -> None:
    """Open a comparison within the review page."""
    _to_batch(one, "?tab=duplicate")
    one.page.locator("a[data-problem]").last.click()
    one.page.wait_for_selector("[data-scope]")


def compare_page(one: Someone) -> None:
    """Open a comparison as a page of its own."""
    _to_batch(one, "?tab=duplicate")
    address = one.page.locator("a[data-problem]").last.get_attribute("href")
    one.page.goto(one.page.evaluate("(href) => new URL(href, location.href).href", f"{address}"))


def panel(one: Someone) -> None:
    """Open the first case that needs a look."""
    one.goes_to("/approvals/")
    one.page.keyboard.press("j")
    one.page.wait_for_selector("#side button[data-key=a]")


def chosen(decision: str) -> Reach:
    """Choose the clean ones of the page and go on to approving or returning them."""

    def reach(one: Someone) -> None:
        one.goes_to("/approvals/?tab=clean")
        with one.page.expect_navigation():
            one.page.click(f"button[name=decision][value={decision}]")

    return reach


def unseen(one: Someone) -> None:
    """Approve without the spot check."""
    chosen("approve")(one)
    submits(one, {}, "button[form=approve]")


def reasonless(one: Someone) -> None:
    """Return without a reason."""
    chosen("return")(one)
    submits(one, {}, "main button.bad")


def returned(one: Someone) -> None:
    """Return one child and see the result."""
    one.goes_to("/approvals/?tab=clean")
    one.page.click("[data-select-all]")
    if one.page.is_checked("[data-select-all]"):
        one.page.click("[data-select-all]")
    one.page.locator("[data-pick]").first.check()
    with one.page.expect_navigation():
        one.page.click("button[name=decision][value=return]")
    one.page.fill("[name=words]", "户籍地址请写到区县。")
    with one.page.expect_navigation():
        one.page.click("main button.bad")


def revealed(one: Someone) -> None:
    """Show a value for a reason, within the page."""
    child(one)
    one.page.locator("details.reveal summary").first.click()
    one.page.locator("details.reveal select").first.select_option(index=1)
    one.page.locator("details.reveal button").first.click()
    one.page.wait_for_selector("[id^=shown-] .btn, [id^=shown-]")


def wrong_edit(one: Someone) -> None:
    """Save a telephone number that is too short."""
    first("/children/?state=numbered", "tbody th a", "edit/")(one)
    submits(one, {"guardian1_phone": "138000"}, "main button.primary")


def clashing_edit(one: Someone) -> None:
    """Save what a page shows that was opened before somebody else saved."""
    first("/children/?state=numbered", "tbody th a", "edit/")(one)
    address = one.page.url
    submits(one, {"address": "禾苗路 1 号"}, "main button.primary")
    one.page.goto(address)
    one.page.evaluate("() => { document.querySelector('main [name=version]').value = '1'; }")
    submits(one, {"address": "禾苗路 2 号"}, "main button.primary")


def wrong_correction(one: Someone) -> None:
    """File a correction with a name that nobody has, and without a proof."""
    first("/children/?state=numbered", "tbody th a", "corrections/new/")(one)
    submits(one, {"name": "陈1"}, "main button.primary")


def proof_of_correction(one: Someone) -> None:
    """Look at the proof of a correction beside it."""
    first("/cases/?kind=correction", "tbody th a")(one)
    one.page.locator(".proof button").first.click()
    one.page.wait_for_selector(".proof img")


def proofless(one: Someone) -> None:
    """Upload nothing as a proof."""
    first("/children/?state=numbered", "tbody th a", "proofs/")(one)
    submits(one, {}, "main button.primary")


def proof(one: Someone) -> None:
    """Bring in a photograph as a proof and look at it."""
    first("/children/?state=numbered", "tbody th a", "proofs/")(one)
    one.page.select_option("#proof-kind", "household_book")
    picture = {"name": "户口簿.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    one.page.set_input_files("#proof-files", picture)
    with one.page.expect_navigation():
        one.page.click("main button.primary")
    one.page.locator(".proof select").first.select_option("check_document")
    one.page.locator(".proof button").first.click()
    one.page.wait_for_selector(".proof img")


def opened_field(one: Someone) -> None:
    """Show one masked field of a row, within its page."""
    _to_batch(one, "rows/2/")
    one.page.locator("details.reveal summary").first.click()
    one.page.locator("details.reveal select").first.select_option(index=1)
    one.page.locator("details.reveal button").first.click()
    one.page.wait_for_selector("#id_id_number, #id_guardian1_phone")


def in_full(path: str, link: str) -> Reach:
    """Print a paper with full values."""

    def reach(one: Someone) -> None:
        first(path, link)(one)
        one.page.locator("[name=reason]").select_option("issue_paper")
        with one.page.expect_navigation():
            one.page.click(".slip button")

    return reach


def child(one: Someone) -> None:
    """Open the page of a child with a number."""
    first("/children/?state=numbered", "tbody th a")(one)


def verified(one: Someone) -> None:
    """Open what stands behind the code of a card."""
    one.goes_to("/verify/AAAA.bbbb/")


def kept(one: Someone) -> None:
    """Send a form after the session ended."""
    one.goes_to("/intake/form/")
    one.page.fill("main [name=name]", "林想好")
    one.context.clear_cookies(name="sessionid")
    with one.page.expect_navigation():
        one.page.click("main button.primary")


def ticked(button: str, count: int = 3) -> Reach:
    """Tick the first children of the list that attend and have no change in hand, and press one of the bar's buttons."""

    def reach(one: Someone) -> None:
        one.goes_to("/children/?state=attending")
        for place in range(count):
            one.page.locator("tr:not(:has([data-in-hand])) [data-pick]").nth(place).check()
        with one.page.expect_navigation():
            one.page.click(f".actionbar button:has-text('{button}')")

    return reach


def regrouped(one: Someone) -> None:
    """Move three children to a group that one of them is in already, so that the result has both sides."""
    ticked("调班")(one)
    one.page.locator("main [name=group]").nth(1).check()
    with one.page.expect_navigation():
        one.page.click("main button.primary")


def left(one: Someone) -> None:
    """Let a child leave for nobody knows where, and open the queue."""
    ticked("离园", 1)(one)
    one.page.locator("main [name=reason]").first.check()
    one.page.locator("main [name=destination]").last.check()
    with one.page.expect_navigation():
        one.page.click("main button.primary")


def left_then(path: str) -> Reach:
    """Let a child leave and go on to an address."""
    return lambda one: (left(one), one.goes_to(path))[0]


OPEN = [
    Screen("sign-in", "", at("/sign-in/")),
    Screen("sign-in-wrong", "", sent("/sign-in/", {"username": "nobody", "password": "no"}), errors=True),
    Screen("sign-in-busy", "", busy("/sign-in/", {"username": "nobody", "password": "no"})),
    Screen("sign-in-elsewhere", "", at("/sign-in/?elsewhere=1")),
    Screen("style-guide", "", at("/样式/")),
    Screen("style-guide-big", "", at("/样式/?big=1")),
    Screen("style-guide-busy", "", at("/样式/?busy=1")),
    Screen("style-guide-paper", "", at("/样式/纸/")),
    Screen("old-browser", "", at("/old-browser/")),
    Screen("verify-void", "", verified),
]
CLERK = [
    Screen("desk", "wangmin", at("/")),
    Screen("desk-empty", NEWCOMER, at("/")),
    Screen("children", "wangmin", at("/children/")),
    Screen("children-none", "wangmin", at("/children/?q=查无此人&sex=1")),
    Screen("children-empty", NEWCOMER, at("/children/")),
    Screen("search", "wangmin", at("/search/?q=王")),
    Screen("search-none", "wangmin", at("/search/?q=查无此人")),
    Screen("child", "wangmin", child),
    Screen("child-revealed", "wangmin", revealed),
    Screen("child-returned", "wangmin", first("/children/?state=returned", "tbody th a")),
    Screen("child-as-of", "wangmin", first("/children/?state=attending", "tbody th a", "as-of/")),
    Screen(
        "child-as-of-before",
        "wangmin",
        first("/children/?state=attending", "tbody th a", "as-of/?on=2020-01-01"),
        errors=True,
    ),
    Screen(
        "child-as-of-mistyped", "wangmin", first("/children/?state=attending", "tbody th a", "as-of/?on=x"), errors=True
    ),
    Screen("roll-as-of", "wangmin", at("/children/roll/")),
    Screen("roll-as-of-nobody", "wangmin", at("/children/roll/?on=2020-01-01")),
    Screen("roll-as-of-to-come", "wangmin", at("/children/roll/?on=2999-01-01"), errors=True),
    Screen("county-roll-as-of", "lijianhua", at("/children/roll/")),
    Screen("child-story", "wangmin", first("/children/?state=numbered", "tbody th a", "story/")),
    Screen("child-looks", "wangmin", first("/children/?state=numbered", "tbody th a", "looks/")),
    Screen("child-notices", "wangmin", first("/children/?state=numbered", "tbody th a", "notices/")),
    Screen("child-proofs", "wangmin", first("/children/?state=numbered", "tbody th a", "proofs/")),
    Screen("child-proofs-nothing", "wangmin", proofless, errors=True),
    Screen("proof-shown", "wangmin", proof),
    Screen("child-edit", "wangmin", first("/children/?state=numbered", "tbody th a", "edit/")),
    Screen("child-edit-wrong", "wangmin", wrong_edit, errors=True),
    Screen("child-edit-clash", "wangmin", clashing_edit, errors=True),
    Screen("correction-new", "wangmin", first("/children/?state=numbered", "tbody th a", "corrections/new/")),
    Screen("correction-wrong", "wangmin", wrong_correction, errors=True),
    Screen("correction", "wangmin", first("/cases/?kind=correction", "tbody th a")),
    Screen("correction-back", "wangmin", first("/cases/?kind=correction&tab=back", "tbody th a")),
    Screen("correction-mend", "wangmin", first("/cases/?kind=correction&tab=back", "tbody th a", "mend/")),
    Screen("papers", "wangmin", at("/papers/")),
    Screen("papers-empty", NEWCOMER, at("/papers/")),
    Screen("roll", "wangmin", first("/papers/", "main a[href*=roll]")),
    Screen("cards", "wangmin", first("/papers/", "main a[href*=cards]")),
    Screen("roll-full", "wangmin", in_full("/papers/", "main a[href*=roll]")),
    Screen("cards-full", "wangmin", in_full("/papers/", "main a[href*=cards]")),
    Screen("cards-none", "wangmin", at(f"/papers/cards/?child={NOWHERE}"), errors=True),
    Screen("missing", "wangmin", at(f"/children/{NOWHERE}/"), errors=True),
    Screen("forbidden", "wangmin", at("/approvals/"), errors=True),
]
STAYS = [
    Screen("groups", "wangmin", at("/enrolments/")),
    Screen("groups-empty", NEWCOMER, at("/enrolments/")),
    Screen("regroup", "wangmin", ticked("调班")),
    Screen(
        "regroup-wrong",
        "wangmin",
        lambda one: (ticked("调班")(one), submits(one, {"on": "上周"}, "main button.primary"))[0],
        errors=True,
    ),
    Screen("regroup-nobody", "wangmin", at("/enrolments/regroup/")),
    Screen("regrouped", "wangmin", regrouped),
    Screen("leave", "wangmin", ticked("离园", 2)),
    Screen(
        "leave-wrong",
        "wangmin",
        lambda one: (ticked("离园", 2)(one), submits(one, {}, "main button.primary"))[0],
        errors=True,
    ),
    Screen("child-left", "wangmin", left),
    Screen("destinations", "wangmin", left_then("/enrolments/destinations/")),
    Screen("destinations-none", NEWCOMER, at("/enrolments/destinations/")),
    Screen("readmit", "wangmin", lambda one: (left(one), one.page.click("text=再入园"))[0]),
    Screen("take-in", "wangmin", at("/enrolments/readmit/")),
    Screen("take-in-wrong", "wangmin", sent("/enrolments/readmit/", {"number": "G9901012022"}), errors=True),
    Screen("desk-with-destinations", "wangmin", left_then("/")),
    Screen("county-destinations", "lijianhua", at("/enrolments/destinations/")),
    Screen("graduate", "wangmin", at("/enrolments/graduate/")),
    Screen("graduate-empty", NEWCOMER, at("/enrolments/graduate/")),
    Screen("certificates-none", "wangmin", at(f"/papers/certificates/?child={NOWHERE}"), errors=True),
    Screen("turn", "wangmin", at("/enrolments/turn/")),
    Screen("county-groups", "lijianhua", at("/enrolments/")),
]
INTAKE = [
    Screen("intake", "wangmin", at("/intake/")),
    Screen("intake-empty", NEWCOMER, at("/intake/")),
    Screen("intake-no-file", "wangmin", sent("/intake/"), errors=True),
    Screen("paste", "wangmin", at("/intake/paste/")),
    Screen("paste-nothing", "wangmin", sent("/intake/paste/"), errors=True),
    Screen("paste-busy", "wangmin", busy("/intake/paste/", {"text": "姓名\t性别\n林一\t男"})),
    Screen("form", "wangmin", at("/intake/form/")),
    Screen("form-wrong", "wangmin", sent("/intake/form/", {"name": "林一", "id_number": "9901012023010"}), errors=True),
    Screen("form-busy", "wangmin", busy("/intake/form/", {"name": "林一"})),
    Screen("batches", "wangmin", at("/intake/batches/")),
    Screen("help", "wangmin", at("/intake/help/")),
    Screen("review", "wangmin", batch()),
    Screen("review-nothing-here", "wangmin", batch("?tab=sent")),
    Screen("review-all-wrong", "wangmin", wrong_file),
    Screen("review-nothing-wrong", "wangmin", clean_file),
    Screen("review-compare", "wangmin", compared),
    Screen("compare", "wangmin", compare_page),
    Screen("tidied", "wangmin", batch("tidied/")),
    Screen("columns", "wangmin", batch("columns/")),
    Screen("row", "wangmin", batch("rows/2/")),
    Screen("row-opened", "wangmin", opened_field),
    Screen("download", "wangmin", batch("problems/")),
    Screen("download-unexplained", "wangmin", sent_to(batch("problems/")), errors=True),
    Screen("discard", "wangmin", batch("discard/")),
    Screen("bring-back", "wangmin", batch("bring-back/")),
    Screen("confirm", "wangmin", batch("submit/")),
    Screen("submitted", "wangmin", sent_batch),
    Screen("refused-file", "wangmin", refused_file),
    Screen("being-read", "wangmin", unread_file),
    Screen("being-sent", "wangmin", being_sent),
    Screen("kept", "wangmin", kept, errors=True),
    Screen("principal-desk", "lixiaoyan", at("/")),
    Screen("principal-review", "lixiaoyan", batch()),
]
COUNTY = [
    Screen("county-desk", "zhaoguoqiang", at("/")),
    Screen("approvals", "zhaoguoqiang", at("/approvals/")),
    Screen("approvals-panel", "zhaoguoqiang", panel),
    Screen("approvals-clean", "zhaoguoqiang", at("/approvals/?tab=clean")),
    Screen("approvals-all", "zhaoguoqiang", at("/approvals/?tab=clean&all=1")),
    Screen("approvals-nothing-chosen", "zhaoguoqiang", at("/approvals/?none=1")),
    Screen("approve", "zhaoguoqiang", chosen("approve")),
    Screen("approve-unseen", "zhaoguoqiang", unseen, errors=True),
    Screen("return", "zhaoguoqiang", chosen("return")),
    Screen("return-reasonless", "zhaoguoqiang", reasonless, errors=True),
    Screen("decision", "zhaoguoqiang", returned),
    Screen("approvals-returned", "zhaoguoqiang", at("/approvals/?tab=returned")),
    Screen("approvals-passed", "zhaoguoqiang", at("/approvals/?tab=passed")),
    Screen("approvals-empty", "lijianhua", at("/approvals/?kindergarten=1199000002")),
    Screen("county-children", "lijianhua", at("/children/")),
    Screen("county-child", "lijianhua", child),
    Screen("institutions", "lijianhua", at("/institutions/")),
    Screen("institutions-before", "lijianhua", at("/institutions/?on=2026-09-15")),
    Screen("institution", "lijianhua", first("/institutions/", "main th a")),
    Screen("institution-rename", "lijianhua", first("/institutions/", "main th a", "rename/")),
    Screen("institution-end", "lijianhua", first("/institutions/", "main th a", "end/")),
    Screen("unplaced-empty", "lijianhua", at("/institutions/unplaced/")),
    Screen("county-progress", "lijianhua", at("/progress/")),
    Screen("county-correction", "lijianhua", first("/cases/?kind=correction", "tbody th a")),
    Screen("county-correction-proof", "lijianhua", proof_of_correction),
    Screen("county-correction-back", "lijianhua", first("/cases/?kind=correction", "tbody th a", "send-back/")),
    Screen("county-correction-done", "lijianhua", first("/cases/?kind=correction&tab=done", "tbody th a")),
    Screen("analyst-desk", "zhouxiao", at("/")),
    Screen("progress", "zhouxiao", at("/progress/")),
    Screen("progress-city", "zhouxiao", at("/progress/?office=990100")),
    Screen("school-desk", "sunhui", at("/")),
    Screen("clocks", "wangmin", at("/clocks/")),
    Screen("county-clocks", "lijianhua", at("/clocks/")),
    Screen("county-ageing", "lijianhua", at("/clocks/ageing/")),
    Screen("ageing", "zhouxiao", at("/clocks/ageing/")),
    Screen("schools", "sunhui", at("/schools/")),
    Screen("schools-nothing", "sunhui", sent("/schools/"), errors=True),
    Screen(
        "schools-found",
        "sunhui",
        sent("/schools/", {"text": ADMITTED}),
    ),
    Screen("school-children-empty", "sunhui", at("/schools/children/")),
    Screen("sent-back-empty", "wangmin", at("/sent-back/")),
    Screen("auditor-desk", "audit", at("/")),
    Screen("audit", "audit", at("/audit/")),
    Screen("audit-processes", "audit", at("/audit/?what=processes")),
    Screen("audit-empty", "audit", at("/audit/?account=nobody")),
]
EVERY = [*OPEN, *CLERK, *STAYS, *INTAKE, *COUNTY]
