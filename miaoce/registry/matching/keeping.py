"""Making the records of digests anew (MatchRecord): of children that somebody just wrote, and of those whose record is behind.

Whoever writes children in a room above says so at once (`renew`); for all others the worker looks what changed (`renew_changed`)
and, once an hour, at every child (`renew_behind`). A record is a reading of the child's data, so no event is noted of it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from miaoce.registry import rows
from miaoce.registry.children.editing import known_values
from miaoce.registry.children.models import Child
from miaoce.registry.journal.feeds import moment_id
from miaoce.registry.journal.models import Event
from miaoce.registry.matching import features
from miaoce.registry.matching.models import KEYS, MatchRecord
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose

AT_ONCE = 1_000
LATELY = timedelta(minutes=2)
"""So far back the worker looks at every sweep: longer than a transaction takes; what took longer is found within the hour."""

COLUMNS = ("child_id", "child_version", "form", "features", "digest", "made_at", *KEYS)
PLAIN = ("name", "sex", "born_on", "hukou_region", "ethnicity")


@transaction.atomic
def renew(*, child_ids: Iterable[UUID], at: datetime) -> int:
    """Make the records of children anew from what stands in their rows now, and return how many.

    A fixed number of statements for each thousand. Where two write one child at once, the record of the older version may
    stand last; it is behind then, and the worker finds it.
    """
    wanted, made = iter(dict.fromkeys(child_ids)), 0
    while part := list(islice(wanted, AT_ONCE)):
        children = list(Child.objects.filter(pk__in=part))
        _put(children, at)
        made += len(children)
    return made


def _put(children: Sequence[Child], at: datetime) -> None:
    """Write the records of at most a thousand children."""
    values = _values(children)
    made, form = features.make(values), features.form()
    packed = [one.tobytes() for one in made.features]
    told = [
        f"{held.hex()}|{'|'.join(str(getattr(child, name)) for name in PLAIN)}"
        for held, child in zip(packed, children, strict=True)
    ]
    marks = vault.digests(Purpose.MATCHING, told, "record")
    keys = zip(*([number or None for number in made.keys[column].tolist()] for column in KEYS), strict=True)
    lines = [
        (child.pk, child.version, form, held, mark[:32], at, *numbers)
        for child, held, mark, numbers in zip(children, packed, marks, keys, strict=True)
    ]
    rows.insert_or_write(MatchRecord, COLUMNS, lines)


def _values(children: Sequence[Child]) -> list[dict[str, str]]:
    """Return what is compared of children, in full, by contract names: two statements. It leaves this room as digests only."""
    other = known_values(children)
    safe = vault.open_safe([child.pk for child in children])
    found = []
    for child in children:
        number = child.document_number
        key = {
            "name": child.name, "sex": child.sex, "birth_date": child.born_on.isoformat(),
            "id_number": "" if number is None else safe.open(child.pk, "child", "document_number", child.pk, bytes(number)),
        }  # fmt: skip
        found.append({**other[child.pk], **key})
    return found


def renew_changed(*, at: datetime, most: int = AT_ONCE) -> int:
    """Make the records anew of children whom events of the last minutes tell of and whose record is behind. For the worker."""
    told = Event.objects.filter(pk__gte=moment_id(at - LATELY), child_id__isnull=False).values("child_id")
    return renew(child_ids=list(behind().filter(pk__in=told).values_list("pk", flat=True)[:most]), at=at)


def renew_behind(*, at: datetime, most: int | None = None) -> int:
    """Make every record anew that is missing or behind its child, a thousand at a time, each thousand whole; return how many."""
    made = 0
    while most is None or made < most:
        done = renew(child_ids=list(behind().values_list("pk", flat=True)[:AT_ONCE]), at=at)
        if not done:
            break
        made += done
    return made


def behind() -> QuerySet[Child]:
    """Return the children whose record is missing, of an older version, or made in another way."""
    fresh = MatchRecord.objects.filter(child_id=OuterRef("pk"), child_version=OuterRef("version"), form=features.form())
    return Child.objects.filter(~Exists(fresh))
