"""`miaoce institution`: boundaries and names, shown before they are changed."""

import pytest

from miaoce.cli.main import main
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.journal.models import Process
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_office_tree

pytestmark = pytest.mark.django_db


def move(place, *more):
    given = ["--to", "990102", "--region", "990102", "--on", "2026-09-01", "--reason", "云川政函〔2026〕1号"]
    return main(["institution", "move", place.code, *given, *more])


def test_a_move_is_shown_first_and_done_when_asked(capsys):
    tree = make_office_tree()
    place = make_kindergarten(tree.county, name="边界园")
    child = make_child(place)
    assert move(place) == 0
    assert "边界园：青禾区教育局 → 柳溪县教育局，连同 1 名幼儿" in capsys.readouterr().out
    assert Kindergarten.objects.get(pk=place.pk).office_id == tree.county.pk
    assert move(place, "--apply") == 0
    child.refresh_from_db()
    assert {Kindergarten.objects.get(pk=place.pk).office_id, child.office_id} == {tree.other_county.pk}
    assert Process.objects.get(kind="institution.move").reason == "云川政函〔2026〕1号"


def test_what_is_unknown_is_said_and_nothing_moves(capsys):
    make_office_tree()
    given = ["--region", "990102", "--on", "2026-09-01", "--reason", "文"]
    assert main(["institution", "move", "1199999999", "--to", "990102", *given]) == 2
    assert main(["institution", "move", "1199999999", "--to", "990100", *given]) == 2
    assert main(["institution", "rename-office", "123", "某县", "--on", "2026-09-01", "--reason", "文"]) == 2
    out = capsys.readouterr().out
    assert "没有这些幼儿园：1199999999" in out
    assert "没有这个县级教育局：990100" in out
    assert "没有这个教育局：123" in out


def test_an_office_is_renamed_when_asked_and_a_refusal_is_said(capsys):
    tree = make_office_tree()
    command = ["institution", "rename-office", "990101", "青禾新区教育局", "--on", "2026-09-01", "--reason", "文"]
    assert main(command) == 0
    assert Office.objects.get(pk=tree.county.pk).name == "青禾区教育局"
    assert main([*command, "--apply"]) == 0
    assert Office.objects.get(pk=tree.county.pk).name == "青禾新区教育局"
    assert main([*command, "--apply"]) == 2
    assert "INS-03" in capsys.readouterr().err
