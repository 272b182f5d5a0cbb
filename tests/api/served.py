"""An application on a database that all tests of a module share, with people logged in to it.

Making the two tenants takes longer than most tests, so tests that do not stand in each other's way
share them. Leaves out tests that need the tables as they were made: they take the fixtures of
`conftest.py`.
"""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.app import create_app
from kit import clock, db
from kit.settings import Settings
from tests.api.world import KEY_TEXT, PASSWORD, World, build_world
from tests.fixtures.databases import TestServer, as_app
from tests.fixtures.spared import api_document
from tests.reliability.process import wait_until

BASE_URL = "http://127.0.0.1:8080"
PEER = "testclient"
"""Where the test client says it comes from. The shared application trusts it as a proxy, so that
log-ins of many tests do not look like those of one address."""
INNER_PROXY = "127.0.0.9"
NEXT_YEAR: Final = f"{(clock.now() + timedelta(days=300)).date()}T00:00:00+08:00"
"""When keys expire."""


def post(client: TestClient, path: str, body: Any, key: str) -> Response:
    """One POST with an Idempotency-Key."""
    return client.post(path, json=body, headers={"Idempotency-Key": key})


def code_of(answer: Response) -> str:
    """The code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


@dataclass
class Served:
    """A running application, the database behind it, and who is logged in."""

    app: FastAPI
    settings: Settings
    owner_url: str
    world: World
    stack: ExitStack
    _people: dict[tuple[str, bool], TestClient] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def unused(self, prefix: str) -> str:
        """A text nobody used before."""
        return f"{prefix}{next(self._numbers)}"

    def address(self) -> dict[str, str]:
        """Headers of a request from an address of its own."""
        number = next(self._numbers)
        return {"X-Forwarded-For": f"198.18.{number >> 8 & 255}.{number & 255}"}

    def nobody(self, base_url: str = BASE_URL, **options: Any) -> TestClient:
        """A client without a credential. Faults of the program are raised in the test."""
        client = TestClient(self.app, base_url=base_url, **options)
        self.stack.callback(client.close)
        return client

    def log_in(
        self,
        login: str,
        *,
        kind: str = "bearer",
        password: str = PASSWORD,
        counted: bool = False,
        **headers: str,
    ) -> Response:
        """The answer to a log-in from an address of its own; earlier ones count only if told so."""
        if not counted:
            self.as_owner("DELETE FROM login_attempts")
        body = {"login": login, "password": password, "kind": kind}
        return self.nobody().post("/api/v1/sessions", json=body, headers=self.address() | headers)

    def new_session(self, login: str, *, step_up: bool = False) -> TestClient:
        """A client with a bearer session of its own."""
        token = self.log_in(login).json()["token"]
        person = self.nobody()
        person.headers |= self.address() | {"Authorization": f"Bearer {token}"}
        if step_up:
            self.as_owner("DELETE FROM login_attempts")
            stepped = person.post("/api/v1/session/step-up", json={"password": PASSWORD})
            assert stepped.status_code == 200, stepped.text
        return person

    def person(self, login: str, *, step_up: bool = False) -> TestClient:
        """A client logged in as this person; the same for all tests, which must not log it out."""
        if (login, step_up) not in self._people:
            self._people[login, step_up] = self.new_session(login, step_up=step_up)
        return self._people[login, step_up]

    def machine(self, *scopes: str, organisation: str = "alpha") -> TestClient:
        """A client with an API key that was made for it."""
        body = {
            "name": self.unused("machine "),
            "organisation": organisation,
            "scopes": scopes,
            "expires_at": NEXT_YEAR,
        }
        owner = self.person(f"{organisation}.owner", step_up=True)
        made = post(owner, "/api/v1/api-keys", body, self.unused("machine-"))
        assert made.status_code == 201, made.text
        client = self.nobody()
        client.headers["Authorization"] = f"Bearer {made.json()['key']}"
        return client

    def make_person(self, login: str, role: str, organisation: str = "alpha") -> None:
        """A person with the usual password."""
        owner = self.person(f"{organisation}.owner", step_up=True)
        body = {"login": login, "name": "人", "organisation": organisation, "roles": [role]}
        made = post(owner, "/api/v1/users", body, self.unused("person-"))
        assert made.status_code == 201, made.text
        link = post(owner, f"/api/v1/users/{login}/password-reset", None, self.unused("link-"))
        redeemed = {"token": link.json()["token"], "new_password": PASSWORD}
        answer = self.nobody().post("/api/v1/password-resets/redeem", json=redeemed)
        assert answer.status_code == 204, answer.text

    def as_owner(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, past all policies; committed. A row has a column at least."""
        with db.connect(self.owner_url, application_name="test owner") as conn:
            cursor = conn.execute(query.encode(), arguments)
            return cursor.fetchall() if cursor.description else []

    def wait_until_blocked(self) -> None:
        """Return once a connection of the API waits for another transaction."""
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'guanche api' AND wait_event_type = 'Lock'"
        )
        wait_until(lambda: self.as_owner(waiting), within_s=9, what="the API waits for a lock")


@contextmanager
def served(server: TestServer, **settings: Any) -> Iterator[Served]:
    """An application on a database of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(server.database())
        with psycopg.connect(url) as conn:
            world = build_world(conn)
        chosen = {"api_connections": 4, "api_trusted_proxies": f"{PEER}, {INNER_PROXY}"} | settings
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="guanche-files-")))
        chosen |= {"files_url": folder.as_uri()}
        set_to = Settings(
            _env_file=None, api_database_url=as_app(url), secret_key=KEY_TEXT, **chosen
        )
        app = create_app(set_to)
        app.openapi_schema = api_document()
        stack.enter_context(TestClient(app, base_url=BASE_URL))
        yield Served(app, set_to, url, world, stack)


@contextmanager
def over_http(app: FastAPI) -> Iterator[str]:
    """The address of the application on a real server, whose lifespan somebody else runs."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        host, port = listening.getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
