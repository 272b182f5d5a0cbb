"""How an operation runs: one thread, one transaction, one answer.

An endpoint is a plain function `(call, …) -> model`. Around it stand here: the transaction (its
commit comes before the first byte of the answer), who is calling, Idempotency-Key, serialising and
compressing. Endpoints declare themselves with `Operations`, which also writes their part of the
OpenAPI document.
"""

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, get_args, get_origin

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from api import exports, idempotency
from api.answers import AS_IT_IS, Answer, Filed, Raw, Remembered, compressed, respond
from api.deps import AppState, open_call
from api.document import headers_of, problems_of
from api.errors import ApiError
from schemas.access import PERMISSIONS

PREFIX: Final = "/api/v1"
Endpoint = Callable[..., Any]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=64,
        description='The ETag of what you read, such as `"3"`; needed for a change.',
        examples=['"3"'],
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Any text of yours, new for every new thing: sent again with the same request,"
        " it returns the first answer and creates nothing more.",
        examples=["0b9c1f4e-7a2c-4a53-9a52-0d6c7f2f7a11"],
    ),
]


def version_of(if_match: str | None) -> int:
    """The version an If-Match header names.

    Raises:
        ApiError: 428, there is none; 400, it is none of ours.
    """
    if if_match is None:
        raise ApiError(428, "if_match_required", field="header.If-Match")
    text = if_match.strip().strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ApiError(400, "if_match_invalid", field="header.If-Match")
    return int(text)


@dataclass(frozen=True, slots=True)
class Manner:
    """How an operation is run, apart from what it does."""

    status: int = 200
    public: bool = False
    idempotent: str | None = None
    """It takes an Idempotency-Key; a kept answer is told to who still has this permission."""
    confidential: bool = False
    """Its answers carry a secret. They are not compressed: the length of what is packed together
    with something the attacker chose tells of the secret (BREACH)."""
    hashing: bool = False
    """It hashes a password, so that only some run at once."""
    tells: Sequence[str] = ()
    """Headers of its answer, of `document.RESPONSE_HEADERS`."""
    query: dict[str, bool] = field(default_factory=dict)
    """Its query parameters, and whether each may be repeated."""

    def __post_init__(self) -> None:
        assert self.idempotent is None or self.idempotent in PERMISSIONS


class Operations:
    """The operations of one noun."""

    def __init__(self, tag: str) -> None:
        self.router = APIRouter(prefix=PREFIX, tags=[tag])

    def get(
        self, path: str, *, exported: exports.Export | None = None, **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Reads. `exported` says how a list is answered as a table, at `<path>/export`."""
        register = self._add("GET", path, **options)
        if exported is None:
            return register
        answers: dict[int | str, Any] = {200: exports.DOCUMENTED}
        register_export = self._add("GET", f"{path}/export", responses=answers)

        def register_both(endpoint: Endpoint) -> Endpoint:
            register_export(exports.exporting(endpoint, exported))
            return register(endpoint)

        return register_both

    def post(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Creates, or does something; `idempotent="noun.verb"` takes an Idempotency-Key."""
        return self._add("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Replaces."""
        return self._add("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Changes."""
        return self._add("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Endpoint], Endpoint]:
        """Ends."""
        return self._add("DELETE", path, **options)

    def _add(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        responses: Mapping[int | str, Any] | None = None,
        summary: str | None = None,
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        def register(endpoint: Endpoint) -> Endpoint:
            model = model_of(endpoint)
            manner = Manner(204 if model is None and status == 200 else status, **options)
            self.router.add_api_route(
                path,
                _running(endpoint, model, manner),
                methods=[method],
                status_code=manner.status,
                response_model=None if model in (None, *AS_IT_IS) else model,
                responses={**_responses(method, endpoint, manner), **(responses or {})},
                operation_id=endpoint.__name__,
                summary=summary or first_line(endpoint),
                description=inspect.getdoc(endpoint),
                response_class=Response if model in (None, *AS_IT_IS) else JsonDocumented,
                openapi_extra={"security": []} if manner.public else None,
            )
            route = self.router.routes[-1]
            assert isinstance(route, APIRoute)
            for parameter in route.dependant.query_params:
                repeatable = get_origin(parameter.field_info.annotation) is list
                manner.query[parameter.alias] = repeatable
            return endpoint

        return register


def _responses(method: str, endpoint: Endpoint, manner: Manner) -> dict[int | str, Any]:
    """What the document says of the answers beside their model."""
    asked = inspect.signature(endpoint).parameters
    documented = problems_of(method, public=manner.public, asked=asked)
    tells = [*manner.tells, *(["Idempotent-Replayed"] if manner.idempotent else [])]
    if tells:
        documented[manner.status] = {"headers": headers_of(tells)}
    return documented


class JsonDocumented(JSONResponse):
    """For the document only, which shows a model where it is JSON: the answers are made below."""


def first_line(endpoint: Endpoint) -> str:
    """What an operation is called in the document."""
    return (inspect.getdoc(endpoint) or "").split("\n")[0].rstrip(".")


def model_of(endpoint: Endpoint) -> Any:
    """What an endpoint answers, by its annotation; None for an empty answer.

    >>> def end() -> Answer[None] | Remembered: ...
    >>> model_of(end) is None
    True
    """
    returned = inspect.signature(endpoint).return_annotation
    kinds = get_args(returned) if Remembered in get_args(returned) else (returned,)
    [kind] = [kind for kind in kinds if kind is not Remembered]
    if get_origin(kind) is Answer:
        [kind] = get_args(kind)
    return None if kind is type(None) else kind


def _running(endpoint: Endpoint, model: Any, manner: Manner) -> Endpoint:
    """The endpoint as FastAPI calls it, in a thread of its pool."""
    adapter: TypeAdapter[Any] | None = None if model in (None, *AS_IT_IS) else TypeAdapter(model)

    @functools.wraps(endpoint)
    def run(*, guanche_request: Request, **arguments: Any) -> Response:
        key = arguments.pop("guanche_idempotency_key", None)
        check_query(guanche_request, manner.query)
        state: AppState = guanche_request.app.state.guanche
        with ExitStack() as held:
            if manner.hashing:
                held.enter_context(state.hash_turns.take())
            conn = held.enter_context(state.pool.connection())
            call = open_call(conn, guanche_request, public=manner.public)
            claim = idempotency.claim(call, key, arguments, manner.idempotent) if key else None
            if claim and claim.answer is not None:
                result: Any = claim.answer
            else:
                result = endpoint(call, **arguments)
                if not isinstance(result, Remembered):
                    result = respond(result, adapter, manner.status)
                    if claim:
                        idempotency.keep(call, claim, result)
        if isinstance(result, Remembered):
            raise result.error
        return result if manner.confidential else compressed(guanche_request, result)

    idempotent = manner.idempotent is not None
    run.__signature__ = _signature(endpoint, idempotent=idempotent)  # type: ignore[attr-defined]
    return run


def check_query(request: Request, known: Mapping[str, bool]) -> None:
    """Refuse a filter that nobody applies: a slip would show more than was asked for.

    Raises:
        ApiError: 422, a parameter the operation has not, or one given twice.
    """
    given = Counter(name for name, _ in request.query_params.multi_items())
    for name, times in given.items():
        if name not in known:
            raise ApiError(422, "parameter_unknown", field=f"query.{name[:64]}")
        if times > 1 and not known[name]:
            raise ApiError(422, "parameter_repeated", field=f"query.{name}")


def _signature(endpoint: Endpoint, *, idempotent: bool) -> inspect.Signature:
    """That of the endpoint with the request in place of the call."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    _call, *asked = inspect.signature(endpoint).parameters.values()
    parameters = [
        inspect.Parameter("guanche_request", keyword, annotation=Request),
        *(each.replace(kind=keyword) for each in asked),
    ]
    if idempotent:
        parameters.append(
            inspect.Parameter("guanche_idempotency_key", keyword, annotation=IdempotencyKey)
        )
    return inspect.Signature(parameters)


__all__ = [
    "Answer",
    "Filed",
    "IfMatch",
    "Operations",
    "Raw",
    "Remembered",
    "problems_of",
    "version_of",
]
