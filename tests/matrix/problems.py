"""What each side of the matrix has of problem records: a pair of two counties of one city, with a word and its proof."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.approvals import proofs
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import deciding, opening, states
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.opening import Found
from tests.factories import children, places

NEIGHBOURS = {"990101": ("990102", "柳溪县教育局"), "990201": ("990202", "云岭县教育局")}


def problems_of(garden: Kindergarten, registrar: Officer, now: datetime, **values: str) -> dict[str, Any]:
    """Make them for a side; the office that decides is the city, of which the county is a side."""
    code, name = NEIGHBOURS[garden.office.code]
    county = places.make_office(code, name, "county", garden.office.parent)
    beside = places.make_kindergarten(county, name=f"{garden.name[:2]}邻县园")
    mine = children.make_child(garden, registrar=registrar, at=now - timedelta(minutes=90), **values)
    other = children.make_child(
        beside, at=now - timedelta(minutes=90), **values | {"id_number": children.document_number(region=code)}
    )
    with journal.process("problem.open", actor=the_system("查重"), at=now) as process:
        found = Found(mine.pk, other.pk, "1111111131710", "review")
        (problem,) = opening.open_found(pairs=[found], process=process).new
    fresh = proofs.Fresh(mine.pk, "household_book", Drawing("jpeg", (b"\xff\xd8\xff" + name.encode(),)))
    with journal.process("problem.say", actor=registrar, at=now) as process:
        (proof,) = proofs.keep(fresh=[fresh], process=process)
        said = Said(problem.pk, 0, said=states.UNSURE, words="还在核实", proofs={mine.pk: (proof.pk,)})
        (problem,) = deciding.say(words_of=[said], process=process).done
    return {
        "problem": problem.pk,
        "problem_version": problem.version,
        "problem_child": mine.pk.hex,
        "problem_proof": proof.pk,
        "table": uuid4(),  # versions of the table are nobody's own: tests/doors/web/test_problems_table.py
    }
