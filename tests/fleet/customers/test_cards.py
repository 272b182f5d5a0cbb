"""Cards on a real database: what is unique, what is sealed, who may ask."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from psycopg import Connection

from fleet.audit.service import list_entries
from fleet.customers import service
from fleet.customers.accounts.service import add_account
from fleet.customers.errors import (
    CustomerErased,
    CustomerExists,
    CustomerNotFound,
    CustomerReferenceTaken,
    DriverIncomplete,
    DriverNotFound,
)
from fleet.customers.service import CustomerFacts, DriverFacts
from fleet.orgs.service import get_organisation
from kit.errors import VersionChanged
from kit.sealed import SealBroken, SealingKey
from schemas.access import SYSTEM, Actor, PermissionMissing, StepUpRequired
from tests.fleet.conftest import NOW, person, refused

from .conftest import KEY, added
from .numbers import account_no, id_card

OTHER_KEY = SealingKey(bytes(32))
FACTS = CustomerFacts("person", "王芳")


def test_organisations_may_know_the_same_person(office: Connection[Any]) -> None:
    card: dict[str, Any] = {"id_type": "id_card", "id_number": id_card(1)}
    east = added(office, **card)
    west = added(office, "west", **card)
    assert east.customer_no != west.customer_no
    with refused(office, CustomerExists):
        added(office, **card)
    with refused(office, CustomerExists):  # a passport of the same number is the same number
        added(office, id_type="other", id_number=id_card(1))


def test_a_reference_is_one_customers_of_its_organisation(office: Connection[Any]) -> None:
    first = added(office, reference="KH-1")
    with pytest.raises(CustomerReferenceTaken) as raised, office.transaction():
        added(office, reference="KH-1")
    assert raised.value.facts == {"customer_no": first.customer_no}
    assert added(office, "west", reference="KH-1").reference == "KH-1"


def test_a_number_that_is_taken_is_made_anew(office: Connection[Any]) -> None:
    rng: dict[str, Any] = {"organisation_code": "east", "key": KEY, "now": NOW}
    first = service.create_customer(office, SYSTEM, facts=FACTS, rng=Random(4), **rng)
    second = service.create_customer(office, SYSTEM, facts=FACTS, rng=Random(4), **rng)
    assert first.customer_no == "C2603-HDNECN"
    assert second.customer_no != first.customer_no


def test_a_change_of_a_number_to_anothers_is_refused(office: Connection[Any]) -> None:
    first = added(office, id_type="id_card", id_number=id_card(1))
    second = added(office, id_type="id_card", id_number=id_card(2))
    facts = CustomerFacts("person", "王芳", "id_card", id_card(1))
    change: dict[str, Any] = {"customer_no": second.customer_no, "key": KEY, "now": NOW}
    with pytest.raises(CustomerExists) as raised, office.transaction():
        service.change_customer(office, SYSTEM, version=1, facts=facts, **change)
    assert raised.value.facts == {"customer_no": first.customer_no}
    with refused(office, VersionChanged):
        service.change_customer(office, SYSTEM, version=2, facts=FACTS, **change)
    without = service.change_customer(office, SYSTEM, version=1, facts=FACTS, **change)
    assert (without.id_masked, without.id_type, without.version) == (None, None, 2)
    # The number is free again, and only one of the two numbers is.
    assert added(office, id_type="id_card", id_number=id_card(2)).id_masked is not None


def test_a_seal_is_of_its_customer_alone(office: Connection[Any]) -> None:
    first = added(office, id_type="id_card", id_number=id_card(1))
    second = added(office, id_type="id_card", id_number=id_card(2))
    office.execute(
        "UPDATE customers SET id_sealed ="
        " (SELECT id_sealed FROM customers WHERE customer_no = %s) WHERE customer_no = %s",
        [first.customer_no, second.customer_no],
    )
    asked: dict[str, Any] = {"customer_no": second.customer_no}
    with pytest.raises(SealBroken):
        service.unmask_customer(office, SYSTEM, reason="看", key=KEY, now=NOW, **asked)
    assert service.get_customer(office, SYSTEM, key=KEY, **asked).id_masked == "*" * 18
    assert service.get_customer(office, SYSTEM, key=None, **asked).id_masked is None


def test_under_another_key_a_card_is_shown_and_written_back(office: Connection[Any]) -> None:
    made = added(office, id_type="id_card", id_number=id_card(1))
    asked: dict[str, Any] = {"customer_no": made.customer_no, "key": OTHER_KEY}
    facts = CustomerFacts("person", "王芳芳", "id_card", "*" * 18)
    changed = service.change_customer(office, SYSTEM, version=1, facts=facts, now=NOW, **asked)
    assert changed.name == "王芳芳"
    read = service.unmask_customer(
        office, SYSTEM, customer_no=made.customer_no, reason="看", key=KEY, now=NOW
    )
    assert read.id_number == id_card(1)


def test_a_driver_of_anothers_customer_is_not_found(office: Connection[Any]) -> None:
    ours, other = added(office), added(office)
    facts = DriverFacts(("C1",), None, name="阿明", licence_no=id_card(3))
    driver = service.add_driver(
        office, SYSTEM, customer_no=ours.customer_no, facts=facts, key=KEY, now=NOW
    )
    assert service.get_driver(office, customer_id=ours.id, key=driver.key) == replace(
        driver, licence_masked=None
    )
    with refused(office, DriverNotFound):
        service.get_driver(office, customer_id=other.id, key=driver.key)
    service.remove_driver(
        office, SYSTEM, customer_no=ours.customer_no, driver_key=driver.key, now=NOW
    )
    # Of a hand-over that was.
    assert service.get_driver(office, customer_id=ours.id, key=driver.key).name == "阿明"
    again = service.add_driver(
        office, SYSTEM, customer_no=ours.customer_no, facts=facts, key=KEY, now=NOW
    )
    assert again.key != driver.key


@pytest.mark.parametrize(
    ("card", "facts"),
    [
        pytest.param({}, DriverFacts(("C1",), None), id="no ID card to drive by"),
        pytest.param(
            {"id_type": "passport", "id_number": "E12345678"},
            DriverFacts(("C1",), None),
            id="a passport is no licence",
        ),
        pytest.param({}, DriverFacts(("C1",), None, name="阿明"), id="a name without a number"),
        pytest.param(
            {}, DriverFacts(("C1",), None, licence_no=id_card(3)), id="a number without a name"
        ),
    ],
)
def test_a_driver_is_somebody(
    office: Connection[Any], card: dict[str, Any], facts: DriverFacts
) -> None:
    made = added(office, **card)
    with refused(office, DriverIncomplete):
        service.add_driver(
            office, SYSTEM, customer_no=made.customer_no, facts=facts, key=KEY, now=NOW
        )


def test_an_erased_customer_is_read_and_nothing_more(office: Connection[Any]) -> None:
    made = added(office)
    office.execute("UPDATE customers SET erased_at = %s", [NOW])
    asked: dict[str, Any] = {"customer_no": made.customer_no, "now": NOW}
    assert service.get_customer(office, SYSTEM, customer_no=made.customer_no).erased_at == NOW
    with refused(office, CustomerErased):
        service.change_customer(office, SYSTEM, version=1, facts=FACTS, key=KEY, **asked)
    with refused(office, CustomerErased):
        service.propose_blacklisting(office, SYSTEM, reason="逾期", **asked)
    with refused(office, CustomerErased):
        service.require_leasable(office, customer_id=made.id)


def test_pages_hold_every_customer_once(office: Connection[Any]) -> None:
    made = {added(office, name=f"客户{number}").customer_no for number in range(7)}
    walked: list[str] = []
    after = None
    while page := service.list_customers(office, SYSTEM, {}, after=after, limit=3):
        walked += [each.customer_no for each in page]
        after = (page[-1].created_at, page[-1].customer_no)
    assert walked == sorted(made, reverse=True)


def calls(customer_no: str) -> list[tuple[str, Any]]:
    """Every service, the verb it asks for, and a call of it."""
    one: dict[str, Any] = {"customer_no": customer_no}
    at: dict[str, Any] = {**one, "now": NOW}
    keyed: dict[str, Any] = {**at, "key": KEY}
    driver = DriverFacts(("C1",), None, name="阿明", licence_no=id_card(3))
    return [
        (
            "customer.create",
            lambda c, a: service.create_customer(c, a, facts=FACTS, key=KEY, now=NOW),
        ),
        (
            "customer.change",
            lambda c, a: service.change_customer(c, a, version=1, facts=FACTS, **keyed),
        ),
        ("customer.read", lambda c, a: service.get_customer(c, a, **one)),
        ("customer.read", lambda c, a: service.get_customer_detail(c, a, **one)),
        ("customer.read", lambda c, a: service.list_customers(c, a, {})),
        ("customer.read", lambda c, a: service.list_drivers(c, a, **one)),
        ("customer.read", lambda c, a: service.list_accounts(c, a, **one)),
        ("customer.read", service.list_duplicates),
        ("customer.change", lambda c, a: service.add_driver(c, a, facts=driver, **keyed)),
        (
            "customer.change",
            lambda c, a: add_account(
                c, a, bank="行", holder="甲", account_no=account_no(1), **keyed
            ),
        ),
        ("customer.blacklist", lambda c, a: service.propose_blacklisting(c, a, reason="逾", **at)),
        ("personal_data.unmask", lambda c, a: service.unmask_customer(c, a, reason="看", **keyed)),
    ]


@pytest.mark.parametrize("number", range(12))
def test_each_act_asks_for_its_verb(office: Connection[Any], number: int) -> None:
    made = added(office)
    verb, call = calls(made.customer_no)[number]
    east = get_organisation(office, SYSTEM, code="east")
    able = Actor("person", "lin", east.id, "east", frozenset({verb, "organisation.read"}), True)
    unable = person(east)
    unable = replace(unable, permissions=unable.permissions - {verb})
    with refused(office, PermissionMissing):
        call(office, unable)
    if verb == "personal_data.unmask":
        with refused(office, StepUpRequired):
            call(office, replace(able, stepped_up=False))
    call(office, able)


def test_what_is_seen_in_full_is_written_down_with_its_reason(office: Connection[Any]) -> None:
    made = added(office, phone="13812345678")
    service.unmask_customer(
        office, SYSTEM, customer_no=made.customer_no, reason="核对合同", key=KEY, now=NOW
    )
    [entry] = list_entries(office, SYSTEM, {"action": "personal_data.unmask"})
    assert (entry.object_key, entry.after) == (
        made.customer_no,
        {"reason": "核对合同", "fields": ["phone"]},
    )


def test_who_is_out_of_sight_is_not_there(office: Connection[Any]) -> None:
    with refused(office, CustomerNotFound):
        service.find_customer_by_id(office, 2**40)
    with refused(office, CustomerNotFound):
        service.require_leasable(office, customer_id=2**40)
    with refused(office, CustomerNotFound):
        service.get_customer(office, SYSTEM, customer_no="C9912-AAAAAA")
