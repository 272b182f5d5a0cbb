"""The tenant crawl: every operation, two tenants, every identifier, and no mark of others.

Generated from the API's own document. For every place where an identifier stands, callers give that
of another tenant, of a sibling and of their parent, alone and together with others. The answer may
tell nothing that is theirs, is the same as for what does not exist, and changes nothing.
"""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from tests.fixtures.spared import api_document
from tests.isolation.crawl import New, Route, Secret, choices, leaks, prepare
from tests.isolation.crawl_build import start_session
from tests.isolation.crawl_client import Caller, Crawl, text_of
from tests.isolation.crawl_operations import NO_IDENTIFIER, OPERATIONS, nowhere_at_all
from tests.isolation.crawl_world import World

Conn = Connection[Any]
ATTACKS = (
    ("root", "owner", ("other root", "other north", "other depot")),
    ("south", "owner", ("other root", "other south", "other depot", "own north", "own root")),
    ("south", "machine", ("other south", "own north", "own root")),
    ("south", "viewer", ("other root", "own north")),
    ("depot", "owner", ("other depot", "own south", "own north")),
)
"""Who asks, in which role, for whose things; in both tenants."""
OF_EXPORTS = ATTACKS[1:2]
"""An export asks its list, which is crawled itself: one caller shows that it asks as the caller."""
CRAWLED = [name for name, operation in OPERATIONS.items() if not operation.apart]
NOWHERE = nowhere_at_all()


def described() -> dict[str, dict[str, Any]]:
    """The operations of the document by their id."""
    return {
        one["operationId"]: one
        for methods in api_document()["paths"].values()
        for one in methods.values()
    }


def test_every_operation_is_covered() -> None:
    in_document = described().keys()
    covered = in_document & OPERATIONS.keys()
    missing, gone = in_document - OPERATIONS.keys(), OPERATIONS.keys() - in_document
    assert (missing, gone) == (set(), set()), f"{len(covered)} of {len(in_document)} covered"


def test_every_parameter_and_field_is_decided() -> None:
    undecided, schemas = [], api_document()["components"]["schemas"]
    for operation_id, one in described().items():
        operation = OPERATIONS[operation_id]
        asked: dict[str, set[str]] = {"path": set(), "query": set(), "body": set(), "header": set()}
        for parameter in one.get("parameters", ()):
            asked[parameter["in"]].add(parameter["name"])
        for content in one.get("requestBody", {}).get("content", {}).values():
            if "$ref" not in content["schema"]:  # a file
                assert operation.content is not None or operation.apart
                continue
            name = content["schema"]["$ref"].rpartition("/")[2]
            asked["body"] |= schemas[name]["properties"].keys()
        given = {"path": operation.path, "query": operation.query, "body": operation.body or {}}
        for part, values in given.items():
            unknown = asked[part] - values.keys() - NO_IDENTIFIER.keys()
            undecided += [f"{operation_id}: {part}.{name}" for name in unknown]
            undecided += [f"{operation_id}: no {name}" for name in values.keys() - asked[part]]
        known_headers = {"Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"}
        undecided += [f"{operation_id}: {name}" for name in asked["header"] - known_headers]
    assert undecided == []


def test_whatever_a_path_names_is_an_identifier() -> None:
    bare = [
        (operation_id, name)
        for operation_id, operation in OPERATIONS.items()
        for name in operation.path
        if ("path", name) not in operation.places() and name not in NO_IDENTIFIER
        if not isinstance(operation.path[name], Secret)
    ]
    assert bare == []


ROWS = {
    "organisations": "t",
    "organisation_closure": "t",
    "vehicles": "t",
    "devices": "t",
    "device_bindings": "t",
    "vehicle_operators": "t",
    "vehicle_models": "t",
    "vehicle_stages": "t",
    "vehicle_purchases": "t",
    "vehicle_transfers": "t",
    "odometer_readings": "t",
    "password_resets": "t",
    "users": "t",
    "api_keys": "(t.id, t.revoked_at)",
    "sessions": "(t.id, t.ended_at, t.stepped_up_at)",
    "idempotent_answers": "t",
    "vehicle_state": "t",
    "ingest_rejects": "t",
    "work_orders": "t",
    "work_order_lines": "t",
    "work_order_checks": "t",
    "work_order_events": "t",
    "maintenance_done": "t",
    "maintenance_items": "t",
    "checklist_templates": "t",
    "customers": "t",
    "customer_accounts": "t",
    "customer_drivers": "t",
    "customer_blacklistings": "t",
    "leases": "t",
    "lease_events": "t",
    "lease_versions": "t",
    "lease_segments": "t",
    "lease_bookings": "t",
    "lease_suspensions": "t",
    "lease_approvals": "t",
    "rent_prices": "t",
    "hand_overs": "t",
    "hand_over_checks": "t",
    "hand_over_findings": "t",
    "charges": "t",
    "quotes": "t",
    "violations": "t",
    "service_packages": "t",
    "package_sales": "t",
    "package_visits": "t",
    "dunning_notices": "t",
    "dunning_deliveries": "t",
    "ledger_books": "t",
    "ledger_closings": "t",
    "ledger_entries": "t",
    "ledger_postings": "t",
    "tax_profiles": "t",
    "share_agreements": "t",
    "share_settlements": "t",
    "payments": "t",
    "credits": "t",
    "allocations": "t",
    "bill_balances": "t",
    "earned_parts": "t",
    "refunds": "t",
    "write_offs": "t",
    "invoice_requests": "t",
    "invoice_request_lines": "t",
    "vehicle_groups": "t",
    "vehicle_group_members": "t",
    "geofences": "t",
    "alert_rules": "t",
    "alert_rule_versions": "t",
    "alerts": "t",
    "alert_fires": "t",
    "alert_events": "t",
    "alert_silences": "t",
    "alert_escalations": "t",
    "notification_channels": "t",
    "notification_subscriptions": "t",
    "notification_messages": "t",
    "notification_items": "t",
    "notification_attempts": "t",
}
"""What a refused call may not change; when somebody was last seen it may."""


def snapshot(conn: Conn, route: Route) -> dict[str, str]:
    """A digest of each table."""
    counted = {"users": "(t.id, t.name, t.roles, t.password_hash, t.disabled_at)"}
    digests = {}
    for table, row in (ROWS | counted if route.operation.counts else ROWS).items():
        found = conn.execute(
            f"SELECT md5(string_agg(({row})::text, '' ORDER BY ({row})::text)) FROM {table} t"
        ).fetchone()
        assert found is not None
        digests[table] = found[0]
    conn.rollback()
    return digests


def entries_of_strangers(conn: Conn, world: World) -> list[tuple[str, str]]:
    """Audit entries in a chain that is not their actor's: (mark of the chain, actor)."""
    marks = {one.id: one.mark for one in world.organisations.values()}
    whose = {one.tokens["machine"][3:15]: one.mark for one in world.organisations.values()}
    rows = conn.execute(
        "SELECT organisation_id, actor_name FROM audit_entries"
        " WHERE actor_kind <> 'system' AND action NOT LIKE 'session.%'"
    ).fetchall()
    conn.rollback()
    return [
        (marks[chain], actor)
        for chain, actor in rows
        if marks[chain] != whose.get(actor.removeprefix("key:"), actor.rpartition(".")[2])
    ]


@pytest.mark.parametrize("operation_id", CRAWLED)
def test_nothing_of_others_is_told_or_changed(crawl: Crawl, owner: Conn, operation_id: str) -> None:
    route = crawl.routes[operation_id]
    before = snapshot(owner, route)
    faults = []
    attacks = OF_EXPORTS if operation_id.startswith("export_") else ATTACKS
    for tenant, (part, role, names) in itertools.product("ab", attacks):
        caller = Caller(crawl.world.organisations[f"{tenant}-{part}"], role)
        if route.method == "GET" and not route.operation.path:
            faults += told_without_filter(crawl, route, caller)
        for places in choices(route.operation):
            asked = [route.operation.places()[place] for place in places]
            nothing = None
            if not all(isinstance(each, New) for each in asked):  # or something would be made
                nothing = crawl.attack(route, caller, places, next(NOWHERE)).plain
            for target in (crawl.target(caller, name) for name in names):
                if route.operation.counts:
                    owner.execute("TRUNCATE login_attempts")
                    owner.commit()
                told = crawl.attack(route, caller, places, target.ids)
                who = f"{caller.name} -> {target.name} by {places}"
                faults += [f"{who}: {fault}" for fault in told.faults]
                if nothing is not None and not told.taken and told.plain != nothing:
                    faults.append(f"{who}: {told.plain} is not {nothing}")
    assert not faults, "\n".join(faults)
    assert snapshot(owner, route) == before
    assert entries_of_strangers(owner, crawl.world) == []


def told_without_filter(crawl: Crawl, route: Route, caller: Caller) -> list[str]:
    """Others' marks in the whole list."""
    fixed = {name: text for name, text in route.operation.query.items() if isinstance(text, str)}
    request = replace(prepare(route, caller.organisation), params=fixed)
    if "limit" in route.parameters:
        request.params["limit"] = "200"
    answer = crawl.send(request, caller.token)
    told = crawl.told(answer, caller.organisation, request)
    return [f"{caller.name}: {leak}" for leak in told]


@pytest.mark.parametrize("name", ["a-south", "b-depot", "b-north"])
def test_own_calls_work_and_show_ones_own(crawl: Crawl, owner: Conn, name: str) -> None:
    """Else the crawl would prove nothing: what is refused to all leaks to nobody."""
    one = crawl.world.organisations[name]
    faults = []
    for operation_id in CRAWLED:
        route = crawl.routes[operation_id]
        token = start_session(owner, one.spare["own_login"], stepped_up=True)
        owner.commit()
        request = prepare(route, one, spare=True)
        answer = crawl.send(request, token)
        faults += [f"{operation_id}: {leak}" for leak in crawl.told(answer, one, request)]
        if answer.status_code != route.operation.status:
            faults.append(f"{operation_id}: {answer.status_code} {answer.text}")
        echoed = request.sent() if route.method == "GET" else ()
        if route.operation.shows and not leaks([text_of(answer)], [one], echoed):
            faults.append(f"{operation_id}: shows nothing of one's own: {answer.text[:300]}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("table", "operation_id"),
    [
        ("devices", "get_device"),
        ("organisations", "list_organisations"),
        ("vehicles", "get_vehicle"),
        ("devices", "list_devices"),
    ],
)
def test_the_crawl_finds_a_table_without_row_security(
    crawl: Crawl, owner: Conn, table: str, operation_id: str
) -> None:
    route = crawl.routes[operation_id]
    south, b_root = (crawl.world.organisations[name] for name in ("a-south", "b-root"))
    caller = Caller(south, "owner")
    places = tuple(route.operation.places())
    owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    owner.commit()
    try:
        found = told_without_filter(crawl, route, caller) if route.method == "GET" else []
        if route.operation.path:
            found = crawl.attack(route, caller, places, b_root.ids).faults
    finally:
        owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        owner.commit()
    assert len(found) >= 1
    assert crawl.attack(route, caller, places, b_root.ids).faults == []
