"""Every operation of the document is asked thousands of odd questions, and keeps to the document.

Schemathesis makes the questions up from the OpenAPI document: valid ones, invalid ones, other
methods, other content types, sequences. Run over a real server, by an owner with a step-up and by
nobody. The short form has a fixed seed; the long one (`-m soak`) asks at least a thousand questions
an operation.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import StopReason, events, from_schema

from tests.api.served import Served, over_http, served
from tests.fixtures.databases import TestServer

SEED: Final = 20_261_122
STORAGE_OF_LONG_FORM: Final = "postgresql"
LONG_FORM: Final = 1_000
PATIENCE_S: Final = 1_200

DISABLED: Final = {
    # Names, plates, ID cards … have rules that JSON schema cannot say; what is refused by them is
    # refused with 422 and tested one by one.
    "positive_data_acceptance": {"enabled": False},
    # It takes any 404 for "what was just created is gone"; here it may be of something else that
    # the body names: the parent of a move, the vehicle of a terminal, the operator of a transfer.
    "ensure_resource_availability": {"enabled": False},
}
EXCEPTIONS: Final = [
    {
        # PUT on this path by nobody is a 401, not a 405: the path has protected operations, too,
        # and who brings no credential is not told which.
        "include-name": "POST /api/v1/sessions",
        "checks": {"unsupported_method": {"enabled": False}},
    },
    {
        # PUT there is that of a driver whose key is none, and a 422.
        "include-name": "GET /api/v1/customers/{customer_no}/drivers/export",
        "checks": {"unsupported_method": {"enabled": False}},
    },
    {
        # PUT there is that of a channel whose key is none, and a 422.
        "include-name": "GET /api/v1/notification-channels/export",
        "checks": {"unsupported_method": {"enabled": False}},
    },
    {
        # PUT there is that of a subscription whose key is none, and a 422.
        "include-name": "GET /api/v1/notification-subscriptions/export",
        "checks": {"unsupported_method": {"enabled": False}},
    },
    {
        # GET there is that of a request whose number is none, and a 404.
        "include-name": "POST /api/v1/invoice-requests/numbers",
        "checks": {"unsupported_method": {"enabled": False}},
    },
    {
        # GET there is that of an edition whose number is none, and a 422.
        "include-name": "POST /api/v1/leases/{lease_no}/contracts/upload",
        "checks": {"unsupported_method": {"enabled": False}},
    },
]
ALIVE: Final = {
    # The caller's own session; `test_sessions.py` ends sessions.
    ("DELETE", "/api/v1/session"),
    ("DELETE", "/api/v1/sessions"),
}
OWNER: Final = "alpha.owner"


class Run:
    """What came of a run: how many questions an operation was asked, and what was wrong."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.statuses: dict[str, Counter[int]] = {}
        self.failures: list[str] = []

    def note(self, event: events.EngineEvent) -> None:
        """One event of the engine."""
        if isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            self.failures.append(repr(event.exception))
        elif isinstance(event, events.EngineFinished):
            if event.stop_reason is not StopReason.COMPLETED:
                self.failures.append(f"stopped before the end: {event.stop_reason}")
        elif isinstance(event, events.ScenarioFinished):
            self._note_scenario(event)

    def _note_scenario(self, event: events.ScenarioFinished) -> None:
        for key, interaction in event.recorder.interactions.items():
            label = event.recorder.cases[key].value.operation.label
            self.asked[label] += 1
            if interaction.response is not None:
                told = self.statuses.setdefault(label, Counter())
                told[interaction.response.status_code] += 1
        for checks in event.recorder.checks.values():
            self.failures += [
                f"{event.label}: {check.name}: {check.failure_info.failure.title}\n"
                f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}"
                for check in checks
                if check.failure_info is not None
            ]


def ask(
    api: Served,
    *,
    login: str | None,
    examples: int,
    sequences: int = 0,
    seed: int = SEED,
    only: frozenset[str] = frozenset(),
) -> Run:
    """Ask every operation, or these only, as this person or as nobody."""
    headers = {}
    if login is not None:
        headers["Authorization"] = api.new_session(login, step_up=True).headers["Authorization"]
    run = Run()
    with over_http(api.app) as url:
        config = SchemathesisConfig.from_dict(
            {
                "seed": seed,
                "base-url": url,
                "headers": headers,
                "continue-on-failure": True,
                "max-stream-events": 1,
                "request-timeout": 30,
                "phases": {
                    # Every boundary of every field: on the storage of the long form.
                    "coverage": {"enabled": examples > 1},
                    "stateful": {
                        "enabled": sequences > 0,
                        "generation": {"max-examples": max(sequences, 1)},
                    },
                },
                "generation": {
                    "max-examples": examples,
                    "database": "none",
                    "no-shrink": True,
                    "with-security-parameters": login is None,
                },
                "checks": DISABLED,
                "operations": EXCEPTIONS,
            }
        )
        schema = schemathesis.openapi.from_dict(api.app.openapi(), config=config)
        if only:
            schema = schema.exclude(lambda context: context.operation.label not in only)
        if login is not None:
            schema = schema.exclude(ends_the_session)

            @schema.hook
            def filter_path_parameters(
                context: Any, path_parameters: dict[str, Any] | None
            ) -> bool:
                ends_theirs = context.operation.path.endswith("/log-out")
                return not ends_theirs or (path_parameters or {}).get("login") != login

        for event in from_schema(schema).execute():
            run.note(event)
    return run


def ends_the_session(context: Any) -> bool:
    """Whether an operation takes the caller's own credential away."""
    return (context.operation.method.upper(), context.operation.path) in ALIVE


@pytest.fixture(scope="module")
def api(storage: str, _server_of: Callable[[str], TestServer]) -> Iterator[Served]:
    """An application where a step-up lasts as long as the test does."""
    with served(_server_of(storage), step_up_s=86_400, api_connections=8) as running:
        yield running


def successes(run: Run, *, public: bool) -> set[str]:
    """The operations that succeeded at least once."""
    return {
        label
        for label, told in run.statuses.items()
        if any(200 <= status < 300 for status in told) and (label in PUBLIC) == public
    }


PUBLIC: Final = frozenset(
    {
        "GET /api/v1/calendars/{token}.ics",
        "GET /api/v1/problems",
        "GET /healthz",
        "GET /metrics",
        "GET /readyz",
        "POST /api/v1/password-resets/redeem",
        "POST /api/v1/sessions",
    }
)


@pytest.mark.timeout(PATIENCE_S)
def test_an_owner_gets_what_the_document_says(api: Served, storage: str) -> None:
    few = storage != STORAGE_OF_LONG_FORM
    run = ask(api, login=OWNER, examples=1 if few else 6, sequences=0 if few else 6)
    assert run.failures == []
    assert len(run.asked) == len(operations_of(api)) - len(ALIVE)
    assert successes(run, public=False) >= {
        "GET /api/v1/audit",
        "GET /api/v1/organisations/{code}",
        "GET /api/v1/users/{login}",
        "GET /api/v1/vehicles/{vin}/bindings",
        "GET /api/v1/vehicles/{vin}/track",
        "POST /api/v1/users/{login}/unmask",
    }


@pytest.mark.timeout(PATIENCE_S)
def test_nobody_gets_nothing_but_what_is_public(api: Served, storage: str) -> None:
    run = ask(api, login=None, examples=1)
    assert run.failures == []
    assert len(run.asked) == len(operations_of(api))
    assert successes(run, public=False) == set()
    assert {status for label in set(run.statuses) - PUBLIC for status in run.statuses[label]} <= {
        *(400, 401, 405, 413, 415, 422)
    }


@pytest.mark.timeout(PATIENCE_S)
def test_what_is_public_keeps_to_the_document(api: Served, storage: str) -> None:
    run = ask(api, login=None, examples=1 if storage != STORAGE_OF_LONG_FORM else 20, only=PUBLIC)
    assert run.failures == []
    assert set(run.asked) == PUBLIC


@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("login", [OWNER, "alpha-depot.ops", "alpha.auditor", None])
def test_a_thousand_questions_an_operation(api: Served, storage: str, login: str | None) -> None:
    if storage != STORAGE_OF_LONG_FORM:
        pytest.skip("the long form runs on plain PostgreSQL")
    seed = random.randrange(2**32)
    run = ask(api, login=login, examples=LONG_FORM + 100, sequences=200, seed=seed)
    print(f"{login}, seed {seed}: {run.asked.total()} questions; {sorted(run.asked.items())}")
    assert run.failures == []
    asked_less = {
        f"{method} {path}"
        for method, path, operation in operations_of(api)
        if run.asked[f"{method} {path}"] < LONG_FORM
        and (method, path) not in ALIVE
        and (operation.get("parameters") or operation.get("requestBody"))
    }
    assert asked_less == set()


def operations_of(api: Served) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation of the document: method, path, and what is said of it."""
    return [
        (method.upper(), path, operation)
        for path, operations in api.app.openapi()["paths"].items()
        for method, operation in operations.items()
    ]
