"""The crawl's caller: sends requests as somebody of the world and looks at what is answered.

Leaves out what is asked: `test_crawl.py`.
"""

import io
import itertools
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi.testclient import TestClient
from httpx2 import Response

from kit.settings import Settings
from tests.isolation.crawl import New, Place, Request, Route, leaks, neutral, prepare
from tests.isolation.crawl_operations import OPERATIONS
from tests.isolation.crawl_world import KEY_TEXT, Identifiers, Organisation, World

ORIGIN: Final = "http://127.0.0.1:8080"
OTHER: Final = {"a": "b", "b": "a"}
LANGUAGES: Final = itertools.cycle(["en", "zh-CN", "de"])
FILES: Final = Path(tempfile.gettempdir(), f"guanche-crawl-files-{os.getpid()}")
"""Where files of the crawl lie; the fixture takes them away."""
_addresses: Final = itertools.count(1)


def settings_of(url: str) -> Settings:
    """The API's, on this database. The test's client is a trusted proxy: it has many addresses, and
    so is not held up by the limit of log-ins from one. A password opens dangerous verbs for longer
    than a file of tests takes on a slow machine.
    """
    return Settings(
        _env_file=None,
        api_database_url=url,
        secret_key=KEY_TEXT,
        api_connections=5,
        api_trusted_proxies="testclient",
        files_url=FILES.as_uri(),
        step_up_s=86_400,
    )


def routes_of(document: Mapping[str, Any]) -> dict[str, Route]:
    """The operations of the document that are registered."""
    return {
        one["operationId"]: Route(
            one["operationId"],
            OPERATIONS[one["operationId"]],
            method.upper(),
            template,
            frozenset(each["name"] for each in one.get("parameters", ())),
        )
        for template, methods in document["paths"].items()
        for method, one in methods.items()
        if one["operationId"] in OPERATIONS
    }


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of an organisation, in a role."""

    organisation: Organisation
    role: str

    @property
    def token(self) -> str:
        return self.organisation.tokens[self.role]

    @property
    def name(self) -> str:
        return f"{self.organisation.name}.{self.role}"


@dataclass(frozen=True, slots=True)
class Told:
    """What an attack was answered."""

    plain: tuple[int, str]
    """Status and body, without the identifiers that were named and without words of a language."""
    taken: bool
    """That a number is taken was told; it is everybody's."""
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Crawl:
    """The API, the world behind it, and where the document says its operations are."""

    client: TestClient
    world: World
    routes: dict[str, Route]

    def send(self, request: Request, token: str | None) -> Response:
        """The answer; each request in another language and from another address."""
        headers = {
            "Accept-Language": next(LANGUAGES),
            "X-Forwarded-For": f"2001:db8::{next(_addresses):x}",
            **request.headers,
        }
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        sent: dict[str, Any] = {"json": request.body}
        if request.content is not None:
            sent = {"content": request.content}
            headers["Content-Type"] = "application/octet-stream"
        return self.client.request(
            request.method, request.url, params=request.params, headers=headers, **sent
        )

    def told(self, answer: Response, to: Organisation, request: Request) -> list[str]:
        """Others' marks in an answer: body and headers."""
        texts = [text_of(answer), *answer.headers.keys(), *answer.headers.values()]
        return leaks(texts, self.world.barred(to), request.sent())

    def target(self, caller: Caller, name: str) -> Organisation:
        """`other south`, `own north`."""
        whose, part = name.split()
        tenant = caller.organisation.tenant
        return self.world.organisations[f"{tenant if whose == 'own' else OTHER[tenant]}-{part}"]

    def attack(
        self, route: Route, caller: Caller, places: tuple[Place, ...], ids: Identifiers
    ) -> Told:
        """Ask with others' identifiers in some places."""
        request = prepare(route, caller.organisation, dict.fromkeys(places, ids))
        answer = self.send(request, caller.token)
        asked = route.operation.places()
        taken = answer.status_code == 409 and any(isinstance(asked[place], New) for place in places)
        faults = self.told(answer, caller.organisation, request)
        narrows = "body" if route.operation.finds else "query"
        reads = route.operation.finds or route.method == "GET"
        filters = reads and all(part == narrows for part, _ in places)
        if answer.status_code < 400 and not filters:
            faults.append(f"it is answered {answer.status_code}")
        if answer.status_code >= 400 and "etag" in answer.headers:
            faults.append("a refusal has an ETag")
        if taken and answer.json()["code"].rpartition("_")[2] not in {"taken", "exists"}:
            faults.append(f"more than that it is taken: {answer.json()['code']}")
        plain = neutral(without_words(answer), [ids[asked[place].kind] for place in places])
        return Told((answer.status_code, plain), taken, faults)


def text_of(answer: Response) -> str:
    """What an answer says; of a ZIP what is in it."""
    if answer.headers.get("content-type") != "application/zip":
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        within = [packed.read(name).decode(errors="ignore") for name in packed.namelist()]
        return "\n".join([*packed.namelist(), *within])


def without_words(answer: Response) -> str:
    """The body without what depends on the reader's language."""
    try:
        body = answer.json()
    except ValueError:
        if answer.headers.get("content-type", "").startswith("text/csv"):
            return answer.text.partition("\n")[2]
        return answer.text
    if isinstance(body, dict) and "code" in body and "title" in body:
        body = {name: part for name, part in body.items() if name not in {"title", "detail"}}
        for error in body.get("errors", ()):
            error.pop("message", None)
    return json.dumps(body, ensure_ascii=False, sort_keys=True)
