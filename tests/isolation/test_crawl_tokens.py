"""What one side was handed and the other one shows: cursors, idempotency keys, ETags, credentials.

Also what is malformed, with others' identifiers in its path.
"""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response
from psycopg import Connection

from tests.fixtures.spared import api_document
from tests.isolation.crawl import Request, Route, leaks, neutral, prepare
from tests.isolation.crawl_build import start_session
from tests.isolation.crawl_client import Caller, Crawl, routes_of, without_words
from tests.isolation.crawl_operations import OPERATIONS
from tests.isolation.crawl_world import Identifiers, Organisation

Conn = Connection[Any]
ROUTES = routes_of(api_document())


def taking(parameter: str) -> list[str]:
    """The operations that take it, but for those that are tested apart."""
    return sorted(
        name
        for name, route in ROUTES.items()
        if parameter in route.parameters
        and not route.operation.apart
        and route.operation.status < 400  # else refused to all but a head
    )


LISTS = [name for name in taking("after") if name != "list_journal"]
"""The journal is asked for a month beside the place: tests/api/test_ledger_routes.py."""
GOES_ON = {"swap_vehicle", "prompt_contract", "acknowledge_contract", "sign_contract"}
"""What has gone on since, by another call here, is not done once more: a lease that has ended, a
contract that is signed."""
WANTS_BOTH = {"reverse_invoice", "make_alert_work_order"}
"""A key and the version of the moment: tests/api/test_ledger_routes.py, test_alert_routes.py."""
NAMES_ITS_OWN = {"set_alert_rule"}
"""A PUT whose code is a name within the organisation that it is set for: what others call so is
not asked after, so there is nothing to be 404. Tried apart below."""
FOR_WHOM = {"list_alert_rule_versions"}
"""What is asked for the yard, whose rules are, as `build_alert_rules.py` tells."""
REMEMBERED = [name for name in taking("Idempotency-Key") if name not in GOES_ON | WANTS_BOTH]
CHANGED_BY_VERSION = [name for name in taking("If-Match") if name not in NAMES_ITS_OWN]


def test_lists_and_keys_are_all_here() -> None:
    assert {"list_users", "list_vehicles", "list_obligations", "list_work_orders"} <= set(LISTS)
    assert {"create_user", "transfer_vehicle", "open_work_order"} <= set(REMEMBERED)
    assert {"change_user", "change_vehicle", "put_licence"} <= set(CHANGED_BY_VERSION)


def pages(crawl: Crawl, route: Route, caller: Caller, **params: str) -> Response:
    """A page of a list without any filter, but for whom and for the days that it is asked for."""
    whole = prepare(route, caller.organisation)
    needed = {name: text for name, text in whole.params.items() if name.endswith("_on")}
    if route.operation_id in FOR_WHOM:
        needed["organisation"] = whole.params["organisation"]
    request = replace(whole, params={**needed, **params})
    answer = crawl.send(request, caller.token)
    assert crawl.told(answer, caller.organisation, request) == []
    return answer


def named(page: Response) -> set[tuple[str, ...]]:
    """What the items of a page are known by, which their first two fields tell."""
    return {tuple(str(part) for part in [*item.values()][:2]) for item in page.json()["items"]}


def all_named(crawl: Crawl, route: Route, reader: Caller) -> set[tuple[str, ...]]:
    """What the items of all pages are known by."""
    found: set[tuple[str, ...]] = set()
    further: dict[str, str] = {}
    while True:
        page = pages(crawl, route, reader, limit="200", **further)
        found |= named(page)
        if (after := page.json()["next"]) is None:
            return found
        further = {"after": after}


@pytest.mark.parametrize("to", ["a-south", "a-root"])
@pytest.mark.parametrize("operation_id", LISTS)
def test_a_cursor_of_others_is_only_a_place(crawl: Crawl, operation_id: str, to: str) -> None:
    route = crawl.routes[operation_id]
    reader = Caller(crawl.world.organisations[to], "owner")
    own = all_named(crawl, route, reader)
    for whose in ("b-root", "b-depot", "a-north"):
        cursor = pages(crawl, route, Caller(crawl.world.organisations[whose], "owner"), limit="1")
        if (after := cursor.json()["next"]) is None:
            continue  # theirs has one item at most
        answer = pages(crawl, route, reader, limit="200", after=after)
        assert answer.status_code == 200
        assert named(answer) <= own


@pytest.mark.parametrize("operation_id", REMEMBERED)
def test_an_idempotency_key_of_others_opens_nothing(
    crawl: Crawl, owner: Conn, operation_id: str
) -> None:
    route = crawl.routes[operation_id]
    victim = crawl.world.organisations["b-north"]
    request = fresh(crawl, owner, route, victim)
    first = crawl.send(request, start(owner, victim))
    assert first.status_code == route.operation.status, first.text
    again = crawl.send(request, start(owner, victim))
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")

    for name, role in (("a-root", "owner"), ("b-south", "owner"), ("b-root", "owner")):
        thief = crawl.world.organisations[name]
        answer = crawl.send(request, thief.tokens[role])
        assert "idempotent-replayed" not in answer.headers
        if not thief.sees(victim) and route.operation.places():
            assert answer.status_code in {403, 404, 409}
            assert answer.json()["code"] != "idempotency_key_reused"
            assert crawl.told(answer, thief, request) == []


@pytest.mark.parametrize("operation_id", REMEMBERED)
def test_an_idempotency_key_of_others_is_free(crawl: Crawl, owner: Conn, operation_id: str) -> None:
    """That it was used is told to nobody else, not even to a colleague."""
    route = crawl.routes[operation_id]
    victim, other = (crawl.world.organisations[name] for name in ("b-depot", "a-depot"))
    key = {"Idempotency-Key": uuid.uuid4().hex}
    taken = replace(fresh(crawl, owner, route, victim), headers=key)
    assert crawl.send(taken, start(owner, victim)).status_code == route.operation.status

    mine = replace(fresh(crawl, owner, route, other), headers=key)
    answer = crawl.send(mine, start(owner, other))
    assert answer.status_code == route.operation.status, answer.text
    assert "idempotent-replayed" not in answer.headers


def start(owner: Conn, one: Organisation) -> str:
    """A fresh session of the organisation's own person."""
    token = start_session(owner, one.spare["own_login"], stepped_up=True)
    owner.commit()
    return token


def fresh(crawl: Crawl, owner: Conn, route: Route, one: Organisation) -> Request:
    """A call that works: what earlier ones bound, handed on or disabled is undone."""
    owner.execute(
        """
        DELETE FROM device_bindings
        WHERE device_id IN (SELECT id FROM devices
                            WHERE serial IN (%(serial_free)s, %(serial_other)s))
           OR vehicle_id = (SELECT id FROM vehicles WHERE vin = %(vin_free)s)
        """,
        one.spare,
    )
    owner.execute(
        """
        UPDATE device_bindings SET bound_period = tstzrange(lower(bound_period), NULL)
        WHERE device_id = (SELECT id FROM devices WHERE serial = %(serial)s)
        """,
        one.spare,
    )
    owner.execute(
        """
        DELETE FROM vehicle_operators
        WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %(vin)s)
          AND organisation_id = (SELECT id FROM organisations WHERE code = %(code_other)s)
        """,
        one.spare,
    )
    owner.execute(
        """
        UPDATE vehicle_operators SET operated_period = tstzrange(lower(operated_period), NULL)
        WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %(vin)s)
        """,
        one.spare,
    )
    owner.commit()
    return prepare(route, one, spare=True)


@pytest.mark.parametrize("operation_id", CHANGED_BY_VERSION)
@pytest.mark.parametrize("version", ['"1"', '"2"', '"999"'])
def test_a_version_tells_nothing_of_what_is_not_seen(
    crawl: Crawl, operation_id: str, version: str
) -> None:
    """412 would say that it exists."""
    route = crawl.routes[operation_id]
    caller = Caller(crawl.world.organisations["a-south"], "owner")
    places = (next(iter(route.operation.places())),)
    for whose in ("b-root", "a-north", "a-root"):
        target = crawl.world.organisations[whose]
        request = prepare(route, caller.organisation, {places[0]: target.ids})
        headers = request.headers | {"If-Match": version}
        answer = crawl.send(replace(request, headers=headers), caller.token)
        assert answer.status_code == 404
        assert "etag" not in answer.headers


@pytest.mark.parametrize("operation_id", sorted(NAMES_ITS_OWN))
@pytest.mark.parametrize("version", ['"1"', '"2"', '"999"'])
def test_a_name_of_others_is_answered_like_one_that_nobody_uses(
    crawl: Crawl, operation_id: str, version: str
) -> None:
    """With `"0"` it makes one's own, whoever else has it: tests/alerts/rules/test_rules.py."""
    route = crawl.routes[operation_id]
    caller = Caller(crawl.world.organisations["a-south"], "owner")
    [place] = [place for place in route.operation.places() if place[0] == "path"]
    kind = route.operation.places()[place].kind

    def answered(ids: Identifiers) -> tuple[int, str, bool]:
        request = prepare(route, caller.organisation, {place: ids})
        headers = request.headers | {"If-Match": version}
        answer = crawl.send(replace(request, headers=headers), caller.token)
        plain = neutral(without_words(answer), [ids[kind]])
        return answer.status_code, plain, "etag" in answer.headers

    nobodys = answered({kind: "nowhere_at_all"})
    assert (nobodys[0], nobodys[2]) == (412, False)
    for whose in ("b-root", "b-south", "a-north", "a-root"):
        assert answered(crawl.world.organisations[whose].ids) == nobodys


MALFORMED: dict[str, dict[str, Any]] = {
    "no JSON": {"content": b'{"vin": ', "headers": {"Content-Type": "application/json"}},
    "a list": {"json": []},
    "numbers for texts": {"json": {"organisation": 1, "vin": [], "owner": {}, "name": 0}},
    "an unknown field": {"json": {"tenant_id": 1, "organisation_id": 1}},
    "another type": {"content": b"a=b", "headers": {"Content-Type": "text/plain"}},
    "another method": {"method": "OPTIONS"},
    "an unknown parameter": {"params": {"tenant": "b"}},
    "a tenant in the headers": {
        "headers": {"X-Tenant": "b", "X-Organisation": "1", "X-Original-URL": "/api/v1/users"}
    },
}


@pytest.mark.parametrize("malformed", MALFORMED)
def test_what_is_malformed_is_told_without_others(crawl: Crawl, malformed: str) -> None:
    caller = Caller(crawl.world.organisations["a-south"], "owner")
    faults = []
    for operation_id, route in crawl.routes.items():
        if OPERATIONS[operation_id].apart or route.method == "DELETE":
            continue
        places = [place for place in route.operation.places() if place[0] == "path"]
        for whose in ("b-root", "a-north"):
            target = crawl.world.organisations[whose]
            request = prepare(route, caller.organisation, dict.fromkeys(places, target.ids))
            given = MALFORMED[malformed]
            headers = {"Authorization": f"Bearer {caller.token}", **given.get("headers", {})}
            answer = crawl.client.request(
                given.get("method", route.method),
                request.url,
                params=given.get("params", request.params),
                content=given.get("content"),
                json=given.get("json"),
                headers={**headers, "Idempotency-Key": "x", "If-Match": '"1"'},
            )
            told = crawl.told(answer, caller.organisation, request)
            faults += [f"{operation_id} {answer.status_code}: {leak}" for leak in told]
            if places and answer.status_code < 400:
                faults.append(f"{operation_id}: {answer.status_code}")
    assert not faults, "\n".join(faults)


def test_of_two_credentials_one_counts_and_nothing_is_mixed(crawl: Crawl, owner: Conn) -> None:
    """A bearer token of one tenant with a cookie of the other."""
    one, other = (crawl.world.organisations[name] for name in ("a-south", "b-root"))
    cookie = start_session(owner, other.spare["own_login"], stepped_up=True)
    owner.execute(
        "UPDATE sessions SET kind = 'cookie' WHERE token_digest = sha256(%s)", [cookie.encode()]
    )
    owner.commit()
    for path in ("/api/v1/session", "/api/v1/vehicles", "/api/v1/users", "/api/v1/audit"):
        answer = crawl.client.get(
            path,
            headers={
                "Authorization": f"Bearer {one.tokens['owner']}",
                "Cookie": f"guanche_session={cookie}",
            },
        )
        assert answer.status_code == 200
        assert leaks([answer.text], crawl.world.barred(one)) == []
    alone = crawl.client.get("/api/v1/session", headers={"Cookie": f"guanche_session={cookie}"})
    assert alone.json()["organisation"] == other.ids["code"]


def test_a_person_who_moved_in_the_tree_sees_from_there_at_once(crawl: Crawl, owner: Conn) -> None:
    """What is in sight follows the tree, not what it was at log-in."""
    north, root = crawl.world.organisations["a-north"], crawl.world.organisations["a-root"]
    gate = north.spare["code_other"]
    listed = crawl.routes["list_organisations"]
    seen = prepare(listed, north)
    assert gate in crawl.send(seen, north.tokens["owner"]).text
    move = Request(
        "POST", f"/api/v1/organisations/{gate}/move", {}, {"parent": root.ids["code"]}, {}
    )
    assert crawl.send(move, start(owner, root)).status_code == 200
    try:
        assert gate not in crawl.send(seen, north.tokens["owner"]).text
    finally:
        back = replace(move, body={"parent": north.ids["code"]})
        assert crawl.send(back, start(owner, root)).status_code == 200
