"""Imports every room's tables once. Only Django reads this file."""

from miaoce.registry.access.models import ApiToken, Appointment, RepeatedRequest, Staff
from miaoce.registry.approvals.models import Case, ChangeClaim, Clock, Proposal, Selection
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import (
    Child,
    ChildMerge,
    ChildNumber,
    DocumentClaim,
    Guardian,
    NoticeServed,
    NoticeText,
    NumberClaim,
)
from miaoce.registry.enrolments.models import Enrolment, YearPlan
from miaoce.registry.handover.models import (
    Handover,
    Package,
    PackageLine,
    SentBack,
    Subscription,
)
from miaoce.registry.identity.models import DocumentCheck, DocumentProblem
from miaoce.registry.institutions.models import (
    Group,
    Kindergarten,
    KindergartenPast,
    Office,
    OfficePast,
    School,
    SchoolYear,
    Succession,
)
from miaoce.registry.intake.models import Batch, HeadingMemory, Row
from miaoce.registry.journal.models import Event, Process, Reading, ReadingOf
from miaoce.registry.matching.models import MatchHold, MatchPair, MatchRecord, MatchRun, MatchTable
from miaoce.registry.messages.models import Message
from miaoce.registry.problems.models import Joining, MovedRow, ProblemRecord, ProblemSide
from miaoce.registry.reference.models import Code, Edition, Region, Workday
from miaoce.registry.transfers.models import SeekingDay, Transfer, TransferCode, TransferNote, TransferWish
from miaoce.registry.vault.models import DataKey

__all__ = [
    "ApiToken",
    "Appointment",
    "Batch",
    "Case",
    "ChangeClaim",
    "Child",
    "ChildMerge",
    "ChildNumber",
    "Clock",
    "Code",
    "DataKey",
    "DocumentCheck",
    "DocumentClaim",
    "DocumentProblem",
    "Edition",
    "Enrolment",
    "Event",
    "Group",
    "Guardian",
    "Handover",
    "HeadingMemory",
    "Joining",
    "Kindergarten",
    "KindergartenPast",
    "MatchHold",
    "MatchPair",
    "MatchRecord",
    "MatchRun",
    "MatchTable",
    "Message",
    "MovedRow",
    "NoticeServed",
    "NoticeText",
    "NumberClaim",
    "Office",
    "OfficePast",
    "Package",
    "PackageLine",
    "ProblemRecord",
    "ProblemSide",
    "Process",
    "ProofFile",
    "Proposal",
    "Reading",
    "ReadingOf",
    "Region",
    "RepeatedRequest",
    "Row",
    "School",
    "SchoolYear",
    "SeekingDay",
    "Selection",
    "SentBack",
    "Staff",
    "Subscription",
    "Succession",
    "Transfer",
    "TransferCode",
    "TransferNote",
    "TransferWish",
    "Workday",
    "YearPlan",
]
