"""Issued bills written straight into the tables and the ledger, as billing would."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.receivables.service import Opened, open_bills
from schemas.access import SYSTEM

EMPTY = sha256(b"").digest()


@dataclass(frozen=True)
class Owed:
    """A bill as it was written."""

    id: int
    bill_no: str


def ids_of(conn: Connection[Any], customer_no: str) -> dict[str, int]:
    """Customer, organisation and tenant of a customer's number."""
    row = conn.execute(
        "SELECT id, organisation_id, tenant_id FROM customers WHERE customer_no = %s",
        [customer_no],
    ).fetchone()
    assert row is not None
    return dict(zip(("customer_id", "organisation_id", "tenant_id"), row, strict=True))


def owe(
    conn: Connection[Any],
    customer_no: str,
    principal_fen: int = 0,
    *,
    interest_fen: int = 0,
    cost_fen: int = 0,
    due_on: date = date(2026, 3, 2),
    issued_on: date | None = None,
    kind: str = "charges",
    lease_id: int | None = None,
    late_fee: dict[str, Any] | None = None,
    vat_fen: int = 0,
    number: int | None = None,
) -> Owed:
    """An issued bill of the customer, with one line of each class."""
    owner = ids_of(conn, customer_no)
    issued_on = issued_on or min(due_on, date(2026, 3, 2))
    counted = conn.execute(_NUMBER, {**owner, "year": issued_on.year}).fetchone()
    assert counted is not None
    number = number or counted[0]
    written = {
        **owner,
        "lease_id": lease_id,
        "kind": kind,
        "purpose": f"test:{number}",
        "due_on": due_on,
        "issued_on": issued_on,
        "issued_at": datetime.combine(issued_on, time(1), UTC),
        "bill_no": f"B{issued_on.year}-{owner['organisation_id']}-{number:06}",
        "principal_fen": principal_fen,
        "interest_fen": interest_fen,
        "cost_fen": cost_fen,
        "total_fen": principal_fen + interest_fen + cost_fen,
        "vat_fen": vat_fen,
        "late_fee": json.dumps(late_fee) if late_fee else None,
        "sha": EMPTY,
    }
    found = conn.execute(_BILL, written).fetchone()
    assert found is not None
    lines = [
        (no, fen, vat_fen if class_ == "principal" else 0, class_)
        for no, (class_, fen) in enumerate(
            [("principal", principal_fen), ("interest", interest_fen), ("cost", cost_fen)], 1
        )
    ]
    conn.execute(
        _LINES,
        {
            **written,
            "bill_id": found[0],
            "nos": [line[0] for line in lines],
            "fens": [line[1] for line in lines],
            "vats": [line[2] for line in lines],
            "classes": [line[3] for line in lines],
            "line_kind": "deposit" if kind == "deposit" else "other",
        },
    )
    conn.execute(_ISSUE, {**written, "id": found[0]})
    _book(conn, written, int(found[0]))
    return Owed(int(found[0]), str(written["bill_no"]))


def noted(
    conn: Connection[Any],
    customer_no: str,
    key: str,
    amount_fen: int,
    *,
    bill: Owed | None = None,
    taken_fen: int = 0,
    on: date = date(2026, 3, 6),
) -> int:
    """Credit brought in, posted; or a credit note that takes so much off a bill, and its id."""
    owner = ids_of(conn, customer_no)
    book, now = (owner["tenant_id"], owner["organisation_id"]), datetime.combine(on, time(1), UTC)
    of = (owner["customer_id"], None)
    if bill is None:
        sides = (Posting("opening", amount_fen, *of), Posting("customer_credit", -amount_fen, *of))
        post(conn, SYSTEM, [Entry(*book, "opening", key, on, "期初", sides)], now=now)
        return 0
    kind = conn.execute("SELECT kind FROM bills WHERE id = %s", [bill.id]).fetchone()
    deposit = kind == ("deposit",)
    sides = (
        Posting("deposit_due" if deposit else "opening", taken_fen, *of),
        Posting("deposit_receivable" if deposit else "receivable", -taken_fen, *of),
    )
    post(conn, SYSTEM, [Entry(*book, "credit_note", key, on, "冲减", sides)], now=now)
    facts = {**owner, "bill_id": bill.id, "key": key, "fen": taken_fen, "on": on, "now": now}
    found = conn.execute(_NOTE, {**facts, "sha": EMPTY}).fetchone()
    assert found is not None
    return int(found[0])


def _book(conn: Connection[Any], written: dict[str, Any], bill_id: int) -> None:
    now, fen = written["issued_at"], written["total_fen"]
    vat_fen, of = written["vat_fen"], (written["customer_id"], written["lease_id"])
    deposit = written["kind"] == "deposit"
    owed, due = ("deposit_receivable", "deposit_due") if deposit else ("receivable", "opening")
    entries = []
    if fen:
        postings: list[Any] = [Posting(owed, fen, *of)]  # type: ignore[arg-type]
        postings.append(Posting(due, vat_fen - fen, *of))  # type: ignore[arg-type]
        if vat_fen:
            postings.append(Posting("vat_pending", -vat_fen, *of))
        book = (written["tenant_id"], written["organisation_id"])
        key = written["bill_no"]
        entries.append(Entry(*book, "bill", key, written["issued_on"], "账单", tuple(postings)))
        if vat_fen:
            vat = (Posting("vat_pending", vat_fen, *of), Posting("vat_payable", -vat_fen, *of))
            day = max(written["due_on"], written["issued_on"])
            entries.append(Entry(*book, "vat_due", key, day, "增值税", vat))
    post(conn, SYSTEM, entries, now=now)
    same = ("bill_no", "tenant_id", "organisation_id", "customer_id", "lease_id", "kind", "due_on")
    sums = ("issued_on", "principal_fen", "interest_fen", "cost_fen", "vat_fen")
    opened = Opened(
        bill_id=bill_id,
        vat_due_on=max(written["due_on"], written["issued_on"]),
        **{name: written[name] for name in (*same, *sums)},
    )
    open_bills(conn, SYSTEM, bills=[opened], now=now)


_NUMBER = """
INSERT INTO bill_counters (organisation_id, kind, year, tenant_id, last_no)
VALUES (%(organisation_id)s, 'bill', %(year)s, %(tenant_id)s, 1)
ON CONFLICT (organisation_id, kind, year) DO UPDATE SET last_no = bill_counters.last_no + 1
RETURNING last_no
"""
_BILL = """
INSERT INTO bills (tenant_id, organisation_id, customer_id, lease_id, kind, purpose, state, due_on,
    issue_on, total_fen, vat_fen, principal_fen, interest_fen, cost_fen, lines_sha256, drafted_by,
    drafted_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(lease_id)s, %(kind)s, %(purpose)s,
    'draft', %(due_on)s, %(issued_on)s, %(total_fen)s, %(vat_fen)s, %(principal_fen)s,
    %(interest_fen)s, %(cost_fen)s, %(sha)s, 'test', %(issued_at)s)
RETURNING id
"""
_LINES = """
INSERT INTO bill_lines (bill_id, no, tenant_id, organisation_id, kind, class, title, amount_fen,
    net_fen, vat_fen, vat_pct, source_kind, source_key)
SELECT %(bill_id)s, n.no, %(tenant_id)s, %(organisation_id)s, %(line_kind)s, n.class, '费用', n.fen,
       n.fen - n.vat, n.vat, CASE WHEN n.vat > 0 THEN 13 END, 'hand', %(purpose)s
FROM unnest(%(nos)s::int[], %(fens)s::bigint[], %(vats)s::bigint[], %(classes)s::text[])
    AS n (no, fen, vat, class)
"""
_ISSUE = """
UPDATE bills SET state = 'issued', bill_no = %(bill_no)s, issued_on = %(issued_on)s,
    issued_at = %(issued_at)s, issued_by = 'test', late_fee = %(late_fee)s::jsonb, snapshot = '{}',
    snapshot_sha256 = %(sha)s
WHERE id = %(id)s
"""
_NOTE = """
INSERT INTO credit_notes (tenant_id, organisation_id, customer_id, bill_id, credit_no, reason,
    total_fen, vat_fen, issued_on, issued_at, issued_by, snapshot, snapshot_sha256)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, %(bill_id)s, %(key)s, '多收', %(fen)s,
    0, %(on)s, %(now)s, 'test', '{}', %(sha)s)
RETURNING id
"""
