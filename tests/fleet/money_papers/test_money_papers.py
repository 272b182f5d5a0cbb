"""A paper is made once from what was frozen, kept by its digest, and the same ever after."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2 as pdfium
import pytest
from psycopg import Connection

from fleet.billing.errors import BillNotFound, BillNotIssued, CreditNoteNotFound
from fleet.documents import service as documents
from fleet.dunning import service as dunning
from fleet.dunning.errors import NoticeNotFound
from fleet.money_papers import service as papers
from fleet.money_papers.service import Paper
from fleet.orgs.service import get_organisation
from fleet.payments import service as payments
from fleet.shares import service as shares
from fleet.shares.errors import ShareSettlementNotFound
from kit import db
from kit.files import FileChanged, FileMissing, FileStore
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.billing.conftest import bills_of, run
from tests.fleet.conftest import person
from tests.fleet.leasing.conftest import day
from tests.fleet.statements.conftest import Story, books, office, story

Conn = Connection[Any]
__all__ = ["books", "office", "story"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
NOBODY = UUID(int=0)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path.as_uri())


def said(paper: Paper) -> str:
    document = pdfium.PdfDocument(paper.content)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return "".join("".join(pages).split())


def kept(conn: Conn) -> list[tuple[str, str, str]]:
    """What is kept: of what, and its digest."""
    return conn.execute(
        "SELECT subject_kind, subject_key, encode(sha256, 'hex') FROM money_papers ORDER BY id"
    ).fetchall()


def where(files: FileStore, conn: Conn) -> Path:
    """Where the only paper that is kept lies."""
    [(tenant_id, sha256)] = conn.execute("SELECT tenant_id, sha256 FROM money_papers").fetchall()
    found = files.path_of(documents.key_of_bytes(tenant_id, sha256))
    assert found is not None
    return found


def read_bill(story: Story, files: FileStore, purpose: str = "rent:1") -> Paper:
    number = story.bill_no(purpose)
    return papers.bill_paper(story.conn, SYSTEM, files=files, bill_no=number, now=day(90))


def test_a_bill_reads_the_same_whoever_reads_it_first_and_whatever_happens_since(
    story: Story, files: FileStore
) -> None:
    first = read_bill(story, files)
    number = story.bill_no("rent:1")
    assert first.name == f"账单-{number}.pdf"
    words = said(first)
    assert f"账单编号{number}" in words
    assert "人民币叁仟元整" in words
    assert "华东新能源租赁有限公司" in words
    [(kind, key, digest)] = kept(story.conn)
    assert (kind, key) == ("bill", number)
    assert documents.key_of_bytes(story.lease.tenant_id, bytes.fromhex(digest))
    story.conn.execute("UPDATE customers SET name = '别名'")
    story.credit("rent:1", 5_000, day(61))
    assert read_bill(story, files) == first
    assert len(kept(story.conn)) == 1


def test_a_paper_that_is_lost_is_made_again_if_it_is_the_same(
    story: Story, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_bill(story, files)
    where(files, story.conn).unlink()
    assert read_bill(story, files) == first
    where(files, story.conn).unlink()
    monkeypatch.setattr(papers, "bill_sheet", other_sheet(papers.bill_sheet))
    with pytest.raises(FileMissing):
        read_bill(story, files)


def other_sheet(sheet: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda snapshot: sheet(snapshot) | {"title": "对 账 单"}


def test_bytes_that_were_changed_are_not_handed_out(story: Story, files: FileStore) -> None:
    read_bill(story, files)
    path = where(files, story.conn)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(FileChanged):
        read_bill(story, files)


def test_a_newer_layout_leaves_papers_as_they_were(
    story: Story, files: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read_bill(story, files)
    monkeypatch.setattr(papers, "bill_sheet", other_sheet(papers.bill_sheet))
    assert read_bill(story, files) == first
    assert "对账单" in said(read_bill(story, files, "rent:2"))


def test_a_draft_has_no_paper_and_neither_has_nothing(story: Story, files: FileStore) -> None:
    conn = story.conn
    run(conn, day(83))
    [draft] = [one for one in bills_of(conn, story.lease) if one.state == "draft"]
    asked: dict[str, Any] = {"files": files, "now": day(90)}
    with pytest.raises(BillNotIssued):
        papers.bill_paper(conn, SYSTEM, bill_no=str(draft.key), **asked)
    with pytest.raises(BillNotFound):
        papers.bill_paper(conn, SYSTEM, bill_no="B2026-1-999999", **asked)
    with pytest.raises(CreditNoteNotFound):
        papers.credit_note_paper(conn, SYSTEM, credit_no="N2026-1-999999", **asked)
    with pytest.raises(NoticeNotFound):
        papers.notice_paper(conn, SYSTEM, notice_no="D2026-ZZZZZZ", **asked)
    with pytest.raises(ShareSettlementNotFound):
        papers.settlement_paper(conn, SYSTEM, key=NOBODY, **asked)
    assert kept(conn) == []


def test_a_credit_note_names_its_bill_and_why(story: Story, files: FileStore) -> None:
    credit_no = story.credit("rent:1", 5_000, day(61))
    paper = papers.credit_note_paper(
        story.conn, SYSTEM, files=files, credit_no=credit_no, now=day(90)
    )
    words = said(paper)
    assert paper.name == f"冲减单-{credit_no}.pdf"
    assert f"原账单编号{story.bill_no('rent:1')}" in words
    assert "冲减原因协商减免" in words
    assert "人民币负伍拾元整" in words


def test_a_notice_is_read_with_the_words_it_was_made_with(story: Story, files: FileStore) -> None:
    conn = story.conn
    number = story.told(date(2026, 5, 1), date(2026, 6, 1)).rows[0].number
    payments.reverse_payment(conn, SYSTEM, payment_no=number, reason="退票", now=day(61))
    dunning.make_due(conn, SYSTEM, organisation_id=story.lease.organisation_id, now=day(75))
    found = conn.execute(
        "SELECT notice_no FROM dunning_notices WHERE kind = 'demand' ORDER BY id LIMIT 1"
    ).fetchone()
    assert found is not None
    paper = papers.notice_paper(conn, SYSTEM, files=files, notice_no=found[0], now=day(90))
    words = said(paper)
    assert words.count("顺达物流") == 1
    assert f"编号：{found[0]}" in words
    assert words.count("华东新能源租赁有限公司") == 1
    assert "附：款项明细" in words
    assert kept(conn)[0][:2] == ("notice", found[0])


def settled(conn: Conn) -> UUID:
    """The key of a settlement of April between head, the owner, and east."""
    agreement = shares.agree(
        conn,
        SYSTEM,
        owner_code="head",
        operator_code="east",
        basis="earned",
        share_pct=Decimal(30),
        floor_fen=50_000,
        from_month_on=date(2026, 4, 1),
        now=day(40),
    )
    return shares.settle(
        conn, SYSTEM, key=agreement.key, month_on=date(2026, 4, 1), now=day(64)
    ).key


def test_owner_and_operator_of_a_settlement_read_one_paper(story: Story, files: FileStore) -> None:
    conn = story.conn
    key = settled(conn)
    east = get_organisation(conn, SYSTEM, code="east")
    head = get_organisation(conn, SYSTEM, code="head")
    asked: dict[str, Any] = {"files": files, "key": key, "now": day(90)}
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL ROLE guanche_app")
        db.act_for(conn, [east.id])
        of_operator = papers.settlement_paper(conn, person(east), **asked)
        db.act_for(conn, [head.id])
        assert papers.settlement_paper(conn, person(head), **asked) == of_operator
        assert len(kept(conn)) == 1
    assert "分成结算单" in said(of_operator)
    assert of_operator.name == "分成结算单-2026-04-east.pdf"


def test_a_statement_is_of_the_day_it_is_asked_on(story: Story) -> None:
    told = story.told(date(2026, 4, 1), date(2026, 5, 1))
    paper = papers.statement_paper(told)
    words = said(paper)
    assert paper.name == f"对账单-{story.customer_no}-2026-04-01-2026-04-30.pdf"
    assert "对账期间2026-04-01至2026-04-30" in words
    assert "客户尚欠¥6,900.00（人民币陆仟玖佰元整）" in words
    assert "净额（期末余额）6,900.00" in words
    assert "期末押金7,500.00" in words
    assert kept(story.conn) == []


def test_each_paper_takes_its_verb(story: Story, files: FileStore) -> None:
    ops = person(get_organisation(story.conn, SYSTEM, code="east"), "ops")
    asked: dict[str, Any] = {"files": files, "now": day(90)}
    for read, given in (
        (papers.bill_paper, {"bill_no": "B"}),
        (papers.credit_note_paper, {"credit_no": "N"}),
        (papers.notice_paper, {"notice_no": "D"}),
        (papers.settlement_paper, {"key": NOBODY}),
    ):
        with pytest.raises(PermissionMissing):
            read(story.conn, ops, **given, **asked)
