"""Writing down how rows stand whose events do not tell it whole: those of a register filled before events did.

Each row that differs from its events (journal.rebuild) gets one event `noun.adopted` with what differs. It covers up nothing: the
event says that nobody told when and by whom the row became so, and an auditor finds all of them by their verb.
"""

from collections.abc import Sequence

from django.db.models import Min

from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import GONE, difference, noun_of
from miaoce.registry.journal.models import Event, Process
from miaoce.registry.journal.rebuild import Differing


def adopt(*, rows: Sequence[Differing], process: Process) -> int:
    """Note rows as they stand, true of the child since its first event, and return how many."""
    children = {one.child_id for one in rows}
    first = Event.objects.filter(child_id__in=children).order_by().values_list("child_id").annotate(Min("effective_on"))
    since = dict(first)
    changes = []
    for one in rows:
        noun = noun_of(one.model)
        before, after = (one.told, {GONE: True}) if one.held is None else difference(one.told or {}, one.held)
        changes.append(Change(f"{noun}.adopted", noun, one.key, one.child_id, before, after, since.get(one.child_id)))
    return journal.note(process, changes)
