"""Offices, kindergartens, schools, classes and people of the invented province, as tests need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count

from django.test import Client
from django.utils import timezone

from miaoce.registry.access.models import Appointment, Staff
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES
from miaoce.registry.access.queries import officer_of
from miaoce.registry.institutions.models import Group, Kindergarten, Office, School, SchoolYear
from miaoce.web import desks

PASSWORD = "a-long-password-for-tests"
CLASSES = (
    ("托一班", "nursery", 20),
    ("小一班", "junior", 25),
    ("小二班", "junior", 25),
    ("中一班", "middle", 30),
    ("大一班", "senior", 35),
    ("混龄一班", "mixed", 30),
)
_serial = count(500_001)


@dataclass(frozen=True)
class OfficeTree:
    """The offices of the invented province 99: two cities, two counties in the first and one in the second."""

    nation: Office
    province: Office
    city: Office
    county: Office
    other_county: Office
    far_city: Office
    far_county: Office


def make_office(code: str, name: str, level: str, parent: Office | None) -> Office:
    """Make an office below another, or return the one that stands there already."""
    path = f"{parent.path if parent else ''}{code}/"
    office, _ = Office.objects.get_or_create(
        code=code, defaults={"name": name, "level": level, "parent": parent, "region_code": code, "path": path}
    )
    return office


def make_office_tree() -> OfficeTree:
    """Make the offices: 云川省 with 青江市 (青禾区, 柳溪县) and 白石市 (石桥区)."""
    nation = make_office("000000", "教育部", "nation", None)
    province = make_office("990000", "云川省教育厅", "province", nation)
    city = make_office("990100", "青江市教育局", "city", province)
    far_city = make_office("990200", "白石市教育局", "city", province)
    return OfficeTree(
        nation=nation,
        province=province,
        city=city,
        county=make_office("990101", "青禾区教育局", "county", city),
        other_county=make_office("990102", "柳溪县教育局", "county", city),
        far_city=far_city,
        far_county=make_office("990201", "石桥区教育局", "county", far_city),
    )


def make_school_year(on: date | None = None) -> SchoolYear:
    """Make the school year that holds a day (today's by default), or return it."""
    on = on or timezone.localdate()
    first = on.year if on.month >= 9 else on.year - 1
    year, _ = SchoolYear.objects.get_or_create(
        starts_on=date(first, 9, 1), defaults={"name": f"{first}—{first + 1} 学年", "ends_on": date(first + 1, 8, 31)}
    )
    return year


def make_kindergarten(
    office: Office | None = None, *, code: str = "", name: str = "", licensed: bool = True, classes: bool = True
) -> Kindergarten:
    """Make a kindergarten of a county (青禾区 by default) with a valid licence and this year's six classes."""
    office = office or make_office_tree().county
    code = code or f"1199{next(_serial):06d}"
    place = Kindergarten.objects.create(
        code=code,
        name=name or f"第{code[-4:]}幼儿园",
        office=office,
        region_code=office.region_code,
        ownership="public_education",
        urban_rural="111",
        licence_number=f"教民 {code}",
        licence_from=date(2020, 1, 1) if licensed else None,
        opened_on=date(2020, 1, 1),
    )
    if classes:
        make_groups(place)
    return place


def make_groups(kindergarten: Kindergarten, *, on: date | None = None) -> Sequence[Group]:
    """Make the six classes of the demonstration place for the school year that holds a day."""
    year = make_school_year(on)
    return Group.objects.bulk_create(
        Group(kindergarten=kindergarten, school_year=year, name=name, kind=kind, size_norm=norm, sort=place)
        for place, (name, kind, norm) in enumerate(CLASSES)
    )


def make_school(office: Office | None = None, *, name: str = "青禾区第一小学") -> School:
    """Make a primary school of a county."""
    return School.objects.create(code=f"2199{next(_serial):06d}", name=name, office=office or make_office_tree().county)


def make_officer(
    role: str, unit: Office | Kindergarten | School, *, username: str = "", name: str = "", staff: Staff | None = None
) -> Officer:
    """Make a person with one appointment and return the officer. With `staff` the person gets one more appointment."""
    if role not in ROLES:
        raise ValueError(f"no role {role!r}")
    if staff is None:
        username = username or f"{role}{next(_serial)}"
        staff = Staff.objects.create(username=username, name=name or f"测试{username[-4:]}")
    return officer_of(
        Appointment.objects.create(
            staff=staff,
            role=role,
            office=unit if isinstance(unit, Office) else None,
            kindergarten=unit if isinstance(unit, Kindergarten) else None,
            school=unit if isinstance(unit, School) else None,
            from_on=date(2020, 1, 1),
        )
    )


def sign_in(client: Client, who: Officer | Staff) -> Client:
    """Give a test client the session that signing in would give; for an officer, in that role."""
    staff = who if isinstance(who, Staff) else Staff.objects.get(pk=who.staff_id)
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[desks.BEGAN] = session[desks.SEEN] = timezone.now().timestamp()
    session[desks.MARK] = staff.session_mark
    if isinstance(who, Officer):
        session[desks.ROLE] = str(who.appointment_id)
    session.save()
    return client


def signed_in(who: Officer | Staff, **defaults: str) -> Client:
    """Return a new test client that is signed in."""
    return sign_in(Client(**defaults), who)
