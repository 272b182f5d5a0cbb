"""Two tenants at once over few connections: what one asked is never answered to the other."""

import itertools
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from psycopg import Connection

from api.deps import AppState
from tests.isolation.crawl import Request, leaks, prepare
from tests.isolation.crawl_client import Caller, Crawl

THREADS = 12
LISTS = (
    "list_users",
    "list_api_keys",
    "list_organisations",
    "list_audit_entries",
    "list_vehicles",
    "list_devices",
    "list_refusals",
    "list_positions",
    "count_vehicles",
    "get_session",
)
CALLERS = (
    ("a-root", "owner"),
    ("a-north", "owner"),
    ("a-south", "machine"),
    ("b-root", "owner"),
    ("b-south", "owner"),
    ("b-depot", "machine"),
)
BREAKERS = (
    ("POST", "/api/v1/vehicles", {"vin": "no VIN", "owner": "nobody"}),
    ("POST", "/api/v1/devices", {"serial": "N-1", "owner": "op-nobody"}),
    ("GET", "/api/v1/users/nobody-at-all", None),
)
"""Requests whose transactions fail: the connection goes back all the same."""


def one_answer(crawl: Crawl, caller: Caller, request: Request) -> tuple[str, list[str]]:
    """What came of a request: its status or outcome, and others' marks in the answer."""
    answer = crawl.send(request, caller.token)
    told = leaks([answer.text, str(answer.headers)], crawl.world.barred(caller.organisation))
    own = leaks([answer.text], [caller.organisation])
    return f"{request.url} {answer.status_code} {'own' if own else '-'}", told


@pytest.mark.parametrize(
    "requests",
    [
        2_000,
        pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
def test_interleaved_requests_are_each_answered_with_ones_own(crawl: Crawl, requests: int) -> None:
    callers = [Caller(crawl.world.organisations[name], role) for name, role in CALLERS]
    wide = {"limit": "200"}
    asked = []
    for caller, operation_id in itertools.product(callers, LISTS):
        if (caller.role, operation_id) == ("machine", "get_session"):
            continue
        route = crawl.routes[operation_id]
        request = replace(prepare(route, caller.organisation), params={})
        asked.append((caller, replace(request, params=wide if "limit" in route.parameters else {})))
    for caller, (method, path, body) in itertools.product(callers, BREAKERS):
        asked.append((caller, Request(method, path, {}, body, {"Idempotency-Key": "k"})))
    order = random.Random(7)
    drawn = [order.choice(asked) for _ in range(requests)]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda each: one_answer(crawl, *each), drawn))

    assert [told for _, told in answers if told] == []
    outcomes = Counter(outcome for outcome, _ in answers)
    answered = {outcome for outcome in outcomes if " 200 " in outcome}
    others = {outcome for outcome in answered if not outcome.endswith("own")}
    assert others == {"/api/v1/vehicles/counts 200 -"}  # numbers bear no mark
    assert len(answered) == len(LISTS)
    assert {outcome.split()[1] for outcome in outcomes} == {"200", "404", "422"}
    state: AppState = crawl.client.app.state.guanche  # type: ignore[attr-defined]
    assert state.pool.get_stats()["pool_size"] <= 5


def test_afterwards_every_connection_of_the_pool_sees_nothing(crawl: Crawl) -> None:
    caller = Caller(crawl.world.organisations["a-root"], "owner")
    request = prepare(crawl.routes["list_organisations"], caller.organisation)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: crawl.send(request, caller.token), range(60)))
    state: AppState = crawl.client.app.state.guanche  # type: ignore[attr-defined]
    taken: list[Connection[tuple[object, ...]]] = []
    for _ in range(state.pool.get_stats()["pool_size"]):
        taken.append(state.pool.getconn())
    try:
        seen = [conn.execute("SELECT count(*) FROM organisations").fetchone() for conn in taken]
    finally:
        for conn in taken:
            state.pool.putconn(conn)
    assert seen == [(0,)] * len(taken)
    assert len(taken) >= 2
