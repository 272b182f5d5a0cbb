"""Keeps licences, inspections, permits and battery tests, as printed.

Leaves out insurance (`insurance`), what falls due from them (`obligations`), and what they cost
(`fleet/costs`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from psycopg import Connection

from fleet.compliance import battery, store
from fleet.compliance.acts.service import Act, begin, finish, spend
from fleet.compliance.errors import (
    BatteryResultMissing,
    LicenceMissing,
    PermitNotFound,
    PermitWithdrawn,
)
from fleet.compliance.model import BatteryTest, Inspection, Licence, Permit
from fleet.compliance.printed import (
    check_inspection,
    check_permit,
    check_registered,
    check_tested,
    parse_permit_no,
)
from fleet.compliance.records import Place, Recorded, battery_test_key, inspection_key
from fleet.figures import BatteryTestLimits
from fleet.maintenance import service as maintenance
from fleet.parameters import service as parameters
from fleet.registry import service as registry
from kit.errors import VersionChanged
from schemas.access import Actor
from schemas.addresses import check_not_reserved

BATTERY_TESTS_LISTED: Final = 100
READINGS: Final = (
    "charge_max_c",
    "discharge_max_c",
    "motor_max_c",
    "controller_max_c",
    "converter_max_c",
)
"""What a battery test can be judged by."""


def get_licence(conn: Connection[Any], actor: Actor, *, vin: str) -> Licence:
    """The vehicle's licence as printed.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
        LicenceMissing: it was not written down yet.
    """
    actor.require("paper.read")
    vehicle = registry.get_vehicle(conn, actor, vin=vin)
    found = store.find_licence(conn, vehicle.id)
    if found is None:
        raise LicenceMissing(f"the licence of {vehicle.vin} was not recorded", vin=vehicle.vin)
    return found


def put_licence(
    conn: Connection[Any], actor: Actor, *, vin: str, licence: Licence, now: datetime
) -> Licence:
    """The licence is this one from now on. `licence.version` is that it was read at; 0: none yet.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        VersionChanged: somebody wrote it down since.
        RegisteredInFuture: the registration lies ahead.
    """
    act = begin(conn, actor, vin, now)
    check_registered(licence.registered_on, today=act.today)
    was = store.find_licence(conn, act.vehicle.id)
    if licence.version == 0:
        written = store.insert_licence(conn, act.about(), licence)
    else:
        written = store.update_licence(conn, act.vehicle.id, licence)
    if not written:
        raise VersionChanged(f"the licence of {act.vehicle.vin} was changed", vin=vin)
    if was is None or was.registered_on != licence.registered_on:
        maintenance.refresh_maintenance(conn, vehicle_ids=[act.vehicle.id], now=now)
    finish(act, "paper.record", "licence", act.vehicle.vin, before=was, after=licence)
    return replace(licence, version=licence.version + 1)


def record_inspection(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    inspection: Inspection,
    cost_fen: int | None = None,
    now: datetime,
) -> Recorded[Inspection]:
    """An inspection, or what was read off the licence; corrects the one of the same day and form.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        InspectionInFuture, InspectionMonthMissing, InspectionFailedHasMonth,
        InspectionEndsBeforeIt: it cannot have been.
    """
    act = begin(conn, actor, vin, now)
    check_inspection(inspection, today=act.today)
    on, form = inspection.inspected_on, inspection.form
    was = store.find_inspection(conn, act.vehicle.id, on, form)
    written = store.save_inspection(conn, act.about(), inspection)
    key = inspection_key(act.vehicle.vin, on, form)
    spend(act, "inspection", key, amount_fen=cost_fen, on=on)
    finish(act, "paper.record", "inspection", key, before=was, after=inspection, cost_fen=cost_fen)
    return store.list_inspections(conn, {"id": written}, limit=1)[0]


def list_inspections(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: Place | None = None,
    limit: int = 50,
) -> list[Recorded[Inspection]]:
    """Inspections in sight, the latest first; `after` is the (day, id) of the last one seen.

    `filters`: vin, organisation (that has the vehicle now, or is above it), from_on, until_on
    (excluded), passed.
    """
    actor.require("paper.read")
    return store.list_inspections(conn, filters, after=after, limit=limit)


def record_battery_test(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    test: BatteryTest,
    judged: bool = False,
    cost_fen: int | None = None,
    now: datetime,
) -> Recorded[BatteryTest]:
    """A battery safety test; corrects the one of the same day.

    `judged`: the paper tells no result; the readings decide, by the limits of that day.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        BatteryTestInFuture: it lies ahead.
        BatteryResultMissing: it is to be judged, and there is nothing to judge it by.
    """
    act = begin(conn, actor, vin, now)
    check_tested(test.tested_on, today=act.today)
    if judged:
        test = _judge(act, test)
    was = store.find_battery_test(conn, act.vehicle.id, test.tested_on)
    written = store.save_battery_test(conn, act.about(), test)
    key = battery_test_key(act.vehicle.vin, test.tested_on)
    spend(act, "battery_test", key, amount_fen=cost_fen, on=test.tested_on)
    finish(act, "paper.record", "battery_test", key, before=was, after=test, cost_fen=cost_fen)
    return store.list_battery_tests(conn, {"id": written}, limit=1)[0]


def list_battery_tests(
    conn: Connection[Any], actor: Actor, *, vin: str
) -> list[Recorded[BatteryTest]]:
    """The vehicle's battery tests, the latest first.

    Raises:
        VehicleNotFound: there is no such vehicle in sight.
    """
    actor.require("paper.read")
    filters = {"vin": registry.get_vehicle(conn, actor, vin=vin).vin}
    return store.list_battery_tests(conn, filters, limit=BATTERY_TESTS_LISTED)


def _judge(act: Act, test: BatteryTest) -> BatteryTest:
    [papers] = store.list_papers(act.conn, [act.vehicle.id])
    limits = parameters.figures(
        act.conn, BatteryTestLimits, tenant_id=act.vehicle.tenant_id, on=test.tested_on
    )
    judgement = battery.judge(test, papers.battery_chemistry, limits)
    measured = {reading for reading in READINGS if getattr(test, reading) is not None}
    if not measured - set(judgement.unjudged):
        raise BatteryResultMissing("tell the result: no reading decides it", vin=act.vehicle.vin)
    return replace(test, result=judgement.result)


def record_permit(
    conn: Connection[Any],
    actor: Actor,
    *,
    vin: str,
    permit: Permit,
    cost_fen: int | None = None,
    now: datetime,
) -> Recorded[Permit]:
    """A transport permit of the vehicle.

    Raises:
        VehicleNotFound, VehicleNotYours: it is not the actor's to write about.
        PermitNumberMalformed, PermitInFuture, PermitEndsBeforeIssue: the input cannot be used.
        PermitExists: the number is taken.
        CodeReserved: it is a word of the addresses.
    """
    act = begin(conn, actor, vin, now)
    permit = replace(permit, permit_no=parse_permit_no(permit.permit_no))
    check_not_reserved(permit.permit_no, field="permit_no")
    check_permit(permit, today=act.today)
    store.insert_permit(conn, act.about(), permit)
    spend(act, "permit", permit.permit_no, amount_fen=cost_fen, on=permit.issued_on)
    finish(act, "paper.record", "permit", permit.permit_no, after=permit, cost_fen=cost_fen)
    return get_permit(conn, actor, permit_no=permit.permit_no)


def change_permit(
    conn: Connection[Any], actor: Actor, *, permit: Permit, now: datetime
) -> Recorded[Permit]:
    """The permit of this number says so from now on; the day of its issue stays.

    `permit.version` is that it was read at.

    Raises:
        PermitNotFound: there is none in sight.
        VehicleNotYours: its vehicle is not the actor's any more.
        PermitWithdrawn: it does not hold any more.
        PermitEndsBeforeIssue: the input cannot be used.
        VersionChanged: somebody changed it since.
    """
    was, act = _begin_change(conn, actor, permit.permit_no, now)
    permit = replace(permit, permit_no=was.paper.permit_no, issued_on=was.paper.issued_on)
    check_permit(permit, today=max(act.today, permit.issued_on))
    if not store.update_permit(conn, was.id, permit):
        raise VersionChanged(f"permit {permit.permit_no} was changed", permit_no=permit.permit_no)
    finish(act, "paper.change", "permit", permit.permit_no, before=was.paper, after=permit)
    return get_permit(conn, actor, permit_no=permit.permit_no)


def withdraw_permit(
    conn: Connection[Any], actor: Actor, *, permit_no: str, now: datetime
) -> Recorded[Permit]:
    """The permit does not hold any more.

    Raises:
        PermitNotFound, VehicleNotYours, PermitWithdrawn: as `change_permit`.
    """
    was, act = _begin_change(conn, actor, permit_no, now)
    store.mark_permit_withdrawn(conn, was.id, withdrawn_at=now)
    finish(act, "paper.withdraw", "permit", was.paper.permit_no, before=was.paper)
    return get_permit(conn, actor, permit_no=was.paper.permit_no)


def get_permit(conn: Connection[Any], actor: Actor, *, permit_no: str) -> Recorded[Permit]:
    """The permit with this number, as it is stored.

    Raises:
        PermitNotFound: there is none in sight.
    """
    found = list_permits(conn, actor, {"permit_no": permit_no}, limit=1)
    if not found:
        raise PermitNotFound(f"no permit has the number {permit_no!r}", permit_no=permit_no)
    return found[0]


def list_permits(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: Place | None = None,
    limit: int = 50,
) -> list[Recorded[Permit]]:
    """Permits in sight by number; `after` is the (number, id) of the last one seen.

    `filters`: vin, organisation (as `list_inspections`), holder (a part of the name), withdrawn,
    permit_no.
    """
    actor.require("paper.read")
    return store.list_permits(conn, filters, after=after, limit=limit)


def _begin_change(
    conn: Connection[Any], actor: Actor, permit_no: str, now: datetime
) -> tuple[Recorded[Permit], Act]:
    actor.require("paper.record")
    was = get_permit(conn, actor, permit_no=permit_no)
    act = begin(conn, actor, was.vin, now)
    if was.paper.withdrawn_at is not None:
        no = was.paper.permit_no
        raise PermitWithdrawn(f"permit {no} was withdrawn", permit_no=no)
    return was, act
