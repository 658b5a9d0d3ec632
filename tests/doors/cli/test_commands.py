"""The command line: each command as an operator types it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from miaoce.cli import check
from miaoce.cli.main import main
from miaoce.registry.access.models import ApiToken
from miaoce.registry.journal.models import Reading
from miaoce.registry.reference import actions as reference
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_officer

pytestmark = pytest.mark.django_db
ROLL = """姓名\t性别\t出生日期\t身份证号\t民族\t班级\t家长姓名\t关系\t电话
周小禾\t女\t2023-01-03\t990101202301036524\t汗族\t小一班\t周大山\t父亲\t13800000001
合计\t1人
"""


@pytest.fixture
def codes() -> None:
    reference.load_shipped(on=timezone.localdate())


def test_a_token_is_printed_once_and_revoked_by_its_id(capsys: pytest.CaptureFixture[str]):
    make_officer("registrar", make_kindergarten(), username="soft")
    assert main(["token", "create", "--user", "soft", "--scope", "child:view"]) == 0
    out = capsys.readouterr()
    assert out.out.startswith("mc_") and out.out.count("\n") == 1
    token = ApiToken.objects.get()
    assert str(token.pk) in out.err and out.out.strip() not in token.digest
    assert main(["token", "revoke", "--id", str(token.pk)]) == 0
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_refusal_is_said_with_its_code(capsys: pytest.CaptureFixture[str]):
    assert main(["token", "create", "--user", "nobody"]) == 2
    assert "ACC-02" in capsys.readouterr().err


def test_a_roll_is_checked_and_nothing_is_written(codes: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from miaoce.registry.intake.models import Batch

    place, file = make_kindergarten(), tmp_path / "名单.txt"
    file.write_text(ROLL, encoding="utf-16")
    assert main(["intake", "check", str(file), "--kindergarten", place.code, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rows_read"] == 2 == sum(answer["counts"].values())
    row, total = answer["rows"]
    assert (row["row"], row["state"], total["state"]) == (2, "fix", "ignored")
    assert ("ETHNICITY_UNKNOWN", "01") in {(f["code"], f.get("suggestion")) for f in row["findings"]}
    assert not Batch.objects.exists()
    assert main(["intake", "check", str(file), "--kindergarten", place.code]) == 0
    assert "共读到 2 行" in capsys.readouterr().out


def test_standard_input_is_a_roll_too(codes: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    class Piped(StringIO):
        buffer = __import__("io").BytesIO(ROLL.encode("gb18030"))

    monkeypatch.setattr("sys.stdin", Piped())
    assert main(["intake", "check", "-", "--kindergarten", make_kindergarten().code, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["values"]["name"] == "周小禾"


def test_a_file_that_is_none_ends_with_two(codes: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "空.xlsx"
    file.touch()
    assert main(["intake", "check", str(file), "--kindergarten", make_kindergarten().code, "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "EMPTY"
    assert main(["intake", "check", str(file), "--kindergarten", "1199999999"]) == 2


def test_rights_are_printed_for_a_plain_role(capsys: pytest.CaptureFixture[str]):
    assert main(["database", "grants", "app"]) == 0
    printed = capsys.readouterr().out
    assert 'REVOKE UPDATE, DELETE, TRUNCATE ON "public"."registry_event" FROM "app";' in printed


def test_keys_are_told_and_rotated(capsys: pytest.CaptureFixture[str]):
    assert main(["keys", "status"]) == 0
    assert "现用密钥" in capsys.readouterr().out
    assert main(["keys", "rotate"]) == 0


def test_a_region_list_is_shown_before_it_is_written(codes: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from miaoce.registry.reference.models import Region

    file = tmp_path / "regions.csv"
    file.write_text("code,name\n990104,新禾县\n", encoding="utf-8")
    before = Region.objects.count()
    arguments = ["regions", "import", str(file), "--year", "2027", "--changes-only"]
    assert main(arguments) == 0
    assert "新禾县" in capsys.readouterr().out
    assert Region.objects.count() == before
    assert main([*arguments, "--apply"]) == 0
    assert Region.objects.filter(code="990104", name="新禾县", valid_from=2027).exists()


class TestCheck:
    """`miaoce check` names what is wrong and is quiet about what is right."""

    def test_a_sound_installation(self, codes: None):
        assert list(check.keys_are_there()) == []
        assert list(check.clock_is_right()) == []
        assert [p for p in check.database_is_current() if "落后" in p] == []

    def test_debug_and_open_hosts_are_named(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(settings, "DEBUG", True)
        monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*", "xueji.example"])
        found = "\n".join(check.settings_are_safe())
        assert "MIAOCE_DEBUG" in found and "*" in found and "MIAOCE_HTTPS" in found

    def test_a_key_file_that_others_read_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
        file = tmp_path / "keys.json"
        file.write_text("{}")
        file.chmod(0o644)
        list(check.keys_are_there())
        monkeypatch.setattr(settings, "KEY_FILE", file)
        assert any("chmod 600" in p or "（VLT" in p for p in check.keys_are_there())

    def test_a_missing_calendar_is_named(self, codes: None, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("miaoce.registry.reference.queries.years_without_calendar", lambda today: [2031])
        assert list(check.calendar_is_known()) == [
            "2031 年的放假和调休安排还没有装入，办理期限会按周末推算。请更新后运行 miaoce database prepare。"
        ]

    def test_a_clock_behind_the_journal_is_named(self):
        import time_machine

        from miaoce.registry.access.officers import the_system
        from miaoce.registry.journal import actions as journal

        with journal.process("test.now", actor=the_system(), at=timezone.now()):
            pass
        with time_machine.travel(timezone.now().replace(year=2020), tick=False):
            assert any("校准时钟" in problem for problem in check.clock_is_right())

    def test_the_command_sums_up(self, codes: None, capsys: pytest.CaptureFixture[str]):
        status = main(["check"])
        printed = capsys.readouterr().out
        assert all(name in printed for name, _ in check.CHECKS)
        assert (status == 0) == ("都正常。" in printed)


def test_the_journal_is_compared_with_the_tables_and_says_nothing_personal(capsys: pytest.CaptureFixture[str]):
    child = make_child(name="陈子墨")
    assert main(["journal", "rebuild", "--compare"]) == 0
    assert "日志和各表一致" in capsys.readouterr().out
    type(child).objects.filter(pk=child.pk).update(name="陈小苗", former_name="陈子墨")
    assert main(["journal", "rebuild", "--compare", "--ids"]) == 1
    out = capsys.readouterr().out
    assert "child：name 有 1 行不同" in out and "child：former_name 有 1 行不同" in out and str(child.pk) in out
    assert "陈" not in out


def test_rows_that_the_journal_does_not_tell_are_adopted_once(capsys: pytest.CaptureFixture[str]):
    child = make_child()
    type(child).objects.filter(pk=child.pk).update(former_name="陈石头")
    assert main(["journal", "adopt"]) == 0
    assert "补记了 1 行" in capsys.readouterr().out
    assert main(["journal", "rebuild", "--compare"]) == 0
    capsys.readouterr()
    assert main(["journal", "adopt"]) == 0
    assert "补记了 0 行" in capsys.readouterr().out


def test_a_child_is_shown_as_of_a_day_masked_and_logged(codes: None, capsys: pytest.CaptureFixture[str]):
    child = make_child(name="陈子墨", entry_date="2026-09-01", id_number="990101202301036516")
    number = "G990101202301036516"
    assert main(["child", "show", number, "--as-of", "2026-09-01", "--reason", "核对"]) == 0
    out = capsys.readouterr().out
    assert "日期：2026-09-01" in out and "状态：在园" in out and "班级：小一班" in out
    assert number not in out and "13800005678" not in out
    reading = Reading.objects.get(what="cli.child")
    assert (reading.child_ids, reading.reason, reading.actor_name) == (child.pk.hex, "核对", "命令行")
    assert main(["child", "show", number, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["standing"] == "attending"


def test_a_child_that_cannot_be_shown_says_why(codes: None, capsys: pytest.CaptureFixture[str], monkeypatch):
    make_child(entry_date="2026-09-01", id_number="990101202301036516")
    assert main(["child", "show", "G990101202301036524"]) == 1
    assert "没有这个学籍号" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", StringIO("G990101202301036516\n"))
    assert main(["child", "show", "-", "--as-of", "2026-08-31"]) == 2
    assert "CHD-21" in capsys.readouterr().err
    assert main(["child", "show", "G990101202301036516", "--known-on", "2026-08-31"]) == 2
    assert "CHD-23" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["child", "show", "G990101202301036516", "--as-of", "昨天"])


def test_the_tables_of_states_are_printed_and_drawn(capsys, tmp_path):
    assert main(["states"]) == 0
    assert "离园（leave）：在园 → 已离园　学籍管理员 · enrolment:change" in capsys.readouterr().out
    assert main(["states", "--svg", str(tmp_path / "pictures")]) == 0
    assert "<svg" in (tmp_path / "pictures" / "transfer.svg").read_text(encoding="utf-8")
