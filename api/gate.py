"""What every request passes first: a number, a look at its credentials, a line in the log.

Denies by default: a path under /api/ is answered only to who brings a credential, or is on the
short list of public ones, or is a secret address (`secret_paths.py`). Whether the credential holds
is found out where the database is (`deps.py`). Bounds the body, and answers HEAD as GET without its
body.

An ASGI layer around everything, the last resort for faults too, and so asynchronous; it waits for
nothing but the application.
"""

import functools
import re
import uuid
from collections.abc import Callable, Coroutine
from typing import Any, Final, ParamSpec, TypeVar

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.metrics import ApiMetrics
from api.secret_paths import PUBLIC_SECRETS, without_secret
from api.uploads import max_body_bytes
from kit import clock
from kit.log import get_logger

log = get_logger("api")
P = ParamSpec("P")
Result = TypeVar("Result")

MAX_BODY_BYTES: Final = 1024 * 1024
LOGGED_PATH: Final = 200
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
SESSION_COOKIES: Final = ("__Host-guanche_session", "guanche_session")
"""Over https, and over plain http as in a demo."""
PROTECTED: Final = "/api/"
PUBLIC: Final = frozenset(
    {
        ("POST", "/api/v1/sessions"),
        ("POST", "/api/v1/password-resets/redeem"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/docs"),
        ("GET", "/api/v1/problems"),
    }
)
LAST_ANSWER: Final = {"Connection": "close"}
"""What is left of the body is not read, so the connection can serve no other request."""
WHOLLY_PUBLIC: Final = {path for _method, path in PUBLIC} - {"/api/v1/sessions"}
"""Paths without a protected operation: whoever asks with another method is told which there are."""
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SAFE_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class Gate:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method: str = scope["method"]
        scope = {**scope, "method": "GET"} if method == "HEAD" else scope
        request = Request(scope)
        request_id = request_id_of(request)
        scope["guanche.request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began_s = clock.monotonic()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *SAFE_HEADERS,
                ]
            await send(message)

        answer = without_body(noting) if method == "HEAD" else noting
        try:
            refusal = refusal_of(request)
            if refusal is not None:
                await errors.of_request(request, refusal)(scope, receive, answer)
            else:
                limit = max_body_bytes(method, scope["path"], MAX_BODY_BYTES)
                await self._app(scope, bounded(receive, limit), answer)
        finally:
            self._account(scope, method, status, clock.monotonic() - began_s)

    def _account(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        self._metrics.count(method, template_of(scope), status, seconds)
        if scope["path"] not in QUIET:
            log.info(
                "request",
                method=method,
                path=without_secret(scope["path"])[:LOGGED_PATH],
                status=status,
                ms=round(seconds * 1000, 1),
                actor=scope.get("guanche.actor"),
            )


def without_body(send: Send) -> Send:
    """Sends the head of an answer alone. Of a stream, too, which would have no end."""
    begun = False

    async def answer(message: Message) -> None:
        nonlocal begun
        if message["type"] == "http.response.start":
            await send(message)
        elif not begun:
            begun = True
            await send({"type": "http.response.body", "body": b""})

    return answer


def bounded(receive: Receive, limit: int) -> Receive:
    """Receives a body of `limit` bytes at most, whatever length it claims to have.

    Raises:
        HTTPException: 413.
    """
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, headers=LAST_ANSWER)
        return message

    return take


def on_the_loop(handle: Callable[P, Result]) -> Callable[P, Coroutine[Any, Any, Result]]:
    """The same, not in a thread: for what waits for nothing, and must be told when none is free."""

    @functools.wraps(handle)
    async def handle_at_once(*args: P.args, **kwargs: P.kwargs) -> Result:
        return handle(*args, **kwargs)

    return handle_at_once


def template_of(scope: Scope) -> str:
    """The path of the operation as the document has it; paths themselves have no end."""
    return getattr(scope.get("route"), "path", "unmatched")


def request_id_of(request: Request) -> str:
    """The caller's own number where it is a plain one, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def has_credential(request: Request) -> bool:
    """Whether the request brings anything that may tell who asks."""
    return "authorization" in request.headers or any(
        name in request.cookies for name in SESSION_COOKIES
    )


def refusal_of(request: Request) -> errors.ApiError | None:
    """Why a request gets no further, or None."""
    scope: Any = request.scope
    query: bytes = scope.get("query_string", b"")
    if "\0" in scope["path"] or b"%00" in query or b"\0" in query:
        return errors.ApiError(400, "nul_character")
    length = request.headers.get("content-length", "0")
    path = scope["path"]
    limit = max_body_bytes(request.method, path, MAX_BODY_BYTES)
    if length.isdecimal() and int(length[:20]) > limit:
        return errors.ApiError(413, "body_too_large", headers=LAST_ANSWER)
    if not path.startswith(PROTECTED) or (request.method, path) in PUBLIC or path in WHOLLY_PUBLIC:
        return None
    if PUBLIC_SECRETS.fullmatch(path):
        return None
    return None if has_credential(request) else errors.not_authenticated()
