"""One term of the field, one identifier: a table or room whose name nobody can look up is not finished."""

import re

from tests.consistency import tree
from tests.consistency.test_models import TABLES

GLOSSARY = "docs/glossary.md"


def known() -> set[str]:
    return set(re.findall(r"[A-Za-z]\w+", tree.text(GLOSSARY)))


def test_every_table_stands_in_the_glossary():
    assert {table.__name__ for table in TABLES} - known() == set()


def test_every_room_stands_in_the_glossary():
    rooms = {path.split("/")[2] for path in tree.python("miaoce/registry") if path.count("/") > 2}
    assert len(rooms) > 8
    assert rooms - known() == set()


def test_a_term_has_one_row():
    terms = re.findall(r"^\| ([^|]+?) \|", tree.text(GLOSSARY), re.MULTILINE)
    assert len(terms) == len(set(terms))


def test_every_direct_dependency_is_explained():
    explained = tree.text("docs/dependencies.md").lower()
    asked = tree.text("requirements.in") + tree.text("requirements-dev.in")
    names = re.findall(r"^([A-Za-z][\w.-]*)", asked, re.MULTILINE)
    assert [name for name in names if name.lower() not in explained] == []
