"""Three hundred invented names in every form that names of the country have (trust.md §3). Nobody is meant."""

import random

_RANDOM = random.Random(20261123)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜曾单仇解查朴任乐"
_COMPOUND = ("欧阳", "司马", "诸葛", "令狐", "单于", "尉迟", "澹台", "长孙")
_GIVEN = "子墨安然一诺梓涵宇轩思远若溪知行沐阳书瑶明哲清和景云舒窈嘉树言蹊"
_UYGHUR = ("阿卜杜拉", "买买提", "热合曼", "古丽", "吐尔逊", "艾力", "努尔", "帕提古丽", "依明", "阿依夏")
_KAZAKH = ("叶尔兰", "巴合提", "古丽娜尔", "阿依达尔", "沙吾列")
_TIBETAN = ("扎西", "卓玛", "次仁", "央金", "洛桑", "格桑", "丹增", "曲珍")
_MONGOLIAN = ("巴特尔", "乌兰", "其其格", "阿古拉", "苏日娜", "特木尔")
# One or more of each block: URO end, A, B, C, D, E, F, G, H, compatibility, and its supplement.
RARE = "龦\u9fbb䶮㐆" + (
    "\U00020bb7\U000233d0\U0002a700\U0002b740\U0002b7c9\U0002b820\U0002ce93\U0002ceb0\U00030000\U00031350\uf900\ufa11\U0002f800"
)
# Characters whose GB 18030 codes changed in 2022 (the presentation forms and the once private radicals).
CHANGED = "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb"
SELECTED = ("葛\U000e0100", "辻\U000e0100", "祁\U000e0101")


def _names() -> list[str]:
    pick, names = _RANDOM.choice, dict.fromkeys(["陈子墨", "一", "于", "〇一", "林〇"])
    for rare in RARE + CHANGED:
        names[f"林{rare}"] = names[f"{rare}子安"] = None
    for selected in SELECTED:
        names[f"{selected}子安"] = None
    for people, dot in ((_UYGHUR, "·"), (_KAZAKH, "·"), (_MONGOLIAN, "")):
        for first in people:
            names[f"{first}{dot}{pick([other for other in people if other != first])}"] = None
    for first in _TIBETAN:
        names[f"{first}{pick(_TIBETAN)}"] = None
    names["·".join([*_UYGHUR[:5], _KAZAKH[0]])] = None  # 25 signs and more
    names["张" + "一诺安然子墨宇轩思远若溪知行沐阳书瑶明哲清和"] = None
    names |= dict.fromkeys(["Anna Müller", "João Silva", "Nguyễn An", "O’Neil Li", "Ana Petrova"])
    for surname in _COMPOUND:
        names[f"{surname}{pick(_GIVEN)}"] = None
    while len(names) < 300:
        names[pick(_SURNAMES) + "".join(_RANDOM.sample(_GIVEN, _RANDOM.randint(1, 2)))] = None
    return list(names)[:300]


NAMES: list[str] = _names()
