"""Rarer matters of the demo's books, so that there is something of each kind of alert to see.

A deposit whose cheque bounced, batteries that are to be tested again. Each is written as people
would write it, by the services. Leaves out what the rest of the books have of its own: papers that
end, bills that are late, leases near their end (`demo_assets.py`, `demo_money.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from psycopg import Connection

from fleet.billing import service as billing
from fleet.compliance import service as compliance
from fleet.local_days import local_day
from fleet.orgs.service import get_organisation
from fleet.parameters import service as parameters
from fleet.payments import service as payments
from guanche.demo_money import SHOWN_AT
from guanche.seed import PLATFORM
from kit.db import act_for
from schemas.access import SYSTEM, Actor

FINANCE: Final = "finance@shenzhen-qianxing"
TESTED_DAYS_AGO: Final = (352, 340, 200)
"""Before today; a test is good for a year."""
TEST_LIMITS: Final[dict[str, Any]] = {
    "required": False,
    "every_months": 12,
    "lfp_max_c": 65,
    "nmc_max_c": 60,
    "motor_max_c": 175,
    "controller_max_c": 95,
    "converter_max_c": 95,
}


def seed_matters(conn: Connection[Any], vins: Sequence[str], now: datetime) -> None:
    """Write them down, as far as the fleet has what they are about. Run in one transaction."""
    head = get_organisation(conn, SYSTEM, code=PLATFORM)
    act_for(conn, [head.id])
    boss = replace(SYSTEM, name="boss@qingfan", organisation_id=head.id)
    _bounce_a_deposit(conn, replace(boss, name=FINANCE), now)
    _test_batteries(conn, boss, vins, now)


def _bounce_a_deposit(conn: Connection[Any], actor: Actor, now: datetime) -> None:
    """Of the lease that began last: its vehicle is out, its deposit was never received."""
    paid = [
        bill
        for bill in billing.list_bills(
            conn,
            SYSTEM,
            {"state": "issued", "kind": "deposit", "organisation": SHOWN_AT, "open": False},
            limit=500,
            now=now,
        )
        if bill.settled_on is not None and bill.credited_fen == 0
    ]
    for bill in sorted(paid, key=lambda bill: bill.due_on, reverse=True):
        of_customer = {"customer": bill.customer_no, "state": "claimed"}
        for payment in payments.list_payments(conn, SYSTEM, of_customer, limit=100):
            if payment.remark == bill.bill_no:
                payments.reverse_payment(
                    conn,
                    actor,
                    payment_no=payment.payment_no,
                    reason="押金支票退票：存款不足",
                    now=now,
                )
                return


def _test_batteries(
    conn: Connection[Any], actor: Actor, vins: Sequence[str], now: datetime
) -> None:
    """The house tests its batteries every year; the tests of two vehicles are about to be due."""
    today = local_day(now)
    parameters.set_figures(
        conn,
        actor,
        name="battery_test.limits",
        valid_from_on=today - timedelta(days=400),
        content=TEST_LIMITS,
        source="公司规定：每年检测一次",
        now=now,
    )
    for vin, days_ago in zip(vins, TESTED_DAYS_AGO, strict=False):
        test = compliance.BatteryTest(
            tested_on=today - timedelta(days=days_ago),
            result="normal",
            place="南山新能源维修",
            soh_pct=Decimal("91.5"),
            charge_max_c=Decimal("41.0"),
        )
        compliance.record_battery_test(conn, SYSTEM, vin=vin, test=test, now=now)
    compliance.refresh_papers(conn, vehicle_ids=None, now=now)
