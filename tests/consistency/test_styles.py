"""Styles and pages that look the same on the oldest browser still found in kindergartens (docs/architecture.md)."""

import re

import pytest

from tests.consistency import tree

BANNED = {
    r"color-mix\(": "Chromium 111",
    r"oklch\(": "Chromium 111",
    r"light-dark\(": "Chromium 123",
    r":has\(": "Chromium 105",
    r"@layer": "Chromium 99",
    r"@container": "Chromium 105",
    r"(?m)^\s*&|[{;]\s*&": "nesting, Chromium 112",
    r"\d+[dsl]v[hwb]\b": "dynamic viewport units, Chromium 108",
    r"(?i)@import|https?://(?!www\.w3\.org)": "nothing comes from elsewhere",
}


def sheets() -> list[str]:
    return [path for path in tree.files() if path.startswith("miaoce/web/static/") and path.endswith(".css")]


def pages() -> list[str]:
    return [path for path in tree.files() if path.startswith("miaoce/") and path.endswith(".html")]


def lines_with(pattern: str, paths: list[str]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{path}:{number} {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        if wanted.search(line)
    ]


@pytest.mark.parametrize("pattern", BANNED, ids=BANNED.values())
def test_no_style_that_the_oldest_browser_does_not_know(pattern):
    assert sheets()
    assert lines_with(pattern, sheets()) == []


def test_the_styles_stay_small():
    """Ten kilobytes compressed for everything; raw, about forty."""
    assert sum(len(tree.text(path).encode()) for path in sheets()) <= 48_000


def test_pages_carry_no_style_and_no_handler_of_their_own():
    """The content security policy refuses them; a page that needs one would be broken for everybody."""
    assert lines_with(r"\sstyle=|\son[a-z]+=\"|<style|javascript:|hx-on", pages()) == []
    scripts = lines_with(r"<script(?![^>]*\ssrc=)", pages())
    assert [line for line in scripts if "nonce=" not in line] == []


def test_pages_fetch_nothing_from_elsewhere():
    outside = r"(src|href|action)=\"(https?:)?//"
    assert lines_with(outside, pages()) == []


def test_every_form_that_writes_carries_its_token():
    forms = [(path, form) for path in pages() for form in re.findall(r"(?s)<form\b.*?</form>", tree.text(path))]
    writing = [(path, form) for path, form in forms if re.search(r"(?i)method=\"post\"", form)]
    assert [f"{path} {form[:80]}" for path, form in writing if "csrf_token" not in form] == []
