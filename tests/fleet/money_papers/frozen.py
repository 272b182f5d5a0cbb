"""Issued bills, credit notes, notices and settlements written straight into the tables, settled."""

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from psycopg import Connection

from tests.fleet.money_papers.samples import line, snapshot

Conn = Connection[Any]


def freeze_bill(
    conn: Conn, customer_no: str, *, number: int, name: str, on: date, at: datetime
) -> str:
    """The number of an issued bill of one fen, with a credit note and a notice of the same number;
    `name` is what its customer and its line are called."""
    owner = conn.execute(
        "SELECT id AS customer_id, tenant_id, organisation_id FROM customers"
        " WHERE customer_no = %s",
        [customer_no],
    ).fetchone()
    assert owner is not None
    facts = snapshot(
        [line(1, 1, title=name, from_on=None, until_on=None, days=None)],
        bill_no=f"B{on.year}-8-{number:06}",
        customer={"customer_no": customer_no, "name": name},
    )
    row: dict[str, Any] = {
        **dict(zip(("customer_id", "tenant_id", "organisation_id"), owner, strict=True)),
        "bill_no": facts["bill_no"],
        "purpose": f"papers:{number}",
        "on": on,
        "at": at,
        "title": name,
        "snapshot": json.dumps(facts),
        "sha": sha256(b"").digest(),
        "note": json.dumps(facts | {"credit_no": f"N{on.year}-8-{number:06}", "reason": name}),
        "credit_no": f"N{on.year}-8-{number:06}",
        "notice_no": f"D{on:%y%m}-{number:06}",
        "content": json.dumps(_letter(name, on)),
    }
    for statement in _STATEMENTS:
        conn.execute(statement, row)
    return str(facts["bill_no"])


def freeze_settlement(
    conn: Conn, owner_code: str, operator_code: str, *, name: str, at: datetime
) -> str:
    """The key of a settlement of no vehicle between two organisations."""
    content = {
        "month_on": "2020-01-01",
        "owner": {"code": owner_code, "name": name},
        "operator": {"code": operator_code, "name": name},
        "basis": "earned",
        "share_pct": "30.00",
        "floor_fen": 0,
        "settled_on": "2020-02-01",
        "vehicles": [],
        "amount_fen": 0,
    }
    row = {
        "owner": owner_code,
        "operator": operator_code,
        "content": json.dumps(content),
        "sha": sha256(b"").digest(),
        "at": at,
    }
    found = conn.execute(_SETTLEMENT, row).fetchone()
    assert found is not None
    return str(found[0])


def _letter(name: str, on: date) -> dict[str, Any]:
    facts = {"made_on": on.isoformat(), "customer": {"name": name}, "seller": None, "claims": []}
    return {"title": "催告函", "text": f"致：{name}\n请付款。", "facts": facts}


_STATEMENTS = (
    """
INSERT INTO bills (tenant_id, organisation_id, customer_id, kind, purpose, state, due_on, issue_on,
    total_fen, vat_fen, principal_fen, interest_fen, cost_fen, lines_sha256, drafted_by, drafted_at)
VALUES (%(tenant_id)s, %(organisation_id)s, %(customer_id)s, 'charges', %(purpose)s, 'draft',
    %(on)s, %(on)s, 1, 0, 1, 0, 0, %(sha)s, 'test', %(at)s)
""",
    """
INSERT INTO bill_lines (bill_id, no, tenant_id, organisation_id, kind, class, title, amount_fen,
    net_fen, vat_fen, source_kind, source_key)
SELECT id, 1, tenant_id, organisation_id, 'other', 'principal', %(title)s, 1, 1, 0, 'hand', purpose
FROM bills WHERE purpose = %(purpose)s AND customer_id = %(customer_id)s
""",
    """
UPDATE bills SET state = 'issued', bill_no = %(bill_no)s, issued_on = %(on)s, issued_at = %(at)s,
    issued_by = 'test', snapshot = %(snapshot)s::jsonb, snapshot_sha256 = %(sha)s
WHERE purpose = %(purpose)s AND customer_id = %(customer_id)s
""",
    """
INSERT INTO bill_balances (bill_id, tenant_id, organisation_id, customer_id, due_on,
    open_principal_fen, open_interest_fen, open_cost_fen, vat_due_on, settled_on)
SELECT id, tenant_id, organisation_id, customer_id, due_on, 0, 0, 0, due_on, issued_on
FROM bills WHERE bill_no = %(bill_no)s AND tenant_id = %(tenant_id)s
""",
    """
WITH note AS (
    INSERT INTO credit_notes (tenant_id, organisation_id, customer_id, bill_id, credit_no, reason,
        total_fen, vat_fen, issued_on, issued_at, issued_by, snapshot, snapshot_sha256)
    SELECT tenant_id, organisation_id, customer_id, id, %(credit_no)s, %(title)s, 1, 0, %(on)s,
        %(at)s, 'test', %(note)s::jsonb, %(sha)s
    FROM bills WHERE bill_no = %(bill_no)s AND tenant_id = %(tenant_id)s
    RETURNING id, tenant_id, organisation_id, bill_id, total_fen
)
INSERT INTO credit_note_lines (credit_note_id, no, tenant_id, organisation_id, bill_id,
    bill_line_no, amount_fen, net_fen, vat_fen)
SELECT id, 1, tenant_id, organisation_id, bill_id, 1, total_fen, total_fen, 0 FROM note
""",
    """
INSERT INTO allocations (tenant_id, organisation_id, customer_id, bill_id, class, amount_fen,
    credit_note_id, rule, allocated_on, recorded_by, recorded_at)
SELECT tenant_id, organisation_id, customer_id, bill_id, 'principal', 1, id, 'credit_note', %(on)s,
    'test', %(at)s
FROM credit_notes WHERE credit_no = %(credit_no)s AND tenant_id = %(tenant_id)s
""",
    """
INSERT INTO dunning_notices (tenant_id, organisation_id, notice_no, customer_id, bill_id, stage,
    kind, stage_on, made_at, made_by, open_fen, late_fee_fen, content, state)
SELECT tenant_id, organisation_id, %(notice_no)s, customer_id, id, 'demand_7', 'demand', %(on)s,
    %(at)s, 'test', 1, 0, %(content)s::jsonb, 'made'
FROM bills WHERE bill_no = %(bill_no)s AND tenant_id = %(tenant_id)s
""",
)
_SETTLEMENT = """
WITH two AS (
    SELECT o.id AS owner_id, o.tenant_id, p.id AS operator_id
    FROM organisations o, organisations p WHERE o.code = %(owner)s AND p.code = %(operator)s
), agreement AS (
    INSERT INTO share_agreements (tenant_id, organisation_id, operator_id, basis, share_pct,
        floor_fen, valid_from_on, valid_until_on, recorded_by, recorded_at)
    SELECT tenant_id, owner_id, operator_id, 'earned', 30, 0, '2020-01-01', '2020-02-01', 'test',
        %(at)s
    FROM two RETURNING id, tenant_id, organisation_id, operator_id
)
INSERT INTO share_settlements (tenant_id, organisation_id, operator_id, agreement_id, month_on,
    amount_fen, content, content_sha256, settled_by, settled_at)
SELECT tenant_id, organisation_id, operator_id, id, '2020-01-01', 0, %(content)s::jsonb, %(sha)s,
    'test', %(at)s
FROM agreement RETURNING key
"""
