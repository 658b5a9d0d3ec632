"""The description of the API (OpenAPI): what the framework derives, completed with scopes, problems and examples."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from miaoce.api.keys import AccessToken
from miaoce.api.operations import KEY_NAME
from miaoce.api.problems import MEDIA_TYPE, TITLES
from miaoce.api.v1.examples import REQUESTS, RESPONSES

ABOUT = """幼儿园和县里自己的软件用这套接口登记幼儿、读结果和学籍号。

每个请求带 `Authorization: Bearer mc_…`（`miaoce token create --user NAME`）。出错时答 `application/problem+json`（RFC 9457），
按 `code` 判断，`detail` 可以直接给人看。每个写请求带 `Idempotency-Key`，没等到回答就用同一个键再发。"""
TAGS = {
    "kindergarten": "本园",
    "codes": "代码表和行政区划",
    "rows": "登记：送入、修改、处理重复",
    "batches": "登记：各批、提交、撤回",
    "registrations": "提交后的结果",
    "children": "幼儿",
    "numbers": "学籍号",
    "papers": "名册和学籍卡",
    "enrolments": "就读变动：调班、离园、再入园、毕业",
    "approvals": "县里审批",
    "transfers": "转园",
    "problems": "问题学籍",
}
PDFS = frozenset({"papers_cards", "papers_roll"})
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457。code 不会变意思；facts 里没有个人信息；trace 在日志里找得到。",
    "required": ["type", "title", "status", "detail", "code", "facts", "trace"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:miaoce:problem:"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[A-Z]{3,4}-[0-9]{2}$"},
        "facts": {"type": "object"},
        "trace": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "只在 API-02：哪里、什么不符合。",
            "items": {
                "type": "object",
                "required": ["where", "kind", "words"],
                "properties": {
                    "where": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "kind": {"type": "string"},
                    "words": {"type": "string"},
                },
            },
        },
        "current": {
            "anyOf": [
                {"$ref": "#/components/schemas/RowOut"},
                {
                    "type": "object",
                    "description": "一名幼儿的学籍：现在的 version，和哪几项改过了",
                    "required": ["version", "changed"],
                    "properties": {"version": {"type": "integer"}, "changed": {"type": "string"}},
                },
            ]
        },
        "yours": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "内容的标记。"},
    "Idempotency-Replayed": {"schema": {"type": "string"}, "description": "true：这是同一个键先前的回答。"},
}


class Documented(NinjaAPI):
    """A NinjaAPI whose description says everything that its operations do."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the completed description."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["info"]["description"] = ABOUT
        schema["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
        schema["servers"] = [{"url": "/"}]
        schema["components"]["schemas"]["Problem"] = PROBLEM
        schema["components"]["responses"] = {_name(status): _problem(status) for status in TITLES}
        scopes = self.scopes()
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _complete(operation, method, scopes[operation["operationId"]])
        return schema

    def scopes(self) -> dict[str, list[str]]:
        """Return the scopes of each operation: a token needs one of them, none means any token."""
        found = {}
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    tokens = [auth for auth in operation.auth_callbacks if isinstance(auth, AccessToken)]
                    found[str(operation.operation_id)] = [str(scope) for token in tokens for scope in token.scopes]
        return found


def _name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> dict[str, Any]:
    """Return the response of one problem status."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[status], "content": content}


def _complete(operation: dict[str, Any], method: str, scopes: list[str]) -> None:
    """Add scopes, problems, headers and examples to one operation."""
    name = operation["operationId"]
    operation["security"] = [{"AccessToken": scopes}]
    for parameter in operation["parameters"]:
        parameter["schema"] = _without_null(parameter["schema"])
        if parameter["name"] == "If-Match":  # its lack is a problem of its own
            parameter["required"] = True
    for status in _statuses(operation, method):
        operation["responses"][status] = {"$ref": f"#/components/responses/{_name(status)}"}
    has_key = any(parameter["name"] == KEY_NAME for parameter in operation["parameters"])
    for status, response in operation["responses"].items():
        if int(status) < 300 and "content" in response:
            _describe(response, name, method, has_key=has_key)
    if name in PDFS:
        content = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
        operation["responses"][200] = {"description": "PDF 文件", "content": content}
    if method == "get":
        operation["responses"][304] = {"description": "没有变化，不再给内容"}
    if name in REQUESTS:
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {"province99": {"summary": "演示省份 99", "value": REQUESTS[name]}}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out; an address has no null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: value for name, value in schema.items() if name != "anyOf"}}


def _describe(response: dict[str, Any], name: str, method: str, *, has_key: bool) -> None:
    """Add headers and the example to a good answer."""
    headers = {}
    if method == "get" or name in {"rows_mend", "rows_decide"}:
        headers["ETag"] = HEADERS["ETag"]
    if has_key:
        headers["Idempotency-Replayed"] = HEADERS["Idempotency-Replayed"]
    if headers:
        response["headers"] = headers
    if name in RESPONSES:
        response["content"]["application/json"]["examples"] = {
            "province99": {"summary": "演示省份 99", "value": RESPONSES[name]}
        }


def _statuses(operation: dict[str, Any], method: str) -> list[int]:
    """Return the problem statuses that an operation may answer with."""
    found = {401, 403, 404, 405, 429, 500, 503}
    if operation["parameters"] or "requestBody" in operation:
        found.add(422)
    if "requestBody" in operation:
        found |= {400, 413, 415}
    if method != "get":
        found.add(409)
    if any(parameter["name"] == "If-Match" for parameter in operation["parameters"]):
        found |= {412, 428}
    return sorted(found)
