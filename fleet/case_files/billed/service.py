"""Adds the money of a lease to its case file: bills as they were frozen, payments and what they
settled, deposits, reminders and demands with the proof that they arrived, and every paper as kept.

What was frozen goes in as its canonical text, compared with the digest of then: what was changed
since is told. Leaves out payments for other leases of the customer (its statement tells them).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fleet.case_files.billed import happenings, store
from fleet.case_files.costs import row_of
from fleet.case_files.gathering.service import Case, Objects, Row, add_files_of, add_kept
from fleet.case_files.tables import csv_pieces
from fleet.case_files.timeline import Happening
from fleet.money_papers import service as money_papers

BILLS: Final = (
    "bill_no", "kind", "from_on", "until_on", "issued_on", "due_on", "total_yuan", "vat_yuan",
    "credited_yuan", "open_yuan", "settled_on", "late_fee_json", "issued_by", "issued_at_utc",
)  # fmt: skip
BILL_LINES: Final = (
    "bill_no", "no", "kind", "class", "title", "vin", "plate", "line_no", "from_on", "until_on",
    "net_yuan", "vat_pct", "vat_yuan", "amount_yuan", "source_kind", "source_key", "basis_json",
)  # fmt: skip
CREDIT_NOTES: Final = (
    "credit_no", "bill_no", "issued_on", "reason", "total_yuan", "vat_yuan", "issued_by",
    "issued_at_utc",
)  # fmt: skip
PAYMENTS: Final = (
    "payment_no", "received_on", "channel", "bank_reference", "payer_name", "payer_account",
    "remark", "amount_yuan", "settled_yuan", "state", "reversed_on", "reversal_reason",
    "recorded_by", "recorded_at_utc",
)  # fmt: skip
ALLOCATIONS: Final = (
    "allocated_on", "bill_no", "class", "amount_yuan", "rule", "source_kind", "source_key",
    "recorded_by", "recorded_at_utc",
)  # fmt: skip
DEPOSITS: Final = (
    "key", "kind", "amount_yuan", "moved_on", "until_on", "reason", "channel", "bank_reference",
    "recorded_by", "recorded_at_utc",
)  # fmt: skip
NAMES_ZH: Final = {
    "bill": "账单",
    "credit_note": "冲减单",
    "notice": "催收函",
    "settlement": "结算单",
}


@dataclass(frozen=True, slots=True)
class Billed:
    """What was found: lines of the timeline, what the audit trail is asked about, and what was sent
    about bills, by what it is.
    """

    told: list[Happening] = field(default_factory=list)
    objects: Objects = field(default_factory=list)
    notices: dict[str, list[Row]] = field(default_factory=dict)


def add_billed(case: Case) -> Billed:
    """All money of the lease, with its papers; what there is none of is said so."""
    kept = {what: store.list_of_lease(case.conn, what, case.lease.id) for what in store.OF_LEASE}
    _add_dunning(case, kept["notices"])
    _add_bills(case, kept)
    _add_table(case, "deposits.csv", DEPOSITS, kept["deposit_movements"], "押金去向 deposits")
    _add_papers(case)
    _add_documents(case, kept)
    bills, notices = kept["bills"], kept["notices"]
    objects = [("bill", bill["bill_no"]) for bill in bills]
    objects += [("bill", note["credit_no"]) for note in kept["credit_notes"]]
    objects += [("payment", one["payment_no"]) for one in kept["payments"]]
    objects += [("notice", one["notice_no"]) for one in notices]
    return Billed(
        told=[
            *happenings.of_bills(bills),
            *happenings.of_credit_notes(kept["credit_notes"]),
            *happenings.of_payments(kept["payments"]),
            *happenings.of_deposits(kept["deposit_movements"]),
            *happenings.of_notices(notices),
        ],
        objects=objects,
        notices={
            "bills": [
                {"bill_no": bill["bill_no"], **one} for bill in bills for one in bill["deliveries"]
            ],
            "dunning": notices,
        },
    )


def _add_dunning(case: Case, notices: Sequence[Row]) -> None:
    if not notices:
        case.writer.leave_out("dunning 催收", "none was made 尚无催收")


def _add_bills(case: Case, kept: Mapping[str, list[Row]]) -> None:
    """Bills and credit notes, frozen and as tables, with what settled them."""
    if not kept["bills"]:
        case.writer.leave_out("bills 账单", "none was issued 尚未出账")
        return
    _add_table(case, "bills.csv", BILLS, kept["bills"], "账单 bills")
    _add_table(case, "bill-lines.csv", BILL_LINES, kept["bill_lines"], "账单明细 lines of bills")
    _add_table(case, "credit-notes.csv", CREDIT_NOTES, kept["credit_notes"], "冲减 credit notes")
    what = "清偿本租约账单的收款 payments that settled bills of the lease"
    _add_table(case, "payments.csv", PAYMENTS, kept["payments"], what)
    what = "清偿记录：何款清偿何账单 what settled which bill; below zero: undone"
    _add_table(case, "allocations.csv", ALLOCATIONS, kept["allocations"], what)
    for bill in kept["bills"]:
        _add_frozen(case, f"bills/{bill['bill_no']}.json", bill, f"账单 bill {bill['bill_no']}")
    for note in kept["credit_notes"]:
        number = note["credit_no"]
        _add_frozen(case, f"credit-notes/{number}.json", note, f"冲减单 credit note {number}")


def _add_frozen(case: Case, path: str, row: Row, what: str) -> None:
    """What was frozen, as the one text its digest is of."""
    text = json.dumps(row["snapshot"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    case.writer.add(
        path,
        [text.encode()],
        what=f"{what}：开具时的内容 as it was issued",
        source=f"Guanche, lease {case.lease.lease_no}",
        expected_sha256=row["snapshot_sha256"].hex(),
    )


def _add_papers(case: Case) -> None:
    """Every paper as its bytes were kept when it was first read."""
    papers = money_papers.papers_of_lease(
        case.conn, case.actor, files=case.files, lease_id=case.lease.id, now=case.now
    )
    for paper in papers:
        add_kept(
            case,
            f"papers/{paper.name}",
            paper.tenant_id,
            paper.sha256,
            what=f"{NAMES_ZH[paper.kind]} {paper.number}：PDF paper",
            source=f"{paper.kind} {paper.number}, as first set in type",
        )


def _add_documents(case: Case, kept: Mapping[str, list[Row]]) -> None:
    """Files of notices and payments: registered letters, slips of the bank."""
    notice_nos = [one["notice_no"] for one in kept["notices"]]
    add_files_of(case, "notice", notice_nos, "files/notices", "催收附件 file of a notice")
    payment_nos = [one["payment_no"] for one in kept["payments"]]
    add_files_of(case, "payment", payment_nos, "files/payments", "收款附件 file of a payment")


def _add_table(
    case: Case, path: str, columns: Sequence[str], rows: Iterable[Row], what: str
) -> None:
    lines = [row_of(columns, row, case.lease.zone) for row in rows]
    if lines:
        source = f"Guanche, lease {case.lease.lease_no}"
        case.writer.add(path, csv_pieces(columns, lines), what=what, source=source)
