"""Ids that stand in bodies and queries: one row for each place where a route takes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.routes import Things


@dataclass(frozen=True)
class Nested:
    """One place for an id. `address` is made of one's own things, `sent` of the things of whoever is tried.

    `method` GET sends it as the query. `json` sends it to the API. `own` is the status with one's own.
    """

    label: str
    role: str
    method: str
    address: str
    sent: Callable[[Things], dict[str, Any]]
    own: int
    other: int
    is_json: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def _pick(things: Things) -> dict[str, Any]:
    return {"pick": f"{things['case']}:{things['version']}"}


def _cases(things: Things) -> dict[str, Any]:
    return {"cases": [{"id": str(things["case"]), "version": things["version"]}]}


def _return(things: Things) -> dict[str, Any]:
    return {**_pick(things), "decision": "return"}


def _moving(things: Things) -> dict[str, Any]:
    return {"transfers": [{"id": str(things["transfer"]), "version": things["transfer_version"]}]}


KEY = {"HTTP_IDEMPOTENCY_KEY": "matrix-matrix-matrix"}
NESTED = [
    Nested("search by mark", "registrar", "GET", "/search/", lambda t: {"q": f"{t['mark']}童"}, 200, 200),
    Nested("list of a class", "registrar", "GET", "/children/", lambda t: {"group": t["group"]}, 200, 200),
    Nested("list of a kindergarten", "county_reviewer", "GET", "/children/", lambda t: {"kindergarten": t["kindergarten"]}, 200, 200),
    Nested("roll of a kindergarten", "county_reviewer", "GET", "/children/roll/",
           lambda t: {"kindergarten": t["kindergarten_code"]}, 200, 404),
    Nested("list after a child", "registrar", "GET", "/children/", lambda t: {"after": t["child"]}, 200, 200),
    Nested("cards of a child", "registrar", "GET", "/papers/cards/", lambda t: {"child": t["child"]}, 200, 422),
    Nested("cards of a child as PDF", "principal", "GET", "/papers/cards/pdf/", lambda t: {"child": t["child"]}, 200, 422),
    Nested("cards of a class", "registrar", "GET", "/papers/cards/", lambda t: {"all": "1", "group": t["group"]}, 200, 422),
    Nested("children to regroup", "registrar", "GET", "/enrolments/regroup/", lambda t: {"child": t["child"]}, 200, 200),
    Nested("a child to regroup", "registrar", "POST", "/enrolments/regroup/",
           lambda t: {"pick": t["child_pick"], "group": t["other_group"], "on": t["today"]}, 302, 422),
    Nested("a child to leave", "registrar", "POST", "/enrolments/leave/",
           lambda t: {"pick": t["child_pick"], "on": t["today"], "reason": "moved", "destination": "home"}, 302, 200),
    Nested("a destination", "registrar", "POST", "/enrolments/destinations/",
           lambda t: {"child": t["left"], "destination": "home"}, 302, 302),
    Nested("a child to readmit", "registrar", "GET", "/enrolments/readmit/", lambda t: {"child": t["left"]}, 200, 200),
    Nested("certificates of a child", "registrar", "GET", "/papers/certificates/", lambda t: {"child": t["graduate"]}, 200, 422),
    Nested("certificates of a year", "principal", "GET", "/papers/certificates/pdf/", lambda t: {"child": t["graduate"]}, 200, 422),
    Nested("story before an event", "registrar", "GET", "/children/{child}/story/", lambda t: {"before": t["process"]}, 200, 200),
    Nested("looks before a reading", "registrar", "GET", "/children/{child}/looks/", lambda t: {"before": t["process"]}, 200, 200),
    Nested("a guardian", "registrar", "POST", "/children/{child}/notices/",
           lambda t: {"answer": "withdrawn", "kind": "photo", "channel": "paper", "guardian": t["guardian"]}, 409, 409),
    Nested("a guardian to tell", "registrar", "POST", "/children/{child}/notices/",
           lambda t: {"answer": "served", "channel": "paper", "guardian": t["guardian"], "text": t["text"]}, 302, 404),
    Nested("problems after one", "registrar", "GET", "/problems/", lambda t: {"after": t["problem"]}, 200, 200),
    Nested("problems before one", "county_reviewer", "GET", "/problems/", lambda t: {"tab": "others", "before": t["problem"]}, 200, 200),
    Nested("a record's number", "registrar", "POST", "/problems/{problem}/reveal/",
           lambda t: {"what": f"{t['problem_child']}:document_number", "reason": "check_document"}, 200, 404),
    Nested("a proof of a problem", "registrar", "POST", "/problems/{problem}/say/",
           lambda t: {"said": "unsure", "words": "", "version": "1", "proofs": t["problem_proof"]}, 422, 422),
    Nested("a correction to undo", "registrar", "GET", "/children/{corrected}/corrections/new/", lambda t: {"undo": t["change"]}, 200, 404),
    Nested("changes after one", "county_reviewer", "GET", "/cases/", lambda t: {"after": t["change"]}, 200, 200),
    Nested("a proof to file", "registrar", "POST", "/children/{child}/corrections/new/",
           lambda t: {"name": "新名", "sex": "男", "birth_date": "2023-01-03", "id_type": "居民身份证", "reason": "recorded_wrong",
                      "proofs": t["proof"]}, 422, 422),
    Nested("a proof to go on with", "registrar", "POST", "/children/{corrected}/proofs/", lambda t: {"proofs": t["proof"]}, 422, 422),
    Nested("an appointment", "registrar", "POST", "/switch-role/", lambda t: {"appointment": t["appointment"]}, 302, 404),
    Nested("another row of the batch", "registrar", "POST", "/intake/{batch}/decide/",
           lambda t: {"decide": f"same:4:row:{t['other']}"}, 302, 404),
    Nested("a child to be the same as", "registrar", "POST", "/intake/{batch}/decide/",
           lambda t: {"decide": f"same:4:{t['child'].hex}"}, 409, 409),
    Nested("the result of a submission", "registrar", "GET", "/intake/{sent_batch}/results/{process}/", lambda t: {}, 200, 200),
    Nested("a child to invite for", "registrar", "GET", "/transfers/invite/", lambda t: {"child": t["child"]}, 200, 404),
    Nested("a child whose guardian gets a code", "registrar", "POST", "/transfers/invite/", lambda t: {"child": t["child"]}, 302, 404),
    Nested("a wish to begin", "registrar", "POST", "/transfers/begin/", lambda t: {"wish": t["wish"]}, 302, 302),
    Nested("transfers before one", "registrar", "GET", "/transfers/", lambda t: {"tab": "others", "before": t["transfer"]}, 200, 200),
    Nested("API: wishes to begin", "registrar", "POST", "/api/v1/transfers/begin", lambda t: {"wishes": [str(t["wish"])]}, 200, 200,
           is_json=True),
    Nested("API: children to invite for", "registrar", "POST", "/api/v1/transfers/invite",
           lambda t: {"children": [str(t["child"])]}, 200, 200, is_json=True),
    Nested("API: transfers to print codes for", "registrar", "POST", "/api/v1/transfers/code",
           lambda t: {"transfers": [str(t["transfer"])], "channel": "paper"}, 200, 200, is_json=True),
    Nested("API: transfers to release", "registrar", "POST", "/api/v1/transfers/release", _moving, 200, 200, is_json=True, headers=KEY),
    Nested("API: transfers to approve", "county_reviewer", "POST", "/api/v1/transfers/approve", _moving, 200, 200, is_json=True,
           headers=KEY),
    Nested("a case in the panel", "county_reviewer", "GET", "/approvals/", lambda t: {"case": t["case"]}, 200, 404),
    Nested("cases after one", "county_reviewer", "GET", "/approvals/", lambda t: {"after": t["case"]}, 200, 200),
    Nested("decisions after one", "county_reviewer", "GET", "/approvals/", lambda t: {"tab": "passed", "after": t["decision"]}, 200, 200),
    Nested("cases of a kindergarten", "county_reviewer", "GET", "/approvals/",
           lambda t: {"kindergarten": t["kindergarten_code"]}, 200, 200),
    Nested("picked cases", "county_reviewer", "POST", "/approvals/choose/", _pick, 302, 302),
    Nested("picked cases to return", "county_reviewer", "POST", "/approvals/choose/", _return, 302, 302),
    Nested("a looked-at case", "county_reviewer", "POST", "/approvals/chosen/{sampled}/approve/", lambda t: {"seen": t["case"]}, 302, 422),
    Nested("an office", "analyst", "GET", "/progress/", lambda t: {"office": t["office"]}, 200, 404),
    Nested("records of a child", "auditor", "GET", "/audit/", lambda t: {"child": t["child"]}, 200, 200),
    Nested("records of a unit", "auditor", "GET", "/audit/", lambda t: {"unit": t["kindergarten_code"]}, 200, 200),
    Nested("records of an office", "auditor", "GET", "/audit/", lambda t: {"unit": t["office"]}, 200, 200),
    Nested("records before one", "auditor", "GET", "/audit/", lambda t: {"what": "processes", "before": t["process"]}, 200, 200),
    Nested("API: cases to choose", "county_reviewer", "POST", "/api/v1/approvals/selections", _cases, 201, 201, is_json=True),
    Nested("API: a case to look at", "county_reviewer", "POST", "/api/v1/approvals/selections/{sampled}/look",
           lambda t: {"case": str(t["case"])}, 200, 404, is_json=True),
    Nested("API: cases to decide", "county_reviewer", "POST", "/api/v1/approvals/decide",
           lambda t: {"decision": "approve", **_cases(t)}, 200, 200, is_json=True, headers=KEY),
    Nested("API: a selection to decide", "county_reviewer", "POST", "/api/v1/approvals/decide",
           lambda t: {"decision": "approve", "selection": str(t["selection"])}, 200, 404, is_json=True, headers=KEY),
    Nested("API: a decision to take back", "county_reviewer", "POST", "/api/v1/approvals/recall",
           lambda t: {"decision": str(t["decision"])}, 200, 409, is_json=True),
    Nested("API: rows to submit", "registrar", "POST", "/api/v1/batches/{batch}/submit",
           lambda t: {"promise": True, "rows": [str(t["row"])]}, 200, 409, is_json=True, headers=KEY),
    Nested("API: rows to take back", "registrar", "POST", "/api/v1/batches/{sent_batch}/recall",
           lambda t: {"rows": [str(t["sent_row"])]}, 200, 200, is_json=True),
    Nested("API: a twin", "registrar", "POST", "/api/v1/rows/{twin}/duplicate",
           lambda t: {"choice": "same", "other": f"row:{t['other']}"}, 200, 404, is_json=True),
    Nested("API: a child to regroup", "registrar", "POST", "/api/v1/enrolments/regroup",
           lambda t: {"children": [{"id": str(t["child"]), "version": 1}], "group": str(t["other_group"]), "on": t["today"]},
           200, 404, is_json=True, headers=KEY),
    Nested("API: a child to leave", "registrar", "POST", "/api/v1/enrolments/leave",
           lambda t: {"children": [{"id": str(t["child"]), "version": 1}], "on": t["today"], "reason": "moved", "destination": "home"},
           200, 200, is_json=True, headers=KEY),
    Nested("API: a destination", "registrar", "POST", "/api/v1/enrolments/destinations",
           lambda t: {"children": [str(t["left"])], "destination": "home"}, 200, 200, is_json=True, headers=KEY),
    Nested("API: corrections to decide", "county_reviewer", "POST", "/api/v1/correction-decisions",
           lambda t: {"decision": "agree", "corrections": [{"id": str(t["change"]), "version": 1}]}, 200, 200, is_json=True, headers=KEY),
    Nested("API: corrections to take back", "registrar", "POST", "/api/v1/correction-withdrawals",
           lambda t: {"corrections": [{"id": str(t["change"]), "version": 1}]}, 200, 200, is_json=True),
    Nested("API: a class to print", "registrar", "POST", "/api/v1/papers/roll",
           lambda t: {"group": str(t["group"])}, 200, 404, is_json=True),
    Nested("API: a child to print", "registrar", "POST", "/api/v1/papers/cards",
           lambda t: {"children": [str(t["child"])]}, 200, 422, is_json=True),
    Nested("API: a guardian to tell", "registrar", "POST", "/api/v1/children/{child}/notices",
           lambda t: {"guardian": str(t["guardian"]), "text": str(t["text"]), "answer": "served", "channel": "paper"}, 200, 404,
           is_json=True),
    Nested("API: search", "registrar", "POST", "/api/v1/children/search", lambda t: {"words": f"{t['mark']}童"}, 200, 200, is_json=True),
]  # fmt: skip
