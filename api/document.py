"""The OpenAPI document as the manual: what it says before the operations, and how one logs in."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from fastapi import FastAPI

from api.models.problem import Problem

PROBLEM_JSON: Final = "application/problem+json"

DESCRIPTION: Final = """
The fleet, and who may see what of it.

**Logging in.** A script: `POST /api/v1/sessions` with `"kind": "bearer"`, then
`Authorization: Bearer <token>`. A browser: `"kind": "cookie"`; the cookie is HttpOnly, and every
request that changes something carries the header `X-CSRF-Token`, which `GET /api/v1/session` tells.
A machine: an API key as `Authorization: Bearer gk_…`.

**What one sees** is one's own organisation and all below it. Anything else is *not found*.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`, in Chinese or English by
`Accept-Language`; `GET /api/v1/problems` lists the codes.

**Lists** come in pages: give `next` of one page as `after` of the following. A query parameter that
an operation does not know, or that is given twice, is refused.

**Creating** takes an `Idempotency-Key`: the same request sent again returns the first answer, to
whom it is still allowed. Keys are yours alone and remembered for at least 24 hours. What was
refused is not remembered and may be tried again; another request with the same key is a `409`.

**Changing** takes `If-Match` with the ETag of what was read; `412` says that somebody was faster.

**Dangerous verbs** ask for the password once more: `POST /api/v1/session/step-up`.

**Times** are RFC 3339 with offset. **Units** stand in the names: `_km`, `_pct`, `_c`.
"""

TAGS: Final = [
    {"name": "sessions", "description": "Logging in and out. 登录"},
    {"name": "users", "description": "People, their roles and passwords. 人员"},
    {"name": "api-keys", "description": "Keys of machines. 接口密钥"},
    {"name": "organisations", "description": "The tree: head office to depot. 组织"},
    {"name": "audit", "description": "Who did what. 审计"},
    {"name": "vehicles", "description": "Vehicles and how they are. 车辆"},
    {"name": "models", "description": "The catalogue of models. 车型"},
    {"name": "devices", "description": "Terminals, and where each sat. 终端"},
    {"name": "documents", "description": "Photos and papers of vehicles. 附件"},
    {"name": "parameters", "description": "Dated figures of law and practice. 法规参数"},
    {"name": "papers", "description": "Licences, inspections, insurance, permits. 证照与保险"},
    {"name": "positions", "description": "All vehicles on a map. 位置"},
    {"name": "history", "description": "Tracks and signals. 轨迹与信号"},
    {"name": "obligations", "description": "What falls due when. 到期"},
    {"name": "work-orders", "description": "Work on vehicles: repairs, care, accidents. 工单"},
    {"name": "checklists", "description": "What is looked at in each kind of work. 检查表"},
    {"name": "maintenance", "description": "Plans, what was done, idle care. 保养与闲置维护"},
    {"name": "customers", "description": "Who leases, their drivers, the blacklist. 客户"},
    {"name": "leases", "description": "Who has which vehicle, and on what terms. 租约"},
    {"name": "hand-overs", "description": "Vehicles go out, come back, are swapped. 交还车"},
    {"name": "charges", "description": "What is proposed to be charged, and decided. 费用"},
    {"name": "bills", "description": "Bills, credit notes, what will be billed. 账单"},
    {"name": "quotes", "description": "Terms offered, until they become a lease. 报价"},
    {"name": "violations", "description": "Traffic violations, and whose each is. 违章"},
    {"name": "contracts", "description": "Texts, contracts, signatures, the vault. 合同"},
    {"name": "dunning", "description": "Reminders, demands, notices, their arrival. 催收"},
    {"name": "packages", "description": "Service packages, their terms and visits. 服务包"},
    {"name": "money-papers", "description": "Bills, credit notes, notices as PDF. 账单与函件"},
    {"name": "statements", "description": "What a customer was billed and paid. 对账单"},
    {"name": "payments", "description": "Money in, credit, refunds, write-offs. 收款"},
    {"name": "bank-statements", "description": "Files of banks; what is nobody's yet. 银行流水"},
    {"name": "deposits", "description": "Held, applied, held back, given back. 押金"},
    {"name": "invoices", "description": "VAT invoices asked for, and their numbers. 开票"},
    {"name": "ledger", "description": "Double entry: balances, journal, closing. 总账"},
    {"name": "taxpayers", "description": "Which VAT payer one is. 纳税人"},
    {"name": "shares", "description": "What operators owe owners of vehicles. 分成"},
    {"name": "kpis", "description": "The figures of the business, with their definitions. 指标"},
    {"name": "alerts", "description": "What is due and what is wrong, in one inbox. 告警"},
    {"name": "alert-rules", "description": "What is watched, and when it is told. 告警规则"},
    {"name": "vehicle-groups", "description": "Sets of vehicles that rules are for. 车辆分组"},
    {"name": "geofences", "description": "Places on the map that rules speak of. 电子围栏"},
    {"name": "notifications", "description": "Who is told what, on which channel. 通知"},
    {"name": "case-files", "description": "All that is kept of a lease, in one file. 案卷"},
    {"name": "imports", "description": "Sheets in: looked at first, then applied. 导入"},
    {"name": "refusals", "description": "What was refused of what came in. 拒收"},
    {"name": "live", "description": "Changes as they happen. 实时"},
    {"name": "problems", "description": "What errors are called. 错误码"},
    {"name": "service", "description": "For whoever runs it. 运维"},
]

SECURITY_SCHEMES: Final = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A session token of kind `bearer`, or an API key `gk_…`.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "guanche_session",
        "description": "Set by logging in with `cookie`; `__Host-guanche_session` over https.",
    },
}


RESPONSE_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "Content-Language": {
        "description": "The language of the words.",
        "required": True,
        "schema": {"type": "string", "enum": ["en", "zh-CN"]},
    },
    "ETag": {
        "description": "The version; give it as If-Match to change what you read.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$', "examples": ['"3"']},
    },
    "Idempotent-Replayed": {
        "description": "Present where this is the answer that was given the first time.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Location": {
        "description": "Where the new thing is.",
        "required": True,
        "schema": {"type": "string", "pattern": "^/api/v1/"},
    },
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": 86_400},
    },
    "Set-Cookie": {
        "description": "The session cookie; of a bearer session there is none.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How one logs in.",
        "required": True,
        "schema": {"type": "string"},
    },
}


def headers_of(names: Sequence[str]) -> dict[str, Any]:
    """Response headers as the document refers to them."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def problems_of(method: str, *, public: bool, asked: Collection[str] = ()) -> dict[int | str, Any]:
    """The problems an operation can end in. `asked` are the names of its arguments."""
    statuses = {400: "Bad request", 413: "Body too large", 422: "Invalid input", 503: "Try again"}
    statuses |= {429: "Too many requests", 500: "A fault of ours"}
    if not public:
        statuses |= {403: "Not allowed", 404: "Not found"}
    if not public or method != "GET":
        statuses |= {401: "Not authenticated"}
    if method != "GET":
        statuses |= {409: "Conflict"}
    if "body" in asked:
        statuses |= {415: "Not JSON"}
    if "if_match" in asked:
        statuses |= {412: "Changed meanwhile", 428: "If-Match is missing"}
    return {
        status: {
            "description": description,
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            "headers": headers_of(["Content-Language", *_BESIDE.get(status, ())]),
        }
        for status, description in sorted(statuses.items())
    }


_BESIDE: Final = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def complete(app: FastAPI) -> None:
    """Add what FastAPI does not know: how one logs in, and what a problem looks like."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            components = document.setdefault("components", {})
            components["securitySchemes"] = SECURITY_SCHEMES
            components["headers"] = RESPONSE_HEADERS
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = components.setdefault("schemas", {})
            schemas |= problem.pop("$defs", {})
            schemas["Problem"] = problem
            document["security"] = [{"bearer": []}, {"cookie": []}]
            describe_streams(document)
            restore_nulls(schemas)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def describe_streams(document: dict[str, Any]) -> None:
    """OpenAPI 3.1 has no word for the items of a stream; `x-itemSchema` says what they are."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                response.get("content", {}).get("text/event-stream", {}).pop("schema", None)


def restore_nulls(schemas: dict[str, Any]) -> None:
    """Put back into examples what is null: the generator drops every null of the document."""
    for model in schemas.values():
        if "example" in model:
            _restore(model["example"], model, schemas)


def _restore(example: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Of an example and what stands in it, by the schema it is of."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(example, list):
        for each in example:
            _restore(each, schema.get("items", {}), schemas)
    elif isinstance(example, dict):
        for name in schema.get("required", ()):
            example.setdefault(name, None)
        for name, inner in schema.get("properties", {}).items():
            for choice in inner.get("anyOf", (inner,)):
                if name in example:
                    _restore(example[name], choice, schemas)
