"""The invented province 99: offices, kindergartens, school years, groups, people with accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stdnum.cn import uscc as uscc_rules

from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Appointment, Staff
from miaoce.registry.institutions.models import Group, Kindergarten, Office, School, SchoolYear
from miaoce.registry.journal.models import Process

OFFICES = (
    ("000000", "全国", "nation", "", "000000"),
    ("990000", "云川省教育厅", "province", "000000", "990000"),
    ("990100", "青江市教育局", "city", "990000", "990100"),
    ("990101", "青禾区教育局", "county", "990100", "990101"),
    ("990102", "柳溪县教育局", "county", "990100", "990102"),
    ("990103", "临江县教育局", "county", "990100", "990103"),
    ("9901Z1", "青江高新区社会事业局", "county", "990100", ""),
    ("990200", "白石市教育局", "city", "990000", "990200"),
    ("990201", "石桥区教育局", "county", "990200", "990201"),
    ("990202", "云岭县教育局", "county", "990200", "990202"),
)
NAMED = (
    ("1199000001", "青禾中心幼儿园", "990101", "public_education"),
    ("1199000002", "小星星幼儿园", "990101", "private_inclusive"),
    ("1199000003", "柳溪镇中心幼儿园", "990102", "public_education"),
    ("1199000004", "临江路幼儿园", "990103", "private_profit"),
    ("1199000005", "石桥实验幼儿园", "990201", "public_education"),
)
MORE_NAMES = (
    "春芽", "向日葵", "小蜜蜂", "禾苗", "晨曦", "百灵", "蒲公英", "小溪流", "青藤", "金色摇篮", "白杨", "望江", "竹林",
    "红枫", "小水滴", "云朵", "麦田", "彩虹", "松果", "启明", "河湾", "东岭", "南坡", "西桥", "北街", "石榴", "小帆船",
    "山茶", "稻香", "蓝天", "新苗", "柳岸", "荷塘", "银杏", "芳草", "小鹿", "星河",
)  # fmt: skip
GROUPS = (
    ("托一班", "nursery", 20), ("小一班", "junior", 25), ("小二班", "junior", 25), ("中一班", "middle", 30),
    ("大一班", "senior", 35), ("混龄一班", "mixed", 30),
)  # fmt: skip
ACCOUNTS = (
    ("wangmin", "王敏", "registrar", "1199000001"),
    ("lixiaoyan", "李晓燕", "principal", "1199000001"),
    ("linyi", "林怡", "health_worker", "1199000001"),
    ("chenjie", "陈洁", "registrar", "1199000003"),
    ("lijianhua", "李建华", "county_reviewer", "990101"),
    ("zhaoguoqiang", "赵国强", "county_reviewer", "990102"),
    ("hejing", "何静", "arbiter", "990100"),
    ("shenwei", "沈薇", "arbiter", "990000"),
    ("heyun", "贺云", "arbiter", "990000"),
    ("zhouxiao", "周晓", "analyst", "990000"),
    ("sunhui", "孙慧", "school_registrar", "2199000001"),
    ("audit", "吴审", "auditor", "990000"),
)
SIZE_NORMS = {"nursery": 20, "junior": 25, "middle": 30, "senior": 35, "mixed": 30}


@dataclass(frozen=True)
class Place:
    """What stands in the demonstration province."""

    year: SchoolYear
    kindergartens: Sequence[Kindergarten]
    groups: dict[str, list[Group]]
    staff: dict[str, Appointment]


def password_of(username: str) -> str:
    """Return the password of a demonstration account; no other database ever has it."""
    return f"demo-only-{username}"


def school_year_of(on: date) -> tuple[str, date, date]:
    """Return name, first and last day of the school year that holds a day."""
    first = on.year if on.month >= 9 else on.year - 1
    return f"{first}—{first + 1}学年", date(first, 9, 1), date(first + 1, 8, 31)


def build(*, on: date, process: Process) -> Place:
    """Make the place: offices (one zone without a region code), 42 kindergartens, groups, a primary school, people."""
    offices = _offices()
    name, starts_on, ends_on = school_year_of(on)
    year = SchoolYear.objects.create(name=name, starts_on=starts_on, ends_on=ends_on)
    kindergartens = _kindergartens(offices, on)
    groups = [
        Group(kindergarten=k, school_year=year, name=group, kind=kind, size_norm=SIZE_NORMS[kind], sort=sort)
        for k in kindergartens
        for sort, (group, kind, _) in enumerate(GROUPS)
    ]
    Group.objects.bulk_create(groups)
    School.objects.create(code="2199000001", name="青禾区第一小学", office=offices["990101"])
    staff = _people(offices, on, process)
    by_code: dict[str, list[Group]] = {}
    for group_row in groups:
        by_code.setdefault(group_row.kindergarten.code, []).append(group_row)
    return Place(year, kindergartens, by_code, staff)


def _offices() -> dict[str, Office]:
    """Make the offices from the nation down."""
    made: dict[str, Office] = {}
    for code, name, level, parent, region in OFFICES:
        above = made.get(parent)
        made[code] = Office.objects.create(
            code=code,
            name=name,
            level=level,
            parent=above,
            region_code=region,
            path=f"{above.path if above else ''}{code}/",
        )
    return made


def _kindergartens(offices: dict[str, Office], on: date) -> list[Kindergarten]:
    """Make the named kindergartens and more; one has a licence that ran out, one lies in the zone."""
    rows = list(NAMED)
    counties = ("990101", "990102", "990103", "990201", "990202", "990101", "990201", "9901Z1")
    kinds = ("public_education", "private_inclusive", "public_collective", "private_profit")
    for index, name in enumerate(MORE_NAMES):
        rows.append(
            (f"11990{index + 6:05d}", f"{name}幼儿园", counties[index % len(counties)], kinds[index % len(kinds)])
        )
    made = []
    for index, (code, name, county, ownership) in enumerate(rows):
        body = f"52{county[:6].replace('Z', '0')}MJ{index:07d}"
        made.append(
            Kindergarten(
                code=code, name=name, office=offices[county], region_code=county if county.isdigit() else "990101",
                ownership=ownership, urban_rural=("111", "121", "122", "220")[index % 4],
                uscc=body + uscc_rules.calc_check_digit(body),
                licence_number=f"教民{code[2:]}号", licence_from=date(on.year - 4, 3, 1),
                licence_to=date(on.year, 6, 30) if code == "1199000042" else date(on.year + 2, 2, 28),
                opened_on=date(on.year - 9, 9, 1),
            )
        )  # fmt: skip
    Kindergarten.objects.bulk_create(made)
    return made


def _people(offices: dict[str, Office], on: date, process: Process) -> dict[str, Appointment]:
    """Make the accounts; 王敏 also looks after 小星星幼儿园, so that the role switch has something to switch."""
    made = {}
    for username, name, role, unit_code in ACCOUNTS:
        staff = Staff.objects.create(username=username, name=name, password=password_of(username))
        unit = (
            offices.get(unit_code)
            or Kindergarten.objects.filter(code=unit_code).first()
            or School.objects.get(code=unit_code)
        )
        made[username] = access.appoint(
            staff=staff, role=role, unit=unit, from_on=date(on.year - 1, 9, 1), process=process
        )
    second = Kindergarten.objects.get(code="1199000002")
    made["wangmin@1199000002"] = access.appoint(
        staff=made["wangmin"].staff, role="registrar", unit=second, from_on=date(on.year, 9, 1), process=process
    )
    return made
