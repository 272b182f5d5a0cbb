"""Every error is a problem of RFC 9457 with words in both languages, and none of our own inside."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import jsonschema
import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from structlog.testing import capture_logs

import alerts
import api as api_room
import fleet
import kit
import schemas
from api.app import create_app
from api.field_messages import ZH
from api.languages import language_of
from api.messages import MESSAGES, told
from api.statuses import STATUS_OF_CODE, known_codes
from guanche.embedded import PostgresServer
from kit.errors import Conflict, DomainError, Invalid, NotFound, Refused
from kit.settings import Settings
from tests.api.served import BASE_URL, NEXT_YEAR, Served, code_of, post
from tests.api.world import KEY_TEXT, PASSWORD, build_world
from tests.fixtures.databases import APP_LOGIN, APP_PASSWORD, as_app

ORGANISATIONS: Final = "/api/v1/organisations"
NO_WORDS: Final = {"domain_error"}
"""The base of all of them is never raised."""


def import_all(*rooms: ModuleType) -> None:
    """Import every module of these rooms, so that every error is defined."""
    for room in rooms:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)


def kinds_of(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    """An error and all that are ones of its kind, as far as a request can meet them."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from kinds_of(narrower)


def errors_of_requests() -> list[type[DomainError]]:
    """Every domain error that a service can answer a request with."""
    import_all(kit, schemas, fleet, alerts, api_room)
    rooms = ("kit.", "schemas.", "fleet.", "alerts.", "api.")
    return [kind for kind in kinds_of(DomainError) if kind.__module__.startswith(rooms)]


def codes_raised() -> list[tuple[str, int | None, str]]:
    """Where `ApiError` and `problem_response` are given which status and code."""
    found = []
    for path in sorted(Path(api_room.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(
                node.func, ast.Name | ast.Attribute
            ):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name not in {"ApiError", "problem_response", "not_authenticated"}:
                continue
            given = [each.value for each in node.args if isinstance(each, ast.Constant)]
            status = next((each for each in given if isinstance(each, int)), None)
            for code in (each for each in given if isinstance(each, str)):
                found.append((path.name, status, code))
    return found


def test_every_error_has_words_in_both_languages() -> None:
    codes = {kind.code for kind in errors_of_requests()} | set(STATUS_OF_CODE)
    codes |= {code for _, _, code in codes_raised()}
    assert sorted(codes - MESSAGES.keys() - NO_WORDS) == []
    assert len(codes) > 70


def test_there_are_no_words_for_what_nobody_says() -> None:
    codes = {kind.code for kind in errors_of_requests()} | {code for _, _, code in codes_raised()}
    assert sorted(MESSAGES.keys() - codes - set(STATUS_OF_CODE)) == []


def test_words_are_chinese_and_english() -> None:
    for code, message in MESSAGES.items():
        assert any("\u4e00" <= character <= "\u9fff" for character in message.zh), code
        assert message.en.isascii() or "’" in message.en, code
        assert not message.en.endswith("."), code
        assert not message.zh.endswith("。"), code
    for code, words in ZH.items():
        assert any("\u4e00" <= character <= "\u9fff" for character in words), code


def test_a_code_has_one_status() -> None:
    assert {(code, status) for _, status, code in codes_raised() if status is not None} <= set(
        STATUS_OF_CODE.items()
    )
    told: dict[str, set[type[DomainError]]] = {}
    for kind in errors_of_requests():
        told.setdefault(kind.code, set()).add(kind)
    of_their_own = {code: kinds for code, kinds in told.items() if len(kinds) > 1}
    # Of the one password, or of the old one; and what two rooms say that never import each other.
    assert set(of_their_own) == {"password_wrong", "organisation_not_found", "vehicle_not_found"}


@pytest.mark.parametrize(
    ("kind", "status"), [(NotFound, 404), (Conflict, 409), (Refused, 409), (Invalid, 422)]
)
def test_a_kind_decides_the_status_unless_it_is_one_of_few(
    kind: type[DomainError], status: int
) -> None:
    few = {
        "login_failed": 401,
        "login_locked": 401,
        "parameter_not_yours": 403,
        "permission_missing": 403,
        "roles_exceed_own": 403,
        "scopes_exceed_own": 403,
        "step_up_required": 403,
        "transfer_not_yours": 403,
        "user_outranks": 403,
        "vehicle_not_yours": 403,
        "version_changed": 412,
        "too_many_attempts": 429,
    }
    known = known_codes()
    for each in kinds_of(kind):
        assert known[each.code] == few.get(each.code, status), each


# The list of them


def test_the_list_is_public_and_whole(api: Served) -> None:
    answer = api.nobody().get("/api/v1/problems")
    kinds = {kind["code"]: kind for kind in answer.json()}
    assert sorted(kinds) == [kind["code"] for kind in answer.json()]
    assert set(kinds) == {code for code in known_codes() if code in MESSAGES}
    assert kinds["vehicle_not_found"] == {
        "code": "vehicle_not_found",
        "status": 404,
        "title": "No such vehicle",
        "title_zh": "车辆不存在",
    }
    assert (kinds["login_failed"]["status"], kinds["version_changed"]["status"]) == (401, 412)


def test_a_problem_refers_to_the_list(api: Served) -> None:
    problem = api.person("alpha.owner").get(f"{ORGANISATIONS}/nowhere").json()
    assert problem["type"] == "/api/v1/problems#organisation_not_found"
    listed = api.nobody().get(problem["type"].partition("#")[0]).json()
    assert problem["code"] in {kind["code"] for kind in listed}


# The words


def test_a_problem_is_told_in_english(api: Served) -> None:
    answer = api.person("alpha.owner").get(f"{ORGANISATIONS}/nowhere")
    assert answer.headers["content-language"] == "en"
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told.pop("request_id") == answer.headers["x-request-id"]
    assert told == {
        "type": "/api/v1/problems#organisation_not_found",
        "title": "No such organisation",
        "status": 404,
        "detail": "no organisation has the code 'nowhere'",
        "code": "organisation_not_found",
        "instance": "/api/v1/organisations/nowhere",
        "facts": {"organisation_code": "nowhere"},
    }


def test_a_problem_is_told_in_chinese(api: Served) -> None:
    answer = api.person("alpha.owner").get(
        f"{ORGANISATIONS}/nowhere", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
    )
    assert answer.headers["content-language"] == "zh-CN"
    told = answer.json()
    assert (told["title"], told["detail"]) == ("组织不存在", "找不到组织 nowhere")
    assert told["code"] == "organisation_not_found"


def test_the_fields_at_fault_are_told_in_chinese(api: Served) -> None:
    owner, chinese = api.person("alpha.owner"), {"Accept-Language": "zh"}
    limit = owner.get(f"{ORGANISATIONS}?limit=201", headers=chinese).json()
    assert limit["errors"] == [
        {"field": "query.limit", "code": "less_than_equal", "message": "不能大于 200"}
    ]
    body = {"code": "UPPER", "name": "a\nb"}
    headers = chinese | {"Idempotency-Key": "k"}
    told = owner.post(ORGANISATIONS, json=body, headers=headers).json()
    assert (told["title"], told["detail"]) == ("输入有误", "输入有误")
    assert {error["field"]: error["message"] for error in told["errors"]} == {
        "body.code": "格式应符合 ^[a-z0-9][a-z0-9-]{0,62}$",
        "body.name": "不能包含字符 U+000A",
        "body.parent": "必填",
    }
    taken = owner.post(
        ORGANISATIONS, json={"code": "alpha", "name": "x", "parent": "alpha"}, headers=headers
    ).json()
    assert taken["errors"] == [
        {"field": "code", "code": "organisation_code_taken", "message": "组织编码 alpha 已被使用"}
    ]


def test_lists_among_the_facts_are_told_as_lists(api: Served) -> None:
    body = {
        "name": "machine",
        "organisation": "alpha",
        "scopes": ["user.create", "command.approve"],
        "expires_at": NEXT_YEAR,
    }
    headers = {"Accept-Language": "zh", "Idempotency-Key": api.unused("k")}
    owner = api.person("alpha.owner", step_up=True)
    told = owner.post("/api/v1/api-keys", json=body, headers=headers).json()
    assert (told["status"], told["code"]) == (403, "scopes_exceed_own")
    assert told["detail"] == "不能授予：command.approve、user.create"
    assert told["facts"] == {"beyond": ["command.approve", "user.create"]}


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("ZH-hans-CN", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("en;q=0.1,zh;q=0.2", "zh"),
        ("zh;q=0,en;q=0.1", "en"),
        ("zh;q=0", "en"),
        ("fr,de;q=0.5", "en"),
        ("fr,zh;q=0.1", "zh"),
        ("zh;q=nonsense,en", "en"),
        ("zh;q=nan", "en"),
        (",;=,zh" + ",x" * 10_000, "zh"),
        ("x," * 100 + "zh", "en"),
    ],
)
def test_the_language_is_the_one_preferred(wanted: str | None, language: str) -> None:
    assert language_of(wanted) == language


def test_words_with_places_take_any_facts() -> None:
    for code in MESSAGES:
        title, sentence = told(code, "zh", {})
        assert "{" not in title + sentence
    assert told("user_outranks", "zh", {"login": "{now}"})[1] == "{now} 的权限高于您"
    assert told("no_such_code", "zh", {}) == ("no_such_code", "no_such_code")


def test_an_instance_is_a_reference(api: Served) -> None:
    owner = api.person("alpha.owner")
    told = owner.get(f"{ORGANISATIONS}/%E4%BA%AC%0a<b>").json()
    assert told["instance"] == f"{ORGANISATIONS}/%E4%BA%AC%0A%3Cb%3E"
    assert len(owner.get(f"{ORGANISATIONS}/{'x' * 5_000}").json()["instance"]) == 400


def test_every_problem_is_as_the_document_says(api: Served) -> None:
    owner, document = api.person("alpha.owner"), api.app.openapi()
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    answers = [
        owner.get(f"{ORGANISATIONS}/nowhere"),
        owner.get(f"{ORGANISATIONS}?limit=0"),
        owner.put(ORGANISATIONS),
        owner.get("/api/v1/nowhere"),
        api.nobody().get(ORGANISATIONS),
        api.log_in("alpha.ops", password="wrong"),
    ]
    for answer in answers:
        jsonschema.validate(answer.json(), schema)
        assert answer.json()["status"] == answer.status_code


# What the database says stays here


FAULTS: Final[dict[str, tuple[Exception, int, str]]] = {
    "an unnamed constraint": (
        psycopg.errors.UniqueViolation('duplicate key "users_phone_key" (13812345678)'),
        *(500, "fault"),
    ),
    "a bad query": (psycopg.errors.UndefinedColumn('column "x" does not exist'), 500, "fault"),
    "a value out of range": (psycopg.errors.NumericValueOutOfRange("x"), 422, "not_storable"),
    "a text it cannot hold": (psycopg.DataError("PostgreSQL text …"), 422, "not_storable"),
    "row security": (
        psycopg.errors.InsufficientPrivilege("new row violates row-level security policy"),
        *(403, "outside_your_organisation"),
    ),
    "a query too slow": (psycopg.errors.QueryCanceled("x"), 503, "database_unavailable"),
    "a deadlock": (psycopg.errors.DeadlockDetected("x"), 503, "database_unavailable"),
    "a lock too long": (psycopg.errors.LockNotAvailable("x"), 503, "database_unavailable"),
    "a connection lost": (
        psycopg.OperationalError("server closed the connection"),
        *(503, "database_unavailable"),
    ),
}


@pytest.mark.parametrize(("error", "status", "code"), FAULTS.values(), ids=list(FAULTS))
def test_a_database_error_is_told_without_its_words(
    api: Served, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    """Nor are they logged where they may quote a row, which may hold a phone."""

    def fail() -> None:
        raise error

    monkeypatch.setattr("fleet.identity.service.list_roles", fail)
    quiet = api.nobody(raise_server_exceptions=False)
    quiet.headers |= api.person("alpha.owner").headers
    with capture_logs() as lines:
        answer = quiet.get("/api/v1/roles")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert str(error) not in answer.text or len(str(error)) == 1
    assert type(error).__name__ in repr(lines)
    assert "13812345678" not in answer.text + repr(lines)
    assert "psycopg" not in answer.text
    assert answer.headers.get("retry-after") == ("2" if status == 503 else None)


def test_a_row_that_breaks_an_unnamed_constraint_is_neither_told_nor_logged(api: Served) -> None:
    api.as_owner("ALTER TABLE users ADD CONSTRAINT odd CHECK (phone <> '13812349999')")
    body = {
        "login": "odd.constraint",
        "name": "人",
        "organisation": "alpha",
        "roles": ["ops"],
        "phone": "13812349999",
    }
    try:
        with capture_logs() as lines:
            answer = post(api.person("alpha.owner", step_up=True), "/api/v1/users", body, "odd")
    finally:
        api.as_owner("ALTER TABLE users DROP CONSTRAINT odd")
    assert (answer.status_code, code_of(answer)) == (500, "fault")
    [fault] = [line for line in lines if line["event"] == "fault"]
    assert (fault["error"], fault["constraint"]) == ("CheckViolation", "odd")
    assert "insert_user" in fault["stack"]
    for text in (answer.text, repr(lines)):
        assert "13812349999" not in text
        assert "odd.constraint" not in text


def test_a_missing_grant_is_a_fault_and_not_the_askers(api: Served) -> None:
    owner = api.person("alpha.owner")
    api.as_owner("REVOKE SELECT ON organisations FROM guanche_app")
    try:
        answer = owner.get(ORGANISATIONS)
    finally:
        api.as_owner("GRANT SELECT ON organisations TO guanche_app")
    assert (answer.status_code, code_of(answer)) == (500, "fault")
    assert "permission denied" not in answer.text


# The database is away


@pytest.fixture
def settings(private_server: PostgresServer, private_database_url: str) -> Settings:
    """Those of an API whose server can be stopped."""
    with psycopg.connect(private_database_url, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE {APP_LOGIN} LOGIN PASSWORD '{APP_PASSWORD}' IN ROLE guanche_app")
    with psycopg.connect(private_database_url) as conn:
        build_world(conn, roles=("owner",))
    return Settings(
        _env_file=None, api_database_url=as_app(private_database_url), secret_key=KEY_TEXT
    )


@pytest.mark.reliability
def test_while_the_database_is_away_one_is_told_to_come_again(
    private_server: PostgresServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.app.POOL_TIMEOUT_S", 0.5)
    log_in = {"login": "alpha.owner", "password": PASSWORD, "kind": "bearer"}

    def away(answer: Response) -> bool:
        return (answer.status_code, answer.headers.get("retry-after")) == (503, "2") and (
            code_of(answer) == "database_unavailable"
        )

    with TestClient(create_app(settings), base_url=BASE_URL) as client:
        token = client.post("/api/v1/sessions", json=log_in).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get(ORGANISATIONS, headers=headers).status_code == 200
        private_server.stop("immediate")
        assert [away(client.get(ORGANISATIONS, headers=headers)) for _ in range(3)] == [True] * 3
        assert away(client.post("/api/v1/sessions", json=log_in))
        assert client.get("/healthz").status_code == 200
        ready: Any = client.get("/readyz")
        assert (ready.status_code, ready.json()["reasons"]) == (
            503,
            ["the database does not answer"],
        )
        private_server.start()
        statuses = []
        while not statuses or statuses[-1] != 200:
            statuses.append(client.get(ORGANISATIONS, headers=headers).status_code)
        assert set(statuses) <= {503, 200}
        assert client.get("/readyz").status_code == 200
