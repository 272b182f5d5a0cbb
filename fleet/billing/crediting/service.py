"""Issues credit notes: what should not stand on a bill is taken off it, never changed on it.

By hand for lines or amounts; by a run for what a lease was billed too much. Never more than is left
of a line, or of the bill. What was paid of it already becomes credit (`fleet/receivables`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection

from fleet.billing import store as bills
from fleet.billing.crediting import store
from fleet.billing.crediting.model import CreditNote, CreditWanted
from fleet.billing.errors import (
    BillLineTwice,
    BillLineUnknown,
    BillNotIssued,
    CreditExceedsBill,
    CreditExceedsLine,
    ReclaimNotCredited,
)
from fleet.billing.issuing import service as issuing
from fleet.billing.issuing.store import take_numbers
from fleet.billing.model import LINE_CLASSES, CreditDraft
from fleet.billing.postings import BookedLine, credit_movements
from fleet.billing.snapshots import canonical, credit_note_facts, digest_of
from fleet.billing.store import StoredLine
from fleet.billing.taking_off import LineLeft, TakenOff, reduced, share_out, take_off
from fleet.ledger import service as ledger
from fleet.local_days import local_day
from fleet.receivables import service as receivables
from schemas.access import Actor

Basis = Mapping[str, Any]
BY_HAND: Final = {"by_hand": True}
"""Marks what people took off: no run bills it again (`gathering/queries.sql`)."""


def credit_bill(
    conn: Connection[Any],
    actor: Actor,
    *,
    bill: str,
    lines: Sequence[CreditWanted] | None,
    reason: str,
    now: datetime,
) -> CreditNote:
    """Take lines, or amounts of them, off a bill; `lines` None: all that is left of it.

    Raises:
        BillNotFound: there is none in sight.
        BillNotIssued: it is a draft, or was discarded.
        ReclaimNotCredited: it reclaims what was given back of a payment that never came.
        BillLineUnknown, BillLineTwice: there is no such line, or it stands twice in the list.
        CreditExceedsLine, CreditExceedsBill: less is left of it.
        DepositNotEnough: it is a deposit, paid, of which less is held.
    """
    actor.require("bill.credit")
    was = issuing.get(conn, bill)
    if was.kind == "reclaim":
        raise ReclaimNotCredited("what is reclaimed is paid, or written off", bill=bill)
    receivables.lock_customers(conn, [was.customer_id])
    row = store.lock_bill(conn, was.id)
    if row is None:
        raise BillNotIssued(f"the bill is {was.state}", bill=bill, state=was.state)
    of_bill = bills.list_lines(conn, [was.id])
    taken = _all_left(of_bill) if lines is None else _wanted(of_bill, lines)
    if not taken:
        raise CreditExceedsBill("nothing is left of the bill", bill=bill, left_fen=0)
    by_hand = [(off, BY_HAND) for off in taken]
    note = _issue(conn, actor, row, of_bill, by_hand, reason=reason, now=now)
    told = {"bill_no": note.bill_no, "total_fen": note.total_fen, "reason": reason}
    tenant_id = note.tenant_id
    issuing.record(
        conn, actor, "bill.credit", note.credit_no, now=now, after=told, tenant_id=tenant_id
    )
    return note


def credit_sources(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_id: int,
    drafts: Sequence[CreditDraft],
    now: datetime,
) -> list[CreditNote]:
    """What a lease was billed too much, taken off its bills: one note a bill.

    What people took off before is not taken off once more, nor of a deposit what went back already.
    Whoever calls has locked its billing, and writes in the trail.
    """
    if not drafts:
        return []
    bill_ids = store.list_bills_of_sources(conn, lease_id, [each.source for each in drafts])
    rows = {}
    receivables.lock_customers(conn, issuing.customers_of(conn, bill_ids))
    for bill_id in bill_ids:
        rows[bill_id] = store.lock_bill(conn, bill_id)
    lines = bills.list_lines(conn, bill_ids)
    taken: dict[int, list[tuple[TakenOff, Basis]]] = {}
    reasons: dict[int, list[str]] = {}
    left = {(each.bill_id, each.line.no): each.left for each in lines}
    deposit_fen = _deposit_left(conn, lease_id, drafts)
    for wanted in drafts:
        draft = wanted
        if draft.source.kind == "deposit":
            draft = replace(draft, amount_fen=min(draft.amount_fen, deposit_fen))
            deposit_fen -= draft.amount_fen
        own = [
            left[each.bill_id, each.line.no] for each in lines if each.line.source == draft.source
        ]
        offs, _taken_by_hand_fen = share_out(draft, own)
        for line in reduced(own, offs):
            left[line.bill_id, line.no] = line
        for off in offs:
            taken.setdefault(off.line.bill_id, []).append((off, draft.basis))
            reasons.setdefault(off.line.bill_id, []).append(draft.reason)
    notes = []
    for bill_id in sorted(taken):
        row, of_bill = rows[bill_id], [each for each in lines if each.bill_id == bill_id]
        assert row is not None
        reason = "；".join(dict.fromkeys(reasons[bill_id]))
        notes.append(_issue(conn, actor, row, of_bill, taken[bill_id], reason=reason, now=now))
    return notes


def _deposit_left(conn: Connection[Any], lease_id: int, drafts: Sequence[CreditDraft]) -> int:
    """How much can be taken off the deposits of a lease: what is open of them, and what is held."""
    if not any(each.source.kind == "deposit" for each in drafts):
        return 0
    open_ = receivables.list_open(conn, lease_id=lease_id)
    open_fen = sum(each.open_fen for each in open_ if each.kind == "deposit")
    return open_fen + receivables.deposit_held(conn, lease_id=lease_id)


def _wanted(lines: Sequence[StoredLine], wanted: Sequence[CreditWanted]) -> list[TakenOff]:
    """What somebody asks to be taken off."""
    by_no = {each.line.no: each for each in lines}
    if len({each.no for each in wanted}) != len(wanted):
        raise BillLineTwice("a line stands twice in the list")
    taken = []
    for each in wanted:
        found = by_no.get(each.no)
        if found is None:
            raise BillLineUnknown(f"the bill has no line {each.no}", line_no=each.no)
        left_fen = found.left.left_fen
        amount_fen = left_fen if each.amount_fen is None else each.amount_fen
        if not 0 < amount_fen <= left_fen:
            raise CreditExceedsLine(
                f"{max(left_fen, 0)} fen are left of line {each.no}",
                line_no=each.no,
                left_fen=max(left_fen, 0),
            )
        taken.append(take_off(found.left, amount_fen))
    return taken


def _all_left(lines: Sequence[StoredLine]) -> list[TakenOff]:
    """All that is left of a bill; what takes off a line of it is taken off the last ones."""
    taken = []
    for class_ in LINE_CLASSES:
        own = [each.left for each in lines if each.line.class_ == class_]
        left_fen = sum(line.left_fen for line in own)
        for line in own:
            part_fen = min(left_fen, line.left_fen)
            if part_fen > 0:
                taken.append(take_off(line, part_fen))
                left_fen -= part_fen
    return sorted(taken, key=lambda off: off.line.no)


def _issue(
    conn: Connection[Any],
    actor: Actor,
    bill: Mapping[str, Any],
    lines: Sequence[StoredLine],
    taken: Sequence[tuple[TakenOff, Basis]],
    *,
    reason: str,
    now: datetime,
) -> CreditNote:
    """Number, freeze, write, settle and book a note. The bill and its customer are locked."""
    sums = _sums(bill, lines, taken)
    issued_on = local_day(now, bill["zone"])
    note = _numbered(conn, bill, issued_on)
    printed = [_printed(no, bill, off, basis) for no, (off, basis) in enumerate(taken, 1)]
    text = canonical(
        credit_note_facts(
            {**note, "issued_on": issued_on, "reason": reason},
            printed,
            bill=bill["snapshot"],
            credited_before_fen=sum(each.credited_fen for each in lines),
        )
    )
    total_fen = sum(sums.values())
    about = {name: bill[name] for name in ("tenant_id", "organisation_id", "customer_id")}
    row = {
        **about,
        **note,
        "bill_id": bill["id"],
        "reason": reason,
        "total_fen": total_fen,
        "vat_fen": sum(off.vat_fen for off, _basis in taken),
        "issued_on": issued_on,
        "snapshot": text,
        "sha256": digest_of(text),
        "by": actor.name,
        "now": now,
    }
    note_id = store.insert_note(conn, row)
    store.insert_note_lines(conn, {**about, "note_id": note_id, "bill_id": bill["id"]}, printed)
    movements = credit_movements(
        [_booked(off) for off, _basis in taken],
        issued_on=issued_on,
        vat_due_on=bill["vat_due_on"],
    )
    entries = issuing.entries_of(bill, movements, key=note["credit_no"])
    ledger.post(conn, actor, entries, now=now)
    receivables.take_off(
        conn,
        actor,
        credit_note_id=note_id,
        credit_no=note["credit_no"],
        bill_id=bill["id"],
        on=issued_on,
        now=now,
        **{f"{class_}_fen": fen for class_, fen in sums.items()},
    )
    made = store.find_note(conn, note["credit_no"])
    assert made is not None
    return made


def _sums(
    bill: Mapping[str, Any],
    lines: Sequence[StoredLine],
    taken: Sequence[tuple[TakenOff, Basis]],
) -> dict[str, int]:
    """What is taken off, by class; never more than is left of the bill."""
    sums: dict[str, int] = dict.fromkeys(LINE_CLASSES, 0)
    for off, _basis in taken:
        sums[off.line.class_] += off.amount_fen
    for class_, fen in sums.items():
        credited = sum(each.credited_fen for each in lines if each.line.class_ == class_)
        left_fen = bill[f"{class_}_fen"] - credited
        if fen > left_fen:
            raise CreditExceedsBill(
                f"{left_fen} fen are left of {bill['bill_no']}",
                bill=bill["bill_no"],
                left_fen=left_fen,
            )
    return sums


def _numbered(conn: Connection[Any], bill: Mapping[str, Any], issued_on: date) -> dict[str, str]:
    key = (bill["organisation_id"], "credit_note", issued_on.year)
    no = take_numbers(conn, {key: (bill["tenant_id"], 1)})[key]
    return {"credit_no": f"N{issued_on.year}-{bill['organisation_id']}-{no:06d}"}


def _printed(no: int, bill: Mapping[str, Any], off: TakenOff, basis: Basis) -> dict[str, Any]:
    """A line as it is printed and kept; what it is of is told as the bill was frozen."""
    of = next(line for line in bill["snapshot"]["lines"] if line["no"] == off.line.no)
    days = (off.until_on - off.from_on).days if off.from_on and off.until_on else None
    return {
        "no": no,
        "bill_line_no": off.line.no,
        **{name: of[name] for name in ("kind", "title", "plate", "vin", "vat_pct")},
        "from_on": off.from_on,
        "until_on": off.until_on,
        "days": days,
        "amount_fen": off.amount_fen,
        "net_fen": off.net_fen,
        "vat_fen": off.vat_fen,
        "basis": dict(basis),
    }


def _booked(off: TakenOff) -> BookedLine:
    line: LineLeft = off.line
    return BookedLine(
        line.kind,
        off.amount_fen,
        off.net_fen,
        off.vat_fen,
        line.vehicle_id,
        off.from_on,
        off.until_on,
    )
