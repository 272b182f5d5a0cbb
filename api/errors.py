"""Turns what went wrong into RFC 9457 problem+json.

Every problem has a stable `code`, a title in the reader's language, and where an input is at fault,
its place. Nothing of the database's or the program's own words gets out. Leaves out the words:
`messages.py` and `field_messages.py`, and which kind is which status: `statuses.py`.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import psycopg
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.field_messages import told_of_field
from api.languages import Language, language_of, tag_of
from api.messages import told
from api.models.problem import FieldProblem, Problem
from api.secret_paths import without_secret
from api.statuses import CODE_OF_STATUS, status_of
from kit.errors import DomainError
from kit.files import FileChanged, FileMissing, FilesUnavailable
from kit.log import get_logger

log = get_logger("api")

PROBLEM_JSON: Final = "application/problem+json"
PROBLEM_TYPE: Final = "/api/v1/problems#"
"""Where a code is explained, as a reference relative to the API."""
MOST_ERRORS: Final = 20
LONGEST_FIELD: Final = 120
LONGEST_INSTANCE: Final = 400
CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="guanche"'}
RETRY: Final = {"Retry-After": "2"}


class ApiError(Exception):
    """Something wrong with a request as a request, which no service has to know of."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.field = field
        self.headers = dict(headers or {})
        self.facts = facts


def not_authenticated(code: str = "not_authenticated") -> ApiError:
    """No credential, or none that holds."""
    return ApiError(401, code, headers=CHALLENGE)


def problem_response(
    request: Request,
    status: int,
    code: str,
    *,
    detail: str | None = None,
    facts: Mapping[str, Any] | None = None,
    field: str | None = None,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem as a response, in the language the request asks for. `field` is at fault."""
    language = language_of(request.headers.get("accept-language"))
    facts = {name: plain(fact) for name, fact in (facts or {}).items()}
    title, translated = told(code, language, facts)
    sentence = translated if language == "zh" or detail is None else printable(detail)
    if field is not None:
        errors = [FieldProblem(field=field, code=code, message=sentence)]
    problem = Problem(
        type=PROBLEM_TYPE + code,
        title=title,
        status=status,
        detail=sentence,
        code=code,
        instance=quote(request.scope["path"])[:LONGEST_INSTANCE],
        request_id=request.scope.get("guanche.request_id"),
        facts=dict(facts) or None,
        errors=list(errors) or None,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=status,
        media_type=PROBLEM_JSON,
        headers={**(headers or {}), "Content-Language": tag_of(language)},
    )


def plain(fact: Any) -> Any:
    """A fact as JSON holds it."""
    if isinstance(fact, datetime | date):
        return fact.isoformat()
    if isinstance(fact, str):
        return printable(fact)
    if fact is None or isinstance(fact, int | float):
        return fact
    if isinstance(fact, list | tuple | set | frozenset):
        return [plain(each) for each in fact]
    if isinstance(fact, Mapping):
        return {str(name): plain(each) for name, each in fact.items()}
    return str(fact) if isinstance(fact, Decimal) else repr(fact)


def printable(text: str) -> str:
    """The text as UTF-8 holds it."""
    return text.encode("utf-8", "replace").decode()


def of_domain(request: Request, error: Exception) -> Response:
    """A domain error: its own code, message and facts."""
    assert isinstance(error, DomainError)
    status = status_of(type(error))
    headers = dict(CHALLENGE) if status == 401 else {}
    if "retry_after_s" in error.facts:
        headers["Retry-After"] = str(error.facts["retry_after_s"])
    return problem_response(
        request,
        status,
        error.code,
        detail=error.message,
        facts=error.facts,
        field=error.field,
        headers=headers,
    )


def of_request(request: Request, error: Exception) -> Response:
    """An `ApiError`."""
    assert isinstance(error, ApiError)
    return problem_response(
        request,
        error.status,
        error.code,
        facts=error.facts,
        field=error.field,
        headers=error.headers,
    )


def of_validation(request: Request, error: Exception) -> Response:
    """Input that does not fit its model: every place, up to some, never the input itself."""
    assert isinstance(error, RequestValidationError)
    places = error.errors()
    broken = next((place for place in places if place["type"] == "json_invalid"), None)
    if broken is not None:
        at = [part + 1 for part in broken["loc"] if isinstance(part, int)]
        return problem_response(
            request, 400, "body_not_json", facts={"character": at[0]} if at else {}
        )
    unread = any(p["loc"] == ("body",) and p["type"] != "missing" for p in places)
    if unread and not sends_json(request):
        return problem_response(request, 415, "unsupported_media_type")
    language = language_of(request.headers.get("accept-language"))
    errors = [field_problem(place, language) for place in places[:MOST_ERRORS]]
    return problem_response(request, 422, "invalid", errors=errors)


def field_problem(place: Mapping[str, Any], language: Language) -> FieldProblem:
    """One place of a validation error."""
    return FieldProblem(
        field=".".join(str(part) for part in place["loc"])[:LONGEST_FIELD],
        code=place["type"],
        message=told_of_field(place, language),
    )


def sends_json(request: Request) -> bool:
    """Whether the body is said to be JSON."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def of_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: an unknown path, a method, a body too large."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(methods_of(request))
    code = CODE_OF_STATUS.get(error.status_code, "bad_request")
    return problem_response(request, error.status_code, code, headers=headers)


def methods_of(request: Request) -> Iterator[str]:
    """The methods the path has, over all operations that share it.

    A path that is written out, such as an export, comes before one where a name stands in its
    place, and has its own methods only, whatever else could be done to something of that name.
    """
    routes = iter_route_contexts(request.app.router.routes)
    found = [r for r in routes if r.original_route.matches(request.scope)[0] is not Match.NONE]
    has = {method for r in found if r.path == found[0].path for method in r.methods or ()}
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        if method in has or (method == "HEAD" and "GET" in has):
            yield method


def of_database(request: Request, error: Exception) -> Response:
    """What the database refused or could not do; never its words, which may quote a row."""
    assert isinstance(error, psycopg.Error)
    primary = error.diag.message_primary or ""
    told_to_log = {
        "error": type(error).__name__,
        "message": primary if error.sqlstate else str(error)[:200],
        "constraint": error.diag.constraint_name,
        "path": without_secret(request.scope["path"]),
    }
    if isinstance(error, psycopg.errors.InsufficientPrivilege) and "denied" not in primary:
        # Row security. Where a grant is missing, "permission denied" is said: a fault of ours.
        log.warning("row_security", **told_to_log)
        return problem_response(request, 403, "outside_your_organisation")
    if isinstance(error, psycopg.DataError):
        log.warning("data_error", **told_to_log)
        return problem_response(request, 422, "not_storable")
    if isinstance(error, psycopg.OperationalError):
        log.error("database_unavailable", **told_to_log)
        return problem_response(request, 503, "database_unavailable", headers=RETRY)
    log.error("fault", stack="".join(trace_of(error)), **told_to_log)
    return problem_response(request, 500, "fault")


def of_files(request: Request, error: Exception) -> Response:
    """Files that cannot be reached now, or are not what was written."""
    path = without_secret(request.scope["path"])
    log.error("files", error=type(error).__name__, message=str(error), path=path)
    if isinstance(error, FilesUnavailable):
        return problem_response(request, 503, "files_unavailable", headers=RETRY)
    return problem_response(request, 500, "file_damaged")


def trace_of(error: BaseException) -> list[str]:
    """Where an error came from, without what it says."""
    return traceback.format_tb(error.__traceback__)


def of_fault(request: Request, error: Exception) -> Response:
    """A fault of this program: logged with its trace, told without it."""
    log.error("fault", exc_info=error, path=without_secret(request.scope["path"]))
    return problem_response(request, 500, "fault")


HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Response]]] = {
    DomainError: of_domain,
    ApiError: of_request,
    RequestValidationError: of_validation,
    HTTPException: of_http,
    psycopg.Error: of_database,
    FilesUnavailable: of_files,
    FileMissing: of_files,
    FileChanged: of_files,
    Exception: of_fault,
}
"""Every error of the application becomes a problem. None of them waits for anything."""
