"""What every operation of the API does: one row per operation. One without a row is a red test, and so is the reverse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from miaoce.registry.access.permissions import Permission
from tests.matrix.routes import Things

P = Permission
ROW, BATCH, CHILD, CHOSEN = {"row_id": "row"}, {"batch_id": "batch"}, {"child_id": "child"}, {"selection_id": "sampled"}

GARDEN = {"kindergarten_id": "kindergarten"}
HANDED = {"handover_id": "handover"}
PROBLEM = {"problem_id": "problem"}


@dataclass(frozen=True)
class Operation:
    """One operation by its name. `ids` names the thing behind each path parameter; `scope` None: any token will do.

    `body` makes what is sent from one's own things; `done` is the status with one's own ids.
    """

    name: str
    method: str
    path: str
    scope: Permission | None
    ids: Mapping[str, str] = field(default_factory=dict)
    done: int = 200
    body: Callable[[Things], dict[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def case_of(things: Things) -> dict[str, Any]:
    """Return a case in the version that was seen."""
    return {"cases": [{"id": str(things["case"]), "version": things["version"]}]}


def child_of(things: Things) -> list[dict[str, Any]]:
    """Return a child in the version that was seen."""
    return [{"id": str(things["child"]), "version": things["child_version"]}]


def _steps(things: Things) -> dict[str, Any]:
    """Return a transfer in the version that was seen."""
    return {"transfers": [{"id": str(things["transfer"]), "version": things["transfer_version"]}]}


def _placed(things: Things) -> dict[str, Any]:
    """Return a transfer with a group."""
    one = _steps(things)["transfers"][0]
    return {"transfers": [{**one, "group": str(things["group"])}]}


def _said(things: Things) -> dict[str, Any]:
    """Return a transfer with words."""
    return {**_steps(things), "words": "已核实"}


def _no(things: Things, reason: str) -> dict[str, Any]:
    """Return a transfer with a reason of the list and words."""
    return {**_steps(things), "reasons": [reason], "words": "要核实"}


def _noted(things: Things) -> dict[str, Any]:
    """Return a note beside a transfer."""
    return {"transfers": [str(things["transfer"])], "words": "好"}


def _problem(things: Things) -> dict[str, Any]:
    """Return a problem in the version that was seen."""
    return {"id": str(things["problem"]), "version": things["problem_version"]}


OPERATIONS = [
    Operation("kindergarten_show", "GET", "kindergarten", P.INTAKE_VIEW),
    Operation("codes_list", "GET", "codes/{list_name}", None, {"list_name": "list"}),
    Operation("regions_list", "GET", "regions", None),
    Operation(
        "rows_submit", "POST", "rows", P.INTAKE_EDIT, done=201,
        body=lambda things: {"rows": [{"name": "无名"}], "name": "接口"},
    ),
    Operation("rows_show", "GET", "rows/{row_id}", P.INTAKE_VIEW, ROW),
    Operation(
        "rows_mend", "PATCH", "rows/{row_id}", P.INTAKE_EDIT, ROW, body=lambda things: {"values": {"name": "新名"}},
        headers={"HTTP_IF_MATCH": '"1"'},
    ),
    Operation(
        "rows_decide", "POST", "rows/{row_id}/duplicate", P.INTAKE_EDIT, {"row_id": "twin"},
        body=lambda things: {"choice": "same", "other": f"row:{things['other']}"},
    ),
    Operation("batches_list", "GET", "batches", P.INTAKE_VIEW),
    Operation("batches_show", "GET", "batches/{batch_id}", P.INTAKE_VIEW, BATCH),
    Operation("rows_list", "GET", "batches/{batch_id}/rows", P.INTAKE_VIEW, BATCH),
    Operation(
        "batches_submit", "POST", "batches/{batch_id}/submit", P.INTAKE_SUBMIT, BATCH, body=lambda things: {"promise": True}
    ),
    Operation(
        "batches_recall", "POST", "batches/{batch_id}/recall", P.INTAKE_SUBMIT, {"batch_id": "sent_batch"},
        body=lambda things: {},
    ),
    Operation("registrations_list", "GET", "registrations", P.INTAKE_VIEW),
    Operation("children_list", "GET", "children", P.CHILD_VIEW),
    Operation("children_search", "POST", "children/search", P.CHILD_VIEW, body=lambda things: {"words": "童"}),
    Operation("children_show", "GET", "children/{child_id}", P.CHILD_VIEW, CHILD),
    Operation("roll_show", "GET", "kindergartens/{code}/roll", P.CHILD_VIEW, {"code": "kindergarten_code"}),
    Operation(
        "children_reveal", "POST", "children/{child_id}/reveal", P.CHILD_REVEAL, CHILD,
        body=lambda things: {"field": "guardian1_phone", "reason": "contact_guardian"},
    ),
    Operation(
        "children_regroup", "POST", "enrolments/regroup", P.ENROLMENT_CHANGE,
        body=lambda things: {"children": child_of(things), "group": str(things["other_group"]), "on": things["today"]},
    ),
    Operation(
        "children_leave", "POST", "enrolments/leave", P.ENROLMENT_CHANGE,
        body=lambda t: {"children": child_of(t), "on": t["today"], "reason": "moved", "destination": "home"},
    ),
    Operation("destinations_list", "GET", "enrolments/destinations", P.ENROLMENT_VIEW),
    Operation(
        "destinations_name", "POST", "enrolments/destinations", P.ENROLMENT_CHANGE,
        body=lambda t: {"children": [str(t["left"])], "destination": "home"},
    ),
    Operation(
        "children_readmit", "POST", "enrolments/readmit", P.ENROLMENT_CHANGE,
        body=lambda t: {"children": child_of(t), "group": str(t["other_group"]), "on": t["today"]},
    ),
    Operation(
        "children_receive", "POST", "enrolments/receive", P.ENROLMENT_CHANGE, done=422,
        body=lambda t: {"number": "G990101202201010000", "name": "无名", "group": str(t["other_group"]), "on": t["today"]},
    ),
    Operation("graduates_list", "GET", "enrolments/graduates", P.ENROLMENT_CHANGE),
    Operation(
        "children_graduate", "POST", "enrolments/graduate", P.ENROLMENT_CHANGE, done=422,
        body=lambda t: {"children": child_of(t), "on": "2020-12-01"},
    ),
    Operation(
        "children_edit", "PATCH", "children/{child_id}", P.CHILD_CORRECT, CHILD,
        body=lambda things: {"values": {"address": "新苗路 9 号"}}, headers={"HTTP_IF_MATCH": '"1"'},
    ),
    Operation(
        "proofs_keep", "POST", "children/{child_id}/proofs", P.CASE_FILE, CHILD, done=422,
        body=lambda things: {"kind": "other", "content": "AAAA"},
    ),
    Operation(
        "corrections_file", "POST", "children/{child_id}/corrections", P.CASE_FILE, CHILD, done=422,
        body=lambda things: {"values": {"name": "新名"}, "reason": "recorded_wrong"},
    ),
    Operation("corrections_list", "GET", "corrections", P.CASE_VIEW),
    Operation("corrections_show", "GET", "corrections/{correction_id}", P.CASE_VIEW, {"correction_id": "change"}),
    Operation(
        "corrections_decide", "POST", "correction-decisions", P.CASE_DECIDE,
        body=lambda things: {"decision": "agree", "corrections": [{"id": str(things["change"]), "version": 1}]},
    ),
    Operation(
        "corrections_withdraw", "POST", "correction-withdrawals", P.CASE_FILE,
        body=lambda things: {"corrections": [{"id": str(things["change"]), "version": 1}]},
    ),
    Operation(
        "corrections_refile", "POST", "corrections/{correction_id}/refile", P.CASE_FILE, {"correction_id": "change"}, done=409,
        body=lambda things: {"values": {"name": "新名"}, "reason": "recorded_wrong", "version": 1},
    ),
    Operation(
        "cases_file", "POST", "children/{child_id}/cases", P.CASE_FILE, CHILD, done=201,
        body=lambda t: {"version": t["child_version"], "reason": "cancellation.missing", "on": t["today"], "words": "报警回执"},
    ),
    Operation(
        "cases_refile", "POST", "cases/{case_id}/refile", P.CASE_FILE, {"case_id": "standing_case"}, done=422,
        body=lambda t: {"version": 1, "case_version": 1, "reason": "deferral.health", "on": t["today"], "words": "诊断证明"},
    ),
    Operation("cases_list", "GET", "cases", P.CASE_VIEW),
    Operation("cases_show", "GET", "cases/{case_id}", P.CASE_VIEW, {"case_id": "standing_case"}),
    Operation(
        "cases_decide", "POST", "case-decisions", P.CASE_DECIDE,
        body=lambda t: {"decision": "agree", "cases": [{"id": str(t["standing_case"]), "version": 1}]},
    ),
    Operation(
        "cases_withdraw", "POST", "case-withdrawals", P.CASE_FILE,
        body=lambda t: {"cases": [{"id": str(t["standing_case"]), "version": 1}]},
    ),
    Operation("turn_show", "GET", "enrolments/turn", P.ENROLMENT_CHANGE, done=404),
    Operation("turn_draw", "POST", "enrolments/turn", P.ENROLMENT_CHANGE, done=409, body=lambda t: {}),
    Operation(
        "turn_change", "PATCH", "enrolments/turn", P.ENROLMENT_CHANGE, done=404,
        body=lambda t: {"moves": [{"child": str(t["child"]), "to": ""}]}, headers={"HTTP_IF_MATCH": '"1"'},
    ),
    Operation("turn_run", "POST", "enrolments/turn/run", P.ENROLMENT_CHANGE, done=404, body=lambda t: {"version": 1}),
    Operation("turn_undo", "POST", "enrolments/turn/undo", P.ENROLMENT_CHANGE, done=404, body=lambda t: {"version": 1}),
    Operation("institutions_list", "GET", "institutions", P.INSTITUTION_CHANGE),
    Operation("institutions_unplaced", "GET", "institutions/unplaced", P.INSTITUTION_CHANGE),
    Operation(
        "institutions_place", "POST", "institutions/place", P.INSTITUTION_CHANGE,
        body=lambda t: {"children": [str(t["child"])], "group": str(t["group"])},
    ),
    Operation("institutions_show", "GET", "institutions/{kindergarten_id}", P.INSTITUTION_CHANGE, GARDEN),
    Operation(
        "institutions_rename", "POST", "institutions/{kindergarten_id}/rename", P.INSTITUTION_CHANGE, GARDEN,
        body=lambda t: {"name": "改过的园名", "on": "2026-09-01"},
    ),
    Operation(
        "institutions_licence", "POST", "institutions/{kindergarten_id}/licence", P.INSTITUTION_CHANGE, GARDEN,
        body=lambda t: {"number": "99010112345", "licence_from": "2026-09-01", "on": "2026-09-01"},
    ),
    Operation(
        "institutions_unlicence", "POST", "institutions/{kindergarten_id}/unlicence", P.INSTITUTION_CHANGE, GARDEN,
        body=lambda t: {"on": "2026-09-01"},
    ),
    Operation(
        "institutions_end", "POST", "institutions/{kindergarten_id}/end", P.INSTITUTION_CHANGE, GARDEN, done=409,
        body=lambda t: {"kind": "close", "on": t["today"]},
    ),
    Operation("rows_matches", "GET", "rows/{row_id}/matches", P.INTAKE_VIEW, {"row_id": "twin"}),
    Operation("notices_list", "GET", "children/{child_id}/notices", P.CHILD_VIEW, CHILD),
    Operation(
        "notices_record", "POST", "children/{child_id}/notices", P.CHILD_CONSENT, CHILD,
        body=lambda things: {
            "guardian": str(things["guardian"]), "text": str(things["text"]), "answer": "served", "channel": "paper",
        },
    ),
    Operation("papers_roll", "POST", "papers/roll", P.CHILD_PRINT, body=lambda things: {"group": str(things["group"])}),
    Operation("papers_cards", "POST", "papers/cards", P.CHILD_PRINT, body=lambda things: {"children": [str(things["child"])]}),
    Operation("numbers_list", "GET", "numbers", P.CHILD_PRINT),
    Operation("problems_list", "GET", "problems", P.PROBLEM_VIEW),
    Operation("problems_show", "GET", "problems/{problem_id}", P.PROBLEM_VIEW, PROBLEM),
    Operation("problems_say", "POST", "problems/say", P.PROBLEM_HANDLE, body=lambda t: {"problems": [_problem(t)]}),
    Operation(
        "problems_decide", "POST", "problems/decide", P.PROBLEM_DECIDE,
        body=lambda t: {"decision": "send_back", "problems": [_problem(t)], "words": "请补"},
    ),
    Operation("problems_preview", "GET", "problems/{problem_id}/merge", P.PROBLEM_DECIDE, PROBLEM),
    Operation(
        "problems_merge", "POST", "problems/merge", P.PROBLEM_DECIDE,
        body=lambda t: {"problems": [{**_problem(t), "keep": str(t["child"])}], "words": "同一名"},
    ),
    Operation(
        "problems_split", "POST", "problems/split", P.PROBLEM_DECIDE,
        body=lambda t: {
            "problems": [
                {
                    **_problem(t), "child_version": 1, "stays": [str(t["child"])],
                    "second": {"name": "陈子木", "sex": "男", "birth_date": "2023-01-03", "id_type": "暂无证件"},
                }
            ],
            "words": "是两名幼儿",
        },
    ),
    Operation(
        "problems_undo", "POST", "problems/undo", P.PROBLEM_DECIDE,
        body=lambda t: {"problems": [str(t["problem"])], "words": "点错了"},
    ),
    Operation("transfers_list", "GET", "transfers", P.TRANSFER_VIEW),
    Operation("transfers_wishes", "GET", "transfers/wishes", P.TRANSFER_HANDLE),
    Operation("transfers_show", "GET", "transfers/{transfer_id}", P.TRANSFER_VIEW, {"transfer_id": "transfer"}),
    Operation(
        "transfers_request", "POST", "transfers", P.TRANSFER_HANDLE, done=422, body=lambda t: {"number": "G99", "name": "无名"}
    ),
    Operation("transfers_begin", "POST", "transfers/begin", P.TRANSFER_HANDLE, body=lambda t: {"wishes": [str(t["wish"])]}),
    Operation("transfers_invite", "POST", "transfers/invite", P.TRANSFER_HANDLE, body=lambda t: {"children": [str(t["child"])]}),
    Operation(
        "transfers_code", "POST", "transfers/code", P.TRANSFER_VIEW,
        body=lambda t: {"transfers": [str(t["transfer"])], "channel": "paper"},
    ),
    Operation(
        "transfers_guardian", "POST", "transfers/guardian", P.TRANSFER_VIEW, done=422,
        body=lambda t: {"code": "ABCD", "ending": "1234", "act": "look"},
    ),
    Operation("transfers_release", "POST", "transfers/release", P.TRANSFER_HANDLE, body=_steps),
    Operation("transfers_accept", "POST", "transfers/accept", P.TRANSFER_HANDLE, body=_placed),
    Operation("transfers_regroup", "POST", "transfers/regroup", P.TRANSFER_HANDLE, body=_placed),
    Operation("transfers_refuse", "POST", "transfers/refuse", P.TRANSFER_HANDLE, body=lambda t: _no(t, "wrong_child")),
    Operation("transfers_withdraw", "POST", "transfers/withdraw", P.TRANSFER_HANDLE, body=_steps),
    Operation("transfers_object", "POST", "transfers/object", P.TRANSFER_HANDLE, body=_said),
    Operation("transfers_note", "POST", "transfers/note", P.TRANSFER_VIEW, body=_noted),
    Operation("transfers_approve", "POST", "transfers/approve", P.TRANSFER_DECIDE, body=_steps),
    Operation("transfers_reject", "POST", "transfers/reject", P.TRANSFER_DECIDE, body=lambda t: _no(t, "consent_doubtful")),
    Operation("transfers_replace", "POST", "transfers/replace", P.TRANSFER_DECIDE, body=_steps),
    Operation("transfers_resume", "POST", "transfers/resume", P.TRANSFER_DECIDE, body=_said),
    Operation("approvals_list", "GET", "approvals", P.APPROVAL_VIEW),
    Operation("selections_create", "POST", "approvals/selections", P.APPROVAL_DECIDE, done=201, body=case_of),
    Operation(
        "selections_look", "POST", "approvals/selections/{selection_id}/look", P.APPROVAL_DECIDE, CHOSEN,
        body=lambda things: {"case": str(things["case"])},
    ),
    Operation("approvals_decide", "POST", "approvals/decide", P.APPROVAL_DECIDE, body=lambda t: {"decision": "approve", **case_of(t)}),
    Operation(
        "approvals_recall", "POST", "approvals/recall", P.APPROVAL_DECIDE,
        body=lambda things: {"decision": str(things["decision"])},
    ),
    Operation(
        "handover_lookup", "POST", "handover/lookup", P.HANDOVER_CLAIM,
        body=lambda things: {"lines": [{"name": "无名", "number": "L990101202301031234"}]},
    ),
    Operation("handover_claim", "POST", "handover/claims", P.HANDOVER_CLAIM, done=409, body=lambda t: {"passes": ["x.y.z"]}),
    Operation("handovers_list", "GET", "handovers", P.HANDOVER_CLAIM),
    Operation("packages_take", "POST", "handovers/{handover_id}/package", P.HANDOVER_CLAIM, HANDED, body=lambda t: {}),
    Operation(
        "corrections_send", "POST", "handovers/{handover_id}/corrections", P.HANDOVER_CLAIM, HANDED, done=201,
        body=lambda things: {"field": "other", "wanted": "照户口簿"},
    ),
    Operation("events_list", "GET", "events", P.FEED_READ),
    Operation("subscriptions_list", "GET", "subscriptions", P.FEED_READ),
    Operation(
        "subscriptions_create", "POST", "subscriptions", P.FEED_READ, done=422,
        body=lambda things: {"url": "https://127.0.0.1/hook"},
    ),
    Operation(
        "subscriptions_end", "POST", "subscriptions/{subscription_id}/end", P.FEED_READ, {"subscription_id": "group"},
        done=404,  # each role has its own; own and foreign ones in tests/doors/api/test_handover.py
        body=lambda things: {},
    ),
]  # fmt: skip
OPEN = {"openapi.json": 200, "": 404, "nothing/here": 404}  # by address; api-root and unknown answer alike
NAMES_OF_OPEN = ["api-root", "openapi-json", "unknown"]
