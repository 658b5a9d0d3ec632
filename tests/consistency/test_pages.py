"""Pages that work behind a county's wall and refuse a forged form. What they look like: tests/doors/web/test_css.py."""

import re

from tests.consistency import tree


def pages() -> list[str]:
    return [path for path in tree.files() if path.startswith("miaoce/") and path.endswith(".html")]


def test_pages_fetch_nothing_from_elsewhere():
    assert pages()
    outside = re.compile(r"(src|href|action)=\"(https?:)?//|url\((https?:)?//")
    shown = [*pages(), *(path for path in tree.files() if path.startswith("miaoce/") and path.endswith(".css"))]
    assert [path for path in shown if outside.search(tree.text(path))] == []


def test_every_form_that_writes_carries_its_token():
    forms = [(path, form) for path in pages() for form in re.findall(r"(?s)<form\b.*?</form>", tree.text(path))]
    writing = [(path, form) for path, form in forms if re.search(r"(?i)method=\"post\"", form)]
    assert [f"{path} {form[:80]}" for path, form in writing if "csrf_token" not in form] == []


def test_every_picture_says_what_it_shows():
    silent = re.compile(r"<img(?![^>]*\salt=)")
    assert [path for path in pages() if silent.search(tree.text(path))] == []
