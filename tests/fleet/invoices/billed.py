"""Issued bills and credit notes with lines of several rates, written straight into the tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.receivables.service import Opened, open_bills
from fleet.vat.service import split
from schemas.access import SYSTEM

_NUMBERS = count(1)
ISSUED = date(2026, 3, 2)
DUE = date(2026, 3, 20)
NOTHING = sha256(b"").digest()


@dataclass(frozen=True)
class Bill:
    """A bill as it was written."""

    id: int
    bill_no: str
    vat_fen: int


def billed(
    conn: Connection[Any],
    customer_no: str,
    *lines: tuple[str, int, int | None],
    issued_on: date = ISSUED,
    due_on: date = DUE,
) -> Bill:
    """An issued bill with these lines: title, fen with VAT, rate in per cent or None."""
    owner = conn.execute(_OWNER, [customer_no]).fetchone()
    assert owner is not None
    number = next(_NUMBERS)
    rows = [_line(no, *line) for no, line in enumerate(lines or [("租金", 300_000, 13)], start=1)]
    bill: dict[str, Any] = {
        **dict(zip(("customer_id", "organisation_id", "tenant_id"), owner, strict=True)),
        "bill_no": f"B{issued_on.year}-7-{number:06}",
        "purpose": f"invoices:{number}",
        "issued_on": issued_on,
        "due_on": due_on,
        "issued_at": datetime.combine(issued_on, time(1), UTC),
        "total_fen": sum(row["amount_fen"] for row in rows),
        "vat_fen": sum(row["vat_fen"] for row in rows),
        "sha": NOTHING,
    }
    made = conn.execute(_BILL, bill).fetchone()
    assert made is not None
    conn.execute(_LINES, {**bill, "id": made[0], "lines": json.dumps(rows)})
    conn.execute(_ISSUE, {**bill, "id": made[0]})
    _open(conn, bill, int(made[0]))
    return Bill(int(made[0]), str(bill["bill_no"]), int(bill["vat_fen"]))


def _line(no: int, title: str, amount_fen: int, pct: int | None) -> dict[str, Any]:
    net_fen, vat_fen = split(amount_fen, None if pct is None else Decimal(pct))
    amounts = {"amount_fen": amount_fen, "net_fen": net_fen, "vat_fen": vat_fen}
    return {"no": no, "title": title, "vat_pct": pct, **amounts}


def _open(conn: Connection[Any], bill: Mapping[str, Any], bill_id: int) -> None:
    """Its entries and its balance, as billing has them."""
    book, number = (bill["tenant_id"], bill["organisation_id"]), bill["bill_no"]
    fen, vat_fen, due_on = (
        bill["total_fen"],
        bill["vat_fen"],
        max(bill["due_on"], bill["issued_on"]),
    )
    of = (bill["customer_id"],)
    sides = [Posting("receivable", fen, *of), Posting("rent_revenue", vat_fen - fen, *of)]
    entries = []
    if vat_fen:
        sides.append(Posting("vat_pending", -vat_fen, *of))
        due = (Posting("vat_pending", vat_fen, *of), Posting("vat_payable", -vat_fen, *of))
        entries.append(Entry(*book, "vat_due", number, due_on, "增值税", due))
    entries.append(Entry(*book, "bill", number, bill["issued_on"], "账单", tuple(sides)))
    post(conn, SYSTEM, entries, now=bill["issued_at"])
    same = ("bill_no", "tenant_id", "organisation_id", "customer_id", "issued_on", "due_on")
    opened = Opened(
        bill_id=bill_id,
        lease_id=None,
        kind="charges",
        principal_fen=fen,
        interest_fen=0,
        cost_fen=0,
        vat_fen=vat_fen,
        vat_due_on=due_on,
        **{name: bill[name] for name in same},
    )
    open_bills(conn, SYSTEM, bills=[opened], now=bill["issued_at"])


def credited(conn: Connection[Any], bill: Bill, line_no: int, amount_fen: int) -> None:
    """A credit note that takes so much off a line, with the VAT in it."""
    row = conn.execute(
        "SELECT vat_pct FROM bill_lines WHERE bill_id = %s AND no = %s", [bill.id, line_no]
    ).fetchone()
    assert row is not None
    net_fen, vat_fen = split(amount_fen, row[0])
    note: dict[str, Any] = {
        "id": bill.id,
        "credit_no": f"N2026-7-{next(_NUMBERS):06}",
        "amount_fen": amount_fen,
        "net_fen": net_fen,
        "vat_fen": vat_fen,
        "line_no": line_no,
        "sha": NOTHING,
    }
    for statement in _CREDIT:
        conn.execute(statement, note)


_OWNER = "SELECT id, organisation_id, tenant_id FROM customers WHERE customer_no = %s"
_BILL = """
INSERT INTO bills (tenant_id, organisation_id, customer_id, kind, purpose, state, due_on, issue_on,
    total_fen, vat_fen, principal_fen, interest_fen, cost_fen, lines_sha256, drafted_by, drafted_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, 'charges', %(purpose)s, 'draft',
    %(due_on)s, %(issued_on)s, %(total_fen)s, %(vat_fen)s, %(total_fen)s, 0, 0, %(sha)s, 'test',
    %(issued_at)s)
RETURNING id
"""
_LINES = """
INSERT INTO bill_lines (bill_id, no, tenant_id, organisation_id, kind, class, title, amount_fen,
    net_fen, vat_fen, vat_pct, source_kind, source_key)
SELECT %(id)s, n.no, %(tenant_id)s, %(organisation_id)s, 'other', 'principal', n.title,
       n.amount_fen, n.net_fen, n.vat_fen, n.vat_pct, 'hand', %(purpose)s
FROM jsonb_to_recordset(%(lines)s) AS n (no integer, title text, amount_fen bigint, net_fen bigint,
    vat_fen bigint, vat_pct numeric)
"""
_ISSUE = """
UPDATE bills SET state = 'issued', bill_no = %(bill_no)s, issued_on = %(issued_on)s,
    issued_at = %(issued_at)s, issued_by = 'test', snapshot = '{}', snapshot_sha256 = %(sha)s
WHERE id = %(id)s
"""
_CREDIT: Sequence[Any] = (
    """
    INSERT INTO credit_notes (tenant_id, organisation_id, customer_id, bill_id, credit_no, reason,
        total_fen, vat_fen, issued_on, issued_at, issued_by, snapshot, snapshot_sha256)
    SELECT tenant_id, organisation_id, customer_id, id, %(credit_no)s, '退租', %(amount_fen)s,
           %(vat_fen)s, issued_on, issued_at, 'test', '{}', %(sha)s FROM bills WHERE id = %(id)s
    """,
    """
    INSERT INTO credit_note_lines (credit_note_id, no, tenant_id, organisation_id, bill_id,
        bill_line_no, amount_fen, net_fen, vat_fen)
    SELECT n.id, 1, n.tenant_id, n.organisation_id, n.bill_id, %(line_no)s, %(amount_fen)s,
           %(net_fen)s, %(vat_fen)s FROM credit_notes n WHERE n.credit_no = %(credit_no)s
    """,
)
