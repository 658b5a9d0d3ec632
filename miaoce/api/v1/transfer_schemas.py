"""How a transfer is asked and answered: masked for the caller as on its page."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from miaoce.api.v1.schemas import Asked, Coded, Day, Given, Page, Text, one_of
from miaoce.registry.transfers import states
from miaoce.registry.transfers.rules import LONGEST_WORDS

MOST = 500
Id = Annotated[UUID, Field(strict=False)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
Words = Annotated[Text, Field(max_length=LONGEST_WORDS)]
Reasons = Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], Field(min_length=1, max_length=8)]
StateOut = Annotated[str, one_of(*states.LABELS)]
PartyOut = Annotated[str, one_of(*states.PARTIES)]


class WhoOut(Schema):
    """Who it is about, masked for the caller; a text is empty where the caller is shown nothing."""

    name: str
    number: str
    born_on: str
    sex: str


class TransferLine(Schema):
    """A transfer in a list. `verbs` are the steps that the caller may take now; `due_on` is the day of the present step."""

    id: UUID
    version: int
    state: StateOut
    state_name: str
    who: WhoOut
    from_kindergarten: Coded
    to_kindergarten: Coded | None
    opened_at: datetime
    due_on: date | None
    verbs: Sequence[str]


class TransfersOut(Page):
    """A page of transfers, the newest first."""

    transfers: Sequence[TransferLine]


class NoteOut(Schema):
    """What a party wrote, and with which step."""

    at: datetime
    party: PartyOut
    verb: str
    words: str


class TransferOut(TransferLine):
    """One transfer. `switch_at` ends the objection window; `stay` is when the child was at the old kindergarten."""

    group: str | None
    is_released_by_county: bool
    confirmed_at: datetime | None
    released_at: datetime | None
    accepted_at: datetime | None
    out_decided_at: datetime | None
    in_decided_at: datetime | None
    switch_at: datetime | None
    switched_on: date | None
    ended_at: datetime | None
    stay: Sequence[date | None] | None
    reasons: Sequence[Coded]
    notes: Sequence[NoteOut]


class WishOut(Schema):
    """A child that intake found elsewhere and put aside."""

    id: UUID
    name: str
    kindergarten: Coded
    wished_at: datetime


class WishesOut(Schema):
    """Wishes that no transfer was made of yet."""

    wishes: Sequence[WishOut]


class RequestIn(Given):
    """What the guardian told: the number, and the name or the birth date (both, if both were told)."""

    number: Asked
    name: Annotated[Text, Field(max_length=50)] = ""
    born_on: Day | None = None


class BeginIn(Given):
    """Which wishes become transfers."""

    wishes: Ids


class InviteIn(Given):
    """Which children of one's own; their guardians will name the kindergarten."""

    children: Ids


class OneIn(Given):
    """A transfer in the version that was seen."""

    id: Id
    version: Version


Ones = Annotated[list[OneIn], Field(min_length=1, max_length=MOST)]


class StepIn(Given):
    """Transfers in the versions that were seen."""

    transfers: Ones


class PlacedIn(OneIn):
    """A transfer and the group of one's own that the child comes into."""

    group: Id


class PlaceIn(Given):
    """Transfers with groups."""

    transfers: Annotated[list[PlacedIn], Field(min_length=1, max_length=MOST)]


class SayIn(StepIn):
    """Transfers, and words that all parties read."""

    words: Words


class RefuseIn(SayIn):
    """Transfers, reasons of the list transfer_refusal that are for one's own side, and a sentence."""

    reasons: Reasons


class NoteIn(Given):
    """Transfers, and words that all parties read."""

    transfers: Ids
    words: Words


class CodeIn(Given):
    """paper: the codes stand in the answer, for who has the child, to be handed to guardians. message: they are sent."""

    transfers: Ids
    channel: Literal["paper", "message"]


class GuardianIn(Given):
    """What a guardian says with a code and the last four of the phone (or document) on record.

    `kindergarten` is the ten-digit code, where the guardian names it; `transfer`, if given, must be the code's own.
    """

    code: Asked
    ending: Annotated[Text, Field(max_length=8)]
    act: Literal["look", "consent", "decline", "take_back", "dispute"]
    kindergarten: Annotated[Text, Field(max_length=10)] = ""
    words: Words = ""
    transfer: Id | None = None


class NotMoved(Schema):
    """What was left as it is, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, Any]


class Moved(Schema):
    """A transfer as it stands now."""

    id: UUID
    version: int
    state: StateOut


class MovedOut(Schema):
    """What was done. `process` names it in the audit."""

    process: UUID
    done: Sequence[Moved]
    not_done: Sequence[NotMoved]


class CodesHandedOut(MovedOut):
    """`codes` by transfer, in full, this once; empty for messages."""

    codes: Mapping[str, str]


class HeardOut(Schema):
    """Where the transfer stands after a guardian spoke. `follow` is the code for later, shown once after consenting."""

    id: UUID
    version: int
    state: StateOut
    state_name: str
    who: WhoOut
    verbs: Sequence[str]
    follow: str | None
