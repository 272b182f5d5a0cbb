"""A copy of all that is kept of a person, to hand to them (PIPL §45)."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from fleet.customers.errors import CustomerErased, CustomerMerged, CustomerNotFound
from fleet.customers.service import get_customer, list_accounts, merge_customers, remove_account
from fleet.personal_data.service import PersonalCopy, copy_personal_data
from kit.sealed import SealingKey
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.conftest import VIN_A, refused
from tests.fleet.customers.numbers import account_no, id_card
from tests.fleet.customers.test_erasure import ENDED, erase, fang, get_other, leased
from tests.fleet.leasing.conftest import KEY, LONG_AGO, office, out, signed

Conn = Connection[Any]
__all__ = ["office"]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


def copied(conn: Conn, number: str, **given: Any) -> PersonalCopy:
    facts: dict[str, Any] = {"customer_no": number, "key": KEY, "now": ENDED} | given
    return copy_personal_data(conn, facts.pop("by", SYSTEM), **facts)


def test_a_copy_holds_everything_in_clear(office: Conn) -> None:
    number, lease_no = leased(office)
    copy = copied(office, number)
    [card] = copy.parts["cards"]
    assert card == {
        "customer_no": number,
        "organisation": "east",
        "kind": "person",
        "name": "王芳",
        "id_type": "id_card",
        "id_number": id_card(1),
        "phone": "13812345678",
        "email": "wang.fang@example.cn",
        "contacts": [{"name": "王磊", "phone": "13987654321", "position": "弟弟"}],
        "addresses": [{"kind": "notice", "text": "深圳市南山区"}],
        "invoice_title": "王芳",
        "tax_no": None,
        "invoice_address": "深圳",
        "invoice_phone": "075523456789",
        "legal_person": "王芳",
        "tier": "standard",
        "notes": "常客",
        "reference": "KH-0042",
        "blacklisted": False,
        "blacklist_proposed": False,
        "merged_into_no": None,
        "merged_at": None,
        "created_at": LONG_AGO.isoformat(),
    }
    [account], [driver] = copy.parts["accounts"], copy.parts["drivers"]
    assert (account["bank"], account["account_no"]) == ("招商银行", account_no(1))
    assert (driver["name"], driver["licence_no"]) == ("王磊", id_card(2))
    assert (driver["classes"], driver["first_issued_on"]) == (["C1"], "2010-05-01")
    [consent] = copy.parts["consents"]
    assert (consent["kind"], consent["text_sha256"]) == ("location", "00" * 32)
    [lease] = copy.parts["leases"]
    assert (lease["lease_no"], lease["state"], lease["vins"]) == (lease_no, "ended", [VIN_A])
    assert json.loads(json.dumps(copy.parts)) == copy.parts


def test_a_copy_tells_from_when_the_person_may_ask_for_erasure(office: Conn) -> None:
    number, _ = leased(office)
    assert copied(office, number).erasable_from_on == date(2029, 3, 13)
    running = fang_running(office)
    assert copied(office, running).erasable_from_on is None


def fang_running(conn: Conn) -> str:
    number = get_other(conn)
    out(conn, signed(conn, customer_no=number).lease.lease_no, at=ENDED)
    return number


def test_who_never_leased_may_be_erased_today(office: Conn) -> None:
    assert copied(office, fang(office)).erasable_from_on == date(2026, 3, 12)


def test_a_copy_holds_what_was_removed_and_who_was_merged(office: Conn) -> None:
    number, other = fang(office), get_other(office)
    [account] = list_accounts(office, SYSTEM, customer_no=number)
    remove_account(office, SYSTEM, customer_no=number, account_id=account.id, now=ENDED)
    merge_customers(
        office, SYSTEM, customer_no=other, into=number, reason="重复", key=KEY, now=ENDED
    )
    copy = copied(office, number)
    assert [card["customer_no"] for card in copy.parts["cards"]] == [number, other]
    assert [each["removed_at"] for each in copy.parts["accounts"]] == [ENDED.isoformat()]
    with pytest.raises(CustomerMerged) as raised:
        copied(office, other)
    assert raised.value.facts["merged_into_no"] == number


def test_a_number_sealed_with_another_key_says_so(office: Conn) -> None:
    copy = copied(office, fang(office), key=SealingKey(bytes(range(1, 33))))
    assert copy.parts["cards"][0]["id_number"] == "（无法读取：以其他密钥加密）"
    assert copy.parts["accounts"][0]["account_no"] == "（无法读取：以其他密钥加密）"


def test_there_is_no_copy_of_nobody(office: Conn) -> None:
    with refused(office, CustomerNotFound):
        copied(office, "C2611-NOBODY")
    number = fang(office)
    erase(office, number)
    with refused(office, CustomerErased):
        copied(office, number)


def test_handing_it_out_is_dangerous_and_stands_in_the_trail(office: Conn) -> None:
    number = fang(office)
    may = Actor("person", "lin", None, None, frozenset({"customer.export"}))
    with refused(office, StepUpRequired):
        copied(office, number, by=may)
    with refused(office, PermissionMissing):
        copied(office, number, by=replace(may, permissions=frozenset({"customer.read"})))
    copied(office, number)
    entries = office.execute(
        "SELECT object_key, after FROM audit_entries WHERE action = 'customer.export'"
    ).fetchall()
    assert entries == [(number, {"all": [number]})]
    assert get_customer(office, SYSTEM, customer_no=number).version == 1
