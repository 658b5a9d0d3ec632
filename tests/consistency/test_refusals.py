"""Every refusal can be found by its code, and reads as ux wording asks: what is wrong, why if known, how to mend it."""

import importlib
import re
from collections import Counter

from miaoce.registry.refusals import Refusal
from tests.consistency import tree

CODE = re.compile(r"[A-Z]{3,4}-\d{2}")


def refusals() -> list[type[Refusal]]:
    """Return every kind of refusal of the package, whichever file it stands in."""
    for path in tree.python("miaoce"):
        if "(Refusal)" in tree.text(path):
            importlib.import_module(path.removesuffix(".py").replace("/", "."))
    found, waiting = [], [Refusal]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting.extend(below)
        found.extend(kind for kind in below if kind.__module__.startswith("miaoce."))
    return found


def speaking() -> list[type[Refusal]]:
    """Return those whose words stand in the class; the others pass on the words of what refused before them."""
    return [kind for kind in refusals() if not re.fullmatch(r"\{\w+\}", kind.message)]


def test_there_are_refusals_to_look_at():
    assert len(refusals()) > 20


def test_every_refusal_has_a_code_of_its_own():
    codes = Counter(kind.code for kind in refusals())
    assert {code: count for code, count in codes.items() if count > 1} == {}
    assert [code for code in codes if not CODE.fullmatch(code)] == []


def test_every_refusal_says_in_chinese_what_is_wrong():
    said = {kind.__name__: kind.message for kind in speaking()}
    assert [name for name, words in said.items() if words == Refusal.message or not tree.CJK.search(words)] == []


def test_every_refusal_ends_its_sentence():
    assert [kind.__name__ for kind in speaking() if not kind.message.endswith(("。", "？", "”"))] == []


def test_the_first_sentence_of_a_refusal_is_short():
    """Forty characters, what is put in counted as four."""
    first = {kind.__name__: re.sub(r"\{\w+\}", "〇〇〇〇", kind.message).split("。")[0] for kind in speaking()}
    assert {name: words for name, words in first.items() if len(words) > 40} == {}


def test_every_refusal_answers_with_a_status_that_is_none_of_success():
    assert [kind.__name__ for kind in refusals() if not 400 <= kind.http < 600] == []
