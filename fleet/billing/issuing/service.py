"""Writes drafts, and makes bills of them: numbered, frozen, booked, and open from then on.

All at once for many, in one transaction: the customers are locked first, then the drafts, then the
counters, which gives numbers without gaps. Leaves out what is drafted (`running`) and what is paid
(`fleet/receivables`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from psycopg import Connection

from fleet.audit import service as audit
from fleet.billing import store as bills
from fleet.billing.drafting import line_row, sums_of
from fleet.billing.errors import BillingSettingsMissing, BillNotFound
from fleet.billing.issuing import store
from fleet.billing.issuing.model import Issued, NewDraft
from fleet.billing.model import Bill
from fleet.billing.postings import BookedLine, Movement, bill_movements
from fleet.billing.snapshots import bill_facts, canonical, digest_of, line_facts
from fleet.billing.store import StoredLine
from fleet.charges import service as charges
from fleet.ledger import service as ledger
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from schemas.access import Actor

TITLES: Mapping[str, str] = {"bill": "账单", "vat_due": "增值税纳税义务发生", "credit_note": "冲减"}
RECOGNISED = "确认收入"


def write_drafts(
    conn: Connection[Any], drafts: Sequence[NewDraft], *, by: str, now: datetime
) -> list[int]:
    """Write drafts with their lines; their ids, in their order. Whoever calls has looked at VAT."""
    if not drafts:
        return []
    keys = [uuid4() for _ in drafts]
    rows = [{**_draft_row(each), "key": key} for each, key in zip(drafts, keys, strict=True)]
    id_of = store.insert_drafts(conn, rows, by=by, now=now)
    ids = [id_of[key] for key in keys]
    lines = []
    for bill_id, each in zip(ids, drafts, strict=True):
        about = {
            "bill_id": bill_id,
            "tenant_id": each.whose.tenant_id,
            "organisation_id": each.whose.organisation_id,
        }
        lines += [{**line_row(line), **about} for line in each.lines]
    store.insert_lines(conn, lines)
    return ids


def _draft_row(new: NewDraft) -> dict[str, Any]:
    sums, draft = sums_of(new.lines), new.draft
    return {
        "tenant_id": new.whose.tenant_id,
        "organisation_id": new.whose.organisation_id,
        "customer_id": new.whose.customer_id,
        "lease_id": new.whose.lease_id,
        "kind": draft.kind,
        "purpose": draft.purpose,
        "from_on": draft.from_on,
        "until_on": draft.until_on,
        "due_on": draft.due_on,
        "issue_on": draft.issue_on,
        "total_fen": sums.total_fen,
        "vat_fen": sums.vat_fen,
        "principal_fen": sums.principal_fen,
        "interest_fen": sums.interest_fen,
        "cost_fen": sums.cost_fen,
        "late_fee": new.late_fee,
        "digest": new.digest.hex(),
    }


def issue(
    conn: Connection[Any], actor: Actor, *, bill_ids: Sequence[int], now: datetime
) -> list[Issued]:
    """Make bills of these drafts; whatever of them is no draft any more is left as it is.

    Whoever calls has asked for the permission, and writes it in the trail, at the end.

    Raises:
        BillingSettingsMissing: nobody says as whom one of them is issued.
    """
    if not bill_ids:
        return []
    receivables.lock_customers(conn, store.customers_of(conn, bill_ids))
    rows = store.lock_drafts(conn, bill_ids)
    if not rows:
        return []
    for row in rows:
        row["issued_on"] = local_day(now, row["zone"])
    rows.sort(key=lambda row: (row["organisation_id"], row["due_on"], row["lease_no"] or ""))
    _number(conn, rows)
    lines: dict[int, list[StoredLine]] = {row["id"]: [] for row in rows}
    for line in bills.list_lines(conn, list(lines)):
        lines[line.bill_id].append(line)
    _freeze(conn, actor, rows, lines, now=now)
    entries = [entry for row in rows for entry in _entries_of(row, lines[row["id"]])]
    ledger.post(conn, actor, entries, now=now)
    sources = [each.line.source for of_bill in lines.values() for each in of_bill]
    keys = [source.key for source in sources if source.kind == "charge"]
    charges.mark_billed(conn, keys)
    receivables.open_bills(conn, actor, bills=[_opened(row) for row in rows], now=now)
    same = ("id", "key", "bill_no", "tenant_id", "organisation_id", "organisation_code", "lease_id")
    last = ("kind", "issued_on", "due_on", "total_fen")
    return [Issued(**{name: row[name] for name in (*same, *last)}) for row in rows]


def _number(conn: Connection[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Each its number, in the order of the rows."""
    keys = [(row["organisation_id"], "bill", row["issued_on"].year) for row in rows]
    tenant_of = {row["organisation_id"]: row["tenant_id"] for row in rows}
    wanted = {key: (tenant_of[key[0]], count) for key, count in Counter(keys).items()}
    next_no = store.take_numbers(conn, wanted)
    for row, key in zip(rows, keys, strict=True):
        organisation_id, _kind, year = key
        row["bill_no"] = f"B{year}-{organisation_id}-{next_no[key]:06d}"
        next_no[key] += 1


def _freeze(
    conn: Connection[Any],
    actor: Actor,
    rows: Sequence[Mapping[str, Any]],
    lines: Mapping[int, Sequence[StoredLine]],
    *,
    now: datetime,
) -> None:
    sellers = store.list_sellers(conn, sorted({row["organisation_id"] for row in rows}))
    frozen: list[tuple[int, str, date, str, bytes]] = []
    for row in rows:
        seller = sellers.get(row["organisation_id"])
        if seller is None:
            code = row["organisation_code"]
            raise BillingSettingsMissing(
                f"nobody has said how {code} bills", organisation_code=code
            )
        printed = [
            line_facts(each.line, {"vin": each.vin, "plate": each.plate})
            for each in lines[row["id"]]
        ]
        facts = bill_facts(row, printed, seller=seller, customer=row, clauses=row["clauses"])
        text = canonical(facts)
        frozen.append((row["id"], row["bill_no"], row["issued_on"], text, digest_of(text)))
    store.mark_issued(conn, frozen, by=actor.name, now=now)


def booked_line(line: StoredLine) -> BookedLine:
    """A line as the book wants to know it."""
    of = line.line
    return BookedLine(
        of.kind, of.amount_fen, of.net_fen, of.vat_fen, of.vehicle_id, of.from_on, of.until_on
    )


def _entries_of(row: Mapping[str, Any], lines: Sequence[StoredLine]) -> list[ledger.Entry]:
    vat_due_on = max(row["due_on"], row["issued_on"])
    movements = bill_movements(
        [booked_line(line) for line in lines], issued_on=row["issued_on"], vat_due_on=vat_due_on
    )
    return entries_of(row, movements, key=row["bill_no"])


def entries_of(
    about: Mapping[str, Any], movements: Sequence[Movement], *, key: str
) -> list[ledger.Entry]:
    """What is posted. `about`: tenant_id, organisation_id, customer_id, lease_id, lease_no."""
    entries = []
    customer_id, lease_id = about["customer_id"], about["lease_id"]
    lease_no = f" {about['lease_no']}" if about["lease_no"] else ""
    for each in movements:
        what = RECOGNISED if each.event_kind == "bill" and each.part else TITLES[each.event_kind]
        sides = [
            ledger.Posting(side.account, side.amount_fen, customer_id, lease_id, side.vehicle_id)
            for side in each.sides
        ]
        entries.append(
            ledger.Entry(
                about["tenant_id"],
                about["organisation_id"],
                each.event_kind,
                key,
                each.happened_on,
                f"{what} {key}{lease_no}",
                tuple(sides),
                each.part,
            )
        )
    return entries


def _opened(row: Mapping[str, Any]) -> receivables.Opened:
    return receivables.Opened(
        bill_id=row["id"],
        bill_no=row["bill_no"],
        tenant_id=row["tenant_id"],
        organisation_id=row["organisation_id"],
        customer_id=row["customer_id"],
        lease_id=row["lease_id"],
        kind=row["kind"],
        due_on=row["due_on"],
        issued_on=row["issued_on"],
        principal_fen=row["principal_fen"],
        interest_fen=row["interest_fen"],
        cost_fen=row["cost_fen"],
        vat_fen=row["vat_fen"],
        vat_due_on=max(row["due_on"], row["issued_on"]),
    )


def customers_of(conn: Connection[Any], bill_ids: Sequence[int]) -> list[int]:
    """The customers of these bills, to be locked."""
    return store.customers_of(conn, bill_ids) if bill_ids else []


def discard(conn: Connection[Any], bill_ids: Sequence[int], *, now: datetime) -> int:
    """These drafts do not hold any more; how many of them were drafts."""
    return store.mark_discarded(conn, bill_ids, now=now) if bill_ids else 0


def get(conn: Connection[Any], bill: str) -> Bill:
    """The bill with this number or key; whoever calls decides who may ask.

    Raises:
        BillNotFound: there is none in sight.
    """
    found = bills.find_bill(conn, bill)
    if found is None:
        raise BillNotFound(f"there is no bill {bill!r}", bill=bill[:40])
    return found


def record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    key: str,
    *,
    now: datetime,
    after: Mapping[str, Any],
    tenant_id: int,
) -> None:
    """Write in the trail what became of a bill."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="bill",
        object_key=key,
        now=now,
        after=after,
        organisation_id=tenant_id,
    )
