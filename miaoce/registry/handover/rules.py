"""Pure rules of the handover: what a school asks with, and what counts as found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from miaoce.registry.refusals import Refusal

MOST_LINES = 2_000
FOUND, SEVERAL, NOT_FOUND, MINE, ELSEWHERE, UNREADABLE = (
    "found",
    "several",
    "not_found",
    "mine",
    "elsewhere",
    "unreadable",
)
LABELS = {
    FOUND: "找到",
    SEVERAL: "多个相似",
    NOT_FOUND: "没有",
    MINE: "本校已调取",
    ELSEWHERE: "已由别的小学调取",
    UNREADABLE: "看不懂",
}
NEVER_HINDERS = "没有学前学籍不影响入学，请按中小学学籍办法新建。"
"""办法 and the ministry's answers: a missing record never keeps a child out of school (domain.md §0 row 16)."""


class TooManyLines(Refusal):
    """A list is longer than one look-up takes."""

    code, message, http = "HOV-01", "一次最多查 {most} 名，请分几次。", 422


class NotShown(Refusal):
    """A claim names a child that this school did not look up, or too long ago."""

    code, message, http = "HOV-02", "名单已过半小时，或不是本校查到的。请重新查一次再调取。", 409


class SeveralSay(Refusal):
    """A claim of a child that other facts fit as well."""

    code, message, http = "HOV-04", "有几名幼儿都相符，请补学籍号或证件号后再查。", 409


class NothingWanted(Refusal):
    """A correction sent back says neither what is wrong nor what is right."""

    code, message, http = "HOV-05", "请选哪一项不对，并写明正确的内容。", 422


@dataclass(frozen=True)
class Line:
    """One line of an admitted list as the school wrote it; what was not given is empty. Nothing of it is ever stored."""

    row: int
    name: str = ""
    number: str = ""
    document: str = ""
    born_on: date | None = None
    guardian: str = ""

    @property
    def is_enough(self) -> bool:
        """Whether a line can be looked up: a name, and a number, a document, or birth date with guardian."""
        return bool(self.name and (self.number or self.document or (self.born_on and self.guardian)))


def must_fit(lines: Sequence[Line]) -> None:
    """Refuse (HOV-01) a list that is longer than one look-up takes."""
    if len(lines) > MOST_LINES:
        raise TooManyLines(most=MOST_LINES)
