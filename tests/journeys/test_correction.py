"""A name is corrected with two browsers: the kindergarten files it with a photograph, the county compares and agrees."""

from tests.factories.proofs import photo
from tests.journeys.conftest import Someone


def test_a_name_is_corrected_on_proof(browser, place) -> None:  # type: ignore[no-untyped-def]  # fixtures of the folder
    clerk, county = Someone(browser, place), Someone(browser, place)
    clerk.signs_in("wangmin")
    clerk.goes_to("/children/?state=numbered")
    clerk.page.locator("tbody th a").nth(8).click()
    clerk.page.get_by_role("link", name="关键信息变更").click()
    clerk.page.fill("[name=name]", "邓知行")
    clerk.page.select_option("[name=reason]", "recorded_wrong")
    clerk.page.select_option("#proof-kind", "household_book")
    clerk.page.set_input_files("#proof-files", {"name": "户口簿.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    with clerk.page.expect_navigation():
        clerk.page.get_by_role("button", name="交给县里核准").click()
    address = clerk.page.url.replace(place.url, "")
    county.signs_in("lijianhua")
    county.goes_to(address)
    county.page.locator(".proof button").first.click()
    county.page.wait_for_selector(".proof img")
    with county.page.expect_navigation():
        county.page.get_by_role("button", name="核准", exact=True).click()
    assert "已核准" in county.page.inner_text("main")
    clerk.goes_to(address)
    assert "邓知行：关键信息变更" in clerk.page.inner_text("h1")
    for one in (clerk, county):
        one.context.close()
