"""One vocabulary of permissions and the roles made of them. Roles are stored by code; a new role is a row here."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What may be done, `noun:verb`."""

    APPROVAL_DECIDE = "approval:decide"
    APPROVAL_VIEW = "approval:view"
    AUDIT_READ = "audit:read"
    CASE_DECIDE = "case:decide"
    CASE_FILE = "case:file"
    CASE_VIEW = "case:view"
    CHILD_CARE = "child:care"
    CHILD_CONSENT = "child:consent"
    CHILD_CORRECT = "child:correct"
    CHILD_PRINT = "child:print"
    CHILD_REVEAL = "child:reveal"
    CHILD_VIEW = "child:view"
    CLOCK_WATCH = "clock:watch"
    DESK_VIEW = "desk:view"
    ENROLMENT_CHANGE = "enrolment:change"
    ENROLMENT_VIEW = "enrolment:view"
    FEED_READ = "feed:read"
    HANDOVER_CLAIM = "handover:claim"
    INSTITUTION_CHANGE = "institution:change"
    INTAKE_EDIT = "intake:edit"
    INTAKE_SUBMIT = "intake:submit"
    INTAKE_VIEW = "intake:view"
    OUTCOME_CHANGE = "outcome:change"
    OUTCOME_VIEW = "outcome:view"
    PROBLEM_DECIDE = "problem:decide"
    PROBLEM_HANDLE = "problem:handle"
    PROBLEM_VIEW = "problem:view"
    PROGRESS_VIEW = "progress:view"
    TRANSFER_CONSENT = "transfer:consent"
    TRANSFER_DECIDE = "transfer:decide"
    TRANSFER_HANDLE = "transfer:handle"
    TRANSFER_VIEW = "transfer:view"


class Scope(StrEnum):
    """How far a role sees: its kindergarten, its office and all below, its school, or everything."""

    KINDERGARTEN = "kindergarten"
    OFFICE = "office"
    SCHOOL = "school"
    SYSTEM = "system"


@dataclass(frozen=True)
class Role:
    """A named set of permissions within a scope."""

    code: str
    name: str
    scope: Scope
    permissions: frozenset[Permission]


_P = Permission
REGISTRAR = Role(
    "registrar",
    "学籍管理员",
    Scope.KINDERGARTEN,
    frozenset(
        {
            _P.CASE_FILE, _P.CASE_VIEW, _P.CHILD_CONSENT, _P.CHILD_CORRECT, _P.CHILD_PRINT,
            _P.CHILD_REVEAL, _P.CHILD_VIEW, _P.DESK_VIEW, _P.ENROLMENT_CHANGE, _P.ENROLMENT_VIEW, _P.FEED_READ,
            _P.INTAKE_EDIT, _P.INTAKE_SUBMIT, _P.INTAKE_VIEW, _P.PROBLEM_HANDLE, _P.PROBLEM_VIEW, _P.TRANSFER_HANDLE,
            _P.TRANSFER_VIEW,
        }
    ),
)  # fmt: skip
PRINCIPAL = Role(
    "principal",
    "园长",
    Scope.KINDERGARTEN,
    frozenset(
        {
            _P.CASE_VIEW, _P.CHILD_PRINT, _P.CHILD_VIEW, _P.DESK_VIEW, _P.ENROLMENT_VIEW, _P.INTAKE_SUBMIT,
            _P.INTAKE_VIEW, _P.PROBLEM_HANDLE, _P.PROBLEM_VIEW, _P.TRANSFER_HANDLE, _P.TRANSFER_VIEW,
        }
    ),
)  # fmt: skip
HEALTH_WORKER = Role(
    "health_worker", "卫生保健人员", Scope.KINDERGARTEN, frozenset({_P.CHILD_CARE, _P.CHILD_VIEW, _P.DESK_VIEW})
)
"""The one role that is shown health and disability (托儿所幼儿园卫生保健管理办法 art. 11; ux.md §7: named role only)."""
COUNTY_REVIEWER = Role(
    "county_reviewer",
    "县级审核员",
    Scope.OFFICE,
    frozenset(
        {
            _P.APPROVAL_DECIDE, _P.APPROVAL_VIEW, _P.CASE_DECIDE, _P.CASE_VIEW, _P.CHILD_REVEAL, _P.CHILD_VIEW,
            _P.CLOCK_WATCH, _P.DESK_VIEW, _P.ENROLMENT_VIEW, _P.FEED_READ, _P.INSTITUTION_CHANGE, _P.OUTCOME_VIEW,
            _P.PROBLEM_DECIDE, _P.PROBLEM_VIEW, _P.PROGRESS_VIEW, _P.TRANSFER_DECIDE, _P.TRANSFER_VIEW,
        }
    ),
)  # fmt: skip
ARBITER = Role(
    "arbiter",
    "问题学籍仲裁员",
    Scope.OFFICE,
    frozenset({_P.DESK_VIEW, _P.OUTCOME_CHANGE, _P.OUTCOME_VIEW, _P.PROBLEM_DECIDE, _P.PROBLEM_VIEW}),
)
"""Decides at a city, a province or the ministry what no county can decide alone: records of two counties (domain.md §3.5)."""
ANALYST = Role(
    "analyst",
    "分析员",
    Scope.OFFICE,
    frozenset({_P.CLOCK_WATCH, _P.DESK_VIEW, _P.OUTCOME_VIEW, _P.PROGRESS_VIEW, _P.TRANSFER_VIEW}),
)
SCHOOL_REGISTRAR = Role(
    "school_registrar", "小学学籍管理员", Scope.SCHOOL, frozenset({_P.DESK_VIEW, _P.FEED_READ, _P.HANDOVER_CLAIM})
)
AUDITOR = Role("auditor", "安全审计员", Scope.OFFICE, frozenset({_P.AUDIT_READ, _P.DESK_VIEW}))
GUARDIAN = Role("guardian", "监护人", Scope.SYSTEM, frozenset({_P.TRANSFER_CONSENT}))
"""Who speaks with a code that was handed over; never an appointment."""
SYSTEM = Role("system", "系统", Scope.SYSTEM, frozenset(Permission))

ROLES: dict[str, Role] = {
    role.code: role
    for role in (REGISTRAR, PRINCIPAL, HEALTH_WORKER, COUNTY_REVIEWER, ARBITER, ANALYST, SCHOOL_REGISTRAR, AUDITOR)
}
