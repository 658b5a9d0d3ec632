"""API v1: one NinjaAPI, one router per noun."""

from miaoce.api import problems
from miaoce.api.bodies import Bodies
from miaoce.api.v1 import (
    approvals,
    batches,
    cases,
    children,
    codes,
    corrections,
    enrolments,
    feed,
    handover,
    institutions,
    kindergarten,
    notices,
    numbers,
    papers,
    registrations,
    rolls,
    rows,
    splits,
    transfer_steps,
    transfers,
    turns,
)
from miaoce.api.v1 import problems as problem_records
from miaoce.api.v1.document import Documented

api = Documented(
    title="苗册 API",
    version="1.0.0",
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url="/openapi.json",
    parser=Bodies(),
)
problems.install(api)
for noun in (
    kindergarten,
    codes,
    rows,
    batches,
    registrations,
    children,
    rolls,
    notices,
    numbers,
    papers,
    corrections,
    cases,
    enrolments,
    turns,
    institutions,
    transfer_steps,
    transfers,  # behind its steps: an address with an id takes everything that no other address takes
    splits,
    problem_records,
    approvals,
    handover,
    feed,
):
    api.add_router("", noun.router)
