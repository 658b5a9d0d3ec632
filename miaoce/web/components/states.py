"""How each state looks: its word, its tone and its icon. One table, so that a state looks the same on every page."""

from dataclasses import dataclass

from miaoce.registry.approvals import states as cases
from miaoce.registry.enrolments import states as stays
from miaoce.registry.intake import states as intake
from miaoce.web.components.parts import Tone


@dataclass(frozen=True)
class Look:
    """How a state is drawn."""

    word: str
    tone: Tone = ""
    icon: str = ""


TONES: dict[str, tuple[Tone, str]] = {
    intake.READY: ("ok", "check"),
    intake.KNOWN: ("", "same"),
    intake.FIX: ("fix", "pen"),
    intake.DUPLICATE: ("dup", "same"),
    intake.IGNORED: ("", "close"),
    intake.ASIDE: ("dup", "swap"),
    intake.REPEATED: ("", "same"),
    intake.SENT: ("info", "clock"),
    intake.RETURNED: ("fix", "back"),
    intake.DONE: ("ok", "check"),
    intake.UPLOADED: ("info", "clock"),
    intake.READING: ("info", "clock"),
    intake.OPEN: ("info", "pen"),
    intake.SENDING: ("info", "clock"),
    intake.REFUSED: ("fix", "stop"),
    intake.DISCARDED: ("", "trash"),
    cases.SUBMITTED: ("info", "clock"),
    cases.APPROVED: ("ok", "clock"),
    cases.NUMBERED: ("ok", "check"),
    cases.WITHDRAWN: ("", "back"),
    cases.FILED: ("info", "clock"),
    cases.SENT_BACK: ("fix", "back"),
    cases.TAKEN_BACK: ("", "back"),
    cases.AGREED: ("ok", "check"),
    cases.ENDED: ("", "close"),
    stays.APPLIED: ("info", "clock"),
    stays.ATTENDING: ("ok", "check"),
    stays.MOVED: ("", "swap"),
    stays.TRANSFERRED: ("", "swap"),
    stays.LEFT: ("", "out"),
    stays.GRADUATED: ("", "done"),
    stays.DEFERRED: ("warn", "clock"),
    stays.PROMOTED: ("", "right"),
    stays.CANCELLED: ("", "trash"),
    stays.VOID: ("", "trash"),
    stays.MERGED: ("", "same"),
}
WORDS: dict[str, str] = {
    **cases.CASE_LABELS,
    **intake.BATCH_LABELS,
    **stays.STANDINGS,
    **stays.LABELS,
    **cases.LABELS,
    **intake.ROW_LABELS,
}
ICONS: dict[str, str] = {"ok": "check", "fix": "pen", "warn": "alert", "dup": "same", "info": "info"}


def look_of(state: str, word: str = "", tone: Tone = "") -> Look:
    """Return how a state is drawn. `word` and `tone` win over the table; an unknown state is drawn as it is."""
    usual, icon = TONES.get(state, ("", ""))
    if tone and tone != usual:
        icon = ICONS[tone]
    return Look(word or WORDS.get(state, state), tone or usual, icon)
