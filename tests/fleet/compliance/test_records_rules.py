"""What every service of papers keeps: permissions, no step-up, one entry a change, none a look."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import service as compliance
from fleet.compliance.model import BatteryTest
from fleet.orgs import service as orgs
from fleet.registry import service as registry
from schemas.access import SYSTEM, Actor, PermissionMissing
from tests.fleet.compliance.written import NOW, PASSED, PERMIT, VAN, YEAR, record_year
from tests.fleet.conftest import VIN_A, VIN_B, person

Conn = Connection[Any]
Act = Callable[[Conn, Actor], object]
A: Final = {"vin": VIN_A}


def of_vehicle(name: str, **facts: Any) -> Act:
    """A service that is given the vehicle, read before."""

    def act(conn: Conn, actor: Actor) -> object:
        vehicle = registry.get_vehicle(conn, SYSTEM, vin=VIN_A)
        return getattr(compliance, name)(conn, actor, vehicle=vehicle, **facts)

    return act


def asking(name: str, *given: Any, **facts: Any) -> Act:
    """A service asked with these facts."""
    return lambda conn, actor: getattr(compliance, name)(conn, actor, *given, **facts)


TEST: Final = BatteryTest(PASSED.inspected_on, "normal")
P1: Final = {"policy_no": "P1"}
R1: Final = {"permit_no": PERMIT.permit_no}
NEW_PERMIT: Final = replace(PERMIT, permit_no="粤2")
READS: Final[dict[str, Act]] = {
    "get_licence": asking("get_licence", **A),
    "get_policy": asking("get_policy", **P1),
    "get_permit": asking("get_permit", **R1),
    "list_inspections": asking("list_inspections", {}),
    "list_policies": asking("list_policies", {}),
    "list_permits": asking("list_permits", {}),
    "list_battery_tests": asking("list_battery_tests", **A),
    "list_cover": asking("list_cover", **A, now=NOW),
    "list_vehicle_obligations": of_vehicle("list_vehicle_obligations", on=PASSED.inspected_on),
    "hand_over_blocks": of_vehicle("hand_over_blocks", now=NOW),
    "vehicle_papers": of_vehicle("vehicle_papers", now=NOW),
    "known_licences": asking("known_licences", vins=[VIN_A], now=NOW),
    "known_inspections": asking("known_inspections", keys=[]),
    "known_policies": asking("known_policies", policy_nos=["P1"]),
}
CHANGES: Final[dict[str, Act]] = {
    "put_licence": asking("put_licence", vin=VIN_B, licence=VAN, now=NOW),
    "record_inspection": asking("record_inspection", **A, inspection=PASSED, now=NOW),
    "record_policy": asking(
        "record_policy", **A, kind="commercial", policy_no="P2", terms=YEAR, now=NOW
    ),
    "change_policy": asking("change_policy", **P1, version=1, terms=YEAR, now=NOW),
    "void_policy": asking("void_policy", **P1, reason="录错", now=NOW),
    "record_permit": asking("record_permit", **A, permit=NEW_PERMIT, now=NOW),
    "change_permit": asking("change_permit", permit=PERMIT, now=NOW),
    "withdraw_permit": asking("withdraw_permit", **R1, now=NOW),
    "record_battery_test": asking("record_battery_test", **A, test=TEST, now=NOW),
}
MANY: Final[dict[str, Act]] = {
    "save_licences": asking("save_licences", rows=[], now=NOW),
    "save_inspections": asking("save_inspections", rows=[], now=NOW),
    "save_policies": asking("save_policies", rows=[], now=NOW),
}
OF_THE_SYSTEM: Final = {"refresh_papers", "refresh_next", "find_drift"}
PURE: Final = {
    "battery_test_key",
    "inspection_key",
    "parse_permit_no",
    "parse_policy_no",
    "printed_month",
}
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


@pytest.fixture
def recorded(fleet: Conn) -> Conn:
    """A has a licence, a policy and a permit."""
    compliance.put_licence(fleet, SYSTEM, vin=VIN_A, licence=VAN, now=NOW)
    record_year(fleet, "P1")
    compliance.record_permit(fleet, SYSTEM, vin=VIN_A, permit=PERMIT, now=NOW)
    return fleet


@pytest.fixture
def owner(recorded: Conn) -> Actor:
    """Of head, who has not given their password again."""
    return person(orgs.get_organisation(recorded, SYSTEM, code="head"), stepped_up=False)


def entries(conn: Conn) -> int:
    return len(audit.list_entries(conn, SYSTEM, {}, limit=1_000))


def test_every_service_is_asked_here() -> None:
    module: ModuleType = compliance
    public = {name for name, _ in inspect.getmembers(module, inspect.isfunction)}
    assert public == {*READS, *CHANGES, *MANY} | OF_THE_SYSTEM | PURE


@on_one_storage
@pytest.mark.parametrize("name", [*READS, *CHANGES, *MANY])
def test_who_lacks_the_verb_gets_none(recorded: Conn, owner: Actor, name: str) -> None:
    verb = "paper.read" if name in READS else "paper.record"
    lacking = replace(owner, permissions=owner.permissions - {verb})
    with pytest.raises(PermissionMissing) as raised:
        (READS | CHANGES | MANY)[name](recorded, lacking)
    assert raised.value.facts == {"permission": verb}


@on_one_storage
@pytest.mark.parametrize("name", [*READS, *MANY])
def test_a_look_leaves_no_entry(recorded: Conn, owner: Actor, name: str) -> None:
    before = entries(recorded)
    (READS | MANY)[name](recorded, owner)
    assert entries(recorded) == before


@on_one_storage
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_written_down_once(recorded: Conn, owner: Actor, name: str) -> None:
    before = entries(recorded)
    CHANGES[name](recorded, owner)
    assert entries(recorded) == before + 1
    newest = audit.list_entries(recorded, SYSTEM, {}, limit=1)[0]
    verb = {"change": "paper.change", "void": "paper.void", "withdraw": "paper.withdraw"}
    assert newest.action == verb.get(name.partition("_")[0], "paper.record")
    assert (newest.actor_name, newest.organisation_code) == (owner.name, "head")
    vin = VIN_B if name == "put_licence" else VIN_A
    assert (newest.after or newest.before or {})["vin"] == vin
    assert audit.verify(recorded) == []


@on_one_storage
@pytest.mark.parametrize("name", CHANGES)
def test_the_system_s_change_stands_in_the_chain_of_the_tenant(recorded: Conn, name: str) -> None:
    CHANGES[name](recorded, SYSTEM)
    assert audit.list_entries(recorded, SYSTEM, {}, limit=1)[0].organisation_code == "head"


@on_one_storage
@pytest.mark.parametrize("name", CHANGES)
def test_after_every_change_what_is_kept_follows_from_the_papers(recorded: Conn, name: str) -> None:
    """Derived anew, nothing differs: no rule of refreshing is forgotten."""
    compliance.refresh_papers(recorded, vehicle_ids=None, now=NOW)
    CHANGES[name](recorded, SYSTEM)
    assert list(compliance.find_drift(recorded, now=NOW)) == []
