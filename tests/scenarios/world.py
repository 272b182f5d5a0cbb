"""Makes the world of a story: one lessor, its staff, vehicles with their papers, customers.

All of it was there long before the first act. A paper the story does not speak of is in order.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.billing import service as billing
from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection, Licence, PolicyKind
from fleet.compliance.records import PolicyTerms
from fleet.customers import service as customers
from fleet.customers.privacy.model import NewConsent
from fleet.models.service import ModelFacts, create_model
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle
from kit.db import act_for
from kit.sealed import SealingKey
from schemas.access import SYSTEM, Actor, Role, permissions_of
from tests.scenarios.story import Customer, Story, Vehicle

LONG_AGO: Final = datetime(2023, 1, 1, tzinfo=UTC)
KEY: Final = SealingKey(bytes(range(32)))
LESSOR: Final = "qingfan"
LICENCE_NOS: Final = ("440300123456", "440300123457", "440300123458")


@dataclass
class World:
    """What was made, by the names of the story."""

    conn: Connection[Any]
    organisation_id: int
    vins: dict[str, str] = field(default_factory=dict)
    plates: dict[str, str] = field(default_factory=dict)
    """By VIN."""
    customer_nos: dict[str, str] = field(default_factory=dict)
    drivers: dict[str, UUID] = field(default_factory=dict)
    leases: dict[str, str] = field(default_factory=dict)
    payments: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """Numbers of bills and credit notes the story has told of."""
    desk: Any = None
    """Of `watching.py`, where the story has channels."""

    def somebody(self, role: Role) -> Actor:
        """A person of the lessor in a role, who has just given their password."""
        may = permissions_of({role})
        return Actor("person", role, self.organisation_id, LESSOR, may, stepped_up=True)

    def plate(self, vin: str | None) -> str:
        """The plate by which the story calls it."""
        return "–" if vin is None else self.plates[vin]


def build(conn: Connection[Any], story: Story) -> World:
    """The world before the first act."""
    lessor = create_organisation(conn, SYSTEM, code=LESSOR, name="青帆租赁", now=LONG_AGO)
    world = World(conn, lessor.id)
    for vehicle in story.vehicles:
        _add(world, vehicle)
    if story.bills_from_on is not None:
        _bill_from(world, story.bills_from_on)
    numbers = iter(LICENCE_NOS)
    for customer in story.customers:
        _meet(world, customer, numbers)
    return world


def _bill_from(world: World, on: date) -> None:
    """Drafted ten days ahead, issued seven, as most do."""
    agreed = billing.Billing(on, 10, 7, issues_itself=True, seller={"name": "青帆租赁"})
    with world.conn.transaction():
        act_for(world.conn, [world.organisation_id])
        billing.set_settings(
            world.conn, SYSTEM, organisation_code=LESSOR, version=0, billing=agreed, now=LONG_AGO
        )


def _add(world: World, vehicle: Vehicle) -> None:
    conn, vin = world.conn, vehicle.vin
    code = f"model-{vin[-6:].lower()}"
    facts = ModelFacts(
        f"EC35 {vin[-6:]}", "瑞驰", vehicle.vehicle_type, battery_kwh=vehicle.battery_kwh
    )
    create_model(conn, SYSTEM, code=code, facts=facts, head_code=LESSOR, now=LONG_AGO)
    add_vehicle(
        conn,
        SYSTEM,
        vin=vin,
        plate=vehicle.plate,
        model_code=code,
        owner_code=LESSOR,
        operator_code=LESSOR,
        now=LONG_AGO,
    )
    licence = Licence(vehicle.vehicle_type, "营运", date(2022, 5, 10), gvw_kg=2_500, version=0)
    compliance.put_licence(conn, SYSTEM, vin=vin, licence=licence, now=LONG_AGO)
    passed = Inspection(
        "line", date(2022, 5, 12), passed=True, valid_to_on=vehicle.inspection_valid_to_on
    )
    compliance.record_inspection(conn, SYSTEM, vin=vin, inspection=passed, now=LONG_AGO)
    from_on, until_on = vehicle.compulsory_from_on, vehicle.compulsory_until_on
    _insure(conn, vin, "compulsory", PolicyTerms("平安", from_on, until_on, use_nature="营业货车"))
    whole = PolicyTerms("平安", date(2023, 1, 1), date(2031, 12, 31), use_nature="营业货车")
    _insure(conn, vin, "commercial", whole)
    world.vins[vehicle.plate] = vin
    world.plates[vin] = vehicle.plate


def _insure(conn: Connection[Any], vin: str, kind: PolicyKind, terms: PolicyTerms) -> None:
    number = f"{kind[:4].upper()}{vin[-6:]}"
    compliance.record_policy(
        conn, SYSTEM, vin=vin, kind=kind, policy_no=number, terms=terms, now=LONG_AGO
    )


def _meet(world: World, customer: Customer, numbers: Any) -> None:
    facts = customers.CustomerFacts(customer.kind, customer.name, email=customer.email)
    made = customers.create_customer(
        world.conn, SYSTEM, facts=facts, organisation_code=LESSOR, key=KEY, now=LONG_AGO
    )
    world.customer_nos[customer.name] = made.customer_no
    agreed = NewConsent("location", "2023", bytes(32), customer.name, LONG_AGO, "signed_paper")
    customers.record_consent(
        world.conn, SYSTEM, customer_no=made.customer_no, consent=agreed, now=LONG_AGO
    )
    for driver in customer.drivers:
        told = customers.DriverFacts(driver.classes, driver.valid_to_on, driver.name, next(numbers))
        added = customers.add_driver(
            world.conn, SYSTEM, customer_no=made.customer_no, facts=told, key=KEY, now=LONG_AGO
        )
        world.drivers[driver.name] = added.key
