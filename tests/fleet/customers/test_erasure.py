"""When a person's data may be erased, and what is left of them then."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.charges.service import Proposal, decide, propose
from fleet.customers.errors import CustomerErased, CustomerMerged, IdNumberInClear
from fleet.customers.service import (
    Address,
    Contact,
    CustomerFacts,
    DriverFacts,
    NewConsent,
    add_account,
    add_driver,
    create_customer,
    decide_blacklisting,
    get_customer,
    has_consent,
    list_accounts,
    list_drivers,
    merge_customers,
    propose_blacklisting,
    record_consent,
    unmask_customer,
)
from fleet.documents.errors import DocumentWithdrawn
from fleet.documents.service import keep_file, open_file
from fleet.leasing.service import get_lease, lock_lease, terminate_lease
from fleet.personal_data.errors import (
    BillsOpen,
    ChargesUndecided,
    CustomerHasLeases,
    MoneyHeld,
    RetentionRuns,
)
from fleet.personal_data.model import Standing
from fleet.personal_data.retention import check_erasable
from fleet.personal_data.service import Erasure, erase_personal_data
from fleet.quotes.service import Wanted, create_quote, decline_quote
from kit.errors import DomainError
from kit.files import FileStore
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.conftest import refused
from tests.fleet.customers.numbers import account_no, id_card
from tests.fleet.leasing.conftest import KEY, LONG_AGO, back, day, office, out, signed

Conn = Connection[Any]
__all__ = ["office"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
"""None of this rests on how telemetry is stored."""
ENDED = day(10)
"""2026-03-12, when the lease of these tests is over."""
ALLOWED = datetime(2029, 3, 12, 16, tzinfo=ENDED.tzinfo)
"""The first instant of 2029-03-13 in Shanghai."""
CONSENT = NewConsent("location", "1", bytes(32), "王芳", LONG_AGO, "online", "截图 17")


def fang(conn: Conn) -> str:
    """The number of a person of east, of whom much is kept."""
    facts = CustomerFacts(
        kind="person",
        name="王芳",
        id_type="id_card",
        id_number=id_card(1),
        phone="13812345678",
        email="wang.fang@example.cn",
        contacts=(Contact("王磊", "13987654321", "弟弟"),),
        addresses=(Address("notice", "深圳市南山区"),),
        invoice_title="王芳",
        invoice_address="深圳",
        invoice_phone="075523456789",
        legal_person="王芳",
        notes="常客",
        reference="KH-0042",
    )
    told: dict[str, Any] = {"key": KEY, "now": LONG_AGO}
    made = create_customer(conn, SYSTEM, facts=facts, organisation_code="east", **told)
    number = made.customer_no
    add_driver(
        conn,
        SYSTEM,
        customer_no=number,
        facts=DriverFacts(("C1",), None, "王磊", id_card(2), "13900000000", date(2010, 5, 1)),
        **told,
    )
    add_account(
        conn,
        SYSTEM,
        customer_no=number,
        bank="招商银行",
        holder="王芳",
        account_no=account_no(1),
        **told,
    )
    record_consent(conn, SYSTEM, customer_no=number, consent=CONSENT, now=LONG_AGO)
    return number


def erase(conn: Conn, number: str, *, now: datetime = ALLOWED, by: Actor = SYSTEM) -> Erasure:
    return erase_personal_data(conn, by, customer_no=number, reason="本人申请", key=KEY, now=now)


def leased(conn: Conn) -> tuple[str, str]:
    """The number of the person, and of a lease that was begun and is over."""
    number = fang(conn)
    lease_no = signed(conn, customer_no=number).lease.lease_no
    out(conn, lease_no)
    back(conn, lease_no, at=ENDED)
    return number, lease_no


@pytest.mark.parametrize(
    ("standing", "fact"),
    [
        pytest.param(Standing([], 0, None), None, id="never leased"),
        pytest.param(Standing([], 0, ENDED), None, id="long over"),
        pytest.param(Standing(["L2603-AAAAAA"], 0, None), CustomerHasLeases, id="a lease runs"),
        pytest.param(Standing([], 1, ENDED), ChargesUndecided, id="a charge is undecided"),
        pytest.param(Standing([], 0, ENDED, ["B2026-2-000001"]), BillsOpen, id="a bill is open"),
        pytest.param(Standing([], 0, ENDED, credit_fen=1), MoneyHeld, id="credit is left"),
        pytest.param(Standing([], 0, ENDED, deposit_fen=1), MoneyHeld, id="a deposit is held"),
    ],
)
def test_what_stands_against_an_erasure(
    standing: Standing, fact: type[DomainError] | None, storage: str
) -> None:
    on = None if standing.last_ended_at is None else standing.last_ended_at.date()
    asked: dict[str, Any] = {"last_ended_on": on, "today": date(2029, 3, 13), "years": 3}
    if fact is None:
        check_erasable(standing, **asked)
    else:
        with pytest.raises(fact):
            check_erasable(standing, **asked)


def test_nothing_is_erased_before_the_day_the_refusal_tells(office: Conn) -> None:
    number, _ = leased(office)
    with pytest.raises(RetentionRuns) as raised, office.transaction():
        erase(office, number, now=ALLOWED - timedelta(seconds=1))
    assert raised.value.facts == {
        "allowed_from_on": date(2029, 3, 13),
        "last_ended_on": date(2026, 3, 12),
        "years": 3,
    }
    assert erase(office, number).customer_no == number


def test_nothing_is_erased_while_a_lease_is_signed_or_runs(office: Conn) -> None:
    number = fang(office)
    lease_no = signed(office, customer_no=number).lease.lease_no
    with pytest.raises(CustomerHasLeases) as raised, office.transaction():
        erase(office, number)
    assert raised.value.facts == {"lease_nos": [lease_no]}
    out(office, lease_no)
    with refused(office, CustomerHasLeases):
        erase(office, number)


def test_nothing_is_erased_while_a_vehicle_is_still_out(office: Conn) -> None:
    number = fang(office)
    lease_no = signed(office, customer_no=number).lease.lease_no
    out(office, lease_no)
    terminate_lease(
        office, SYSTEM, lease_no=lease_no, by="lessor", clause="第9条", reason="欠租", now=ENDED
    )
    assert lock_lease(office, lease_no)[0].state == "terminated"
    with refused(office, CustomerHasLeases):
        erase(office, number)


def test_nothing_is_erased_while_a_charge_is_undecided(office: Conn) -> None:
    number, lease_no = leased(office)
    lease = lock_lease(office, lease_no)[0]
    damage = Proposal(
        lease_id=lease.id,
        tenant_id=lease.tenant_id,
        organisation_id=lease.organisation_id,
        kind="damage",
        title="右后门划痕",
        amount_fen=30_000,
        incurred_on=date(2026, 3, 12),
        source_kind="hand",
        source_key="1",
    )
    [charge] = propose(office, SYSTEM, proposals=[damage], now=ENDED)
    with pytest.raises(ChargesUndecided) as raised, office.transaction():
        erase(office, number)
    assert raised.value.facts == {"count": 1}
    decide(
        office,
        SYSTEM,
        key=charge.key,
        version=charge.version,
        accept=False,
        amount_fen=None,
        note="正常磨损",
        now=ENDED,
    )
    assert erase(office, number).customer_nos == [number]


def test_of_an_erased_person_nothing_is_left_but_the_number(office: Conn) -> None:
    number, lease_no = leased(office)
    propose_blacklisting(office, SYSTEM, customer_no=number, reason="王芳欠租", now=ENDED)
    judge = replace(SYSTEM, name="judge")
    decide_blacklisting(
        office, judge, customer_no=number, approve=False, note="王芳已付", now=ENDED
    )
    erase(office, number)
    card = get_customer(office, SYSTEM, customer_no=number, key=KEY)
    assert (card.name, card.erased_at, card.customer_no) == ("已删除", ALLOWED, number)
    kept = (
        *("id_type", "id_masked", "phone_masked", "email", "invoice_title", "invoice_address"),
        *("invoice_phone_masked", "legal_person", "notes", "reference"),
    )
    assert {name: getattr(card, name) for name in kept} == dict.fromkeys(kept)
    assert (card.contacts, card.addresses) == ([], [])
    assert list_drivers(office, SYSTEM, customer_no=number, key=KEY) == []
    assert list_accounts(office, SYSTEM, customer_no=number, key=KEY) == []
    assert lock_lease(office, lease_no)[0].customer_no == number
    # Not in any column of any table of customers, audit trail apart, which never held it.
    for table in (
        *("customers", "customer_accounts", "customer_drivers", "customer_consents"),
        *("customer_blacklistings", "audit_entries"),
    ):
        [(text,)] = office.execute(
            f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t".encode()
        ).fetchall()
        for told in ("王芳", "王磊", "13812345678", "13987654321", "KH-0042", "南山", "截图"):
            assert told not in text, table
    data = unmask_customer(office, SYSTEM, customer_no=number, reason="核对", key=KEY, now=ALLOWED)
    assert (data.phone, data.id_number, data.contacts, data.accounts) == (None, None, [], [])


def test_of_quotes_who_was_asked_and_what_was_noted_goes(office: Conn) -> None:
    number, lease_no = leased(office)
    terms = get_lease(office, SYSTEM, lease_no=lease_no).terms
    theirs, others = (
        create_quote(
            office,
            SYSTEM,
            wanted=Wanted(terms, customer, "王芳", "13812345678"),
            organisation_code="east",
            now=ENDED,
        ).quote.row.quote_no
        for customer in (number, None)
    )
    decline_quote(office, SYSTEM, quote_no=theirs, note="王芳嫌贵", now=ENDED)
    erase(office, number)
    rows = office.execute("SELECT quote_no, prospect, prospect_phone, state_note FROM quotes")
    assert {quote: told for quote, *told in rows} == {
        theirs: [None, None, None],
        others: ["王芳", "13812345678", None],
    }


def test_that_somebody_agreed_stays_to_be_seen(office: Conn) -> None:
    number, _ = leased(office)
    erase(office, number)
    customer_id = get_customer(office, SYSTEM, customer_no=number).id
    assert has_consent(office, customer_id=customer_id, kind="location", at=ENDED) is True


def test_whoever_was_merged_is_erased_with_the_survivor(office: Conn) -> None:
    number, other = fang(office), get_other(office)
    merge_customers(
        office, SYSTEM, customer_no=other, into=number, reason="重复", key=KEY, now=ENDED
    )
    with refused(office, CustomerMerged):
        erase(office, other)
    assert erase(office, number).customer_nos == [number, other]
    assert get_customer(office, SYSTEM, customer_no=other).name == "已删除"


def get_other(conn: Conn) -> str:
    facts = CustomerFacts("person", "王 芳", phone="13812345678")
    made = create_customer(
        conn, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=LONG_AGO
    )
    return made.customer_no


def test_nobody_is_erased_twice(office: Conn) -> None:
    number = fang(office)
    erase(office, number)
    with refused(office, CustomerErased):
        erase(office, number)
    with refused(office, CustomerErased):
        record_consent(office, SYSTEM, customer_no=number, consent=CONSENT, now=ALLOWED)


def test_the_files_of_the_person_are_withdrawn(office: Conn, tmp_path: Path) -> None:
    number, files = fang(office), FileStore(tmp_path.as_uri())
    card = get_customer(office, SYSTEM, customer_no=number)
    kept = {
        subject: keep_file(
            office,
            SYSTEM,
            files=files,
            organisation_id=card.organisation_id,
            tenant_id=card.tenant_id,
            content=b"\xff\xd8\xff\xe0 a picture",
            name="身份证.jpg",
            subject_kind="customer",
            subject_key=subject,
            kind="photo",
            now=LONG_AGO,
        )
        for subject in (number, "C2611-OTHERS")
    }
    assert erase(office, number).files_withdrawn == 1
    with refused(office, DocumentWithdrawn):
        open_file(office, files=files, key=kept[number].key)
    assert (
        open_file(office, files=files, key=kept["C2611-OTHERS"].key).document.name == "身份证.jpg"
    )


def test_erasing_is_dangerous_and_the_trail_tells_why(office: Conn) -> None:
    number = fang(office)
    may = Actor("person", "lin", None, None, frozenset({"customer.erase"}))
    with refused(office, StepUpRequired):
        erase(office, number, by=may)
    with refused(office, PermissionMissing):
        erase(office, number, by=replace(may, permissions=frozenset({"customer.change"})))
    with refused(office, IdNumberInClear):
        erase_personal_data(
            office, SYSTEM, customer_no=number, reason=id_card(1), key=KEY, now=ALLOWED
        )
    erase(office, number)
    [(key, after)] = office.execute(
        "SELECT object_key, after FROM audit_entries WHERE action = 'customer.erase'"
    ).fetchall()
    assert (key, after) == (number, {"reason": "本人申请", "all": [number]})
