"""A registrar's work in progress: a sheet with the usual faults, brought in by the same road as any upload."""

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

from miaoce.cli.demonstration.people import People
from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten, SchoolYear
from miaoce.registry.intake import actions as intake
from miaoce.registry.journal import actions as journal

HEADINGS = (
    ("姓名", "name"), ("性别", "sex"), ("出生日期", "birth_date"), ("身份证号", "id_number"), ("民族", "ethnicity"),
    ("班级", "class"), ("入园日期", "entry_date"), ("家长姓名", "guardian1_name"), ("与幼儿关系", "guardian1_relation"),
    ("联系电话", "guardian1_phone"), ("家庭住址", "address"),
)  # fmt: skip
WORDS = {"sex": {"1": "男", "2": "女"}, "guardian1_relation": {"51": "父亲", "52": "母亲"}}


def bring_in(
    *,
    kindergarten: Kindergarten,
    year: SchoolYear,
    registrar: Officer,
    elsewhere: Sequence[dict[str, str]],
    now: datetime,
) -> None:
    """Upload a sheet of thirty: twenty-one sound, six to mend, two that stand elsewhere already, one twice."""
    source = People(f"sheet {kindergarten.code}")
    entered_on = year.starts_on
    children = [
        source.child(
            region=kindergarten.region_code,
            group_kind="junior",
            group="小一班",
            year_start=year.starts_on,
            entered_on=entered_on,
        )
        for _ in range(60)
    ]
    with_papers = [child for child in children if child["id_type"] == "resident_id" and child["ethnicity"] == "01"][:27]
    texts = [_written(child) for child in with_papers]
    _slip(texts)
    texts += [_written(child | {"class": "小一班"}) for child in elsewhere[:2]]
    texts.append(dict(texts[12]))
    with journal.process("intake.receive", actor=registrar, at=now) as process:
        batch = intake.receive(
            kindergarten=kindergarten,
            source=intake.UPLOAD,
            file_name="秋季小一班.xlsx",
            data=_sheet(texts),
            process=process,
        )
    intake.read_batch(batch_id=batch.pk, actor=registrar, at=now)


def _written(values: dict[str, str]) -> dict[str, str]:
    """Return a child as people write it."""
    texts = {key: WORDS.get(key, {}).get(values.get(key, ""), values.get(key, "")) for _, key in HEADINGS}
    return texts | {"ethnicity": "汉族", "birth_date": values["birth_date"].replace("-", "/")}


def _slip(texts: list[dict[str, str]]) -> None:
    """Put in the slips that registrars know."""
    texts[2]["ethnicity"] = "汗族"
    texts[9]["ethnicity"] = "汗族"
    texts[5]["id_number"] = texts[5]["id_number"][:16] + texts[5]["id_number"][17:]
    texts[8]["birth_date"] = texts[8]["birth_date"][:5] + "2/30"
    texts[14]["guardian1_phone"] = texts[14]["guardian1_phone"][:10]
    texts[19]["id_number"] = texts[19]["id_number"][:15] + "000"
    texts[21]["name"] = f"{texts[21]['name'][0]} {texts[21]['name'][1:]}"


def _sheet(texts: Sequence[dict[str, str]]) -> bytes:
    """Return the sheet as a file."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("小一班")
        for column, (heading, _) in enumerate(HEADINGS):
            sheet.write_string(0, column, heading)
        for line, row in enumerate(texts, start=1):
            for column, (_, key) in enumerate(HEADINGS):
                sheet.write_string(line, column, row[key])
    return out.getvalue()
