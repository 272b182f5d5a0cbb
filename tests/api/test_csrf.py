"""A browser sends the cookie along with any page's request; only our own pages get through."""

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from typing import Final

import pytest
from fastapi.testclient import TestClient

from api.deps import csrf_token_of
from tests.api.served import BASE_URL, Served, code_of, served
from tests.api.world import PASSWORD
from tests.fixtures.databases import TestServer

HTTPS: Final = "https://fleet.example.cn"
SESSIONS: Final = "/api/v1/sessions"
ORGANISATIONS: Final = "/api/v1/organisations"


@pytest.fixture
def browser(api: Served) -> TestClient:
    """Somebody logged in by a cookie, whose pages send no token."""
    return browser_of(api)


def browser_of(api: Served) -> TestClient:
    """A new cookie session."""
    answer = api.log_in("alpha.owner", kind="cookie")
    client = api.nobody()
    client.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
    return client


def csrf_of(browser: TestClient) -> str:
    """What `GET /session` tells our own pages."""
    token: str = browser.get("/api/v1/session").json()["csrf_token"]
    return token


def create(api: Served, client: TestClient, **headers: str) -> tuple[int, str]:
    """The status and code of an attempt to create an organisation; the code of a success is ''."""
    code = api.unused("csrf")
    answer = client.post(
        "/api/v1/organisations",
        json={"code": code, "name": "车场", "parent": "alpha"},
        headers={"Idempotency-Key": code, **headers},
    )
    made = api.as_owner("SELECT count(*) FROM organisations WHERE code = %s", code)
    assert made == [(int(answer.status_code == 201),)]
    return answer.status_code, "" if answer.status_code == 201 else code_of(answer)


def test_our_own_page_gets_through(api: Served, browser: TestClient) -> None:
    token = csrf_of(browser)
    assert create(api, browser, **{"X-CSRF-Token": token}) == (201, "")
    assert create(api, browser, **{"X-CSRF-Token": token, "Origin": BASE_URL}) == (201, "")
    assert create(api, browser, **{"x-csrf-token": token, "origin": BASE_URL}) == (201, "")


def test_reading_takes_no_token(browser: TestClient) -> None:
    for path in ("/api/v1/organisations", "/api/v1/session", "/api/v1/users"):
        assert browser.get(path).status_code == 200
        assert browser.head(path, headers={"Origin": "https://evil.example"}).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", "A" * 43, "null", "密"])
def test_a_page_without_the_token_is_refused(api: Served, browser: TestClient, wrong: str) -> None:
    assert create(api, browser) == (403, "csrf_failed")
    headers = {"X-CSRF-Token": wrong.encode()}
    assert create(api, browser, **headers) == (403, "csrf_failed")  # type: ignore[arg-type]


def test_the_token_of_another_session_is_refused(api: Served, browser: TestClient) -> None:
    other = csrf_of(browser_of(api))
    assert other != csrf_of(browser)
    assert create(api, browser, **{"X-CSRF-Token": other}) == (403, "csrf_failed")


def test_the_session_token_itself_is_no_csrf_token(api: Served, browser: TestClient) -> None:
    session = browser.headers["Cookie"].partition("=")[2]
    assert csrf_of(browser) == csrf_token_of(session)
    assert create(api, browser, **{"X-CSRF-Token": session}) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:8081",
        "https://127.0.0.1:8080",
        "http://127.0.0.1:8080.evil.example",
        "http://127.0.0.1",
        "http://[",
        "",
        f"{BASE_URL}/",
        f"{BASE_URL}@evil.example",
    ],
)
def test_another_sites_page_is_refused_even_with_the_token(
    api: Served, browser: TestClient, origin: str
) -> None:
    headers = {"X-CSRF-Token": csrf_of(browser), "Origin": origin}
    assert create(api, browser, **headers) == (403, "csrf_failed")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/v1/session"),
        ("DELETE", "/api/v1/sessions"),
        ("POST", "/api/v1/session/step-up"),
        ("PUT", "/api/v1/session/password"),
        ("POST", "/api/v1/users/alpha.ops/log-out"),
    ],
)
def test_every_changing_method_asks_for_it(browser: TestClient, method: str, path: str) -> None:
    body = {"password": PASSWORD} if path.endswith("step-up") else None
    if path.endswith("password"):
        body = {"old_password": PASSWORD, "new_password": "Quarry-ferry-17"}
    refused = browser.request(method, path, json=body)
    assert (refused.status_code, code_of(refused)) == (403, "csrf_failed")
    assert browser.get("/api/v1/session").status_code == 200


def test_every_changing_operation_of_the_document_asks_for_it(
    api: Served, browser: TestClient
) -> None:
    """With a body that fits no operation: who is forged is told so, or that the input is wrong."""
    codes = {}
    for path, operations in api.app.openapi()["paths"].items():
        for method, operation in operations.items():
            if method == "get" or operation.get("security") == []:
                continue
            url = path.replace("{", "").replace("}", "")
            answer = browser.request(method, url, headers={"Idempotency-Key": "k"})
            codes[f"{method} {path}"] = answer.status_code
    assert len(codes) > 20
    assert set(codes.values()) <= {403, 422}
    assert list(codes.values()).count(403) >= 5


def test_a_bearer_needs_none(api: Served) -> None:
    """Another site's page cannot make a browser send it."""
    script = api.person("alpha.owner")
    assert create(api, script) == (201, "")
    assert create(api, script, Origin="https://evil.example") == (201, "")


def test_a_cookie_beside_a_bearer_is_not_looked_at(api: Served, browser: TestClient) -> None:
    wrong = {"Authorization": f"Bearer {'x' * 43}", "X-CSRF-Token": csrf_of(browser)}
    assert create(api, browser, **wrong) == (401, "credential_invalid")


def test_another_sites_page_cannot_log_somebody_in(api: Served) -> None:
    """Log-in CSRF: the victim would work in the attacker's account."""
    body = {"login": "alpha.owner", "password": PASSWORD}
    origin = {"Origin": "https://evil.example"}
    forged = api.nobody().post(SESSIONS, json=body, headers=api.address() | origin)
    assert (forged.status_code, code_of(forged)) == (403, "csrf_failed")
    assert "set-cookie" not in forged.headers
    form = api.nobody().post(SESSIONS, content=str(body), headers={"Content-Type": "text/plain"})
    assert (form.status_code, code_of(form)) == (415, "unsupported_media_type")


def test_no_other_site_may_read_our_answers(api: Served, browser: TestClient) -> None:
    asked = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-csrf-token",
    }
    preflights = [
        browser.options(ORGANISATIONS, headers=asked),
        browser.get(ORGANISATIONS, headers=asked),
    ]
    for answer in preflights:
        assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert preflights[0].status_code == 405


def attributes_of(set_cookie: str) -> dict[str, str]:
    """Name, value, and what is set of a cookie."""
    [(name, morsel)] = SimpleCookie(set_cookie).items()
    return {"name": name} | {key: str(value) for key, value in morsel.items() if value}


@pytest.fixture(scope="module")
def secure(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application that people reach over https."""
    with served(_server_of(storage), api_public_url=HTTPS) as running:
        yield running


def test_the_cookie_is_out_of_reach(api: Served, secure: Served) -> None:
    over_http = api.log_in("alpha.owner", kind="cookie").headers["set-cookie"]
    assert attributes_of(over_http) == {
        "name": "guanche_session",
        "httponly": "True",
        "samesite": "strict",
        "path": "/",
        "max-age": str(7 * 86_400),
    }
    over_https = secure.log_in("alpha.owner", kind="cookie").headers["set-cookie"]
    assert attributes_of(over_https) == {
        "name": "__Host-guanche_session",
        "httponly": "True",
        "samesite": "strict",
        "secure": "True",
        "path": "/",
        "max-age": str(7 * 86_400),
    }


def test_over_https_a_cookie_without_the_prefix_is_none(secure: Served) -> None:
    """Another host of the domain, or a page over http, could have set it."""
    answer = secure.log_in("alpha.owner", kind="cookie")
    token = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    planted = secure.nobody().get("/api/v1/session", headers={"Cookie": f"guanche_session={token}"})
    assert (planted.status_code, code_of(planted)) == (401, "credential_invalid")
    real = {"Cookie": f"guanche_session=planted; __Host-guanche_session={token}"}
    assert secure.nobody().get("/api/v1/session", headers=real).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [(HTTPS, 201), (HTTPS.upper(), 201), ("http://fleet.example.cn", 403), (None, 201)],
)
def test_over_https_only_a_page_over_https_is_ours(
    secure: Served, origin: str | None, status: int
) -> None:
    answer = secure.log_in("alpha.owner", kind="cookie")
    browser = secure.nobody()
    browser.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
    headers = {"X-CSRF-Token": answer.json()["csrf_token"]}
    if origin is not None:
        headers["Origin"] = origin
    assert create(secure, browser, **headers)[0] == status
