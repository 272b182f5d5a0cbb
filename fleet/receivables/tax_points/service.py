"""Brings the day forward on which the VAT of a bill falls due.

It is due on the due day of the bill, or when it is paid or invoiced if that is earlier (增值税法
§28). The later day was posted when the bill was issued: it is posted back, and the earlier one
added. Leaves out bills whose VAT is due already.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from fleet.ledger.service import Entry, Posting, post
from fleet.receivables import store
from schemas.access import Actor


def vat_due_earlier(
    conn: Connection[Any], actor: Actor, *, bill_id: int, on: date, now: datetime
) -> None:
    """The VAT of a bill is due on that day, if it was not before."""
    bring_forward(conn, actor, {bill_id: on}, now=now)


def bring_forward(
    conn: Connection[Any], actor: Actor, days: Mapping[int, date], *, now: datetime
) -> None:
    """The VAT of each bill (its id) is due on its day, if it was not before."""
    entries = []
    found = store.list_tax_points(conn, days)
    for bill in found:
        fen = bill["vat_fen"]
        if not fen:
            continue
        of = (bill["customer_id"], bill["lease_id"])
        due = (Posting("vat_pending", fen, *of), Posting("vat_payable", -fen, *of))
        back = (Posting("vat_payable", fen, *of), Posting("vat_pending", -fen, *of))
        book, number = (bill["tenant_id"], bill["organisation_id"]), bill["bill_no"]
        part, title = bill["last_part"], f"增值税纳税义务提前 {number}"
        entries.append(Entry(*book, "vat_due", number, bill["earlier_on"], title, due, part + 1))
        entries.append(Entry(*book, "vat_due", number, bill["vat_due_on"], title, back, part + 2))
    post(conn, actor, entries, now=now)
    if found:
        store.mark_vat_due(conn, {bill["bill_id"]: bill["earlier_on"] for bill in found})
