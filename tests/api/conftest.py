"""The API on a real database, as the role it really connects with, and people who ask it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg import Connection

from api.app import create_app
from kit import clock
from kit.settings import Settings
from tests.api.hands import Hands
from tests.api.served import Served, served
from tests.api.world import KEY_TEXT, PASSWORD, World, build_world
from tests.fixtures.databases import TestServer
from tests.fixtures.spared import cheap_passwords


@pytest.fixture(scope="module", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    with cheap_passwords():
        yield


@pytest.fixture
def world(conn: Connection[Any]) -> World:
    """Two tenants with people, vehicles and devices, committed."""
    return build_world(conn)


@pytest.fixture
def settings(app_url: str, tmp_path: Path) -> Settings:
    """Those of the API under test."""
    return Settings(
        _env_file=None,
        api_database_url=app_url,
        secret_key=KEY_TEXT,
        api_connections=4,
        files_url=(tmp_path / "files").as_uri(),
    )


@pytest.fixture
def app(settings: Settings, world: World) -> FastAPI:
    """The application; `world` is there."""
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Somebody without a credential. Faults of the program are raised here, not answered."""
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest.fixture
def client_of(app: FastAPI, client: TestClient) -> Iterator[Callable[..., TestClient]]:
    """A client logged in with a bearer token: `client_of("alpha-depot.ops")`."""
    with ExitStack() as stack:

        def log_in(login: str, *, step_up: bool = False) -> TestClient:
            answer = client.post(
                "/api/v1/sessions", json={"login": login, "password": PASSWORD, "kind": "bearer"}
            )
            assert answer.status_code == 201, answer.text
            person = TestClient(app, base_url="http://127.0.0.1:8080")
            stack.callback(person.close)
            person.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            if step_up:
                stepped = person.post("/api/v1/session/step-up", json={"password": PASSWORD})
                assert stepped.status_code == 200, stepped.text
            return person

        yield log_in


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """A running application that all tests of the module share."""
    with served(_server_of(storage)) as running:
        yield running


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Those of the clock of the application under test."""
    hands = Hands()
    monkeypatch.setattr(clock, "now", hands.read)
    return hands


@pytest.fixture
def person(api: Served) -> str:
    """The log-in of a manager of alpha that no other test knows."""
    login = api.unused("person.")
    api.make_person(login, "manager")
    return login
