"""Papers as the tests write them down, and what they look at afterwards."""

from datetime import UTC, date, datetime
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.compliance import service as compliance
from fleet.compliance.model import Inspection, Licence, Permit
from fleet.compliance.records import PolicyTerms
from fleet.costs import service as costs
from fleet.registry import service as registry
from schemas.access import SYSTEM
from tests.fleet.conftest import VIN_A

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
"""10:00 in Shanghai."""
VAN = Licence(
    vehicle_type="微型厢式货车",
    use_nature="营运",
    registered_on=date(2019, 5, 10),
    gvw_kg=2_500,
    seats=2,
    version=0,
)
PASSED = Inspection(
    form="line",
    inspected_on=date(2026, 5, 12),
    passed=True,
    valid_to_on=date(2027, 5, 31),
    place="深圳南山检测站",
    report_no="R-1",
)
YEAR = PolicyTerms(
    insurer="平安", covered_from=date(2026, 7, 1), covered_until=date(2027, 6, 30), insured="青帆"
)
PERMIT = Permit(permit_no="粤交运管深字440300123456号", holder="青帆", issued_on=date(2026, 1, 5))
Conn = Connection[Any]


def record_year(conn: Conn, policy_no: str = "PDZA1", **given: Any) -> compliance.Recorded[Any]:
    chosen: dict[str, Any] = {
        "vin": VIN_A,
        "kind": "compulsory",
        "policy_no": policy_no,
        "terms": YEAR,
    } | given
    return compliance.record_policy(conn, SYSTEM, **chosen, now=NOW)


def spent(conn: Conn, vin: str = VIN_A) -> list[tuple[str, int, date, str, str]]:
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    found = costs.list_costs(
        conn, SYSTEM, vehicle=vehicle, from_on=date(2000, 1, 1), until_on=date(2100, 1, 1)
    )
    return [
        (c.kind, c.amount_fen, c.incurred_on, c.subject_kind, c.subject_key)
        for c in sorted(found, key=lambda cost: cost.subject_key)
    ]


def due(conn: Conn, vin: str = VIN_A, on: date = date(2026, 11, 21)) -> dict[str, tuple[Any, str]]:
    """Day and status of what is kept, by kind."""
    vehicle = registry.get_vehicle(conn, SYSTEM, vin=vin)
    found = compliance.list_vehicle_obligations(conn, SYSTEM, vehicle=vehicle, on=on)
    return {each.obligation.kind: (each.obligation.due_on, each.status) for each in found}


def last_entry(conn: Conn) -> Any:
    return audit.list_entries(conn, SYSTEM, {}, limit=1)[0]
