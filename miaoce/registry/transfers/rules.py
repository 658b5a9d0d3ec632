"""Pure rules of transfers: finding a child by what its guardian told, codes, reasons, the wait before a county steps in."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from miaoce.registry.children.rules import DOTS, FULL_WIDTH
from miaoce.registry.refusals import Refusal

MOST_MISSES = 10
"""How often a kindergarten may ask in vain on one day."""

MOST_CODE_TRIES = 5
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What codes are made of: no character that another looks like. Twelve of them are 58 bits."""

CODE_LENGTH = 12
LONGEST_WORDS = 500


class NoSuchChild(Refusal):
    """No child has this number with this name or birth date. The same words whether the number exists or not."""

    code, message, http = "TRF-04", "学籍号和姓名（或出生日期）对不上。请向监护人核对，今天还可试 {left} 次。", 422


class TooManyMisses(Refusal):
    """The kindergarten asked in vain too often today."""

    code, message, http = "TRF-05", "今天核对的次数用完了。请明天再试，或请监护人从原幼儿园发起。", 429


class AlreadyHere(Refusal):
    """The child attends the kindergarten that asks for it."""

    code, message = "TRF-06", "这名幼儿就在本园，不用转园。"


class NotAttending(Refusal):
    """Only a child that attends is transferred; one that left returns under its number."""

    code, message = "TRF-07", "这名幼儿现在不在园，不能办转园。已离园的请按再入园办理。"


class OtherChangeInHand(Refusal):
    """One change of a child at a time; which one it is, is not told to another kindergarten."""

    code, message = "TRF-08", "这名幼儿有别的变动正在办，办完才能转园。请监护人向原幼儿园了解。"


class ReasonMissing(Refusal):
    """A refusal needs a reason of the closed list and a sentence; the guardian reads both."""

    code, message, http = "TRF-09", "请从列表里选原因，并写一句说明，监护人会看到。", 422


class FeesAreNoReason(Refusal):
    """Unpaid fees are no ground to hold a child back (domain.md §1.7; ux.md §6)."""

    code, message, http = "TRF-10", "没有交清费用，不能作为不同意转园的理由。费用请另行协商，转园照办。", 422


class WordsMissing(Refusal):
    """An objection or a note says something."""

    code, message, http = "TRF-11", "还没有写内容。请写明，各方都会看到。", 422


class GroupNotHere(Refusal):
    """The group is one of the receiving kindergarten in the present school year."""

    code, message, http = "TRF-12", "没选班级，或选的班不在本园本学年。请重新选。", 422


class NotOverdue(Refusal):
    """A county releases in the place of a kindergarten only once its clock is overdue, or when it is closed."""

    code, message = "TRF-13", "转出园的时限还没到（{due}），县里还不能代办。"


class CodeWrong(Refusal):
    """The code is unknown, used, over, of another transfer, or what was asked beside it is wrong: all answer alike."""

    code, message, http = "TRF-14", "码或后四位对不上，或者已用过、已过期。请核对后再试，或请幼儿园重发。", 422


class NoGuardian(Refusal):
    """A child without a guardian on record cannot be agreed for."""

    code, message = "TRF-15", "登记里没有监护人，发不了确认码。请原幼儿园先补登监护人。"


class ReceiverNotThere(Refusal):
    """The kindergarten that a guardian named is unknown, the present one, closed or without a licence."""

    code, message, http = "TRF-16", "没找到这所幼儿园，或它现在不能收幼儿。请核对名称或 10 位标识码。", 422


class CodeNotYours(Refusal):
    """A code on paper comes from where the child attends, or from its county, never from who wants the child."""

    code, message, http = "TRF-17", "纸质确认码由原幼儿园或其所在县交给监护人。本园可以请系统发短信。", 403


class WishGone(Refusal):
    """The wish belongs to another kindergarten, was taken back, or has become a transfer already."""

    code, message, http = "TRF-18", "这条转园意向不在了，或已经发起。请刷新后再看。", 404


FEES = re.compile(
    r"(?<![免消浪经])费(?![心劲神力时])|欠款|押金|钱.{0,2}[交缴付结清还]|[交缴付结清还欠给拿没].{0,2}钱|欠.{0,6}元"
)
"""Words for money owed. A name (钱女士), effort (费心) and free schooling (免费) are none."""


def must_not_be_about_fees(words: str) -> None:
    """Refuse (TRF-10) words that hold a child back for money."""
    if FEES.search(unicodedata.normalize("NFKC", words).replace(" ", "")):
        raise FeesAreNoReason


def must_be_reasoned(*, reasons: Sequence[str], allowed: Sequence[str], words: str) -> None:
    """Refuse (TRF-09) without a reason of the list or without words, and (TRF-10) words about fees."""
    if not reasons or not set(reasons) <= set(allowed) or not words.strip():
        raise ReasonMissing
    must_not_be_about_fees(words)


def plain_name(text: str) -> str:
    """Return a name as it is compared: no spaces, one kind of dot, half width, no case."""
    return "".join(text.translate(FULL_WIDTH).translate(DOTS).split()).casefold()


def is_that_child(*, name: str, born_on: date, given_name: str, given_born_on: date | None) -> bool:
    """Say whether what was told beside the number is right: the name or the birth date; where both were told, both."""
    if not given_name.strip() and given_born_on is None:
        return False
    return (not given_name.strip() or plain_name(given_name) == plain_name(name)) and (
        given_born_on is None or given_born_on == born_on
    )


def tidy_code(text: str) -> str:
    """Return a code as it is kept: capitals without spaces and strokes."""
    return re.sub(r"[\s\-–—_]", "", unicodedata.normalize("NFKC", text)).upper()[:40]


def shown_code(code: str) -> str:
    """Return a code as people read it: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def must_be_overdue(*, due_on: date | None, today: date, is_closed: bool) -> None:
    """Refuse (TRF-13) a county that would release while the kindergarten is open and still has time."""
    if not is_closed and (due_on is None or today <= due_on):
        raise NotOverdue(due=f"{due_on:%Y-%m-%d}" if due_on else "还没有开始")
