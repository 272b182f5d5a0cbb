"""What holds of money whatever happened, asked of the rows themselves and not of any service.

Every check gives what is wrong as sentences.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.billing.snapshots import canonical
from fleet.earnings import service as earnings
from tests.fleet.earnings.by_days import earned_by_days

Conn = Connection[Any]
Seen = dict[int, tuple[str, str]]
"""Issued bills by id: their row and their lines as they were seen first."""

TOTALS: Final[Mapping[str, str]] = {
    "bills": "SELECT sum(total_fen) FROM bills WHERE state = 'issued'",
    "notes": "SELECT sum(total_fen) FROM credit_notes",
    "open": "SELECT sum(open_fen) FROM bill_balances",
    "left": "SELECT sum(left_fen) FROM credits",
    "paid": "SELECT sum(amount_fen) FROM payments WHERE state = 'claimed'",
    "unclaimed": "SELECT sum(amount_fen) FROM payments WHERE state = 'unclaimed'",
    "refunded": "SELECT sum(amount_fen) FROM refunds",
    "reclaimed": "SELECT sum(total_fen) FROM bills WHERE state = 'issued' AND kind = 'reclaim'",
    "written_off": "SELECT sum(amount_fen) FROM allocations WHERE write_off_id IS NOT NULL",
    "held": "SELECT sum(held_fen) FROM deposit_balances",
    "deposit_applied": "SELECT sum(CASE kind WHEN 'applied' THEN amount_fen"
    " WHEN 'unapplied' THEN -amount_fen ELSE 0 END) FROM deposit_movements",
    "deposit_refunded": "SELECT sum(amount_fen) FROM deposit_movements WHERE kind = 'refunded'",
    "open_deposits": "SELECT sum(x.open_fen) FROM bill_balances x JOIN bills b ON b.id = x.bill_id"
    " WHERE b.kind = 'deposit'",
    "vat": "SELECT (SELECT coalesce(sum(vat_fen), 0) FROM bills WHERE state = 'issued')"
    " - (SELECT coalesce(sum(vat_fen), 0) FROM credit_notes)",
}
EVER: Final = datetime(2100, 1, 1, tzinfo=UTC)
SPANS: Final = (
    (date(2026, 1, 1), date(2100, 1, 1)),
    (date(2026, 3, 19), date(2026, 5, 11)),
)
"""All that ever was earned, and days that cut months."""
EARNED: Final = (
    "rent_revenue", "mileage_revenue", "service_revenue", "energy_revenue", "purchase_revenue",
    "penalty_revenue", "damage_revenue", "deferred_revenue", "paid_for_others",
)  # fmt: skip


def faults(conn: Conn, seen: Seen) -> list[str]:
    """All that does not hold."""
    total = {name: _number(conn, query) for name, query in TOTALS.items()}
    account = {
        name: int(fen)
        for name, fen in conn.execute(
            "SELECT account, sum(amount_fen) FROM ledger_postings GROUP BY account"
        )
    }
    return [
        *_balances(total),
        *_ledger(conn, total, account),
        *_bills(conn, seen),
        *_numbers(conn),
    ]


def _number(conn: Conn, query: str) -> int:
    row = conn.execute(query.encode()).fetchone()
    return int(row[0] or 0) if row else 0


def _balances(total: Mapping[str, int]) -> Iterator[str]:
    """Open = bills − credit notes − payments …, on the whole.

    A bill to reclaim stands for money that was given on before its payment bounced.
    """
    owed = total["bills"] - total["notes"] - total["paid"] + total["refunded"]
    owed -= total["reclaimed"] + total["written_off"] + total["deposit_applied"]
    stands = total["open"] - total["left"]
    if owed != stands:
        yield f"owed {owed} is not what is open less credit {stands}: {dict(total)}"


def _ledger(conn: Conn, total: Mapping[str, int], account: Mapping[str, int]) -> Iterator[str]:
    """The accounts say what the rows say."""
    unbalanced = conn.execute(
        "SELECT entry_id FROM ledger_postings GROUP BY entry_id HAVING sum(amount_fen) <> 0"
    ).fetchall()
    if unbalanced:
        yield f"entries do not sum to zero: {unbalanced}"
    wanted = {
        "receivable": total["open"] - total["open_deposits"],
        "deposit_receivable": total["open_deposits"],
        "deposit_due": -total["open_deposits"],
        "customer_credit": -total["left"],
        "unclaimed": -total["unclaimed"],
        "deposit_liability": -total["held"],
        "bad_debt": total["written_off"],
        "bank": total["paid"] + total["unclaimed"] - total["refunded"] - total["deposit_refunded"],
    }
    for name, fen in wanted.items():
        if account.get(name, 0) != fen:
            yield f"{name} is {account.get(name, 0)}, not {fen}"
    vat = account.get("vat_pending", 0) + account.get("vat_payable", 0)
    if vat != -total["vat"]:
        yield f"VAT is {vat}, not {-total['vat']}"
    billed = _number(
        conn,
        "SELECT (SELECT coalesce(sum(l.net_fen), 0) FROM bill_lines l"
        " JOIN bills b ON b.id = l.bill_id"
        " WHERE b.state = 'issued' AND l.kind NOT IN ('deposit', 'reclaim'))"
        " - (SELECT coalesce(sum(n.net_fen), 0) FROM credit_note_lines n"
        " JOIN bill_lines l ON l.bill_id = n.bill_id AND l.no = n.bill_line_no"
        " WHERE l.kind NOT IN ('deposit', 'reclaim'))",
    )
    earned = sum(account.get(name, 0) for name in EARNED)
    if earned != -billed:
        yield f"earned or to be earned is {earned}, not {-billed}"


def _bills(conn: Conn, seen: Seen) -> Iterator[str]:
    """An issued bill is what it was, its lines add up, and so do what was taken off and settled."""
    for bill_id, row, lines, snapshot, digest in conn.execute(
        "SELECT b.id, to_jsonb(b)::text, (SELECT jsonb_agg(l ORDER BY l.no)::text FROM bill_lines l"
        " WHERE l.bill_id = b.id), b.snapshot, b.snapshot_sha256"
        " FROM bills b WHERE b.state = 'issued'"
    ):
        if seen.setdefault(bill_id, (row, lines)) != (row, lines):
            yield f"bill {bill_id} changed"
        if hashlib.sha256(canonical(snapshot).encode()).digest() != digest:
            yield f"bill {bill_id} is not its snapshot"
        printed = sum(line["amount_fen"] for line in snapshot["lines"])
        if printed != json.loads(row)["total_fen"]:
            yield f"bill {bill_id} prints {printed}"
    for (bill_id,) in conn.execute(
        """
        SELECT b.id FROM bills b
        JOIN bill_balances x ON x.bill_id = b.id
        CROSS JOIN LATERAL (SELECT coalesce(sum(a.amount_fen), 0) AS fen FROM allocations a
                            WHERE a.bill_id = b.id AND a.credit_note_id IS NULL) a
        CROSS JOIN LATERAL (SELECT coalesce(sum(a.amount_fen), 0) AS fen FROM allocations a
                            WHERE a.bill_id = b.id AND a.credit_note_id IS NOT NULL) n
        CROSS JOIN LATERAL (SELECT coalesce(sum(c.total_fen), 0) AS fen FROM credit_notes c
                            WHERE c.bill_id = b.id) c
        CROSS JOIN LATERAL (SELECT sum(l.amount_fen) AS fen, sum(l.vat_fen) AS vat_fen
                            FROM bill_lines l WHERE l.bill_id = b.id) l
        WHERE b.total_fen <> l.fen OR b.vat_fen <> l.vat_fen
           OR x.open_fen <> b.total_fen - a.fen - n.fen OR n.fen > c.fen OR x.open_fen < 0
        """
    ):
        yield f"bill {bill_id} does not add up"
    for (credit_id,) in conn.execute(
        """
        SELECT c.id FROM credits c
        WHERE c.left_fen > c.amount_fen OR c.left_fen < 0
           OR (c.source_kind = 'payment' AND c.left_fen <> c.amount_fen
               - (SELECT coalesce(sum(a.amount_fen), 0) FROM allocations a WHERE a.credit_id = c.id)
               - (SELECT coalesce(sum(r.amount_fen), 0) FROM refunds r WHERE r.credit_id = c.id)
               AND NOT EXISTS (SELECT FROM payments p WHERE p.id = c.payment_id
                               AND (p.state <> 'claimed' OR p.version > 2)))
        """
    ):
        yield f"credit {credit_id} lost or won"


def _numbers(conn: Conn) -> Iterator[str]:
    """1, 2, 3 … of every organisation and year, none missing."""
    for table, number in (("bills", "bill_no"), ("credit_notes", "credit_no")):
        for series, count, last in conn.execute(
            f"SELECT split_part({number}, '-', 1) || split_part({number}, '-', 2), count(*),"
            f" max(split_part({number}, '-', 3)::int) FROM {table}"
            f" WHERE {number} IS NOT NULL GROUP BY 1".encode()
        ):
            if count != last:
                yield f"{table} {series}: {count} numbers up to {last}"


def earned_faults(conn: Conn) -> Iterator[str]:
    """What is kept of earnings month by month is what the lines say day by day.

    Asked once, after all: nothing of it is ever changed or taken away.
    """
    for fault in earnings.check_earned(conn):
        yield f"{fault.check} {fault.key}: {fault.told}"
    scope = [each for (each,) in conn.execute("SELECT id FROM organisations")]
    for from_on, until_on in SPANS:
        rows = earnings.list_earned(
            conn,
            by=["month", "organisation", "vehicle", "kind"],
            scope=scope,
            from_on=from_on,
            until_on=until_on,
            known_at=EVER,
        )
        told = {
            (row.month_on, row.organisation_id, row.vehicle_id, row.kind): row.net_fen
            for row in rows
        }
        wanted = earned_by_days(conn, from_on, until_on, known_at=EVER)
        if told != wanted:
            yield f"earned in [{from_on}, {until_on}) is {told}, not {wanted}"
