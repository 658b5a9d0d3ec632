"""What the address of the list asks for, read from it and written back into it. What cannot be read is left out."""

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from miaoce.registry.access.officers import Officer
from miaoce.registry.problems import listing, states
from miaoce.registry.problems.models import ProblemRecordQuerySet
from miaoce.registry.problems.queries import MINE, OTHERS, Filters

LONGEST = 50
DONE = "done"
TABS = {
    MINE: "等我办",
    OTHERS: "等别人办",
    states.MERGED: "已合并",
    states.DIFFERENT: "不是同一名",
    DONE: "其他办结",
}
ENDED_OTHERWISE = (states.EVIDENCED, states.CORRECTED, states.VOIDED, states.ENDED)


@dataclass(frozen=True)
class Asked:
    """A tab, a kind and words to search for."""

    tab: str = MINE
    kind: str = ""
    q: str = ""

    @classmethod
    def of(cls, given: QueryDict) -> "Asked":
        """Read an address or a form."""
        tab, kind = given.get("tab", ""), given.get("kind", "")
        return cls(
            tab if tab in TABS else MINE, kind if kind in states.KINDS else "", given.get("q", "").strip()[:LONGEST]
        )

    def query(self, **others: str) -> str:
        """Return the address's own text; `others` are added, or stand instead."""
        given = {"tab": "" if self.tab == MINE else self.tab, "kind": self.kind, "q": self.q, **others}
        return "?" + urlencode({name: value for name, value in given.items() if value})

    def on(self, tab: str) -> "Asked":
        """Return the same on another tab."""
        return replace(self, tab=tab)

    @property
    def filters(self) -> Filters:
        """What the room is asked."""
        turn = self.tab if self.tab in {MINE, OTHERS} else ""
        return Filters(kind=self.kind, turn=turn, state="" if turn or self.tab == DONE else self.tab)

    @property
    def among(self) -> tuple[str, ...]:
        """The states of a tab that holds several."""
        return ENDED_OTHERWISE if self.tab == DONE else ()

    @property
    def is_decided(self) -> bool:
        """Whether the tab holds what was decided."""
        return self.tab not in {MINE, OTHERS}

    def listed(self, actor: Officer, *, on: date) -> ProblemRecordQuerySet:
        """Return the problems that an officer's list holds."""
        return listing.listed(actor, self.filters, among=self.among, words=self.q, on=on)
