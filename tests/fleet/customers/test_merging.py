"""The blacklist and making one of two, on a real database."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.customers import service
from fleet.customers.errors import (
    BlacklistedAlready,
    BlacklistedIdKept,
    BlacklistNotProposed,
    BlacklistOwnProposal,
    CustomerBlacklisted,
    CustomerErased,
    CustomerExists,
    CustomerMerged,
    CustomerReferenceTaken,
    IdNumberInClear,
    MergeAcrossOrganisations,
    MergeIntoItself,
)
from fleet.customers.service import Customer, DriverFacts
from fleet.customers.standing import store as standing
from kit.db import connect
from kit.sql import load_queries
from schemas.access import SYSTEM, Actor
from tests.fleet.conftest import NOW, refused

from .conftest import KEY, added
from .numbers import id_card

LI: Actor = replace(SYSTEM, name="li")
WU: Actor = replace(SYSTEM, name="wu")


def merge(conn: Connection[Any], goes: Customer, stays: Customer, reason: str = "重复") -> Customer:
    return service.merge_customers(
        conn, SYSTEM, customer_no=goes.customer_no, into=stays.customer_no, reason=reason, now=NOW
    )


def propose(conn: Connection[Any], customer: Customer, by: Actor = LI) -> None:
    service.propose_blacklisting(conn, by, customer_no=customer.customer_no, reason="逾期", now=NOW)


def approve(conn: Connection[Any], customer: Customer, by: Actor = WU) -> None:
    service.decide_blacklisting(conn, by, customer_no=customer.customer_no, approve=True, now=NOW)


def lift(conn: Connection[Any], customer: Customer) -> None:
    service.lift_blacklisting(conn, LI, customer_no=customer.customer_no, reason="结清", now=NOW)


def seen(conn: Connection[Any], customer: Customer) -> Customer:
    return service.get_customer(conn, SYSTEM, customer_no=customer.customer_no)


def test_a_chain_of_tombstones_names_who_is_left(office: Connection[Any]) -> None:
    a, b, c, other = (added(office) for _ in range(4))
    merge(office, a, b)
    merge(office, b, c)
    assert [seen(office, each).merged_into_no for each in (a, b, c)] == [
        *(c.customer_no, c.customer_no, None),
    ]
    assert service.family_of(office, c.id) == [c.id, a.id, b.id]
    assert service.family_of(office, other.id) == [other.id]
    detail = service.get_customer_detail(office, SYSTEM, customer_no=c.customer_no)
    assert detail.merged_from == [a.customer_no, b.customer_no]
    for goes, stays in ((a, c), (b, other), (c, a), (other, b)):
        with refused(office, CustomerMerged):
            merge(office, goes, stays)
    with refused(office, MergeIntoItself):
        merge(office, c, c)


def test_two_merges_at_once_make_no_circle(
    conn: Connection[Any], office: Connection[Any], database_url: str
) -> None:
    a, b = added(office), added(office)
    conn.commit()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def work(goes: Customer, stays: Customer) -> None:
        start.wait(9)
        try:
            with connect(database_url) as other:
                merge(other, goes, stays)
            outcomes.append("merged")
        except (CustomerMerged, psycopg.errors.DeadlockDetected) as fault:
            outcomes.append(type(fault).__name__)

    threads = [threading.Thread(target=work, args=pair) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["CustomerMerged", "merged"]
    assert {seen(conn, a).merged_into_no, seen(conn, b).merged_into_no} in (
        {None, a.customer_no},
        {None, b.customer_no},
    )


def test_what_the_other_had_is_the_survivors(office: Connection[Any]) -> None:
    a = added(office, id_type="id_card", id_number=id_card(1), reference="KH-1")
    b = added(office)
    licence = DriverFacts(("C1",), None, name="阿明", licence_no=id_card(3))
    for customer in (a, b):
        service.add_driver(
            office, SYSTEM, customer_no=customer.customer_no, facts=licence, key=KEY, now=NOW
        )
        service.add_account(
            office,
            SYSTEM,
            customer_no=customer.customer_no,
            bank="行",
            holder="甲",
            account_no="6222021",
            key=KEY,
            now=NOW,
        )
    merge(office, a, b)
    asked: dict[str, Any] = {"customer_no": b.customer_no}
    [driver] = service.list_drivers(office, SYSTEM, key=KEY, **asked)  # each licence once
    assert driver.customer_id == b.id
    [account] = service.list_accounts(office, SYSTEM, key=KEY, **asked)
    service.remove_driver(office, SYSTEM, driver_key=driver.key, now=NOW, **asked)
    service.remove_account(office, SYSTEM, account_id=account.id, now=NOW, **asked)
    assert service.list_drivers(office, SYSTEM, **asked) == []
    assert service.list_accounts(office, SYSTEM, **asked) == []
    with pytest.raises(CustomerExists) as raised, office.transaction():
        added(office, id_type="id_card", id_number=id_card(1))
    assert raised.value.facts == asked
    with pytest.raises(CustomerReferenceTaken) as taken, office.transaction():
        added(office, reference="KH-1")
    assert taken.value.facts == asked
    # The survivor may be given the number the other had.
    facts = service.CustomerFacts("person", "王芳", "id_card", id_card(1), reference="KH-1")
    kept = service.change_customer(
        office, SYSTEM, version=1, facts=facts, key=KEY, now=NOW, **asked
    )
    assert (kept.id_masked, kept.reference) == ("110***********" + id_card(1)[-4:], "KH-1")


def test_customers_are_merged_within_one_organisation(office: Connection[Any]) -> None:
    a, b = added(office), added(office, "west")
    with refused(office, MergeAcrossOrganisations):
        merge(office, a, b)
    gone = added(office)
    office.execute("UPDATE customers SET erased_at = %s WHERE id = %s", [NOW, gone.id])
    with refused(office, CustomerErased):
        merge(office, a, gone)
    c = added(office)
    with refused(office, IdNumberInClear):
        merge(office, a, c, reason=f"同 {id_card(1)}")


def test_a_proposal_bars_nobody_and_its_approval_does(office: Connection[Any]) -> None:
    made = added(office)
    propose(office, made)
    service.require_leasable(office, customer_id=made.id)
    with refused(office, BlacklistedAlready):
        propose(office, made, by=WU)
    with refused(office, BlacklistOwnProposal):
        approve(office, made, by=LI)
    approve(office, made)
    with refused(office, CustomerBlacklisted):
        service.require_leasable(office, customer_id=made.id)
    with refused(office, BlacklistNotProposed):
        approve(office, made)
    lift(office, made)
    service.require_leasable(office, customer_id=made.id)
    propose(office, made)
    assert seen(office, made).blacklist_proposed


def test_the_database_holds_the_four_eyes(office: Connection[Any]) -> None:
    made = added(office)
    propose(office, made)
    with pytest.raises(psycopg.errors.CheckViolation), office.transaction():
        office.execute(
            "UPDATE customer_blacklistings SET decision = 'approved', decided_by = proposed_by,"
            " decided_at = now()"
        )
    with pytest.raises(psycopg.errors.UniqueViolation), office.transaction():
        office.execute(
            "INSERT INTO customer_blacklistings (tenant_id, organisation_id, customer_id, reason,"
            " proposed_by, proposed_at) SELECT tenant_id, organisation_id, customer_id, reason,"
            " 'zhao', now() FROM customer_blacklistings"
        )


def test_the_blacklist_goes_along_into_the_survivor(office: Connection[Any]) -> None:
    a, b = added(office), added(office)
    propose(office, a)
    approve(office, a)
    propose(office, b)
    merge(office, a, b)
    told = seen(office, b)
    assert (told.blacklisted, told.blacklist_proposed) == (True, True)
    with refused(office, CustomerBlacklisted):
        service.require_leasable(office, customer_id=b.id)
    with refused(office, CustomerMerged):
        service.require_leasable(office, customer_id=a.id)
    approve(office, b)
    lift(office, b)  # both
    assert (seen(office, b).blacklisted, seen(office, b).blacklist_proposed) == (False, False)
    service.require_leasable(office, customer_id=b.id)


def groups(conn: Connection[Any], **asked: Any) -> list[tuple[str, list[str]]]:
    found = service.list_duplicates(conn, SYSTEM, **asked)
    return [(each.likeness, each.customer_nos) for each in found]


def test_duplicates_are_told_with_what_they_have_in_common(office: Connection[Any]) -> None:
    card: dict[str, Any] = {"id_type": "id_card", "id_number": id_card(1)}
    tax: dict[str, Any] = {"kind": "company", "tax_no": "91330100799655058B"}
    pairs = {
        "id_number": (added(office, name="甲", **card), added(office, "west", name="乙", **card)),
        "name": (
            added(office, kind="company", name="深圳（南山）物流"),
            added(office, kind="company", name="深圳(南山) 物流"),
        ),
        "phone": (
            added(office, name="丙", phone="13812345678"),
            added(office, name="丁", phone="138 1234 5678"),
        ),
        "tax_no": (added(office, name="戊", **tax), added(office, name="己", **tax)),
    }
    added(office, name="深圳（南山）物流")  # a person of that name
    added(office, "rival", name="庚", phone="13812345678")  # another tenant's
    expected = [
        (likeness, sorted(each.customer_no for each in pair)) for likeness, pair in pairs.items()
    ]
    assert groups(office) == expected
    first = groups(office, limit=1)
    rest = groups(office, after=(first[0][0], first[0][1][0]))
    assert first + rest == expected
    merge(office, *pairs["phone"])
    assert groups(office) == [each for each in expected if each[0] != "phone"]
    office.execute("UPDATE customers SET erased_at = %s WHERE name = '戊'", [NOW])
    assert [each[0] for each in groups(office)] == ["id_number", "name"]


def test_of_a_large_group_the_first_twenty_are_named(office: Connection[Any]) -> None:
    made = sorted(added(office).customer_no for _ in range(23))
    [group] = service.list_duplicates(office, SYSTEM)
    assert (group.likeness, group.count, group.customer_nos) == ("name", 23, made[:20])
    assert group.organisations == ["east"] * 20


@pytest.mark.parametrize("approved", [False, True])
def test_nobody_leaves_the_blacklist_by_another_number(
    office: Connection[Any], approved: bool
) -> None:
    listed = added(office, id_type="id_card", id_number=id_card(1))
    propose(office, listed)
    if approved:
        approve(office, listed)
    others: tuple[dict[str, Any], ...] = ({}, {"id_type": "id_card", "id_number": id_card(2)})
    for given in others:
        facts = service.CustomerFacts("person", "王芳", **given)
        with refused(office, BlacklistedIdKept):
            service.change_customer(
                office,
                SYSTEM,
                customer_no=listed.customer_no,
                version=listed.version,
                facts=facts,
                key=KEY,
                now=NOW,
            )
    same = service.CustomerFacts("person", "王 芳", "id_card", id_card(1))
    changed = service.change_customer(
        office,
        SYSTEM,
        customer_no=listed.customer_no,
        version=listed.version,
        facts=same,
        key=KEY,
        now=NOW,
    )
    assert changed.name == "王 芳"


def test_somebody_with_phone_or_tax_number_of_one_on_the_blacklist_is_like_it(
    office: Connection[Any],
) -> None:
    barred = added(office, phone="13812345678")
    taxed = added(office, kind="company", name="甲", tax_no="91330100799655058B")
    same_phone = added(office, phone="138 1234 5678")
    same_tax = added(office, kind="company", name="乙", tax_no="91330100799655058B")
    without = added(office)
    elsewhere = added(office, "west", phone="13812345678")
    asked = (barred, taxed, same_phone, same_tax, without, elsewhere)

    def like() -> list[bool]:
        return [service.like_blacklisted(office, customer_id=each.id) for each in asked]

    for each in (barred, taxed):
        propose(office, each)
    assert like() == [False] * 6
    for each in (barred, taxed):
        approve(office, each)
    assert like() == [False, False, True, True, False, False]
    lift(office, barred)
    assert like() == [False, False, False, True, False, False]


def test_what_was_merged_counts_as_one_for_the_likeness(office: Connection[Any]) -> None:
    barred, its_like = added(office, phone="13812345678"), added(office, phone="13987654321")
    other, stays = added(office, phone="13812345678"), added(office)
    propose(office, barred)
    approve(office, barred)
    merge(office, other, stays)
    both = (other.id, stays.id)
    assert [service.like_blacklisted(office, customer_id=each) for each in both] == [True, True]
    merge(office, barred, its_like)
    assert [service.like_blacklisted(office, customer_id=each) for each in both] == [True, True]
    assert not service.like_blacklisted(office, customer_id=its_like.id)
    merge(office, stays, its_like)  # the same customer as the one barred is not merely like it
    assert [service.like_blacklisted(office, customer_id=each) for each in both] == [False, False]


def test_a_customer_has_an_id_number_where_any_that_was_merged_has_one(
    office: Connection[Any],
) -> None:
    numbered = added(office, id_type="id_card", id_number=id_card(1))
    without, other = added(office), added(office)
    ids = [each.id for each in (numbered, without, other)]
    assert [service.has_id_number(office, customer_id=each) for each in ids] == [True, False, False]
    merge(office, numbered, without)
    assert [service.has_id_number(office, customer_id=each) for each in ids] == [True, True, False]


def test_the_likeness_is_looked_up_by_indices(office: Connection[Any]) -> None:
    """However many customers there are: phone and tax number have an index each."""
    office.execute(
        "INSERT INTO customers (tenant_id, organisation_id, customer_no, kind, name, phone, tax_no,"
        " created_by, created_at)"
        " SELECT id, id, 'C2601-' || lpad(n::text, 6, '0'), 'person', '客',"
        " (13000000000 + n)::text, 'T' || n, 'li', %(now)s"
        " FROM organisations, generate_series(1, 3000) n WHERE code = 'head'",
        {"now": NOW},
    )
    office.execute("ANALYZE customers")
    query = load_queries(Path(standing.__file__).with_name("queries.sql")).like_blacklisted
    sought = office.execute("SELECT id FROM customers WHERE phone = '13000000007'").fetchone()
    assert sought is not None
    rows = office.execute(f"EXPLAIN {query}".encode(), {"customer_id": sought[0]}).fetchall()
    plan = "\n".join(row[0] for row in rows)
    assert "customers_phone_idx" in plan
    assert "customers_tax_no_idx" in plan
    assert "Seq Scan on customers" not in plan
