"""A desk where vehicles are handed over: leases, papers, drivers, telemetry."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from fleet.compliance import service as compliance
from fleet.compliance.records import PolicyTerms
from fleet.customers.service import DriverFacts, add_driver
from fleet.hand_overs.service import (
    HandOverDetail,
    Override,
    Record,
    get_hand_over,
    hand_out,
    swap,
    take_back,
)
from fleet.leasing.service import Lease, Terms
from fleet.models.service import ModelFacts, change_model, get_model
from fleet.registry import service as registry
from ingest.storage import open_storage
from schemas.access import SYSTEM, Actor
from tests.fleet.compliance.written import PASSED, VAN
from tests.fleet.conftest import VIN_A, VIN_B, person
from tests.fleet.leasing.conftest import KEY, LONG_AGO, VIN_C, day, office, signed
from tests.fleet.test_usage import insert

LICENCE_NO = "11010519491231002X"
LAST_YEAR = PolicyTerms(
    insurer="平安", covered_from=date(2025, 7, 1), covered_until=date(2026, 6, 30), insured="青帆"
)
OUT_AT = day(0, 15)
"""15:00 of 2 March in Shanghai: when vehicles of these tests go out."""


def papers(conn: Connection[Any], vin: str, *without: str) -> None:
    """A licence, an inspection to May 2026 and 交强险 to June 2026, but those named."""
    if "licence" not in without:
        compliance.put_licence(conn, SYSTEM, vin=vin, licence=VAN, now=OUT_AT)
    if "inspection" not in without:
        passed = replace(
            PASSED, inspected_on=date(2025, 5, 12), valid_to_on=date(2026, 5, 31), report_no=None
        )
        compliance.record_inspection(conn, SYSTEM, vin=vin, inspection=passed, now=OUT_AT)
    if "compulsory" not in without:
        number = f"PDZA{vin[-6:]}"
        compliance.record_policy(
            conn, SYSTEM, vin=vin, kind="compulsory", policy_no=number, terms=LAST_YEAR, now=OUT_AT
        )


def driver_of(
    conn: Connection[Any],
    lease: Lease,
    *classes: str,
    valid_to_on: date | None = date(2031, 1, 1),
) -> UUID:
    """The key of a new driver of the lessee, with C1 unless said."""
    facts = DriverFacts(classes or ("C1",), valid_to_on, "王师傅", LICENCE_NO)
    made = add_driver(
        conn, SYSTEM, customer_no=lease.customer_no, facts=facts, key=KEY, now=LONG_AGO
    )
    return made.key


def ready(conn: Connection[Any], wanted: Terms | None = None) -> tuple[str, Record]:
    """The number of a lease that is signed, and a record of one of its drivers."""
    lease = signed(conn, wanted).lease
    record = Record(
        driver=driver_of(conn, lease), odometer_km=Decimal("35000.0"), soc_pct=Decimal(90)
    )
    return lease.lease_no, record


def out(
    conn: Connection[Any],
    lease_no: str,
    record: Record,
    vin: str = VIN_A,
    *,
    actor: Actor = SYSTEM,
    at: datetime = OUT_AT,
    **given: Any,
) -> HandOverDetail:
    """A vehicle handed out, and what is on record of it."""
    key = hand_out(
        conn,
        actor,
        **({"lease_no": lease_no, "line_no": 1, "vin": vin, "now": at} | given),
        record=record,
    )
    return get_hand_over(conn, SYSTEM, key=key, now=at)


def back(
    conn: Connection[Any], lease_no: str, record: Record, *, at: datetime, **given: Any
) -> HandOverDetail:
    """The vehicle of line 1 taken back, and what is on record of it."""
    key = take_back(conn, SYSTEM, lease_no=lease_no, line_no=1, record=record, now=at, **given)
    return get_hand_over(conn, SYSTEM, key=key, now=at)


def told(conn: Connection[Any], vin: str, ts: datetime, **readings: object) -> None:
    """Telemetry as ingest writes it, with the operator of its time."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    insert(
        conn,
        "telemetry",
        vehicle_id=vehicle.id,
        device_id=1,
        operator_id=vehicle.holder_id,
        ts=ts,
        seq=1,
        received_at=ts,
        **({"fix": True} | readings),
    )


def stages(conn: Connection[Any], vin: str) -> list[str]:
    """The stages the vehicle went through."""
    return [each.stage for each in registry.list_stages(conn, SYSTEM, vin=vin)]


@pytest.fixture
def desk(office: Connection[Any]) -> Connection[Any]:
    """The office, where A, B and C have their papers, and room for telemetry."""
    for vin in (VIN_A, VIN_B, VIN_C):
        papers(office, vin)
    model = get_model(office, SYSTEM, code="ec35")
    facts = ModelFacts(model.name, model.maker, model.body_type, battery_kwh=Decimal("41.86"))
    change_model(office, SYSTEM, code="ec35", version=model.version, facts=facts, now=LONG_AGO)
    open_storage(office, chunk_hours=24).ensure(office, OUT_AT)
    return office


__all__ = [
    "LAST_YEAR",
    "OUT_AT",
    "Override",
    "VIN_A",
    "VIN_B",
    "VIN_C",
    "back",
    "desk",
    "driver_of",
    "office",
    "out",
    "papers",
    "person",
    "ready",
    "stages",
    "swap",
    "told",
]
