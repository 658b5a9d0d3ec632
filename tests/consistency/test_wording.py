"""What people read never blames, never shrugs and never shouts: templates, and the Chinese literals of the code."""

import re

import pytest

from tests.consistency import tree

# word → what is wrong with it; the words of the field itself ("有效期", "失败原因：…") are not meant.
NEVER = {
    r"非法": "says nothing about how to mend it; and it accuses",
    r"(?<!是否)无效(?!期)": "say what is wrong and how to mend it",
    r"系统异常|系统错误|未知错误|服务器错误|接口异常": "say what cannot be done now and what stays safe",
    r"参数错误|格式错误|格式不正确|数据错误|校验错误": "say which value, and what it should look like",
    r"您输入错误|您填错|输入有误": "nobody is blamed",
    r"请联系(系统)?管理员": "say what happens next, or who exactly",
    r"\bnull\b|(?<!If-)\bNone\b|\bundefined\b|\bNaN\b": "that is the program's word",
    r"[！!]": "no exclamation marks",
    r"^(操作|保存|提交|上传|导入|登录)?失败[。.]?$": "“failed” alone says neither why nor what now",
    r"确定(要)?(删除|提交|继续)?吗?[?？]$": "say what will happen, and put it on the button",
    r"[\u4e00-\u9fff][,;?][\u4e00-\u9fff]": "Chinese text has full-width punctuation",
    r"[\u4e00-\u9fff]\([\u4e00-\u9fff]": "Chinese text has full-width brackets",
}
SHOWN = (".html", ".typ", ".js")
# Files whose Chinese is data and not words to people: headings and values as others write them.
DATA = re.compile(r"miaoce/registry/(intake/headings|reference/|children/surnames)|/data/")
PATTERN = re.compile(r"\(\?|\\[ds]")  # a literal that is a regular expression


def read_by_people() -> list[tuple[str, int, str]]:
    """Return (file, line, words) of everything that a page, a paper or a message may show."""
    ours = [path for path in tree.files() if path.startswith("miaoce/") and path.endswith((".py", *SHOWN))]
    ours = [path for path in ours if "/migrations/" not in path and not DATA.search(path)]
    return [(path, line, words) for path in ours for line, words in tree.chinese(path) if not PATTERN.search(words)]


def test_there_are_words_to_look_at():
    assert len(read_by_people()) > 100


@pytest.mark.parametrize(("pattern", "why"), NEVER.items(), ids=NEVER.values())
def test_words_that_are_never_used(pattern, why):
    # A template line may hold code of its own: {% if a != b %}, <!doctype html>, a > b ? c : d.
    code = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|//.*$|/\*.*?\*/|\$\{.*?\}|[=!]==?|!\w|^#!?.*$")
    used = []
    for path, line, words in read_by_people():
        shown = code.sub("", words) if path.endswith(SHOWN) else words
        if tree.CJK.search(shown) and re.search(pattern, shown):
            used.append(f"{path}:{line} {words.strip()[:80]}")
    assert not used, why


def test_families_are_addressed_politely_and_staff_not_at_all():
    """您 is for parents and for the one who acts; 你 is for nobody."""
    assert [f"{path}:{line} {words}" for path, line, words in read_by_people() if "你" in words] == []
