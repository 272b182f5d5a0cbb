"""Open bills of leases, as billing and receivables leave them."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.dunning.service import (
    Listed,
    NoticeDetail,
    RunCounts,
    list_notices,
    make_due,
    record_delivery,
)
from fleet.leasing.service import Lease
from fleet.leasing.terms import Terms
from fleet.orgs.service import get_organisation
from kit import db
from schemas.access import SYSTEM
from tests.fleet.leasing.conftest import START, day, office, out, signed, terms

__all__ = ["day", "office"]
Conn = Connection[Any]
CLAUSES: Final[dict[Any, str]] = {
    "late_fee": "第八条",
    "lock": "第九条",
    "termination": "第十一条",
    "repossession": "第十二条",
}
SELLER: Final = {
    "name": "深圳青帆新能源汽车租赁有限公司",
    "bank": "招商银行深圳分行",
    "account": "755900000000001",
    "contact": "陈会计",
    "phone": "0755-88880000",
}
LATE_FEE: Final = {"rate_per_day": "0.0005", "grace_days": 3, "cap_pct": 20, "clause": "第八条"}
DUE: Final = START + timedelta(days=30)
"""Day 30."""


def running(conn: Conn, wanted: Terms | None = None) -> Lease:
    """A lease with A out, whose terms name the clauses."""
    return out(conn, signed(conn, wanted or terms(clauses=CLAUSES)).lease.lease_no)


def seller(conn: Conn, organisation: str = "east") -> None:
    """Who bills, as its settings have it."""
    conn.execute(
        "INSERT INTO billing_settings (organisation_id, tenant_id, bills_from_on, seller,"
        " changed_by, changed_at) SELECT id, tenant_id, '2026-01-01', %s, 'test', now()"
        " FROM organisations WHERE code = %s",
        [json.dumps(SELLER), organisation],
    )


def issued(conn: Conn, lease: Lease, number: int = 1, **given: Any) -> str:
    """The number of a bill of 3,000 yuan, due on DUE and issued a week before."""
    due_on: date = given.pop("due_on", DUE)
    row: dict[str, Any] = {
        "tenant_id": lease.tenant_id,
        "organisation_id": lease.organisation_id,
        "customer_id": lease.customer_id,
        "lease_id": lease.id,
        "kind": "rent",
        "purpose": f"rent:{number}",
        "bill_no": f"B2026-{lease.organisation_id}-{number:06d}",
        "due_on": due_on,
        "issued_on": due_on - timedelta(days=7),
        "fen": 300_000,
        "late_fee": json.dumps(LATE_FEE),
    } | given
    conn.execute(
        "WITH made AS (INSERT INTO bills (tenant_id, organisation_id, customer_id, lease_id, kind,"
        " purpose, state, bill_no, due_on, issue_on, issued_on, issued_at, issued_by, total_fen,"
        " vat_fen, principal_fen, interest_fen, cost_fen, late_fee, snapshot, snapshot_sha256,"
        " lines_sha256, drafted_by, drafted_at) VALUES (%(tenant_id)s, %(organisation_id)s,"
        " %(customer_id)s, %(lease_id)s, %(kind)s, %(purpose)s, 'issued', %(bill_no)s, %(due_on)s,"
        " %(issued_on)s, %(issued_on)s, now(), 'test', %(fen)s, 0, %(fen)s, 0, 0, %(late_fee)s,"
        " '{}', sha256('x'), sha256('x'), 'test', now()) RETURNING *)"
        " INSERT INTO bill_balances (bill_id, tenant_id, organisation_id, customer_id, lease_id,"
        " due_on, open_principal_fen, open_interest_fen, open_cost_fen, vat_due_on)"
        " SELECT id, tenant_id, organisation_id, customer_id, lease_id, due_on, principal_fen, 0,"
        " 0, due_on FROM made",
        row,
    )
    return str(row["bill_no"])


def settle(conn: Conn, bill_no: str, on: date | None) -> None:
    """The bill is paid, or (None) open again, as a payment that bounced leaves it."""
    conn.execute(
        "UPDATE bill_balances x SET settled_on = %(on)s, open_principal_fen ="
        " CASE WHEN %(on)s::date IS NULL THEN b.principal_fen ELSE 0 END"
        " FROM bills b WHERE b.id = x.bill_id AND b.bill_no = %(bill_no)s",
        {"on": on, "bill_no": bill_no},
    )


def at(number: int, hour: int = 9) -> datetime:
    """An hour of a day counted from DUE, in Shanghai."""
    return day(30 + number, hour)


def run(conn: Conn, number: int) -> RunCounts:
    """The job on a day counted from DUE."""
    east = get_organisation(conn, SYSTEM, code="east")
    actor = replace(SYSTEM, organisation_id=east.id)
    return make_due(conn, actor, organisation_id=east.id, now=at(number))


def listed(conn: Conn, **filters: Any) -> list[Listed]:
    """In the order they were made."""
    return list_notices(conn, SYSTEM, filters, limit=1_000)[::-1]


def stages(conn: Conn, **filters: Any) -> list[str]:
    return [each.notice.stage for each in listed(conn, **filters)]


def number_of(conn: Conn, stage: str, **filters: Any) -> str:
    [found] = listed(conn, stage=stage, **filters)
    return found.notice.notice_no


def arrive(conn: Conn, stage: str, number: int, **given: Any) -> NoticeDetail:
    """The notice of a stage was handed over on a day counted from DUE."""
    facts: dict[str, Any] = {
        "notice_no": number_of(conn, stage),
        "channel": "post",
        "result": "arrived",
        "sent_at": at(number, 10),
        "arrived_at": at(number, 11),
        "proof": "EMS 1234567890123",
        "now": at(number, 12),
    }
    return record_delivery(conn, SYSTEM, **(facts | given))


@pytest.fixture
def lender(office: Conn) -> Conn:
    """The office, whose east bills as a company."""
    seller(office)
    east = office.execute("SELECT id FROM organisations WHERE code = 'east'").fetchone()
    assert east is not None
    db.act_for(office, [east[0]])
    return office
