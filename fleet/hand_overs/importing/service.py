"""Writes down that a vehicle went out under a lease that is brought in by a sheet.

What was looked at then nobody knows any more: there are no checks, no blocks and no warnings, only
when it went out and what the odometer said, so that a return knows where the way began. Leaves out
permissions, and the book of the lease: the import asks and writes (`fleet/bulk`).
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.hand_overs.model import Record
from fleet.hand_overs.moving.service import AT_ONCE, let_out
from fleet.hand_overs.writing.service import Act, write_down
from fleet.leasing import service as leasing
from fleet.registry import service as registry
from schemas.access import Actor


def record_imported(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    line_no: int,
    event_no: int,
    vin: str,
    handed_at: datetime,
    odometer_km: Decimal | None,
    now: datetime,
) -> None:
    """The vehicle went out at `handed_at`, by the event with this number of the lease.

    It is let since then, or since it came where it was, if that is written down for later.

    Raises:
        LeaseNotFound, VehicleNotFound, VehicleNotYours: one of them is not there.
        StageNotReachable: it does not come there from where it is.
        OdometerReadAlready: somebody wrote one down for this very instant.
    """
    lease, _book = leasing.lock_lease(conn, lease_no)
    vehicle = registry.get_held_vehicle(conn, actor, vin=vin)
    stage = registry.find_stage(conn, vehicle=vehicle)
    since = handed_at if stage is None else max(handed_at, stage.from_at + AT_ONCE)
    let_out(conn, actor, vehicle=vehicle, lease_no=lease_no, at=since, now=now)
    record = Record(handed_at=handed_at, odometer_km=odometer_km)
    act = Act(actor, lease, line_no, vehicle, record, "import", handed_at, now)
    unknown: dict[str, Any] = {
        "driver_id": None,
        "checklist_id": None,
        "told": None,
        "differences": [],
        "overridden": [],
        "override_reason": None,
        "warnings": [],
        "work_order_no": None,
    }
    write_down(conn, act, "out", event_no, unknown, findings=[])
