"""How operations are run: what is read of a request, the transaction, and the answer's bytes."""

import itertools
import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from api.errors import ApiError
from api.turns import Turns
from fleet.audit import service as audit
from kit import db
from tests.api.served import Served, code_of, over_http, post, served
from tests.api.world import PASSWORD
from tests.fixtures.databases import TestServer
from tests.reliability.process import wait_until

ORGANISATIONS: Final = "/api/v1/organisations"


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("limit=1&limit=2", "parameter_repeated", "query.limit"),
        ("limit=1&limit=1", "parameter_repeated", "query.limit"),
        ("organization=alpha", "parameter_unknown", "query.organization"),
        ("Limit=1", "parameter_unknown", "query.Limit"),
        ("=", "parameter_unknown", "query."),
        (f"{'x' * 5_000}=1", "parameter_unknown", f"query.{'x' * 64}"),
    ],
)
def test_a_parameter_nobody_reads_is_refused(
    api: Served, query: str, code: str, field: str
) -> None:
    for path in ("/api/v1/users", "/api/v1/organisations", "/api/v1/audit", "/api/v1/devices"):
        answer = api.person("alpha.owner").get(f"{path}?{query}")
        assert (answer.status_code, code_of(answer)) == (422, code)
        assert answer.json()["errors"][0]["field"] == field


def post_bytes(
    client: TestClient, content: Any, content_type: str | None = "application/json"
) -> Response:
    """The answer to these bytes."""
    headers = {"Idempotency-Key": f"bytes-{next(_numbers)}"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    return client.post(ORGANISATIONS, content=content, headers=headers)


_numbers = itertools.count()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"", 422, "invalid", id="nothing"),
        pytest.param(b"{", 400, "body_not_json", id="half a JSON"),
        pytest.param(b"{}{}", 400, "body_not_json", id="two of them"),
        pytest.param(b"<xml/>", 400, "body_not_json", id="XML"),
        pytest.param(b"null", 422, "invalid", id="null"),
        pytest.param(b"[]", 422, "invalid", id="a list"),
        pytest.param(b'"text"', 422, "invalid", id="a text"),
        pytest.param(b"1", 422, "invalid", id="a number"),
        pytest.param(b'{"code":"\xff\xfe"}', 400, "bad_request", id="not UTF-8"),
        pytest.param(b'{"code":"a\0b"}', 400, "body_not_json", id="a bare NUL"),
        pytest.param(b"[" * 500_000, 400, "bad_request", id="deep"),
        pytest.param(b'{"a":' * 100_000, 400, "bad_request", id="deep objects"),
        pytest.param(b"9" * 500_000, 400, "bad_request", id="a long number"),
        pytest.param(b'{"code":' + b"9" * 4_000 + b"}", 422, "invalid", id="a big number"),
        pytest.param(b'{"\\ud800":1}', 422, "invalid", id="a lone surrogate for a name"),
    ],
)
def test_a_body_that_is_none_is_told_so(
    api: Served, content: bytes, status: int, code: str
) -> None:
    answer = post_bytes(api.person("alpha.owner"), content)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_where_a_body_stops_being_json_is_told(api: Served) -> None:
    answer = post_bytes(api.person("alpha.owner"), b'{"code":"a", oops')
    assert (answer.status_code, answer.json()["facts"]) == (400, {"character": 14})


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("APPLICATION/JSON", 201),
        ("application/vnd.guanche+json", 201),
        ("text/plain", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/xml", 415),
        (None, 415),
        ("", 415),
    ],
)
def test_only_json_is_read(api: Served, content_type: str | None, status: int) -> None:
    body = {"code": api.unused("type"), "name": "车场", "parent": "alpha"}
    answer = post_bytes(api.person("alpha.owner"), json.dumps(body).encode(), content_type)
    assert answer.status_code == status, answer.text
    if status == 415:
        assert code_of(answer) == "unsupported_media_type"


def test_an_unknown_field_is_refused(api: Served) -> None:
    body = {"code": "x", "name": "x", "parent": "alpha", "tenant_id": 1, "__proto__": {}}
    answer = post_bytes(api.person("alpha.owner"), json.dumps(body).encode())
    told = {(each["field"], each["code"]) for each in answer.json()["errors"]}
    assert told == {("body.tenant_id", "extra_forbidden"), ("body.__proto__", "extra_forbidden")}


def test_a_problem_does_not_repeat_thousands_of_fields(api: Served) -> None:
    body = {f"field {n} {'x' * 100}": n for n in range(5_000)}
    answer = post_bytes(api.person("alpha.owner"), json.dumps(body).encode())
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)
    assert len(answer.content) < 8_000


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (None, 428, "if_match_required"),
        ('"999999"', 412, "version_changed"),
        ('"-1"', 400, "if_match_invalid"),
        ('W/"1"', 400, "if_match_invalid"),
        ("*", 400, "if_match_invalid"),
        ('"1", "2"', 400, "if_match_invalid"),
        ('"²"', 400, "if_match_invalid"),
        (f'"{"9" * 18}"', 412, "version_changed"),
        (f'"{"9" * 19}"', 400, "if_match_invalid"),
        ("x" * 65, 422, "invalid"),
    ],
)
def test_if_match_names_a_version(api: Served, given: str | None, status: int, code: str) -> None:
    headers = {} if given is None else {"If-Match": given.encode("latin-1")}
    answer = api.person("alpha.owner").patch(
        "/api/v1/organisations/alpha-south", json={"name": "南"}, headers=headers
    )
    assert (answer.status_code, code_of(answer)) == (status, code)
    if code != "version_changed":
        assert answer.json()["errors"][0]["field"] == "header.If-Match"


# The transaction


def organisation(code: str) -> dict[str, str]:
    """The body of a new organisation."""
    return {"code": code, "name": "车场", "parent": "alpha"}


HOW_MANY: Final = "SELECT count(*) FROM organisations WHERE code = %s"


def test_the_commit_comes_before_the_first_byte(api: Served) -> None:
    code = api.unused("commit")
    seen: list[list[tuple[Any, ...]]] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watching(message: Message) -> None:
            seen.append(api.as_owner(HOW_MANY, code))
            await send(message)

        await api.app(scope, receive, watching)

    client = TestClient(watched)
    client.headers |= api.person("alpha.owner").headers
    assert post(client, ORGANISATIONS, organisation(code), code).status_code == 201
    assert seen[0] == [(1,)]


def test_what_fails_late_leaves_nothing(api: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    code = api.unused("late")

    def fail(*_arguments: Any, **_named: Any) -> None:
        assert api.as_owner(HOW_MANY, code) == [(0,)]
        raise ZeroDivisionError

    monkeypatch.setattr(audit, "record", fail)
    client = api.nobody(raise_server_exceptions=False)
    client.headers |= api.person("alpha.owner").headers
    with capture_logs():
        failed = post(client, ORGANISATIONS, organisation(code), code)
    assert (failed.status_code, code_of(failed)) == (500, "fault")
    assert api.as_owner(HOW_MANY, code) == [(0,)]


def test_a_failed_log_in_leaves_its_traces(api: Served) -> None:
    count = "SELECT count(*) FROM audit_entries WHERE action = 'session.refused'"
    [(before,)] = api.as_owner(count)
    assert api.log_in("alpha.ops", password="wrong").status_code == 401
    assert api.as_owner(count) == [(before + 1,)]
    assert api.as_owner("SELECT failed_logins > 0 FROM users WHERE login = 'alpha.ops'") == [
        (True,)
    ]


def test_writing_down_a_use_holds_no_lock(api: Served) -> None:
    """Who disables a person locks them and then their sessions; who steps up the other way round.

    Each would wait for the other, if the use of the session were not committed before.
    """
    login = api.unused("lock.")
    api.make_person(login, "manager")
    person = api.new_session(login)
    own = "user_id = (SELECT id FROM users WHERE login = %s)"
    api.as_owner(
        f"UPDATE sessions SET last_seen_at = last_seen_at - '2 min'::interval WHERE {own}", login
    )
    answers = []
    with db.connect(api.owner_url, application_name="test administrator") as administrator:
        administrator.execute("SET lock_timeout = '5s'")
        administrator.execute("SELECT 1 FROM users WHERE login = %s FOR UPDATE", [login])
        steps_up = threading.Thread(
            target=lambda: answers.append(
                person.post("/api/v1/session/step-up", json={"password": PASSWORD})
            )
        )
        steps_up.start()
        api.wait_until_blocked()
        ended = administrator.execute(
            f"UPDATE sessions SET ended_at = now() WHERE {own} AND ended_at IS NULL", [login]
        )
        assert ended.rowcount == 1
        administrator.commit()
        steps_up.join()
    assert [code_of(answer) for answer in answers] == ["session_not_found"]


# Many at once


def test_more_requests_than_connections_are_all_answered(api: Served) -> None:
    assert api.settings.api_connections == 4
    headers = dict(api.person("alpha.owner").headers)
    with (
        over_http(api.app) as url,
        httpx2.Client(headers=headers, timeout=30) as client,
        ThreadPoolExecutor(40) as threads,
    ):
        answers = threads.map(lambda _: client.get(url + ORGANISATIONS), range(120))
        assert [answer.status_code for answer in answers] == [200] * 120


def test_nobody_sees_what_the_connection_showed_to_others(api: Served) -> None:
    people = [api.person(f"{code}.owner") for code in ("alpha", "omega", "alpha-depot")]
    oracle = [person.get(ORGANISATIONS).json() for person in people]
    assert [len(page["items"]) for page in oracle][1:] == [2, 1]
    tokens = [{"Authorization": person.headers["Authorization"]} for person in people]
    with (
        over_http(api.app) as url,
        httpx2.Client(timeout=30) as client,
        ThreadPoolExecutor(12) as threads,
    ):

        def ask(number: int) -> bool:
            answer = client.get(url + ORGANISATIONS, headers=tokens[number % 3])
            return bool(answer.json() == oracle[number % 3])

        assert list(threads.map(ask, range(300))) == [True] * 300


@pytest.fixture(scope="module")
def narrow(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application with two connections, for which nobody waits long."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("api.app.POOL_TIMEOUT_S", 0.2)
        with served(_server_of(storage), api_connections=2) as running:
            running.person("alpha.owner")
            yield running


def test_without_a_free_connection_one_is_told_to_come_again(narrow: Served) -> None:
    owner, pool = narrow.person("alpha.owner"), narrow.app.state.guanche.pool
    taken = [pool.getconn() for _ in range(2)]
    try:
        answer = owner.get(ORGANISATIONS)
        assert (answer.status_code, code_of(answer)) == (503, "database_unavailable")
        assert answer.headers["retry-after"] == "2"
        assert owner.get("/healthz").json() == {"status": "ok", "reasons": []}
        ready = owner.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "failing")
    finally:
        for conn in taken:
            pool.putconn(conn)
    assert owner.get(ORGANISATIONS).status_code == 200


def test_who_leaves_early_takes_no_connection_along(narrow: Served) -> None:
    token = narrow.person("alpha.owner").headers["Authorization"]
    request = (
        f"GET {ORGANISATIONS} HTTP/1.1\r\nHost: guanche\r\nAuthorization: {token}\r\n\r\n"
    ).encode()
    with over_http(narrow.app) as url:
        parts = urlsplit(url)
        for _ in range(20):
            with socket.create_connection((parts.hostname, parts.port)) as wire:
                wire.sendall(request)
    assert narrow.person("alpha.owner").get(ORGANISATIONS).status_code == 200
    assert narrow.app.state.guanche.pool.get_stats()["pool_available"] == 2


@pytest.fixture
def turns(api: Served) -> Iterator[Turns]:
    """One may hash a password, and nobody waits."""
    state = api.app.state.guanche
    api.app.state.guanche = replace(state, hash_turns=Turns(1, waiting=0))
    yield api.app.state.guanche.hash_turns
    api.app.state.guanche = state


def test_a_flood_of_log_ins_leaves_room_for_others(api: Served, turns: Turns) -> None:
    owner = api.person("alpha.owner")
    with turns.take():
        busy = api.log_in("alpha.ops")
        assert (busy.status_code, code_of(busy)) == (503, "busy")
        assert busy.headers["retry-after"] == "1"
        assert owner.get(ORGANISATIONS).status_code == 200
    assert api.log_in("alpha.ops").status_code == 201


def test_some_wait_for_their_turn() -> None:
    turns, let_in = Turns(1, waiting=2), []

    def enter(name: str) -> None:
        with turns.take():
            let_in.append(name)

    with turns.take():
        waiting = [threading.Thread(target=enter, args=[name]) for name in ("a", "b")]
        for thread in waiting:
            thread.start()
        wait_until(lambda: turns._places._value == 0, within_s=10, what="both wait")
        with pytest.raises(ApiError) as refused, turns.take():
            pass
    for thread in waiting:
        thread.join()
    assert (refused.value.status, refused.value.code) == (503, "busy")
    assert sorted(let_in) == ["a", "b"]


# The bytes of the answer


def test_a_large_answer_is_packed_for_who_can_unpack_it(api: Served) -> None:
    owner = api.person("alpha.owner")
    plain = owner.get("/api/v1/roles", headers={"Accept-Encoding": "identity"})
    packed = owner.get("/api/v1/roles", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert (packed.headers["content-encoding"], packed.json()) == ("gzip", plain.json())
    assert int(packed.headers["content-length"]) * 2 < int(plain.headers["content-length"])
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    refused = owner.get("/api/v1/roles", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in refused.headers


def test_a_small_answer_is_not_packed(api: Served) -> None:
    answer = api.person("alpha.owner").get(f"{ORGANISATIONS}/alpha")
    assert "content-encoding" not in answer.headers
    assert answer.json()["name"] == "名 alpha"


def test_an_empty_answer_is_empty(api: Served) -> None:
    answer = api.new_session("alpha.ops").delete("/api/v1/session")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
