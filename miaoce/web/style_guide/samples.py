"""Invented data for the style guide: province 99, nobody real."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import REGISTRAR
from miaoce.web.components.parts import (
    Check,
    CompareRow,
    Crumb,
    Entry,
    Flash,
    KeyValue,
    Kpi,
    Tab,
    Tile,
    TileGroup,
    TodoRow,
)
from miaoce.web.desks import NavItem

OFFICER = Officer(None, "王敏", REGISTRAR, None, None, "1199000001", "青禾中心幼儿园", "")
NAV = [
    NavItem("工作台", "#desk", True, icon="home"),
    NavItem("幼儿", "#children", False, icon="child"),
    NavItem("登记", "#intake", False, "9", icon="upload"),
    NavItem("转园", "#transfers", False, "1", icon="swap"),
    NavItem("核验", "#rollcalls", False, icon="check"),
    NavItem("名册与证明", "#papers", False, icon="print"),
]
FLASHES = [Flash("已提交 21 名，县里会在 9月24日前审批。"), Flash("有 2 行被别人改过，已按新的内容重新检查。", "info")]
WRONG = {"name": "", "id_number": "99010120230108152", "born_on": "2023-02-30", "class_name": "小一班", "sex": "1"}


@dataclass(frozen=True)
class SampleChild:
    """A row of the sample tables."""

    line: int
    name: str
    sex: str
    born_on: date
    number: str
    group: str
    guardian: str
    phone: str
    state: str


_NAMES = [
    *("周一诺", "王梓涵", "李浩然", "马雨萱", "唐悦宁", "程慕白", "朱奕辰"),
    *("梁嘉树", "阿卜杜拉·买买提", "陈子墨", "林语桐", "吴沐辰", "郑可欣", "孙乐瑶"),
]
_STATES = ("fix", "duplicate", "ready", "known", "ignored", "aside", "repeated", "sent", "returned", "done")
CHILDREN = [
    SampleChild(
        line,
        _NAMES[line % len(_NAMES)],
        "男女"[line % 2],
        date(2023, 1 + line % 8, 1 + line % 28),
        f"990101********{6500 + line}",
        f"小{'一二'[line % 2]}班",
        "周建国",
        f"138****{4900 + line}",
        _STATES[line % len(_STATES)],
    )
    for line in range(28)
]
DEADLINE = datetime(2026, 9, 24, 18, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

PARTS: dict[str, Any] = {
    "crumbs_sample": [Crumb("工作台", "/"), Crumb("登记", "#"), Crumb("2026秋小班.xlsx")],
    "tabs_sample": [
        Tab("全部", "#tabs", current=True, count=1386),
        Tab("要改", "#tabs", count=6),
        Tab("可能重复", "#tabs", count=3),
        Tab("提醒", "#tabs", count=2),
        Tab("可提交", "#tabs", count=19),
    ],
    "todos": [
        TodoRow(
            9,
            "导入「2026秋小班.xlsx」",
            "6 行要改、3 行要判断是否重复；其余 21 行已可提交",
            "#",
            "继续处理",
            "今天上传",
            "fix",
        ),
        TodoRow(
            1, "转入申请待接收：刘思远", "临江路幼儿园已同意转出", "#", "确认接收", "今天 18:00 到期", "due", "due"
        ),
        TodoRow(2, "县里退回 2 名幼儿", "退回原因：户籍地址少区县", "#", "去修改", "已超 1 个工作日", "fix", "late"),
        TodoRow(22, "秋季核验：小二班还没核对", "22 名幼儿，逐班点名确认", "#", "开始核对", "10月15日前"),
    ],
    "pairs": [
        KeyValue("学籍号", "G9901********6010"),
        KeyValue("幼儿园", "青禾区青禾中心幼儿园"),
        KeyValue("班级", "小一班（2026 年入园）"),
    ],
    "groups": [
        KeyValue("小一班", "25 / 25", 25, 25),
        KeyValue("小二班", "22 / 25", 22, 25),
        KeyValue("混龄一班", "32 / 30", 32, 30),
    ],
    "states": [
        "ready",
        "fix",
        "duplicate",
        "known",
        "ignored",
        "aside",
        "repeated",
        "sent",
        "returned",
        "done",
        "approved",
        "withdrawn",
    ],
    "children": CHILDREN[:9],
    "columns": ["这次上传（第 12 行）", "系统里已有"],
    "differences": [
        CompareRow("姓名 · 性别", ["朱奕辰 · 男", "朱奕辰 · 男"]),
        CompareRow("证件号", ["990101********6815", "990101********6851"], differs=True),
        CompareRow("监护人手机", ["138****5070", "138****5070"]),
        CompareRow("就读", ["本园 小一班（2026-09 入园）", "柳溪镇中心幼儿园 小班（在园）"], differs=True),
    ],
    "checks": [
        Check("证件号格式、校验位正确"),
        Check("小一班 24 / 25 人，有空位"),
        Check("与 1 名在园幼儿相似", passed=False),
        Check("公安核验暂时不可用，系统会自动补核", passed=None),
    ],
    "events": [
        Entry("学籍号生成", "预计 9月24日前", "next"),
        Entry("县里退回：户籍地址少区县", "9月18日 10:22 · 青禾区教育局", "bad"),
        Entry("幼儿园提交", "9月16日 15:40 · 王敏"),
    ],
    "kpi_sample": [
        Kpi("在园幼儿", "31.04 万", "比去年同日 −2.1 万"),
        Kpi("已建籍", "29.86 万", "96.2%，目标 98%"),
        Kpi("一人多籍待处理", "53", "比昨天 −11"),
        Kpi("核验完成的幼儿园", "1,204 / 1,377", "还剩 25 天"),
    ],
    "tile_sample": [
        TileGroup(
            "青江市",
            [
                Tile("青禾区", "98.6%", "#tiles", 5),
                Tile("柳溪县", "93.7%", "#tiles", 3),
                Tile("临江县", "87.0%", "#tiles", 1),
            ],
        ),
        TileGroup(
            "白石市",
            [
                Tile("石桥区", "95.1%", "#tiles", 4),
                Tile("云岭县", "89.7%", "#tiles", 2),
                Tile("开发区", "少于5", "#tiles"),
            ],
        ),
    ],
    "deadline": DEADLINE,
    "on": date(2026, 9, 20),
    "earliest": date(2026, 9, 1),
    "latest": date(2026, 9, 30),
    "born_on": date(2023, 1, 5),
}
