"""What every request passes first: numbers, lengths, methods, and who has no credential at all."""

import json
import socket
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import structlog
from fastapi.testclient import TestClient
from httpx2 import Response
from structlog.testing import capture_logs

from api.gate import MAX_BODY_BYTES
from fleet.identity import service as identity
from tests.api.served import Served, code_of, over_http
from tests.api.world import PASSWORD

ORGANISATIONS: Final = "/api/v1/organisations"


def post_bytes(client: TestClient, content: Any) -> Response:
    """The answer to a body of these bytes, which is said to be JSON."""
    headers = {"Idempotency-Key": "bytes", "Content-Type": "application/json"}
    return client.post(ORGANISATIONS, content=content, headers=headers)


@pytest.mark.parametrize("place", ["/api/v1/users?q=a%00b", "/api/v1/users/a%00b", "/%00"])
def test_a_nul_is_refused_wherever_it_stands(api: Served, place: str) -> None:
    answer = api.person("alpha.owner").get(place)
    assert (answer.status_code, code_of(answer)) == (400, "nul_character")


def chunks(total: int) -> Iterator[bytes]:
    """A body in pieces, so that its length is not told before."""
    for _ in range(total // 65_536):
        yield b" " * 65_536


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_more_than_a_mebibyte_is_refused(api: Served, chunked: bool) -> None:
    owner = api.person("alpha.owner")
    fits = post_bytes(owner, b" " * MAX_BODY_BYTES)
    assert (fits.status_code, code_of(fits)) == (400, "body_not_json")
    content: Any = chunks(2 * MAX_BODY_BYTES) if chunked else b" " * (MAX_BODY_BYTES + 1)
    answer = post_bytes(owner, content)
    assert (answer.status_code, code_of(answer)) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def exchange(url: str, request: bytes) -> bytes:
    """What a server says to these bytes until it closes the connection."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as wire:
        wire.sendall(request)
        said = b""
        while more := wire.recv(65_536):
            said += more
    return said


def raw(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: guanche", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def test_a_lying_length_and_endless_chunks_are_refused_on_the_wire(api: Served) -> None:
    token = f"Authorization: {api.person('alpha.owner').headers['Authorization']}"
    common = (token, "Content-Type: application/json", "Idempotency-Key: wire")
    with over_http(api.app) as url:
        claimed = exchange(url, raw("POST", ORGANISATIONS, *common, "Content-Length: 99999999999"))
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        request = raw("POST", ORGANISATIONS, *common, "Transfer-Encoding: chunked")
        endless = exchange(url, request + chunk * 17)
    for said in (claimed, endless):
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413 ")
        assert b"content-type: application/problem+json" in head.lower()
        assert json.loads(body)["code"] == "body_too_large"


@pytest.mark.parametrize("given", ["abc", "A-1._z", "0" * 64])
def test_a_plain_request_id_comes_back(api: Served, given: str) -> None:
    answer = api.nobody().get("/api/v1/session", headers={"X-Request-Id": given})
    assert answer.headers.get_list("x-request-id") == [given]
    assert answer.json()["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", "a b", "a\tb", "0" * 65, "<b>", "é", 'a"b', "a;b", "a,b", "\x7f"]
)
def test_any_other_request_id_is_replaced(api: Served, given: str) -> None:
    headers = {"X-Request-Id": given.encode("latin-1")}
    [told] = api.nobody().get("/api/v1/session", headers=headers).headers.get_list("x-request-id")
    assert told != given
    assert (len(told), set(told) <= set("0123456789abcdef")) == (32, True)


@pytest.mark.parametrize("header", ["X-Request-Id", "Idempotency-Key", "Accept-Language"])
def test_a_header_cannot_bring_another_one_along(api: Served, header: str) -> None:
    with over_http(api.app) as url:
        said = exchange(url, raw("GET", "/api/v1/session", f"{header}: a\rSet-Cookie: evil=1"))
    assert b"evil" not in said


def test_what_is_not_there_is_told_to_who_is_logged_in_only(api: Served) -> None:
    for path in ("/api/v1/nowhere", "/api/v2/users", "/api/", "/api/v1/users/", "/api/v1//users"):
        answer = api.person("alpha.owner").get(path)
        assert (answer.status_code, code_of(answer)) == (404, "no_such_path")
        assert (api.nobody().get(path).status_code, path) == (401, path)
    for path in ("/", "/favicon.ico", "/etc/passwd", "/API/v1/users", "/apiv1"):
        assert code_of(api.nobody().get(path)) == "no_such_path"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/organisations", "GET, HEAD, POST"),
        ("/api/v1/organisations/alpha", "GET, HEAD, PATCH"),
        ("/api/v1/sessions", "GET, HEAD, POST, DELETE"),
        ("/api/v1/session/step-up", "POST"),
        ("/healthz", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "FOO"])
def test_another_method_is_told_which_there_are(
    api: Served, path: str, allowed: str, method: str
) -> None:
    answer = api.person("alpha.owner").request(method, path)
    assert (answer.status_code, code_of(answer)) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


def test_made_up_methods_make_no_figures(api: Served) -> None:
    owner = api.person("alpha.owner")
    for n in range(5):
        owner.request(f"MADEUP{n}", f"/api/v1/nowhere/{n}")
    figures = owner.get("/metrics").text
    assert "MADEUP" not in figures
    assert 'method="OTHER",route="unmatched",status="404"' in figures


@pytest.mark.parametrize(
    "path", ["/api/v1/organisations", "/api/v1/session", "/healthz", "/readyz", "/api/v1/problems"]
)
def test_head_is_get_without_its_body(api: Served, path: str) -> None:
    owner = api.person("alpha.owner")
    full, head = owner.get(path), owner.head(path)
    assert (head.status_code, head.content) == (full.status_code, b"")
    for name in ("content-type", "content-length"):
        assert head.headers[name] == full.headers[name]
    with over_http(api.app) as url:
        token = f"Authorization: {owner.headers['Authorization']}"
        said = exchange(url, raw("HEAD", path, token))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.partition(b"\r\n\r\n")[2] == b""


def test_a_head_of_a_stream_ends(api: Served) -> None:
    with over_http(api.app) as url:
        token = f"Authorization: {api.person('alpha.owner').headers['Authorization']}"
        said = exchange(url, raw("HEAD", "/api/v1/live", token))
    assert said.startswith(b"HTTP/1.1 200 ")
    assert said.partition(b"\r\n\r\n")[2] == b""


# Who has no credential


def operations_of(api: Served) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method and path of every operation, and what is said of it."""
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def test_an_operation_is_denied_without_a_credential_unless_it_says_that_it_is_public(
    api: Served,
) -> None:
    public = set()
    for method, path, operation in operations_of(api):
        if operation.get("security") == []:
            public.add(f"{method} {path}")
            continue
        answer = api.nobody().request(method, path, content=b"\xff")
        assert (answer.status_code, code_of(answer)) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"] == 'Bearer realm="guanche"'
    assert public == {
        "GET /api/v1/calendars/{token}.ics",
        "GET /api/v1/problems",
        "GET /healthz",
        "GET /metrics",
        "GET /readyz",
        "POST /api/v1/password-resets/redeem",
        "POST /api/v1/sessions",
    }


def test_the_document_and_the_manual_are_public(api: Served) -> None:
    document = api.nobody().get("/api/v1/openapi.json")
    assert document.json()["info"]["title"] == "Guanche 管车"
    assert api.nobody().get("/api/v1/docs").status_code == 200


def test_a_wrong_credential_is_worth_as_much_as_none(api: Served) -> None:
    client = api.nobody()
    client.headers["Authorization"] = f"Bearer {'x' * 43}"
    for method, path, operation in operations_of(api):
        if operation.get("security") == []:
            continue
        answer = client.request(method, path.replace("{", "").replace("}", ""))
        assert answer.status_code in (401, 422), f"{method} {path}"
        assert "www-authenticate" in answer.headers or answer.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", ORGANISATIONS, 200),
        ("GET", "/api/v1/nowhere", 404),
        ("PUT", ORGANISATIONS, 405),
        ("POST", ORGANISATIONS, 422),
        ("GET", f"{ORGANISATIONS}?q=%00", 400),
        ("GET", "/api/v1/openapi.json", 200),
    ],
)
def test_every_answer_has_the_safe_headers(
    api: Served, method: str, path: str, status: int
) -> None:
    answer = api.person("alpha.owner").request(method, path)
    assert answer.status_code == status
    wanted = {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
    }
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert len(answer.headers["x-request-id"]) == 32


# Faults


@pytest.fixture
def broken(api: Served, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Somebody who asks a program with a fault in it."""

    def fail() -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(identity, "list_roles", fail)
    client = api.nobody(raise_server_exceptions=False)
    client.headers["Authorization"] = api.person("alpha.owner").headers["Authorization"]
    return client


def test_a_fault_is_told_without_its_words(broken: TestClient) -> None:
    with capture_logs() as lines:
        answer = broken.get("/api/v1/roles", headers={"X-Request-Id": "find-me"})
    assert (answer.status_code, code_of(answer)) == (500, "fault")
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "find-me"
    assert answer.headers["cache-control"] == "no-store"
    assert "42" not in answer.text
    assert "RuntimeError" not in answer.text
    [fault] = [line for line in lines if line["event"] == "fault"]
    assert repr(fault["exc_info"]) == "RuntimeError('the secret is 42')"
    [told] = [line for line in lines if line["event"] == "request"]
    assert (told["status"], told["actor"]) == (500, "alpha.owner")
    assert 'route="/api/v1/roles",status="500"' in broken.get("/metrics").text


# The log


def test_a_line_a_request_says_who_asked_what(api: Served) -> None:
    person = api.person("alpha.owner")  # who may have to log in for it
    with capture_logs() as lines:
        person.get(f"{ORGANISATIONS}/alpha", headers={"X-Request-Id": "r-1"})
    [line] = [line for line in lines if line["event"] == "request"]
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": f"{ORGANISATIONS}/alpha",
        "status": 200,
        "actor": "alpha.owner",
    }


def test_a_line_is_short_and_of_one_line(api: Served) -> None:
    forged = "%0a2026-01-01 [info] request actor=admin" + "x" * 5_000
    person = api.person("alpha.owner")
    with capture_logs() as lines:
        person.get(f"/api/v1/{forged}")
    [line] = [line for line in lines if line["event"] == "request"]
    assert len(line["path"]) == 200
    rendered = structlog.dev.ConsoleRenderer(colors=False)(None, "info", {**line})
    assert isinstance(rendered, str)
    assert "\n" not in rendered


def test_no_secret_is_logged(api: Served) -> None:
    with capture_logs() as lines:
        token = api.log_in("alpha.owner").json()["token"]
        api.log_in("alpha.owner", password="a wrong secret")
        key = api.machine("vehicle.read").headers["Authorization"].removeprefix("Bearer ")
        api.nobody().get("/api/v1/session", headers={"Authorization": f"Bearer {token}"})
        api.nobody().get("/api/v1/session?token=in-the-query")
    told = repr(lines)
    assert "request" in told
    for secret in (token, key, PASSWORD, "a wrong secret", "in-the-query"):
        assert secret not in told


def test_probes_are_answered_and_not_logged(api: Served) -> None:
    with capture_logs() as lines:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert api.nobody().get(path).status_code == 200
    assert lines == []


def test_figures_are_by_operation_and_not_by_path(api: Served) -> None:
    owner = api.person("alpha.owner")
    for code in ("alpha-south", "alpha-north", "nowhere"):
        owner.get(f"{ORGANISATIONS}/{code}")
    figures = owner.get("/metrics").text
    assert 'method="GET",route="/api/v1/organisations/{code}",status="200"' in figures
    assert 'method="GET",route="/api/v1/organisations/{code}",status="404"' in figures
    assert "alpha-south" not in figures
