"""What every page does: one row per route. A route without a row is a red test, and so is a row without a route."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from miaoce.registry.access.permissions import Permission

P = Permission
Things = Mapping[str, Any]


def nothing(_things: Things) -> dict[str, Any]:
    """Return no fields."""
    return {}


@dataclass(frozen=True)
class Row:
    """One route by its name. `ids` names the thing behind each path parameter; own, foreign and missing ones are tried.

    `view` opens it, `act` posts to it; `shown` and `done` are the statuses of GET and POST with one's own ids.
    `body` and `query` make what is sent from the same things. `posts_only`: GET is refused. `elsewhere`: the status of
    foreign and missing ids.
    """

    name: str
    view: Permission | None
    act: Permission | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    shown: int = 200
    done: int = 302
    body: Callable[[Things], dict[str, Any]] = nothing
    query: Callable[[Things], dict[str, Any]] = nothing
    posts_only: bool = False
    elsewhere: int = 404
    inside: int = 0  # GET by somebody who is signed in, where an open page answers differently


CHILD, BATCH, CASE = {"child_id": "child"}, {"batch_id": "batch"}, {"case_id": "case"}
STANDING = {"case_id": "standing_case"}
PROOF, CHANGE = {"proof_id": "proof"}, {"case_id": "change"}
LINE = {"batch_id": "batch", "position": "position"}
HANDED = {"handover_id": "handover"}
GARDEN = {"kindergarten_id": "kindergarten"}
TRANSFER = {"transfer_id": "transfer"}
PROBLEM = {"problem_id": "problem"}
CHOSEN, DECISION, GROUP = {"selection_id": "selection"}, {"decision_id": "decision"}, {"group_id": "group"}


def _pick(things: Things) -> dict[str, Any]:
    return {"pick": f"{things['case']}:{things['version']}"}


def _change(things: Things) -> dict[str, Any]:
    return {"pick": f"{things['change']}:1"}


def _why(_things: Things) -> dict[str, Any]:
    return {"reason": "issue_paper"}


def _notice(things: Things) -> dict[str, Any]:
    return {"answer": "served", "channel": "paper", "guardian": things["guardian"], "text": things["text"]}


def _note(things: Things) -> dict[str, Any]:
    return {"verb": "note", "words": "孩子下周一来", "version": things["transfer_version"]}


ROWS = [
    # open to everybody
    Row("sign-in", None, done=422, inside=302),
    Row("sign-out", None, posts_only=True),
    Row("big-text", None, posts_only=True),
    Row("old-browser", None, done=200),
    Row("health", None, done=200),
    Row("verify", None, ids={"token": "token"}, done=200, elsewhere=200),
    Row("transfer-guardian", None, done=422),
    Row("inbox", None, shown=404, done=404),
    Row("style-guide", None, done=200),
    Row("style-guide-paper", None, done=200),
    # everybody who works here
    Row("desk", P.DESK_VIEW),
    Row(
        "switch-role", P.DESK_VIEW, P.DESK_VIEW, posts_only=True, done=404,
        body=lambda things: {"appointment": things["selection"]},
    ),
    # children and papers
    Row("children", P.CHILD_VIEW),
    Row("search", P.CHILD_VIEW, query=lambda things: {"q": "童"}),
    Row("child", P.CHILD_VIEW, ids=CHILD),
    Row("child-story", P.CHILD_VIEW, ids=CHILD),
    Row("child-looks", P.CHILD_VIEW, ids=CHILD),
    Row("child-as-of", P.CHILD_VIEW, ids=CHILD),
    Row("roll-as-of", P.CHILD_VIEW),
    Row(
        "child-reveal", P.CHILD_VIEW, P.CHILD_REVEAL, ids=CHILD, shown=302, done=200,
        body=lambda things: {"field": "guardian1_phone", "reason": "contact_guardian"},
    ),
    Row("child-notices", P.CHILD_VIEW, P.CHILD_CONSENT, ids=CHILD, body=_notice),
    Row("child-proofs", P.CASE_VIEW, P.CASE_FILE, ids=CHILD, done=422),
    Row("proof", P.CASE_VIEW, P.CHILD_REVEAL, ids=PROOF, done=200, body=lambda things: {"reason": "check_document"}),
    Row("proof-drop", P.CASE_VIEW, P.CASE_FILE, ids=PROOF, posts_only=True),
    Row("proof-page", P.CHILD_REVEAL, ids={**PROOF, "number": "page"}, shown=422),
    Row("child-edit", P.CHILD_VIEW, P.CHILD_CORRECT, ids=CHILD, done=409, body=lambda things: {"address": "新苗路 9 号"}),
    Row("correction-new", P.CASE_VIEW, P.CASE_FILE, ids=CHILD, done=422),
    Row("correction", P.CASE_VIEW, ids=CHANGE),
    Row("correction-mend", P.CASE_VIEW, P.CASE_FILE, ids=CHANGE, shown=302),
    Row("correction-agree", P.CASE_VIEW, P.CASE_DECIDE, ids=CHANGE, posts_only=True, body=_change),
    Row(
        "correction-send-back", P.CASE_VIEW, P.CASE_DECIDE, ids=CHANGE,
        body=lambda things: {**_change(things), "words": "请补证明"},
    ),
    Row("correction-take-back", P.CASE_VIEW, P.CASE_FILE, ids=CHANGE, posts_only=True, body=_change),
    Row(
        "correction-reveal", P.CASE_VIEW, P.CHILD_REVEAL, ids=CHANGE, posts_only=True, done=200,
        body=lambda things: {"which": "after", "reason": "check_document"},
    ),
    Row("papers", P.CHILD_PRINT),
    Row("roll", P.CHILD_PRINT, P.CHILD_PRINT, ids=GROUP, done=200, body=_why),
    Row("roll-pdf", P.CHILD_PRINT, P.CHILD_PRINT, ids=GROUP, done=200, body=_why),
    Row("cards", P.CHILD_PRINT, P.CHILD_PRINT, done=422, query=lambda things: {"all": "1"}, body=_why),
    Row("cards-pdf", P.CHILD_PRINT, P.CHILD_PRINT, done=422, query=lambda things: {"all": "1"}, body=_why),
    Row("certificates", P.CHILD_PRINT, query=lambda things: {"child": things["graduate"]}),
    Row("certificates-pdf", P.CHILD_PRINT, query=lambda things: {"child": things["graduate"]}),
    # changes of stays
    Row("groups", P.ENROLMENT_VIEW),
    Row(
        "regroup", P.ENROLMENT_CHANGE, P.ENROLMENT_CHANGE, query=lambda things: {"child": things["child"]},
        body=lambda things: {"pick": things["child_pick"], "group": things["other_group"], "on": things["today"]},
    ),
    Row(
        "leave", P.ENROLMENT_CHANGE, P.ENROLMENT_CHANGE, query=lambda things: {"child": things["child"]},
        body=lambda t: {"pick": t["child_pick"], "on": t["today"], "reason": "moved", "destination": "home"},
    ),
    Row(
        "destinations", P.ENROLMENT_VIEW, P.ENROLMENT_CHANGE,
        body=lambda things: {"child": things["left"], "destination": "home"},
    ),
    Row(
        "readmit", P.ENROLMENT_CHANGE, P.ENROLMENT_CHANGE, query=lambda things: {"child": things["left"]},
        body=lambda t: {"pick": t["left_pick"], "group": t["other_group"], "on": t["today"]},
    ),
    Row("graduate", P.ENROLMENT_CHANGE, P.ENROLMENT_CHANGE, done=422, body=lambda t: {"on": t["today"]}),
    Row("turn", P.ENROLMENT_CHANGE, P.ENROLMENT_CHANGE, done=409, body=lambda t: {"act": "undo"}),
    Row("enrolment-done", P.ENROLMENT_CHANGE, ids={"process_id": "regrouping"}),
    Row("cases", P.CASE_VIEW, P.CASE_DECIDE, body=lambda t: {"pick": t["standing_pick"]}),
    Row("case", P.CASE_VIEW, ids=STANDING),
    Row("case-send-back", P.CASE_VIEW, P.CASE_DECIDE, ids=STANDING, body=lambda t: {"pick": t["standing_pick"], "words": "请补证明"}),
    Row("case-agree", P.CASE_VIEW, P.CASE_DECIDE, ids=STANDING, posts_only=True, body=lambda t: {"pick": t["standing_pick"]}),
    Row("case-take-back", P.CASE_VIEW, P.CASE_FILE, ids=STANDING, posts_only=True, body=lambda t: {"pick": t["standing_pick"]}),
    Row("case-mend", P.CASE_VIEW, P.CASE_FILE, ids=STANDING, shown=302),
    Row("case-defer", P.CASE_VIEW, P.CASE_FILE, ids=CHILD, done=422),
    Row("case-cancel", P.CASE_VIEW, P.CASE_FILE, ids=CHILD, done=422),
    Row("case-restore", P.CASE_VIEW, P.CASE_FILE, ids=CHILD, done=422),
    # transfers
    Row("transfers", P.TRANSFER_VIEW),
    Row("transfer", P.TRANSFER_VIEW, ids=TRANSFER),
    Row("transfer-start", P.TRANSFER_HANDLE, P.TRANSFER_HANDLE, done=422, body=lambda things: {"number": "G99", "name": "无名"}),
    Row("transfer-begin", P.TRANSFER_VIEW, P.TRANSFER_HANDLE, posts_only=True, body=lambda things: {"wish": things["wish"]}),
    Row(
        "transfer-invite", P.TRANSFER_HANDLE, P.TRANSFER_HANDLE, query=lambda things: {"child": things["child"]},
        body=lambda things: {"child": things["child"]},
    ),
    Row("transfer-handle", P.TRANSFER_VIEW, P.TRANSFER_HANDLE, ids=TRANSFER, shown=302, body=_note),
    Row("transfer-decide", P.TRANSFER_VIEW, P.TRANSFER_DECIDE, ids=TRANSFER, shown=302, body=_note),
    # problem records
    Row("problems", P.PROBLEM_VIEW),
    Row("problem", P.PROBLEM_VIEW, ids=PROBLEM),
    Row(
        "problem-reveal", P.PROBLEM_VIEW, P.CHILD_REVEAL, ids=PROBLEM, shown=302, done=200,
        body=lambda t: {"what": f"{t['problem_child']}:document_number", "reason": "check_document"},
    ),
    Row(
        "problem-say", P.PROBLEM_HANDLE, P.PROBLEM_HANDLE, ids=PROBLEM,
        body=lambda t: {"choice": "unsure", "ground": "联系不上监护人，还在核实", "version": t["problem_version"]},
    ),
    Row("problem-change", P.PROBLEM_HANDLE, P.PROBLEM_HANDLE, ids=PROBLEM, done=422),
    Row("problem-void", P.PROBLEM_HANDLE, P.PROBLEM_HANDLE, ids=PROBLEM, done=422),
    Row("problem-decide", P.PROBLEM_VIEW, P.PROBLEM_DECIDE, ids=PROBLEM, shown=302, done=422, body=lambda t: {"choice": "send_back"}),
    Row("problem-split", P.PROBLEM_DECIDE, P.PROBLEM_DECIDE, ids=PROBLEM, shown=409, done=409),
    Row("problem-undo", P.PROBLEM_VIEW, P.PROBLEM_DECIDE, ids=PROBLEM, shown=302, done=422),
    Row(
        "problem-proof", P.PROBLEM_VIEW, P.PROBLEM_DECIDE, ids={**PROBLEM, "proof_id": "problem_proof"}, shown=302, done=200,
        body=lambda t: {"reason": "check_document"},
    ),
    Row("problem-proof-page", P.PROBLEM_DECIDE, ids={**PROBLEM, "proof_id": "problem_proof", "number": "page"}, shown=422),
    Row("match-quality", P.OUTCOME_VIEW),
    Row("match-table", P.OUTCOME_VIEW, P.OUTCOME_CHANGE, done=422),
    Row("match-version", P.OUTCOME_VIEW, P.OUTCOME_CHANGE, ids={"table_id": "table"}, shown=404, done=404),
    # intake
    Row("intake", P.INTAKE_VIEW, P.INTAKE_EDIT, done=422),
    Row("intake-paste", P.INTAKE_VIEW, P.INTAKE_EDIT, done=302, body=lambda things: {"text": "姓名\t性别\n无名\t男\n"}),
    Row("intake-form", P.INTAKE_VIEW, P.INTAKE_EDIT, done=422, body=lambda things: {"name": "无名"}),
    Row("intake-lookup", P.INTAKE_VIEW, P.INTAKE_EDIT, posts_only=True, done=200),
    Row("intake-list", P.INTAKE_VIEW),
    Row("intake-template", P.INTAKE_VIEW),
    Row("intake-help", P.INTAKE_VIEW),
    Row("intake-batch", P.INTAKE_VIEW, ids=BATCH),
    Row("intake-read", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, posts_only=True),
    Row("intake-discard", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH),
    Row("intake-columns", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH),
    Row("intake-mend", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, posts_only=True, body=lambda things: {"f1.1.ethnicity": "汉族"}),
    Row(
        "intake-alike", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, posts_only=True,
        body=lambda things: {"field": "ethnicity", "wrong": "汗族", "right": "汉族"},
    ),
    Row("intake-tidied", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, body=lambda things: {"row": "0", "field": "name"}),
    Row("intake-row", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=LINE, body=lambda things: {"version": "1"}),
    Row(
        "intake-row-reveal", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=LINE, posts_only=True, done=200,
        body=lambda things: {"show": "guardian1_phone", "reason.guardian1_phone": "registration"},
    ),
    Row("intake-aside", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=LINE, posts_only=True),
    Row("intake-compare", P.INTAKE_VIEW, ids=LINE),
    Row(
        "intake-decide", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, posts_only=True,
        body=lambda things: {"decide": f"same:{things['position']}:row:{things['other']}"},
    ),
    Row("intake-submit", P.INTAKE_VIEW, P.INTAKE_SUBMIT, ids=BATCH, body=lambda things: {"promise": "1"}),
    Row("intake-result", P.INTAKE_VIEW, ids={"batch_id": "sent_batch", "process_id": "process"}),
    Row("intake-recall", P.INTAKE_VIEW, P.INTAKE_SUBMIT, ids={"batch_id": "sent_batch"}, posts_only=True),
    Row("intake-problems", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, done=200, body=_why),
    Row("intake-original", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, done=200, body=_why),
    Row("intake-bring-back", P.INTAKE_VIEW, P.INTAKE_EDIT, ids=BATCH, done=422),
    # the county
    Row("approvals", P.APPROVAL_VIEW),
    Row("approvals-open", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, ids=CASE, posts_only=True),
    Row("approvals-one", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, ids=CASE, posts_only=True, body=_pick),
    Row("approvals-choose", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, posts_only=True, body=_pick),
    Row("approvals-approve", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, ids=CHOSEN),
    Row("approvals-return", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, ids=CHOSEN, body=lambda things: {"words": "请补地址"}),
    Row("approvals-decision", P.APPROVAL_VIEW, ids=DECISION),
    Row("approvals-recall", P.APPROVAL_VIEW, P.APPROVAL_DECIDE, ids=DECISION, posts_only=True),
    # those above, and those who check
    Row("schools", P.HANDOVER_CLAIM, P.HANDOVER_CLAIM, done=422),
    Row("school-claim", P.HANDOVER_CLAIM, P.HANDOVER_CLAIM, posts_only=True),
    Row("school-children", P.HANDOVER_CLAIM),
    Row("school-record", P.HANDOVER_CLAIM, ids=HANDED),
    Row("school-package", P.HANDOVER_CLAIM, P.HANDOVER_CLAIM, ids=HANDED, posts_only=True, done=200),
    Row(
        "school-send-back", P.HANDOVER_CLAIM, P.HANDOVER_CLAIM, ids=HANDED,
        body=lambda things: {"column": "other", "wanted": "照户口簿"},
    ),
    Row("sent-back", P.CHILD_CORRECT),
    Row(
        "sent-back-answer", P.CHILD_CORRECT, P.CHILD_CORRECT, ids={"sent_back_id": "sent_back"},
        body=lambda things: {"verb": "correct", "version": "1"},
    ),
    Row("clocks", P.CASE_VIEW),
    Row("ageing", P.CLOCK_WATCH),
    Row("institutions", P.INSTITUTION_CHANGE),
    Row("institution", P.INSTITUTION_CHANGE, ids=GARDEN),
    Row("institution-end", P.INSTITUTION_CHANGE, P.INSTITUTION_CHANGE, ids=GARDEN, done=422),
    Row(
        "institution-change", P.INSTITUTION_CHANGE, P.INSTITUTION_CHANGE, ids=GARDEN | {"verb": "verb"},
        body=lambda things: {"name": "改过的园名", "on": "2026-09-01"},
    ),
    Row("institution-unplaced", P.INSTITUTION_CHANGE, P.INSTITUTION_CHANGE, done=422),
    Row("progress", P.PROGRESS_VIEW),
    Row("audit", P.AUDIT_READ),
]  # fmt: skip
