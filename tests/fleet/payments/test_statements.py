"""Statements of banks: each receipt comes in once, what is sure is claimed, the rest waits."""

from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit import service as audit
from fleet.customers.service import add_account
from fleet.ledger import service as ledger
from fleet.orgs.service import get_organisation
from fleet.parameters.service import set_figures
from fleet.payments import service as payments
from fleet.payments.service import BankColumns, BankStatement, Unclaimed, import_statement
from fleet.payments.statements import errors
from fleet.receivables import service as receivables
from kit.errors import VersionChanged
from schemas.access import SYSTEM, PermissionMissing
from tests.fleet.conftest import person, refused
from tests.fleet.leasing.conftest import KEY, customer, day, office, out, signed
from tests.fleet.leasing.test_service_races import at_once
from tests.fleet.payments.files import CMB, ICBC, PLAIN, WECHAT, rows_of
from tests.fleet.receivables.owed import ids_of, owe

Conn = Connection[Any]
__all__ = ["office"]
ONE_STORAGE = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
PAYER = "顺达物流有限公司"
ACCOUNT = "6222 0212 3456 7890 123"


def bring_in(conn: Conn, text: str = CMB, **given: Any) -> BankStatement:
    """A file that was exported on the last day of March."""
    facts: dict[str, Any] = {
        "rows": rows_of(text),
        "file_name": "流水.csv",
        "sha256": sha256(text.encode()).digest(),
        "organisation_code": "east",
        "key": KEY,
        "now": day(29),
    }
    return import_statement(conn, SYSTEM, **(facts | given))


def csv(*lines: str) -> str:
    """A file in the plain shape: 日期, 金额, 流水号, 付款人, 付款账号, 备注."""
    return "\n".join(["日期,金额,流水号,付款人,付款账号,备注", *lines])


def waiting(conn: Conn, **filters: Any) -> list[Unclaimed]:
    return payments.list_unclaimed(conn, SYSTEM, filters, now=day(29))


def counts(statement: BankStatement, *names: str) -> tuple[int, ...]:
    return tuple(statement.counts[name] for name in names)


def left(conn: Conn, account: ledger.Account) -> int:
    return ledger.balance_of(conn, account=account)


def test_the_same_file_comes_in_once(office: Conn) -> None:
    first = bring_in(office)
    assert first.counts == {
        "rows": 3,
        "new": 2,
        "known": 0,
        "outgoing": 1,
        "refused": 0,
        "claimed": 0,
        "derived": 0,
    }
    assert (first.format_code, first.organisation_code, first.refusals) == ("cmb", "east", [])
    again = bring_in(office)
    assert counts(again, "rows", "new", "known", "outgoing") == (3, 0, 2, 1)
    assert [each.row.bank_reference for each in waiting(office)] == ["C0331000001", "C0331000003"]
    assert (left(office, "bank"), left(office, "unclaimed")) == (550_050, -550_050)
    kept = payments.list_statements(office, SYSTEM, {"organisation": "head"})
    assert [each.key for each in kept] == [again.key, first.key]
    assert payments.get_statement(office, SYSTEM, key=first.key) == first


def test_two_who_bring_in_one_file_at_once_bring_it_in_once(
    office: Conn, database_url: str
) -> None:
    office.commit()
    assert at_once(database_url, bring_in, bring_in, bring_in) == ["won", "won", "won"]
    new = [each.counts["new"] for each in payments.list_statements(office, SYSTEM, {})]
    assert sorted(new) == [0, 0, 2]
    assert len(waiting(office)) == 2
    assert (left(office, "bank"), left(office, "unclaimed")) == (550_050, -550_050)


@ONE_STORAGE
def test_money_of_a_wallet_lies_there(office: Conn) -> None:
    statement = bring_in(office, WECHAT)
    assert (statement.format_code, statement.counts["new"]) == ("wechat", 1)
    assert (left(office, "wallet"), left(office, "unclaimed")) == (8_800, -8_800)


@ONE_STORAGE
def test_rows_without_a_number_get_one_and_are_known_by_it(office: Conn) -> None:
    assert counts(bring_in(office, ICBC), "new", "derived") == (2, 2)
    assert counts(bring_in(office, ICBC), "new", "known", "derived") == (0, 2, 0)
    assert all(payments.is_derived(each.row.bank_reference) for each in waiting(office))


@ONE_STORAGE
def test_what_cannot_be_read_is_kept_with_its_place_and_the_rest_comes_in(office: Conn) -> None:
    statement = bring_in(
        office, csv("2026-03-03,3000,A1,张三", "昨天,12.00,A2,李四", "2026-03-03,0,A3,王五")
    )
    assert counts(statement, "rows", "new", "refused") == (3, 1, 2)
    assert [(each["row_no"], each["code"], each["column"]) for each in statement.refusals] == [
        (3, "not_a_day", "日期"),
        (4, "amount_zero", "金额"),
    ]
    assert statement.refusals[0]["cells"] == ["昨天", "12.00", "A2", "李四"]
    assert statement.refusals[0]["zh"] == "日期无法识别"


@ONE_STORAGE
def test_a_number_of_another_receipt_is_refused_not_taken_for_it(office: Conn) -> None:
    bring_in(office, csv("2026-03-03,3000,A1,张三"))
    statement = bring_in(
        office,
        csv("2026-03-03,3000,A1,张三", "2026-03-03,3000.01,A1,张三", "2026-03-04,5,B,x")
        + "\n2026-03-04,6,B,x\n2026-03-04,5,B,x",
    )
    assert counts(statement, "rows", "new", "known", "refused") == (5, 1, 2, 2)
    assert [(each["row_no"], each["code"]) for each in statement.refusals] == [
        (3, "reference_of_another"),
        (5, "reference_of_another"),
    ]


@ONE_STORAGE
def test_what_names_its_bill_is_claimed_and_settles_it(office: Conn) -> None:
    payer = customer(office, PAYER)
    older = owe(office, payer, 300_000, due_on=date(2026, 3, 2))
    named = owe(office, payer, 300_000, due_on=date(2026, 3, 9))
    statement = bring_in(office, csv(f"2026-03-03,3000.00,A1,某人,,付 {named.bill_no}"))
    assert counts(statement, "new", "claimed") == (1, 1)
    [payment] = payments.list_payments(office, SYSTEM, {"customer": payer})
    assert (payment.state, payment.source, payment.settled_fen) == ("claimed", "statement", 300_000)
    customer_id = ids_of(office, payer)["customer_id"]
    [still_open] = receivables.list_open(office, customer_id=customer_id)
    assert still_open.bill_no == older.bill_no
    assert (left(office, "unclaimed"), left(office, "receivable")) == (0, 300_000)
    [entry] = audit.list_entries(office, SYSTEM, {"action": "payment.claim"})
    assert entry.after == {
        "customer_no": payer,
        "bills": [named.bill_no],
        "confidence_pct": 99,
    }
    [entry] = audit.list_entries(office, SYSTEM, {"action": "bank_statement.import"})
    assert entry.after is not None
    assert (entry.after["claimed"], entry.after["format"]) == (1, "plain")
    assert "某人" not in str(entry.after)


@ONE_STORAGE
def test_an_account_on_the_card_is_found_by_its_digest_however_it_is_typed(office: Conn) -> None:
    payer = customer(office, PAYER)
    add_account(
        office,
        SYSTEM,
        customer_no=payer,
        bank="工行",
        holder="张三",
        account_no=ACCOUNT,
        key=KEY,
        now=day(0),
    )
    statement = bring_in(office, csv("2026-03-03,88.00,A1,某人,6222021234567890123,"))
    assert counts(statement, "new", "claimed") == (1, 1)
    [payment] = payments.list_payments(office, SYSTEM, {"customer": payer})
    assert payment.payer_account == "***************0123"


@ONE_STORAGE
def test_the_doubtful_wait_and_their_proposals_are_made_anew(office: Conn) -> None:
    payer = customer(office, PAYER)
    bring_in(office, csv(f"2026-03-03,3000.00,A1,{PAYER}", "2026-03-04,45.00,A2,路人"))
    by_name, nobody = waiting(office)
    [proposal] = by_name.proposals
    assert (proposal.customer_no, proposal.confidence_pct) == (payer, 88)
    assert [each.zh for each in proposal.because] == ["付款人与客户名称一致"]
    assert nobody.proposals == ()
    bill = owe(office, payer, 300_000)
    [proposal] = waiting(office)[0].proposals
    assert (proposal.confidence_pct, proposal.bill_nos) == (96, (bill.bill_no,))
    payments.claim_payment(
        office,
        SYSTEM,
        payment_no=by_name.row.payment_no,
        customer_no=payer,
        now=day(29),
    )
    assert [each.row.bank_reference for each in waiting(office)] == ["A2"]


@ONE_STORAGE
def test_a_payer_whose_money_was_claimed_before_is_known_again(office: Conn) -> None:
    payer = customer(office, PAYER)
    bring_in(office, csv("2026-03-03,3000,A1,王会计,6222029999999990001,"))
    [first] = waiting(office)
    assert first.proposals == ()
    payments.claim_payment(
        office, SYSTEM, payment_no=first.row.payment_no, customer_no=payer, now=day(29)
    )
    bring_in(office, csv("2026-03-10,20,A2,王会计,6222029999999990001,"))
    [second] = waiting(office)
    [proposal] = second.proposals
    assert (proposal.customer_no, proposal.confidence_pct) == (payer, 92)
    assert proposal.because[0].code == "paid_before"


@ONE_STORAGE
def test_an_account_that_was_known_when_it_came_in_stays_known(office: Conn) -> None:
    """Of two who have it, nobody is sure; only the last four are kept."""
    both = [customer(office, name) for name in (PAYER, "捷运供应链")]
    for each in both:
        facts: dict[str, Any] = {
            "bank": "工行",
            "holder": "x",
            "account_no": ACCOUNT,
            "key": KEY,
            "now": day(0),
        }
        add_account(office, SYSTEM, customer_no=each, **facts)
    bring_in(office, csv("2026-03-03,20,A1,某人,6222021234567890123,"))
    [one] = waiting(office)
    assert sorted(each.customer_no for each in one.proposals) == sorted(both)
    assert [each.confidence_pct for each in one.proposals] == [90, 90]


@ONE_STORAGE
def test_what_was_recorded_by_hand_already_is_not_claimed_a_second_time(office: Conn) -> None:
    payer = customer(office, PAYER)
    owe(office, payer, 600_000)
    received = payments.Received("bank", 300_000, date(2026, 3, 3))
    by_hand = payments.record_payment(
        office, SYSTEM, received=received, customer_no=payer, now=day(2)
    )
    statement = bring_in(office, csv(f"2026-03-04,3000.00,A1,某人,,{payer}"))
    assert counts(statement, "new", "claimed") == (1, 0)
    [proposal] = waiting(office)[0].proposals
    assert proposal.confidence_pct == 70
    assert by_hand.payment.payment_no in proposal.because[-1].en


@ONE_STORAGE
def test_from_which_confidence_on_is_a_figure(office: Conn) -> None:
    payer = customer(office, PAYER)
    head = person_of_head(office)
    set_figures(
        office,
        head,
        name="payment.matching",
        valid_from_on=date(2026, 1, 1),
        content={"claim_from_pct": 88},
        source="试",
        now=day(0),
    )
    assert bring_in(office, csv(f"2026-03-03,1.00,A1,{PAYER}")).counts["claimed"] == 1
    assert len(payments.list_payments(office, SYSTEM, {"customer": payer})) == 1


def person_of_head(conn: Conn) -> Any:
    return person(get_organisation(conn, SYSTEM, code="head"))


@ONE_STORAGE
def test_of_two_equal_receipts_the_second_does_not_fit_the_bill_of_the_first(office: Conn) -> None:
    payer = customer(office, PAYER)
    owe(office, payer, 300_000)
    statement = bring_in(
        office, csv(f"2026-03-03,3000.00,A1,{PAYER}", f"2026-03-04,3000.00,A2,{PAYER}")
    )
    assert counts(statement, "new", "claimed") == (2, 1)
    assert [each.row.bank_reference for each in waiting(office)] == ["A2"]


@ONE_STORAGE
def test_a_plate_names_who_leases_the_vehicle(office: Conn) -> None:
    lease = signed(office).lease
    out(office, lease.lease_no)
    bring_in(office, csv("2026-03-03,1.00,A1,某人,,粤BD12345 三月"))
    [proposal] = waiting(office)[0].proposals
    assert (proposal.customer_no, proposal.confidence_pct) == (lease.customer_no, 85)


@ONE_STORAGE
def test_no_customer_beside_the_organisation_is_proposed_whoever_brings_it_in(
    office: Conn,
) -> None:
    beside = customer(office, PAYER, organisation="west")
    owe(office, beside, 300_000)
    line = f"2026-03-03,3000.00,A1,{PAYER},,{beside}"
    assert bring_in(office, csv(line)).counts["claimed"] == 0
    [one] = waiting(office)
    assert (one.proposals, one.row.proposal) == ((), [])
    above = bring_in(office, csv(line.replace("A1", "A2")), organisation_code="head")
    assert above.counts["claimed"] == 1


@ONE_STORAGE
def test_files_that_are_no_statements(office: Conn) -> None:
    with refused(office, errors.BankFormatUnrecognised):
        bring_in(office, "姓名,电话\n张三,1\n")
    with refused(office, errors.BankStatementEmpty):
        bring_in(office, csv("合计,,"))
    with refused(office, errors.BankFormatNotFound):
        bring_in(office, format_code="abc")
    with refused(office, errors.BankFormatUnrecognised):
        bring_in(office, CMB, format_code="wechat")
    with refused(office, errors.BankStatementTooLong):
        bring_in(office, rows=[(number, ["x"]) for number in range(1, 20_002)])
    assert payments.list_statements(office, SYSTEM, {}) == []


@ONE_STORAGE
def test_an_organisation_says_its_own_format(office: Conn) -> None:
    columns = BankColumns.model_validate(
        {"date": ["Tag"], "amount": {"kind": "signed", "amount": ["Betrag"]}}
    )
    facts: dict[str, Any] = {"code": "sparkasse", "title": "斯帕卡", "organisation_code": "east"}
    made = payments.add_format(office, SYSTEM, **facts, columns=columns, now=day(0))
    assert (made.version, made.shipped, made.organisation_code) == (1, False, "east")
    with refused(office, errors.BankFormatExists):
        payments.add_format(office, SYSTEM, **facts, columns=columns, now=day(0))
    statement = bring_in(office, "Tag,Betrag\n2026-03-03,12.00\n")
    assert (statement.format_code, statement.counts["new"]) == ("sparkasse", 1)
    facts |= {"title": "新", "columns": columns, "now": day(1)}
    changed = payments.change_format(office, SYSTEM, version=1, **facts)
    assert (changed.version, changed.title) == (2, "新")
    with refused(office, VersionChanged):
        payments.change_format(office, SYSTEM, version=1, **facts)
    with refused(office, errors.BankFormatNotFound):
        payments.change_format(office, SYSTEM, version=1, **(facts | {"code": "cmb"}))
    codes = [each.code for each in payments.list_formats(office, SYSTEM)]
    assert codes[:2] == ["sparkasse", "cmb"]


@ONE_STORAGE
def test_only_who_may_record_payments_brings_them_in(office: Conn) -> None:
    east = get_organisation(office, SYSTEM, code="east")
    auditor = person(east, "auditor")
    with suppress(PermissionMissing):
        import_statement(
            office,
            auditor,
            rows=rows_of(PLAIN),
            file_name="x",
            sha256=b"x" * 32,
            key=KEY,
            now=day(29),
        )
        pytest.fail("an auditor brought in money")
    assert payments.list_unclaimed(office, auditor, {}, now=day(29)) == []
    with pytest.raises(PermissionMissing):
        payments.list_unclaimed(office, person(east, "sales"), {}, now=day(29))
