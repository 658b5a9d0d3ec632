"""One row while it is being checked, and the ground it is checked on: the place, its classes, the code lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from miaoce.registry.intake.findings import Finding, Tidying
from miaoce.registry.intake.groups import GroupFinder, Place
from miaoce.registry.intake.tidy import is_error, tidy_text
from miaoce.registry.intake.wording import say
from miaoce.registry.reference.codebook import Codebook


@dataclass
class CheckedRow:
    """A row that was checked. `raw` holds the texts as given, `values` the normalised ones that are sound."""

    raw: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    tidied: list[Tidying] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    state: str = "ready"


class Ground:
    """What rows of one place are checked against. Made once per file; no table is built per row."""

    def __init__(self, place: Place, codebook: Codebook) -> None:
        self.place = place
        self.codebook = codebook
        self.groups = GroupFinder(place.classes, place.name)

    def code(self, list_name: str, text: str) -> str | None:
        """Return the code of a text in a list of the codebook."""
        code = self.codebook.code(list_name, text)
        if code is None and text[:1] in "(（【[" and text[-1:] in ")）】]":
            code = self.codebook.code(list_name, text[1:-1])
        return code

    def region(self, text: str) -> str | None:
        """Return the code of a place written as a code, a name or the beginning of an address."""
        return self.codebook.region_code(text, near=self.place.region_code)


class RowWork:
    """One row while it is being checked."""

    def __init__(self, rules: Ground, row: CheckedRow, verbatim: frozenset[str]) -> None:
        self.rules = rules
        self.row = row
        self.verbatim = verbatim
        self.texts: Mapping[str, str] = row.raw
        """What is read: the texts as given, with cells taken apart that held more than one thing."""

    def text(self, key: str) -> str:
        """Return the trimmed text of a field, "" where the row says nothing."""
        text = self.texts.get(key)
        return tidy_text(text) if text else ""

    def put(self, key: str, value: str, shown: str | None = None) -> None:
        """Set a sound value; note it as tidied when `shown` (or the value) is not what was written."""
        self.row.values[key] = value
        before = self.row.raw.get(key)
        after = value if shown is None else shown
        if before is not None and before not in (after, value):
            self.row.tidied.append(Tidying(key, before, after))

    def find(
        self, key: str | None, code: str, message: str, suggestion: str | None = None, *, remark: bool = False
    ) -> None:
        """Add a finding."""
        self.row.findings.append(Finding(key, code, message, suggestion, remark))

    def doubts(self, key: str) -> bool:
        """Tell whether something that must be mended was found in a field."""
        return any(f.field == key and not f.remark for f in self.row.findings)

    def formula(self, key: str, text: str) -> bool:
        """Find fault with a formula in a cell; tell whether there was one."""
        if not text or text[0] not in "=#":
            return False
        if text[0] == "=":
            self.find(key, "FORMULA", say("formula"))
            return True
        if is_error(text):
            self.find(key, "FORMULA", say("formula_error", what=text))
            return True
        return False

    def unknown(self, key: str, list_name: str, code: str, wording: str, text: str) -> None:
        """Find fault with a word that a list does not have; suggest the one it is a slip of."""
        near = self.near(list_name, text)
        if near:
            shown = self.rules.codebook.name(list_name, near)
            self.find(key, code, say(f"{wording}_slip", what=text, near=shown), near)
        else:
            self.find(key, code, say(f"{wording}_unknown", what=text))

    def near(self, list_name: str, text: str) -> str | None:
        """Return the code of the one entry that the text is a slip of."""
        return self.rules.codebook.closest(list_name, text)
