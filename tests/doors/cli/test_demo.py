"""The demonstration: filled once by the real actions, kept by a second call, never put over other data."""

import argparse
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from miaoce.cli import demo
from miaoce.cli.demonstration.place import ACCOUNTS, password_of
from miaoce.registry.access.models import Staff
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.intake.models import Batch, Row
from tests.factories.places import make_kindergarten, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> argparse.Namespace:
    """A data folder of its own; the database is the test's, and static files are not asked for."""
    from miaoce.registry.reference import actions as reference

    monkeypatch.setattr(settings, "DEMO_MARK", tmp_path / "demo.mark")
    monkeypatch.setattr(settings, "DEMO", False)
    monkeypatch.setattr(settings, "POPULATION_REGISTER", "")  # filling sets it: no other test is to ask a register
    monkeypatch.setattr(demo.serve, "prepare", lambda: reference.load_shipped(on=timezone.localdate()))
    return argparse.Namespace(reset=False, no_serve=True, port=8000)


@pytest.mark.slow
def test_the_place_is_filled_once_with_work_for_everybody(shop: argparse.Namespace, capsys: pytest.CaptureFixture[str]):
    assert demo._run(shop) == 0
    printed = capsys.readouterr().out
    assert "http://127.0.0.1:8000/" in printed
    for username, *_ in ACCOUNTS:
        assert password_of(username) in printed
        assert Staff.objects.get(username=username).check_password(password_of(username))
    assert Kindergarten.objects.count() >= 40
    assert Child.objects.count() >= 5_000
    assert Office.objects.filter(region_code="").count() == 1, "a zone without a region code of its own"
    by_state = Counter(Proposal.objects.values_list("state", flat=True))
    assert set(by_state) == set(states.LABELS), by_state
    assert set(ChildNumber.objects.values_list("kind", flat=True)) == {"G", "L", "J"}
    assert Batch.objects.filter(state="open").count() == 2
    assert not [case for case in Proposal.objects.all() if case.entered_on > timezone.localdate(case.submitted_at)]
    assert {"ready", "fix", "duplicate"} <= set(Row.objects.values_list("state", flat=True))
    children = Child.objects.count()
    assert demo._run(shop) == 0
    assert "原样保留" in capsys.readouterr().out
    assert Child.objects.count() == children


def test_other_data_is_left_alone(shop: argparse.Namespace, capsys: pytest.CaptureFixture[str]):
    make_officer("registrar", make_kindergarten())
    assert demo._run(shop) == 2
    assert "真实数据" in capsys.readouterr().err
    shop.reset = True
    assert demo._run(shop) == 2
    assert "没有清空" in capsys.readouterr().err
    assert Staff.objects.count() == 1


def test_a_demonstration_cut_short_starts_over(shop: argparse.Namespace, monkeypatch: pytest.MonkeyPatch):
    def stop(**_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("miaoce.cli.demonstration.fill.fill", stop)
    with pytest.raises(KeyboardInterrupt):
        demo._run(shop)
    assert demo._was_cut_short()
    called: list[bool] = []
    monkeypatch.setattr(demo, "_reset", lambda: bool(called.append(True)) or True)
    monkeypatch.setattr("miaoce.cli.demonstration.fill.fill", lambda **_: 0)
    assert demo._run(shop) == 0
    assert called == [True] and not demo._was_cut_short()
