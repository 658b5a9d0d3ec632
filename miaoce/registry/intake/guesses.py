"""Guesses what columns without headings hold, from their first texts: a proposal for the person who explains them."""

import re
from collections.abc import Sequence

_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003347f]{2,4}|[\u3400-\u9fff]+(?:[·•・][\u3400-\u9fff]+)+")
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("id_number", re.compile(r"'?\d{17}[\dXx]")),
    ("guardian1_phone", re.compile(r"'?1[3-9]\d(?:[ -]?\d{4}){2}")),
    ("birth_date", re.compile(r"20\d\d(?:[-./年]\d{1,2}[-./月]\d{1,2}日?|\d{4})(?: 00:00:00)?")),
    ("sex", re.compile(r"[男女]性?")),
    ("id_type", re.compile(r".*(?:身份证|居住证|通行证|护照|出生.*证明)|暂?无证件")),
    ("ethnicity", re.compile(r"汉|[\u4e00-\u9fff]{1,6}族")),
    ("class", re.compile(r".*班|[托小中大][（(]?[\d一二三四五六七八九十]+[)）]?")),
    (
        "guardian1_relation",
        re.compile(r"(?:父亲?|母亲?|爸爸|妈妈|(?:外)?(?:祖父|祖母)|爷爷|奶奶|外公|外婆|姥姥|姥爷|其他)"),
    ),
)


def guess_fields(columns: Sequence[Sequence[str]]) -> list[str]:
    """Return a field for each column, "" where nothing is to be said; no field twice. The first names are the child's."""
    out: list[str] = []
    for texts in columns:
        filled = [text.strip() for text in texts if text.strip()]
        key = next((kind for kind, form in _KINDS if filled and all(form.fullmatch(text) for text in filled)), "")
        if not key and filled and all(_NAME.fullmatch(text) for text in filled):
            key = "guardian1_name" if "name" in out else "name"
        out.append("" if key in out else key)
    return out
