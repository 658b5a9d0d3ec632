"""How well the shipped table does, as measured on rolls it was not learned from (docs/matching.md says by what method)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NAME = "figures.csv"


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure as text: its bar, on the open maker's rolls, on rolls of other places; `words` say what it is to an official."""

    measure: str
    words: str
    bar: str
    open: str
    elsewhere: str


@cache
def measured() -> tuple[Measured, ...]:
    """Return the figures of the table that comes with the program."""
    text = (files("miaoce.registry.matching") / "data" / NAME).read_text(encoding="utf-8")
    return tuple(Measured(**row) for row in csv.DictReader(text.splitlines()))
