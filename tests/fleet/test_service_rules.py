"""What services of orgs, models, registry, lives and usage keep: permissions, step-up, audit."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from fleet.assets import service as assets
from fleet.audit import service as audit
from fleet.calendar import service as calendar
from fleet.calendar.service import DueFilter
from fleet.devices import service as devices
from fleet.devices.model import FleetEntry
from fleet.lives import service as lives
from fleet.models import service as models
from fleet.orgs import service as orgs
from fleet.registry import service as registry
from fleet.stock import service as stock
from fleet.stock.service import StockFilter
from fleet.usage import service as usage
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired

from .conftest import NOW, VIN_A, VIN_B, at, person

VIN_C: Final = "LE4TG4DB1JL199517"


class Asked(NamedTuple):
    """A service function, the verb it asks for, and a call that a fleet allows."""

    function: Callable[..., Any]
    verb: str
    facts: dict[str, Any]

    def ask(self, conn: Connection[Any], actor: Actor) -> object:
        return self.function(conn, actor, **self.facts)


def move_on(conn: Connection[Any], actor: Actor) -> object:
    """A stage is changed of a vehicle that was read, and so seen, before."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=VIN_A)
    return registry.change_stage(
        conn, actor, vehicle=vehicle, stage="let", reason="新租", at=at(9), now=NOW
    )


FACTS: Final = models.ModelFacts("EC35", "瑞驰", "微型封闭货车", battery_kwh=Decimal("41.86"))
BOUGHT: Final = lives.PurchaseFacts(date(2025, 3, 15), 9_980_000)
EAST: Final = {"code": "east"}
A: Final = {"vin": VIN_A}
HEAD: Final[dict[str, Any]] = {"head_code": "head", "now": NOW}
READ_BEFORE: Final = {
    "change_stage": "asked by move_on",
    "record_act": "a part of what another service asks for",
    "write_odometer": "a part of what another service asks for",
    "write_stage": "a part of what another service asks for",
    **dict.fromkeys(("find_stage", "find_odometer", "find_purchase"), "of a vehicle that was read"),
    **dict.fromkeys(("known_vehicles", "known_plates", "check_vehicles"), "import.run is asked"),
    **dict.fromkeys(("known_models", "check_models"), "import.run is asked"),
    "note_odometers": "a job of the system",
}
"""Services that are not asked with an actor and facts, and why."""
ASKED: Final = [
    Asked(orgs.find_organisation, "organisation.read", EAST),
    Asked(orgs.get_organisation, "organisation.read", EAST),
    Asked(orgs.list_organisations, "organisation.read", {}),
    Asked(orgs.list_subtree, "organisation.read", EAST),
    Asked(
        orgs.create_organisation,
        "organisation.create",
        {"code": "depot", "name": "车场", "parent_code": "east", "now": NOW},
    ),
    Asked(
        orgs.change_organisation,
        "organisation.change",
        {**EAST, "version": 1, "name": "华东大区", "now": NOW},
    ),
    Asked(orgs.move_organisation, "organisation.move", {**EAST, "parent_code": "west", "now": NOW}),
    Asked(
        registry.add_vehicle,
        "vehicle.create",
        {"vin": VIN_C, "plate": None, "owner_code": "east", "operator_code": "west", "now": NOW},
    ),
    Asked(
        registry.change_vehicle,
        "vehicle.change",
        {**A, "version": 1, "plate": None, "model": "瑞驰 EC35", "now": NOW},
    ),
    Asked(
        registry.add_vehicles,
        "vehicle.create",
        {"entries": [registry.VehicleEntry(VIN_C, None, "head", "east")], "at": at(8)},
    ),
    Asked(registry.get_vehicle, "vehicle.read", A),
    Asked(registry.get_held_vehicle, "vehicle.read", A),
    Asked(registry.list_operator_periods, "vehicle.read", A),
    Asked(registry.list_transfers, "vehicle.read", A),
    Asked(registry.list_stages, "vehicle.read", A),
    Asked(move_on, "vehicle.change_stage", {}),
    Asked(
        registry.save_vehicles, "vehicle.change", {"rows": [{"vin": VIN_A, "tags": []}], "now": NOW}
    ),
    Asked(models.list_models, "vehicle.read", {}),
    Asked(models.get_model, "vehicle.read", {"code": "k01"}),
    Asked(models.create_model, "model.change", {"code": "ec35", "facts": FACTS, **HEAD}),
    Asked(
        models.change_model,
        "model.change",
        {"code": "k01", "version": 1, "facts": FACTS, "now": NOW},
    ),
    Asked(models.save_models, "model.change", {"rows": [{"code": "k01"}], **HEAD}),
    Asked(
        lives.record_odometer,
        "odometer.record",
        {**A, "odometer_km": Decimal(100), "read_at": at(9), "now": NOW},
    ),
    Asked(lives.list_odometer, "vehicle.read", A),
    Asked(
        lives.record_purchase,
        "purchase.change",
        {**A, "version": 0, "facts": BOUGHT, "now": NOW},
    ),
    Asked(lives.get_purchase, "purchase.read", {"vin": VIN_B}),
    Asked(
        lives.change_placing,
        "vehicle.change",
        {**A, "version": 1, "depot_code": "east", "tags": ["冷链"], "pooled": True, "now": NOW},
    ),
    Asked(lives.list_pool, "vehicle.read", {}),
    Asked(
        devices.add_fleet,
        "vehicle.create",
        {"entries": [FleetEntry(VIN_C, None, "T4", "head", "east")], "at": at(8)},
    ),
    Asked(
        registry.assign_operator,
        "vehicle.transfer",
        {**A, "organisation_code": "west", "at": at(9), "now": NOW},
    ),
    Asked(
        devices.register_device,
        "device.create",
        {"serial": "T4", "owner_code": "east", "now": NOW},
    ),
    Asked(devices.get_device, "device.read", {"serial": "T1"}),
    Asked(devices.list_devices, "device.read", {}),
    Asked(devices.list_device_bindings, "device.read", {"serial": "T1"}),
    Asked(devices.list_bindings, "device.read", A),
    Asked(
        devices.bind_device,
        "device.bind",
        {"serial": "T2", "vin": VIN_B, "at": at(9), "now": NOW},
    ),
    Asked(devices.unbind_device, "device.bind", {"serial": "T1", "at": at(9), "now": NOW}),
    Asked(devices.swap_device, "device.bind", {**A, "new_serial": "T2", "at": at(9), "now": NOW}),
    Asked(calendar.list_obligations, "paper.read", {"wanted": DueFilter(), "now": NOW}),
    Asked(calendar.list_feeds, "calendar.share", {}),
    Asked(stock.list_stock, "vehicle.read", {"wanted": StockFilter(("in_stock",)), "now": NOW}),
    Asked(assets.list_vehicle_costs, "cost.read", {**A, "now": NOW}),
    Asked(assets.vehicle_page, "vehicle.read", {**A, "now": NOW}),
    Asked(usage.vehicle_track, "track.read", {**A, "from_at": at(8), "until_at": at(9)}),
    Asked(usage.latest_state, "vehicle.read", A),
    Asked(usage.fleet_summary, "vehicle.read", {"now": NOW}),
]


def name_of(asked: Asked) -> str:
    return asked.function.__name__


every_service = pytest.mark.parametrize("asked", ASKED, ids=name_of)
on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""


@pytest.fixture
def working(fleet: Connection[Any]) -> Connection[Any]:
    """The fleet, with T1 in A and A operated by east, both since 8; a model; B was bought."""
    fleet.execute("UPDATE vehicle_stages SET staged_period = tstzrange(%s, NULL)", [at(6)])
    k01 = models.ModelFacts("K01", "东风", "轻型厢式货车")
    models.create_model(fleet, SYSTEM, code="k01", facts=k01, **HEAD)
    lives.record_purchase(fleet, SYSTEM, vin=VIN_B, version=0, facts=BOUGHT, now=NOW)
    devices.bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=at(8), now=NOW)
    registry.assign_operator(fleet, SYSTEM, vin=VIN_A, organisation_code="east", at=at(8), now=NOW)
    return fleet


def owner_of_head(conn: Connection[Any]) -> Actor:
    return person(orgs.get_organisation(conn, SYSTEM, code="head"))


@pytest.mark.parametrize(
    "module", [orgs, registry, models, lives], ids=lambda module: module.__name__
)
def test_every_service_is_asked_here(module: ModuleType) -> None:
    public = {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    asked = {name_of(one) for one in ASKED if one.function.__module__ == module.__name__}
    assert public - READ_BEFORE.keys() == asked


@on_one_storage
@every_service
def test_who_lacks_the_verb_gets_none(working: Connection[Any], asked: Asked) -> None:
    owner = owner_of_head(working)
    lacking = replace(owner, permissions=owner.permissions - {asked.verb})
    with pytest.raises(PermissionMissing) as raised, working.transaction():
        asked.ask(working, lacking)
    assert raised.value.facts == {"permission": asked.verb}


@on_one_storage
@every_service
def test_only_dangerous_verbs_ask_for_the_password_again(
    working: Connection[Any], asked: Asked
) -> None:
    owner = replace(owner_of_head(working), stepped_up=False)
    asks_for_it = False
    try:
        asked.ask(working, owner)
    except StepUpRequired:
        asks_for_it = True
    assert asks_for_it == (asked.verb in {"organisation.move", "vehicle.transfer"})


class Told(NamedTuple):
    """What the trail tells of a change: on what, in whose chain if the system did it."""

    object_kind: str
    object_key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    chain: str
    action: str | None = None
    """The verb, unless said."""


AT_9: Final = at(9).isoformat()
TOLD: Final = {
    "create_organisation": Told(
        "organisation",
        "depot",
        None,
        {"name": "车场", "parent": "east", "time_zone": "Asia/Shanghai"},
        "head",
    ),
    "change_organisation": Told(
        "organisation",
        "east",
        {"name": "华东", "parent": "head", "time_zone": "Asia/Shanghai"},
        {"name": "华东大区", "parent": "head", "time_zone": "Asia/Shanghai"},
        "head",
    ),
    "move_organisation": Told(
        "organisation", "east", {"parent": "head"}, {"parent": "west"}, "head"
    ),
    "add_vehicle": Told(
        "vehicle",
        VIN_C,
        None,
        {"plate": None, "model": None, "owner": "east", "operator": "west"},
        "head",
    ),
    "change_vehicle": Told(
        "vehicle",
        VIN_A,
        {"plate": "粤BD12345", "model": None},
        {"plate": None, "model": "瑞驰 EC35"},
        "head",
    ),
    "assign_operator": Told(
        "vehicle", VIN_A, {"operator": "east"}, {"operator": "west", "at": AT_9}, "head"
    ),
    "move_on": Told(
        "vehicle",
        VIN_A,
        {"stage": "in_stock"},
        {"stage": "let", "reason": "新租", "at": AT_9},
        "head",
    ),
    "create_model": Told(
        "model",
        "ec35",
        None,
        {"name": "EC35", "maker": "瑞驰", "body_type": "微型封闭货车", "battery_kwh": "41.86"},
        "head",
        "model.create",
    ),
    "change_model": Told(
        "model",
        "k01",
        {"name": "K01", "maker": "东风", "body_type": "轻型厢式货车"},
        {"name": "EC35", "maker": "瑞驰", "body_type": "微型封闭货车", "battery_kwh": "41.86"},
        "head",
    ),
    "record_odometer": Told(
        "vehicle", VIN_A, None, {"odometer_km": "100", "read_at": AT_9}, "head"
    ),
    "record_purchase": Told(
        "vehicle",
        VIN_A,
        None,
        {
            "purchased_on": "2025-03-15",
            "price_fen": 9_980_000,
            "supplier": None,
            "depreciation_method": "none",
            "useful_life_months": None,
            "residual_pct": None,
        },
        "head",
    ),
    "change_placing": Told(
        "vehicle",
        VIN_A,
        {"depot": None, "tags": [], "pooled": False},
        {"depot": "east", "tags": ["冷链"], "pooled": True},
        "head",
    ),
    "register_device": Told("device", "T4", None, {"owner": "east"}, "head"),
    "bind_device": Told("device", "T2", None, {"vin": VIN_B, "at": AT_9}, "head"),
    "unbind_device": Told(
        "device", "T1", {"vin": VIN_A, "at": AT_9}, None, "head", "device.unbind"
    ),
    "swap_device": Told(
        "device", "T2", {"serial": "T1"}, {"vin": VIN_A, "at": AT_9}, "head", "device.swap"
    ),
}
CHANGES: Final = [asked for asked in ASKED if name_of(asked) in TOLD]


def length_of_trail(conn: Connection[Any]) -> int:
    return len(audit.list_entries(conn, SYSTEM, {}, limit=1_000))


@pytest.mark.parametrize("asked", CHANGES, ids=name_of)
def test_a_change_is_written_down_once(working: Connection[Any], asked: Asked) -> None:
    length, told = length_of_trail(working), TOLD[name_of(asked)]
    asked.ask(working, SYSTEM)
    wanted = {"action": told.action or asked.verb, "object_key": told.object_key}
    newest = audit.list_entries(working, SYSTEM, wanted)[0]
    assert (newest.object_kind, newest.before, newest.after) == told[0:1] + told[2:4]
    assert (newest.organisation_code, newest.at) == (told.chain, NOW)
    assert (newest.actor_kind, newest.actor_name) == ("system", "guanche")
    assert length_of_trail(working) == length + 1
    assert audit.verify(working) == []


@pytest.mark.parametrize("asked", CHANGES, ids=name_of)
def test_a_person_s_change_stands_in_their_own_chain(
    working: Connection[Any], asked: Asked
) -> None:
    owner = replace(owner_of_head(working), ip="192.0.2.7", request_id="r-1")
    asked.ask(working, owner)
    (entry,) = audit.list_entries(working, SYSTEM, {"actor": owner.name})
    assert (entry.organisation_code, entry.actor_kind) == ("head", "person")
    assert (entry.ip, entry.request_id) == ("192.0.2.7", "r-1")
    assert (entry.action, entry.object_key) == (
        TOLD[name_of(asked)].action or asked.verb,
        TOLD[name_of(asked)].object_key,
    )


READS: Final = [
    asked for asked in ASKED if name_of(asked).partition("_")[0] in {"find", "get", "list"}
]


@on_one_storage
@pytest.mark.parametrize("asked", READS, ids=name_of)
def test_reading_leaves_no_entry(working: Connection[Any], asked: Asked) -> None:
    length = length_of_trail(working)
    asked.ask(working, SYSTEM)
    assert length_of_trail(working) == length
