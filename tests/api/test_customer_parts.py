"""Drivers, accounts and the blacklist of customers over HTTP, as the application's own role."""

import pytest
from fastapi.testclient import TestClient

from tests.api.customer_calls import UNUSED, add, found, path_of
from tests.api.served import Served, code_of, post
from tests.fleet.customers.numbers import account_no, id_card


@pytest.fixture
def sales(api: Served) -> TestClient:
    """Of alpha-depot."""
    return api.person("alpha-depot.sales")


@pytest.fixture
def manager(api: Served) -> TestClient:
    """Of alpha-depot, who has just given their password again."""
    return api.person("alpha-depot.manager", step_up=True)


def test_drivers_from_their_licence_to_their_last_day(api: Served, sales: TestClient) -> None:
    number = id_card(next(UNUSED))
    customer = add(
        api, sales, name="王芳", id_type="id_card", id_number=number, phone="13611112222"
    )
    drivers = path_of(customer, "/drivers")
    itself = post(sales, drivers, {"classes": ["c1"], "valid_to_on": None}, api.unused("k"))
    assert itself.status_code == 201, itself.text
    assert itself.json() | {"key": None} == {
        "key": None,
        "name": "王芳",
        "phone": "136****2222",
        "licence_no": number[:3] + "*" * 11 + number[-4:],
        "classes": ["C1"],
        "first_issued_on": None,
        "valid_to_on": None,
        "long_term": True,
        "days_left": None,
        "version": 1,
    }
    licence = id_card(next(UNUSED))
    body = {"name": "阿明", "licence_no": licence, "classes": ["D", "B2"]}
    other = post(sales, drivers, body | {"valid_to_on": "2020-01-31"}, api.unused("k"))
    assert (other.json()["classes"], other.json()["long_term"]) == (["B2", "D"], False)
    assert other.json()["days_left"] < -2000
    twice = post(sales, drivers, body | {"valid_to_on": None}, api.unused("k"))
    assert (twice.status_code, code_of(twice)) == (409, "driver_exists")
    assert twice.json()["facts"] == {"key": other.json()["key"]}
    assert found(sales, q=customer["customer_no"], licence_expires_before_on="2020-02-01") == [
        customer["customer_no"]
    ]
    assert found(sales, licence_expires_before_on="2020-01-31") == []
    changed = sales.put(
        f"{drivers}/{other.json()['key']}",
        json=body | {"licence_no": other.json()["licence_no"], "valid_to_on": "2199-01-31"},
        headers={"If-Match": other.headers["etag"]},
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["licence_no"], changed.json()["version"]) == (
        other.json()["licence_no"],
        2,
    )
    assert found(sales, licence_expires_before_on="2020-02-01") == []
    assert [each["name"] for each in sales.get(drivers).json()] == ["王芳", "阿明"]
    gone = sales.post(f"{drivers}/{other.json()['key']}/remove")
    assert gone.status_code == 204, gone.text
    assert [each["name"] for each in sales.get(drivers).json()] == ["王芳"]
    missing = sales.post(f"{drivers}/{other.json()['key']}/remove")
    assert (missing.status_code, code_of(missing)) == (404, "driver_not_found")


def test_accounts_are_told_by_their_last_four_digits(api: Served, sales: TestClient) -> None:
    customer = add(api, sales)
    accounts = path_of(customer, "/accounts")
    number = account_no(next(UNUSED))
    body = {"bank": "招商银行", "holder": "王芳", "account_no": f"{number[:4]} {number[4:]}"}
    made = post(sales, accounts, body, api.unused("k"))
    assert made.status_code == 201, made.text
    assert made.json()["account_no"] == "*" * 15 + number[-4:]
    twice = post(sales, accounts, body | {"bank": "另一行"}, api.unused("k"))
    assert (twice.status_code, code_of(twice)) == (409, "account_exists")
    assert sales.get(accounts).json() == [made.json()]
    assert sales.post(f"{accounts}/{made.json()['id']}/remove").status_code == 204
    assert sales.get(accounts).json() == []
    gone = sales.post(f"{accounts}/{made.json()['id']}/remove")
    assert (gone.status_code, code_of(gone)) == (404, "account_not_found")


def test_the_blacklist_takes_two_people(
    api: Served, sales: TestClient, manager: TestClient
) -> None:
    customer = add(api, sales)
    blacklist = path_of(customer, "/blacklist")
    nobody = manager.post(f"{blacklist}/decide", json={"approve": True})
    assert (nobody.status_code, code_of(nobody)) == (409, "blacklist_not_proposed")
    mine = post(manager, blacklist, {"reason": "逾期"}, api.unused("k"))
    assert (mine.status_code, mine.json()["blacklist_proposed"]) == (201, True)
    own = manager.post(f"{blacklist}/decide", json={"approve": True})
    assert (own.status_code, code_of(own)) == (409, "blacklist_own_proposal")
    other = api.person("alpha.manager", step_up=True)
    no = other.post(f"{blacklist}/decide", json={"approve": False, "note": "已付清"})
    assert (no.json()["blacklisted"], no.json()["blacklist_proposed"]) == (False, False)
    post(sales, blacklist, {"reason": "再次逾期"}, api.unused("k"))
    yes = manager.post(f"{blacklist}/decide", json={"approve": True})
    assert (yes.status_code, yes.json()["blacklisted"]) == (200, True)
    again = post(sales, blacklist, {"reason": "再次"}, api.unused("k"))
    assert (again.status_code, code_of(again)) == (409, "blacklisted_already")
    assert found(sales, q=customer["customer_no"], blacklisted=True) == [customer["customer_no"]]
    lifted = manager.post(f"{blacklist}/lift", json={"reason": "结清"})
    history = [
        (e["reason"], e["decision"], e["lifted_because"]) for e in lifted.json()["blacklistings"]
    ]
    assert history == [("再次逾期", "approved", "结清"), ("逾期", "refused", None)]
    assert lifted.json()["blacklisted"] is False
    over = manager.post(f"{blacklist}/lift", json={"reason": "结清"})
    assert (over.status_code, code_of(over)) == (409, "not_blacklisted")
