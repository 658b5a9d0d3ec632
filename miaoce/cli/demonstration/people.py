"""Invented children: names from common syllables, ID numbers with the impossible prefix 99 and right check digits."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from stdnum.iso7064 import mod_11_2

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = (
    "一诺", "子墨", "雨桐", "浩然", "梓涵", "若汐", "思远", "安然", "明哲", "语桐", "子轩", "可欣", "晨曦", "佳怡", "宇航",
    "欣怡", "奕辰", "沐阳", "诗涵", "俊杰", "雅静", "睿", "瑞霖", "梦瑶", "天佑", "书瑶", "嘉禾", "星辰", "乐言", "知行",
    "云舒", "予安", "景行", "清和", "南乔", "禾穗", "望舒", "青禾", "小满", "如意", "平安", "米朵", "晓", "彤", "然", "屿森",
)  # fmt: skip
MINORITY = (
    ("阿依古丽·买买提", "05"),
    ("迪丽努尔·艾山", "05"),
    ("扎西顿珠", "04"),
    ("格桑卓玛", "04"),
    ("巴特尔", "02"),
)
FATHERS = ("建国", "志强", "伟", "勇", "海涛", "晓峰", "文斌", "立新", "永刚", "国栋")
MOTHERS = ("秀英", "丽娟", "海燕", "静", "敏", "婷婷", "小红", "玉兰", "雪梅", "晓燕")
BIRTHS = {"nursery": (2, 3), "junior": (3, 4), "middle": (4, 5), "senior": (5, 6), "mixed": (3, 6)}


def resident_number(region: str, born_on: date, sex: str, serial: int) -> str:
    """Return an ID number: six-digit region, birth date, three-digit serial whose parity is the sex, check digit."""
    body = f"{region}{born_on:%Y%m%d}{(serial % 450) * 2 + (1 if sex == '1' else 0) + 100:03d}"
    return body + mod_11_2.calc_check_digit(body)


class People:
    """A source of invented children; the same seed gives the same children."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented people need no secrecy
        self._serials: dict[tuple[str, date, str], int] = {}

    def adult(self) -> str:
        """Return the name of a colleague."""
        return self._random.choice(SURNAMES) + self._random.choice(FATHERS + MOTHERS)

    def child(self, *, region: str, group_kind: str, group: str, year_start: date, entered_on: date) -> dict[str, str]:
        """Return one child as checked intake values."""
        draw = self._random
        youngest, oldest = BIRTHS[group_kind]
        born_on = year_start - timedelta(days=draw.randrange(youngest * 365 + 10, oldest * 365 - 5))
        sex = draw.choice("12")
        surname = draw.choice(SURNAMES)
        name, ethnicity = surname + draw.choice(GIVEN), "01"
        if draw.random() < 0.03:
            name, ethnicity = draw.choice(MINORITY)
        values = {
            "name": name, "sex": sex, "birth_date": born_on.isoformat(), "ethnicity": ethnicity, "nationality": "CHN",
            "class": group, "entry_date": entered_on.isoformat(), "boarding": "day", "health": "10",
            "hukou_region": region, "hukou_kind": draw.choice("12"), "only_child": draw.choice("01"),
            "left_behind": "0", "migrant": draw.choice("0001"), "orphan": "0",
            "address": f"云川省禾苗路{draw.randrange(1, 200)}号{draw.randrange(1, 30)}栋",
        }  # fmt: skip
        self._papers(values, region, born_on, sex)
        return values | dict(self._family(surname, region))

    def _papers(self, values: dict[str, str], region: str, born_on: date, sex: str) -> None:
        """Give the child its document: nearly always an ID number, sometimes a birth certificate, a permit or nothing."""
        luck = self._random.random()
        if luck < 0.965:
            key = (region, born_on, sex)
            self._serials[key] = self._serials.get(key, self._random.randrange(450)) + 1
            values["id_type"] = "resident_id"
            values["id_number"] = resident_number(region, born_on, sex, self._serials[key])
        elif luck < 0.98:
            values["id_type"], values["id_number"] = "birth_certificate", f"X99{self._random.randrange(10**7):07d}"
        elif luck < 0.99:
            values["id_type"], values["id_number"] = "hm_travel_permit", f"H{self._random.randrange(10**8):08d}"
        else:
            values["id_type"] = "none"

    def _family(self, surname: str, region: str) -> Iterator[tuple[str, str]]:
        """Yield one or two guardians."""
        draw = self._random
        for position, relation, names in ((1, "51", FATHERS), (2, "52", MOTHERS)):
            if position == 2 and draw.random() < 0.35:
                return
            family_name = surname if position == 1 else draw.choice(SURNAMES)
            born_on = date(1988, 1, 1) + timedelta(days=draw.randrange(3600))
            yield f"guardian{position}_name", family_name + draw.choice(names)
            yield f"guardian{position}_relation", relation
            yield f"guardian{position}_phone", f"1380{draw.randrange(10**7):07d}"
            yield f"guardian{position}_id_type", "resident_id"
            sex = "1" if position == 1 else "2"
            yield f"guardian{position}_id_number", resident_number(region, born_on, sex, draw.randrange(440))
