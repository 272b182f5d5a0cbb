"""Makes settings, bills, credit notes and deliveries of one organisation, texts with its mark."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.billing import service as billing
from fleet.billing.deciding.service import new_draft
from fleet.billing.issuing.model import Whose
from fleet.billing.issuing.service import write_drafts
from fleet.billing.model import BillDraft, LineDraft, Source
from fleet.billing.service import Billing, CreditWanted
from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.local_days import local_day
from fleet.money_figures import VatRates, VatTreatment
from fleet.parameters.service import figures
from fleet.vat.service import VatTable
from kit import db
from schemas.access import Actor
from tests.isolation.crawl_world import NOW, Identifiers, Organisation

TODAY = local_day(NOW)
MUCH_LATER = TODAY + timedelta(days=300)
"""When billing begins: no run of the crawl bills a rent."""


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `bill_issued` was delivered, `bill_credited` has `credit_no`,
    `bill_draft` and `bill_to_discard` are drafts, `lease_faulty` could not be billed.
    """
    own = replace(
        by, name=f"biller.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    db.act_for(conn, [one.id])
    _settings(conn, one, own)
    conn.execute(  # bills of other areas are written down without the counter
        "INSERT INTO bill_counters (organisation_id, kind, year, tenant_id, last_no)"
        " SELECT id, 'bill', %s, tenant_id, 600000 FROM organisations WHERE id = %s"
        " ON CONFLICT DO NOTHING",
        [TODAY.year, one.id],
    )
    for kind in ("bill_issued", "bill_credited", "bill_to_credit"):
        made = billing.bring_in(
            conn,
            own,
            customer_no=known["lessee_no"],
            lease_no=known["lease_out"],
            amount_fen=6_100_000 + one.number,
            due_on=TODAY,
            title=f"欠{one.mark}",
            now=NOW,
        )
        known[kind] = made.bill_no
        one.marks.append(str(made.bill_no))
    note = billing.credit_bill(
        conn,
        own,
        bill=known["bill_credited"],
        lines=[CreditWanted(1, 100)],
        reason=f"减{one.mark}",
        now=NOW,
    )
    known["credit_no"] = note.credit_no
    billing.record_delivery(
        conn, own, bill=known["bill_issued"], channel="post", proof=f"单{one.mark}", now=NOW
    )
    for kind in ("bill_draft", "bill_to_discard"):
        known[kind] = _draft(conn, one, known, kind)
    one.marks += [note.credit_no, known["bill_draft"], known["bill_to_discard"]]
    _fault(conn, one, known, own)
    db.act_for(conn, [])


def _settings(conn: Connection[Any], one: Organisation, own: Actor) -> None:
    row = conn.execute(
        "SELECT FROM billing_settings WHERE organisation_id = %s", [one.id]
    ).fetchone()
    if row is None:
        seller = {"name": f"售{one.mark}", "account": f"账{one.mark}"}
        wanted = Billing(MUCH_LATER, 10, 7, True, seller)
        billing.set_settings(
            conn, own, organisation_code=one.ids["code"], version=0, billing=wanted, now=NOW
        )


def _draft(conn: Connection[Any], one: Organisation, known: Identifiers, kind: str) -> str:
    found = conn.execute(
        "SELECT tenant_id, organisation_id, id FROM customers WHERE customer_no = %s",
        [known["lessee_no"]],
    ).fetchone()
    assert found is not None
    line = LineDraft("other", f"稿{one.mark}", 5_100_000, Source("hand", kind))
    draft = BillDraft("charges", kind, TODAY, TODAY, (line,))
    rates = figures(conn, VatRates, tenant_id=found[0], on=TODAY)
    treatment = figures(conn, VatTreatment, tenant_id=found[0], on=TODAY)
    table = VatTable("general", False, rates, treatment)
    new = new_draft(Whose(*found, None), draft, table, clause=None)
    assert new.lines[0].vat_pct != Decimal(0)
    [bill_id] = write_drafts(conn, [new], by=f"biller.{one.mark}", now=NOW)
    row = conn.execute("SELECT key FROM bills WHERE id = %s", [bill_id]).fetchone()
    assert row is not None
    return str(UUID(str(row[0])))


def _fault(conn: Connection[Any], one: Organisation, known: Identifiers, own: Actor) -> None:
    """A lease nothing happens to, so that no run looks at it again."""
    terms = Terms(
        kind="long", starts_on=TODAY, term={"count": 12}, lines=(Line(no=1, rent_fen=250_000),)
    )
    drafted = draft_lease(conn, own, customer_no=known["lessee_no"], terms=terms, now=NOW).lease
    sign_lease(conn, own, lease_no=drafted.lease_no, now=NOW)
    known["lease_faulty"] = drafted.lease_no
    one.marks.append(drafted.lease_no)
    conn.execute(
        "INSERT INTO lease_billing (lease_id, tenant_id, organisation_id, event_no, looked_at,"
        " fault) SELECT id, tenant_id, organisation_id, last_event_no, %s, %s FROM leases"
        " WHERE lease_no = %s",
        [NOW, f"误{one.mark}", drafted.lease_no],
    )
