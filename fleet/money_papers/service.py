"""Hands out bills, credit notes, notices and settlements as PDF/A, and statements of account.

A paper is made from what was frozen when it was issued, at first reading; its bytes are kept under
their digest and are the same ever after, whatever becomes of layouts. A statement is made anew each
time: it is of the day it is asked on. Leaves out what stands on a paper (`*_sheet.py`), how it is
set (`layouts.py`), and how it reaches anybody (`fleet/billing`, `fleet/dunning`).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg import Connection

from fleet.billing import service as billing
from fleet.documents import service as documents
from fleet.dunning import service as dunning
from fleet.local_days import local_day
from fleet.money_papers import store
from fleet.money_papers.bill_sheet import bill_sheet, credit_note_sheet
from fleet.money_papers.layouts import set_paper
from fleet.money_papers.model import CHINESE, KeptPaper, Paper, Subject, SubjectKind
from fleet.money_papers.notice_sheet import notice_sheet
from fleet.money_papers.settlement_sheet import settlement_sheet
from fleet.money_papers.statement_sheet import StatementFacts, statement_sheet
from fleet.shares import service as shares
from fleet.statements import service as statements
from kit.files import FileMissing, FileStore
from schemas.access import Actor

__all__ = [
    "KeptPaper",
    "Paper",
    "SubjectKind",
    "bill_paper",
    "credit_note_paper",
    "notice_paper",
    "papers_of_lease",
    "settlement_paper",
    "statement_paper",
]


def bill_paper(
    conn: Connection[Any], actor: Actor, *, files: FileStore, bill_no: str, now: datetime
) -> Paper:
    """The PDF of an issued bill 账单.

    Raises:
        BillNotFound: there is none in sight.
        BillNotIssued: a draft has no paper.
        FileMissing, FileChanged, FilesUnavailable: it cannot be read or kept now.
    """
    actor.require("bill.read")
    return _read(conn, files, _bill(conn, actor, bill_no), now=now)


def credit_note_paper(
    conn: Connection[Any], actor: Actor, *, files: FileStore, credit_no: str, now: datetime
) -> Paper:
    """The PDF of a credit note 冲减单.

    Raises:
        CreditNoteNotFound: there is none in sight.
        FileMissing, FileChanged, FilesUnavailable: it cannot be read or kept now.
    """
    actor.require("bill.read")
    return _read(conn, files, _credit_note(conn, actor, credit_no), now=now)


def notice_paper(
    conn: Connection[Any], actor: Actor, *, files: FileStore, notice_no: str, now: datetime
) -> Paper:
    """The PDF of a reminder or demand 催收函, with the words it was made with.

    Raises:
        NoticeNotFound: there is none in sight.
        FileMissing, FileChanged, FilesUnavailable: it cannot be read or kept now.
    """
    actor.require("dunning.read")
    return _read(conn, files, _notice(conn, actor, notice_no), now=now)


def settlement_paper(
    conn: Connection[Any], actor: Actor, *, files: FileStore, key: UUID, now: datetime
) -> Paper:
    """The PDF of a settlement of shares 分成结算单, for its owner and its operator.

    Raises:
        ShareSettlementNotFound: there is none in sight.
        FileMissing, FileChanged, FilesUnavailable: it cannot be read or kept now.
    """
    actor.require("share.read")
    settled = shares.get_settlement(conn, actor, key=key)
    subject = Subject(
        "settlement",
        str(settled.key),
        store.get_tenant_of_settlement(conn, key),
        settled.organisation_id,
        settled.settled_at,
        settled.content,
    )
    return _read(conn, files, subject, now=now)


def papers_of_lease(
    conn: Connection[Any], actor: Actor, *, files: FileStore, lease_id: int, now: datetime
) -> list[KeptPaper]:
    """Where the papers of a lease lie: bills, credit notes, notices; those not yet made are made.

    For another slice, which asks for its own permission beside those of the papers.

    Raises:
        FilesUnavailable: one cannot be kept now.
    """
    finding = {"bill": _bill, "credit_note": _credit_note, "notice": _notice}
    kept = []
    for kind, number in store.list_numbers_of_lease(conn, lease_id):
        subject = finding[kind](conn, actor, number)
        sha256 = store.find_kept(conn, subject) or _keep(conn, files, subject, now=now)
        kept.append(KeptPaper(kind, number, name_of(subject), subject.tenant_id, sha256))
    return kept


def statement_paper(told: statements.Statement) -> Paper:
    """A statement of account 客户对账单 as a PDF; who may see it was asked when it was made."""
    facts = _facts_of(told)
    content = set_paper("statement", statement_sheet(facts), at=told.made_at)
    number = told.customer.customer_no
    return Paper(f"对账单-{number}-{facts.first_on}-{facts.last_on}.pdf", content)


def name_of(subject: Subject) -> str:
    """What its file is called."""
    facts = subject.facts
    number = subject.number
    if subject.kind == "settlement":
        operator = (facts.get("operator") or {}).get("code") or ""
        number = f"{str(facts['month_on'])[:7]}-{operator}".rstrip("-")
    return f"{CHINESE[subject.kind]}-{number}.pdf"


def _bill(conn: Connection[Any], actor: Actor, number: str) -> Subject:
    return _frozen("bill", billing.frozen_bill(conn, actor, bill=number))


def _credit_note(conn: Connection[Any], actor: Actor, number: str) -> Subject:
    return _frozen("credit_note", billing.frozen_credit_note(conn, actor, credit_no=number))


def _frozen(kind: SubjectKind, one: billing.Frozen) -> Subject:
    return Subject(kind, one.key, one.tenant_id, one.organisation_id, one.issued_at, one.content)


def _notice(conn: Connection[Any], actor: Actor, number: str) -> Subject:
    found = dunning.get_notice(conn, actor, notice_no=number)
    one = found.listed.notice
    return Subject(
        "notice", one.notice_no, one.tenant_id, one.organisation_id, one.made_at, found.content
    )


def _read(conn: Connection[Any], files: FileStore, subject: Subject, *, now: datetime) -> Paper:
    """The paper that is kept, verified; where none is, or it is gone, it is made."""
    sha256 = store.find_kept(conn, subject) or _keep(conn, files, subject, now=now)
    where = documents.key_of_bytes(subject.tenant_id, sha256)
    try:
        content = files.read(where, sha256=sha256)
    except FileMissing:
        if _put(conn, files, subject)[0] != sha256:  # made by another layout: it is lost
            raise
        content = files.read(where, sha256=sha256)
    return Paper(name_of(subject), content)


def _keep(conn: Connection[Any], files: FileStore, subject: Subject, *, now: datetime) -> bytes:
    """Make the paper and keep it; its digest, or that of whoever was first."""
    sha256, size = _put(conn, files, subject)
    row = {
        "tenant_id": subject.tenant_id,
        "organisation_id": subject.organisation_id,
        "kind": subject.kind,
        "number": subject.number,
        "sha256": sha256,
        "size_bytes": size,
        "made_at": now,
    }
    if store.insert_paper(conn, row):
        return sha256
    return store.find_kept(conn, subject) or sha256


def _put(conn: Connection[Any], files: FileStore, subject: Subject) -> tuple[bytes, int]:
    content = made(subject)
    kept = documents.put_bytes(conn, files=files, tenant_id=subject.tenant_id, content=content)
    return kept, len(content)


def made(subject: Subject) -> bytes:
    """The PDF of what was frozen: the same subject, the same bytes."""
    facts, at = subject.facts, subject.at
    if subject.kind == "bill":
        return set_paper("bill", bill_sheet(facts), at=at)
    if subject.kind == "credit_note":
        return set_paper("bill", credit_note_sheet(facts), at=at)
    if subject.kind == "settlement":
        return set_paper("settlement", settlement_sheet(facts), at=at)
    return set_paper("notice", notice_sheet(facts, notice_no=subject.number), at=at)


def _facts_of(told: statements.Statement) -> StatementFacts:
    """A statement in the words and figures of its paper."""
    return StatementFacts(
        customer=_buyer(told.customer),
        customer_nos=told.customer.family_nos,
        seller={"name": told.customer.organisation_name, **(told.customer.seller or {})},
        first_on=_iso(told.from_on),
        last_on=_iso(told.until_on - timedelta(days=1)),
        made_on=_iso(local_day(told.made_at, told.customer.zone)),
        opening_fen=told.opening_fen,
        rows=[
            (
                *(_iso(row.on), statements.row_words(row), row.number, row.lease_no),
                *(row.debit_fen, row.credit_fen, row.balance_fen),
            )
            for row in told.rows
        ],
        debits_fen=told.debits_fen,
        credits_fen=told.credits_fen,
        closing_fen=told.closing_fen,
        open_bills=[_open_bill(bill) for bill in told.open_bills],
        open_fen=told.open_fen,
        credit_fen=told.credit_fen,
        ageing=[(statements.bucket_words(one), one.open_fen) for one in told.ageing],
        deposits_opening_fen=told.deposits_opening_fen,
        deposits=[_deposit(row) for row in told.deposits],
        deposits_held_fen=told.deposits_held_fen,
    )


def _buyer(customer: statements.StatementCustomer) -> dict[str, Any]:
    return {
        "customer_no": customer.customer_no,
        "name": customer.name,
        "title": customer.invoice_title,
        "tax_no": customer.tax_no,
        "address": customer.address,
        "phone": customer.phone,
    }


def _open_bill(bill: statements.OpenBill) -> tuple[str, str | None, str, str, int, int, int]:
    days = (_iso(bill.issued_on), _iso(bill.due_on))
    return (
        *(bill.bill_no, bill.lease_no, *days),
        *(bill.total_fen, bill.open_fen, bill.overdue_days),
    )


def _deposit(row: statements.DepositRow) -> tuple[str, str, str | None, str, int, int]:
    words = statements.deposit_words(row)
    return _iso(row.on), words, row.lease_no, row.number, row.amount_fen, row.held_fen


def _iso(day: date) -> str:
    return day.isoformat()
