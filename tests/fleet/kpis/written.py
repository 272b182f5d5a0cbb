"""Bills, credit notes, money and postings written straight into the tables, as their slices would.

Figures are tested here against rows of which every amount is known; what the slices themselves
write is tested where it is written, and end to end in `test_end_to_end.py`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

DIGEST = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class WrittenLine:
    """A line of a bill: net and VAT in fen."""

    kind: str
    net_fen: int
    vat_fen: int = 0
    from_on: date | None = None
    until_on: date | None = None
    vehicle_id: int | None = None

    @property
    def amount_fen(self) -> int:
        """With VAT."""
        return self.net_fen + self.vat_fen


def at(day: date, hour: int = 4) -> datetime:
    """An instant of the day: noon in Shanghai unless said."""
    return datetime.combine(day, time(hour), UTC)


class Written:
    """Writes money of customers of one organisation."""

    def __init__(self, conn: Connection[Any], code: str, lease_no: str | None = None) -> None:
        self.conn = conn
        self._numbers = count(1)
        self.tenant_id, self.organisation_id = self._row(
            "SELECT tenant_id, id FROM organisations WHERE code = %s", [code]
        )
        self.customer_id, self.lease_id = None, None
        if lease_no is not None:
            self.customer_id, self.lease_id = self._row(
                "SELECT customer_id, id FROM leases WHERE lease_no = %s", [lease_no]
            )

    def bill(
        self,
        *lines: WrittenLine,
        due_on: date,
        issued_on: date | None = None,
        issued_at: datetime | None = None,
        kind: str = "rent",
    ) -> int:
        """An issued bill; its id."""
        issued_on = issued_on or due_on
        number = next(self._numbers)
        total = sum(line.amount_fen for line in lines)
        bill_id = self.insert(
            "bills",
            customer_id=self.customer_id,
            lease_id=self.lease_id,
            kind=kind,
            purpose=f"written:{self.organisation_id}:{number}",
            state="draft",
            due_on=due_on,
            issue_on=issued_on,
            total_fen=total,
            vat_fen=sum(line.vat_fen for line in lines),
            principal_fen=total,
            interest_fen=0,
            cost_fen=0,
            lines_sha256=DIGEST,
            drafted_by="lin",
            drafted_at=issued_at or at(issued_on),
        )
        self._lines(bill_id, lines)
        self.conn.execute(
            "UPDATE bills SET state = 'issued', bill_no = %s, issued_on = %s, issued_at = %s,"
            " issued_by = 'lin', snapshot = '{}', snapshot_sha256 = %s WHERE id = %s",
            [
                f"B{issued_on.year}-{self.organisation_id}-{number:06d}",
                issued_on,
                issued_at or at(issued_on),
                DIGEST,
                bill_id,
            ],
        )
        self.conn.execute(
            "INSERT INTO bill_balances (bill_id, tenant_id, organisation_id, customer_id, lease_id,"
            " due_on, open_principal_fen, open_interest_fen, open_cost_fen, vat_due_on, settled_on)"
            " SELECT id, tenant_id, organisation_id, customer_id, lease_id, due_on, total_fen, 0,"
            " 0, due_on, CASE WHEN total_fen = 0 THEN issued_on END FROM bills WHERE id = %s",
            [bill_id],
        )
        return bill_id

    def _lines(self, bill_id: int, lines: Sequence[WrittenLine]) -> None:
        rows = [
            [
                bill_id,
                no,
                self.tenant_id,
                self.organisation_id,
                line.kind,
                line.kind,
                line.amount_fen,
                line.net_fen,
                line.vat_fen,
                13 if line.vat_fen else None,
                line.vehicle_id,
                line.from_on,
                line.until_on,
            ]
            for no, line in enumerate(lines, 1)
        ]
        one = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'principal', 'hand', 'x')"
        self.conn.execute(
            (
                "INSERT INTO bill_lines (bill_id, no, tenant_id, organisation_id, kind, title,"
                " amount_fen, net_fen, vat_fen, vat_pct, vehicle_id, from_on, until_on, class,"
                " source_kind, source_key) VALUES " + ", ".join([one] * len(rows))
            ).encode(),
            [each for row in rows for each in row],
        )

    def credit_note(self, bill_id: int, line: WrittenLine, *, on: date, line_no: int = 1) -> int:
        """A credit note of one line, days and all; its id."""
        note_id = self.insert(
            "credit_notes",
            customer_id=self.customer_id,
            bill_id=bill_id,
            credit_no=f"N{on.year}-{self.organisation_id}-{next(self._numbers):06d}",
            reason="停驶",
            total_fen=line.amount_fen,
            vat_fen=line.vat_fen,
            issued_on=on,
            issued_at=at(on),
            issued_by="lin",
            snapshot=Jsonb({}),
            snapshot_sha256=DIGEST,
        )
        self.conn.execute(
            "INSERT INTO credit_note_lines (credit_note_id, no, tenant_id, organisation_id,"
            " bill_id, bill_line_no, amount_fen, net_fen, vat_fen, from_on, until_on)"
            " VALUES (%s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                note_id,
                self.tenant_id,
                self.organisation_id,
                bill_id,
                line_no,
                line.amount_fen,
                line.net_fen,
                line.vat_fen,
                line.from_on,
                line.until_on,
            ],
        )
        return note_id

    def credit(self, amount_fen: int, *, on: date) -> int:
        """Credit of the customer, from nowhere; its id."""
        return self.insert(
            "credits",
            customer_id=self.customer_id,
            source_kind="opening",
            source_key=f"k{next(self._numbers)}",
            amount_fen=amount_fen,
            left_fen=amount_fen,
            since_on=on,
            recorded_at=at(on),
        )

    def allocate(
        self,
        bill_id: int,
        amount_fen: int,
        *,
        on: date,
        recorded_at: datetime | None = None,
        rule: str = "law",
        **source: Any,
    ) -> int:
        """Money, or what `source` names, settles a part of a bill; the id of the allocation."""
        if not source:
            source = {"credit_id": self.credit(abs(amount_fen), on=on)}
        allocation_id = self.insert(
            "allocations",
            customer_id=self.customer_id,
            bill_id=bill_id,
            amount_fen=amount_fen,
            rule=rule,
            allocated_on=on,
            recorded_by="lin",
            recorded_at=recorded_at or at(on),
            **{"class": "principal"},
            **source,
        )
        self.conn.execute(
            "UPDATE bill_balances b SET open_principal_fen = open_principal_fen - %s, settled_on ="
            " CASE WHEN open_fen = %s THEN (SELECT max(allocated_on) FROM allocations a"
            " WHERE a.bill_id = b.bill_id) END WHERE b.bill_id = %s",
            [amount_fen, amount_fen, bill_id],
        )
        return allocation_id

    def insert(self, table: str, **row: Any) -> int:
        """One row of the organisation; its id."""
        row = {"tenant_id": self.tenant_id, "organisation_id": self.organisation_id, **row}
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        )
        found = self.conn.execute(query, row).fetchone()
        assert found is not None
        return int(found[0])

    def _row(self, query: str, row: Sequence[Any]) -> Any:
        found = self.conn.execute(query.encode(), row).fetchone()
        assert found is not None
        return found
