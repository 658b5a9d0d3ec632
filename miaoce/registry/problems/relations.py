"""Every column of the register that names a child, and what a merge does with it; a test finds a new one without an answer."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models

from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.children.models import ChildNumber, Guardian, NoticeServed
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.messages.models import Message
from miaoce.registry.transfers.models import Transfer, TransferCode, TransferNote, TransferWish


class Way(StrEnum):
    """What a merge does with the rows of the record that goes."""

    MOVES = "moves"
    """Written anew under the kept child, sealed values under its key; the row keeps its id."""
    POINTS = "points"
    """A claim: the key of the whole register leads to the kept child from now on."""
    STAYS = "stays"
    """Left where it is; found through the record that was merged (children.following), or of no use any more."""
    REFUSES = "refuses"
    """Such a row on the record that would go refuses the merge, with the way out."""
    OWN = "own"
    """The merge's own bookkeeping."""


@dataclass(frozen=True)
class Relation:
    """One column that names a child: what a merge does with it, and why."""

    way: Way
    why: str


MOVED: tuple[type[models.Model], ...] = (
    Guardian, ChildNumber, Enrolment, NoticeServed, Case, Clock, Transfer, TransferNote, TransferCode, TransferWish, Message,
)  # fmt: skip
"""Tables whose rows move, in the order in which a preview shows them."""

TITLES = {
    "child": "幼儿", "guardian": "监护人", "child_number": "学籍号", "enrolment": "就读", "notice_served": "告知与同意",
    "case": "变动", "clock": "办理时限", "transfer": "转园", "transfer_note": "转园留言", "transfer_code": "转园码",
    "transfer_wish": "转园意向", "message": "消息", "document_claim": "证件占用", "change_claim": "在办变动",
}  # fmt: skip
"""What each table is called where a merge is shown."""

_M, _P, _S, _R, _O = Way.MOVES, Way.POINTS, Way.STAYS, Way.REFUSES, Way.OWN
RELATIONS: dict[tuple[str, str], Relation] = {
    ("guardian", "child_id"): Relation(_M, "who is the same stays once; the others get the positions behind"),
    ("child_number", "child_id"): Relation(_M, "every number it had is an alias of the kept child, ended on the day"),
    ("enrolment", "child_id"): Relation(_M, "of two open stays the one where the child really is stays open"),
    ("notice_served", "child_id"): Relation(_M, "what guardians were told and agreed to"),
    ("case", "child_id"): Relation(_M, "changes that were decided; one in hand refuses the merge"),
    ("clock", "child_id"): Relation(_M, "with the stay or case that it counts for"),
    ("transfer", "child_id"): Relation(_M, "transfers that are over; one in hand refuses the merge"),
    ("transfer_note", "child_id"): Relation(_M, "with its transfer"),
    ("transfer_code", "child_id"): Relation(_M, "with its transfer"),
    ("transfer_wish", "child_id"): Relation(_M, "dropped where the kept child has one of the same kindergarten"),
    ("message", "child_id"): Relation(_M, "what waits is sent to the guardian all the same"),
    ("document_claim", "child_id"): Relation(_P, "neither document makes a new child again"),
    ("number_claim", "child_id"): Relation(_S, "never changes; the number leads on through the merged record"),
    ("change_claim", "child_id"): Relation(_R, "a change in hand; afterwards the merge itself holds the merged record for ever"),
    ("proposal", "child_id"): Relation(_S, "one registration case a record; how each was registered stays told"),
    ("proof_file", "child_id"): Relation(_S, "its bytes are sealed under that record's key; found by its case, which moves"),
    ("document_check", "child_id"): Relation(_S, "a question about the document of the merged record"),
    ("document_problem", "child_id"): Relation(_S, "about the document of the merged record"),
    ("handover", "child_id"): Relation(_R, "a record that a school took over is the one to keep"),
    ("package", "child_id"): Relation(_R, "with its handover"),
    ("sent_back", "child_id"): Relation(_R, "with its handover"),
    ("event", "child_id"): Relation(_S, "append-only; the story of a child reads those of merged records too"),
    ("event", "subject_id"): Relation(_S, "append-only"),
    ("reading_of", "child_id"): Relation(_S, "append-only; who looked reads those of merged records too"),
    ("data_key", "subject_id"): Relation(_S, "proofs, events and what undoing needs are sealed under it"),
    ("match_record", "child_id"): Relation(_S, "made from the child's row; a merged record is compared no more"),
    ("match_pair", "one_id"): Relation(_S, "what was decided about the two records"),
    ("match_pair", "other_id"): Relation(_S, "what was decided about the two records"),
    ("match_run", "after_id"): Relation(_S, "how far a run has come, no row of the child"),
    ("repeated_request", "subject_id"): Relation(_S, "what a program was answered; asking again gives the same answer"),
    ("row", "becomes_id"): Relation(_S, "which row a record came from; sending it again finds the record and no new child"),
    ("problem_record", "one_id"): Relation(_S, "what was decided about the two records; others in hand end or go on"),
    ("problem_record", "other_id"): Relation(_S, "what was decided about the two records; others in hand end or go on"),
    ("problem_record", "kept_id"): Relation(_O, "which was kept"),
    ("problem_side", "child_id"): Relation(_S, "what was said about that record"),
    ("joining", "kept_id"): Relation(_O, "which was kept"),
    ("joining", "gone_id"): Relation(_O, "which was merged"),
    ("moved_row", "child_id"): Relation(_O, "under whose key the row of before is sealed"),
    ("child_merge", "gone_id"): Relation(_O, "the way on"),
    ("child_merge", "kept_id"): Relation(_O, "the way on"),
    ("year_plan", "moves"): Relation(_S, "a draft names a record that attends no more; it is left out when the plan is done"),
    ("reading", "child_ids"): Relation(_S, "who looked reads those of merged records too"),
}  # fmt: skip
