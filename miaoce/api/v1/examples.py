"""Examples of the description, all from the invented province 99."""

from typing import Any

CHILD = {
    "name": "周一诺", "sex": "男", "birth_date": "2023-01-03", "id_type": "居民身份证", "id_number": "990101202301036514",
    "ethnicity": "汉族", "class": "小一班", "entry_date": "2026-09-01", "guardian1_name": "周建国",
    "guardian1_relation": "父亲", "guardian1_phone": "13800004943",
}  # fmt: skip
ROW_ID, BATCH_ID = "0199f2a4-6c00-7000-8000-000000000001", "0199f2a4-6c00-7000-8000-0000000000b1"
CASE_ID, CHILD_ID = "0199f2a4-6c00-7000-8000-0000000000c1", "0199f2a4-6c00-7000-8000-0000000000d1"
GROUP_ID = "0199f2a4-6c00-7000-8000-0000000000f1"
STAY_ID = "0199f2a4-6c00-7000-8000-0000000000f2"
DECISION_ID = "0199f2a4-6c00-7000-8000-0000000000e1"
COUNTS = {
    "ready": 1, "known": 0, "fix": 0, "duplicate": 0, "ignored": 0, "aside": 0, "repeated": 0, "sent": 0, "returned": 0, "done": 0,
}  # fmt: skip
BATCH = {
    "id": BATCH_ID, "name": "接口", "source": "api", "state": "open", "state_name": "可处理", "refusal": None, "rows_read": 1,
    "counts": COUNTS, "created_at": "2026-09-05T02:10:00Z", "expires_on": "2026-10-05",
}  # fmt: skip
ROW = {
    "id": ROW_ID, "batch": BATCH_ID, "row": 1, "sheet": "", "state": "ready", "state_name": "可提交", "version": 1,
    "given": CHILD,
    "values": {**CHILD, "sex": "1", "id_type": "resident_id", "ethnicity": "01", "guardian1_relation": "51"},
    "tidied": [], "findings": [], "matches": [], "child": None, "returned": None,
}  # fmt: skip

CHILD_SEEN = [{"id": CHILD_ID, "version": 3}]
CHANGED = {"process": DECISION_ID, "done": [{"id": CHILD_ID, "version": 4}], "not_done": []}

REQUESTS: dict[str, Any] = {
    "children_edit": {"values": {"ethnicity": "回族"}},
    "proofs_keep": {"kind": "household_book", "content": "/9j/4AAQSkZJRgABAQ=="},
    "corrections_file": {"values": {"name": "周一喏"}, "reason": "recorded_wrong", "words": "照户口簿", "proofs": [ROW_ID]},
    "corrections_refile": {
        "values": {}, "reason": "recorded_wrong", "words": "户口簿重新拍过", "proofs": [ROW_ID], "version": 2,
    },
    "cases_file": {
        "version": 3, "reason": "deferral.health", "on": "2028-09-01", "words": "青江市人民医院诊断证明，原件", "proofs": [ROW_ID],
    },
    "cases_refile": {
        "version": 3, "case_version": 2, "reason": "deferral.health", "on": "2028-09-01", "words": "补了盖章的诊断证明",
    },
    "cases_decide": {"decision": "agree", "cases": [{"id": CASE_ID, "version": 1}]},
    "cases_withdraw": {"cases": [{"id": CASE_ID, "version": 1}]},
    "turn_draw": {},
    "turn_change": {"moves": [{"child": CHILD_ID, "to": "中二班"}]},
    "turn_run": {"version": 2},
    "turn_undo": {"version": 3},
    "institutions_rename": {"name": "蓝天实验幼儿园", "on": "2026-10-01"},
    "institutions_licence": {"number": "教民99010112345", "licence_from": "2026-10-01", "licence_to": "2029-09-30", "on": "2026-10-01"},
    "institutions_unlicence": {"on": "2026-10-01"},
    "institutions_end": {"kind": "merge", "on": "2026-10-01", "homes": [{"group": ROW_ID, "to": GROUP_ID}]},
    "institutions_place": {"children": [CHILD_ID], "group": GROUP_ID},
    "corrections_withdraw": {"corrections": [{"id": CASE_ID, "version": 1}]},
    "corrections_decide": {"decision": "agree", "corrections": [{"id": CASE_ID, "version": 1}]},
    "notices_record": {"guardian": ROW_ID, "text": BATCH_ID, "answer": "served", "channel": "paper"},
    "papers_roll": {"group": ROW_ID, "reason": "issue_paper"},
    "papers_cards": {"children": [CHILD_ID]},
    "rows_submit": {"name": "2026 秋小班", "rows": [CHILD]},
    "rows_mend": {"values": {"ethnicity": "汉族"}},
    "rows_decide": {"choice": "different", "other": CHILD_ID.replace("-", ""), "reason": "双胞胎，户口簿上各有一页"},
    "batches_submit": {"promise": True},
    "batches_recall": {"rows": [ROW_ID]},
    "children_search": {"words": "zyn"},
    "children_reveal": {"field": "number", "reason": "issue_paper"},
    "selections_create": {"cases": [{"id": CASE_ID, "version": 1}]},
    "selections_look": {"case": CASE_ID},
    "approvals_decide": {
        "decision": "return", "cases": [{"id": CASE_ID, "version": 1}], "reasons": ["address_incomplete"],
        "words": "户籍地址请写到区县，门牌不用写。",
    },
    "approvals_recall": {"decision": DECISION_ID},
    "children_regroup": {"children": CHILD_SEEN, "group": GROUP_ID, "on": "2026-10-12"},
    "children_leave": {"children": CHILD_SEEN, "on": "2026-10-12", "reason": "moved", "destination": "unknown"},
    "destinations_name": {"children": [CHILD_ID], "destination": "kindergarten", "words": "城东幼儿园"},
    "children_readmit": {"children": CHILD_SEEN, "group": GROUP_ID, "on": "2026-11-02"},
    "children_graduate": {"children": CHILD_SEEN, "on": "2027-07-31"},
    "children_receive": {"number": "G990101202301036514", "name": "周一诺", "group": GROUP_ID, "on": "2026-11-02"},
    "handover_lookup": {"lines": [{"name": "周一诺", "number": "G990101202301036514"}]},
    "handover_claim": {"passes": ["eyJhbGci.example"]},
    "corrections_send": {"field": "name", "wanted": "周一喏", "words": "照户口簿"},
    "packages_take": {},
    "subscriptions_end": {},
    "subscriptions_create": {"url": "https://school.example/hooks/miaoce"},
    "transfers_request": {"number": "G990101202301036514", "name": "周一诺"},
    "transfers_begin": {"wishes": [CASE_ID]},
    "transfers_invite": {"children": [CHILD_ID]},
    "transfers_code": {"transfers": [CASE_ID], "channel": "paper"},
    "transfers_guardian": {"code": "7KQ4-M2XP-9TWB", "ending": "4943", "act": "consent"},
    "transfers_accept": {"transfers": [{"id": CASE_ID, "version": 3, "group": ROW_ID}]},
    "transfers_regroup": {"transfers": [{"id": CASE_ID, "version": 4, "group": ROW_ID}]},
    "transfers_refuse": {
        "transfers": [{"id": CASE_ID, "version": 2}], "reasons": ["not_attending"], "words": "孩子从没来过本园，请核对。",
    },
    "transfers_reject": {
        "transfers": [{"id": CASE_ID, "version": 4}], "reasons": ["consent_doubtful"], "words": "监护人说没有同意过。",
    },
    "transfers_object": {"transfers": [{"id": CASE_ID, "version": 6}], "words": "监护人说没有同意过。"},
    "transfers_resume": {"transfers": [{"id": CASE_ID, "version": 7}], "words": "已向监护人核实。"},
    "problems_say": {"problems": [{"id": CASE_ID, "version": 1, "said": "different", "words": "双胞胎，户口簿上各有一页"}]},
    "problems_decide": {"decision": "different", "problems": [{"id": CASE_ID, "version": 3}], "words": "佐证显示是两名幼儿"},
    "problems_merge": {"problems": [{"id": CASE_ID, "version": 3, "keep": CHILD_ID}], "words": "各方佐证一致，是同一名"},
    "problems_split": {
        "problems": [
            {
                "id": CASE_ID, "version": 3, "child_version": 2, "stays": [STAY_ID],
                "second": {"name": "陈子木", "sex": "男", "birth_date": "2023-01-03", "id_type": "暂无证件"},
            }
        ],
        "words": "户口簿上是两名幼儿",
    },
    "problems_undo": {"problems": [CASE_ID], "words": "后来的证明显示是两名幼儿"},
    "transfers_note": {"transfers": [CASE_ID], "words": "孩子下周一来报到。"},
    **{
        f"transfers_{step}": {"transfers": [{"id": CASE_ID, "version": 2}]}
        for step in ("release", "withdraw", "approve", "replace")
    },
}  # fmt: skip
RESPONSES: dict[str, Any] = {
    "rows_submit": {"batch": BATCH, "rows": [ROW]},
    "rows_show": ROW,
    "batches_show": BATCH,
    "batches_list": {"batches": [BATCH], "next": None},
    "rows_list": {"rows": [ROW], "next": None},
    "regions_list": {
        "under": "990100",
        "regions": [
            {
                "code": "990101", "name": "青禾区", "full_name": "云川省青江市青禾区", "level": "county",
                "leads_kindergartens": True,
            }
        ],
    },
    "batches_submit": {"done": [ROW_ID], "not_done": [], "batch": {**BATCH, "counts": {**COUNTS, "ready": 0, "sent": 1}}},
    "children_regroup": CHANGED,
    "children_leave": CHANGED,
    "destinations_name": CHANGED,
    "children_readmit": CHANGED,
    "children_receive": CHANGED,
    "children_graduate": CHANGED,
    "turn_run": CHANGED,
    "turn_undo": CHANGED,
    "institutions_end": {"process": DECISION_ID, "moved": [CHILD_ID], "listed": [], "not_done": []},
    "numbers_list": {
        "numbers": [
            {
                "id": ROW_ID, "child": CHILD_ID, "kind": "G", "number": "G990101202301036514",
                "issued_at": "2026-09-08T01:00:00Z", "from_on": "2026-09-08", "to_on": None,
            }
        ],
        "next": None, "since": None,
    },
}  # fmt: skip
