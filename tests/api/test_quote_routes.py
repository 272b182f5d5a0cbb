"""Quotes over HTTP: offered, changed, accepted into a lease; and what is free for a term."""

from datetime import timedelta
from typing import Any, Final

from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.api.test_lease_routes import (
    LEASES,
    TODAY,
    customer_no,
    hand_out,
    line,
    manager,
    owner,
    sales,
    signed,
    terms,
    vin,
)

QUOTES: Final = "/api/v1/quotes"
FREE: Final = "/api/v1/available-vehicles"
__all__ = ["customer_no", "manager", "owner", "sales", "vin"]


def quoted(api: Served, client: TestClient, **given: Any) -> dict[str, Any]:
    """A quote for somebody who is no customer yet."""
    body = {"terms": terms(), "prospect": "王先生", "prospect_phone": "13812345678"} | given
    made = post(client, QUOTES, body, api.unused("quote-"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{QUOTES}/{told['quote_no']}"
    return told


def test_offered_changed_and_accepted(api: Served, sales: TestClient, customer_no: str) -> None:
    told = quoted(api, sales)
    assert (told["state"], told["organisation"], told["version"]) == ("open", "alpha-depot", 1)
    assert told["valid_until_on"] == str(TODAY + timedelta(days=14))
    assert (told["rent_fen"], told["vehicles"], told["expired"]) == (280_000, 1, False)
    assert told["prices"] == [
        {
            "line_no": 1,
            "rent_fen": None,
            "per": None,
            "deposit_fen": None,
            "discount_pct": None,
        }
    ]
    url = f"{QUOTES}/{told['quote_no']}"
    body = {"terms": terms(line(rent_fen=270_000)), "prospect": "王先生"}
    assert sales.put(url, json=body).status_code == 428
    changed = sales.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.json()["rent_fen"], changed.headers["etag"]) == (270_000, '"2"')
    missing = sales.post(f"{url}/accept", json={})
    assert (missing.status_code, code_of(missing)) == (422, "quote_needs_customer")
    accepted = sales.post(f"{url}/accept", json={"customer_no": customer_no}).json()
    lease = sales.get(f"{LEASES}/{accepted['lease_no']}").json()
    assert (lease["state"], lease["customer_no"]) == ("draft", customer_no)
    assert (lease["rent_fen"], lease["terms"]) == (270_000, changed.json()["terms"])
    quote = accepted["quote"]
    assert (quote["state"], quote["lease_no"]) == ("accepted", lease["lease_no"])
    again = sales.post(f"{url}/decline", json={"note": "贵"})
    assert (again.status_code, code_of(again)) == (409, "quote_over")


def test_declined_and_withdrawn(api: Served, sales: TestClient) -> None:
    for name, state in (("decline", "declined"), ("withdraw", "withdrawn")):
        url = f"{QUOTES}/{quoted(api, sales)['quote_no']}"
        done = sales.post(f"{url}/{name}", json={"note": "价格偏高"}).json()
        assert (done["state"], done["state_note"]) == (state, "价格偏高")


def test_of_a_customer_it_stays_with_the_customers_organisation(
    api: Served, sales: TestClient, owner: TestClient, customer_no: str
) -> None:
    told = quoted(api, owner, customer_no=customer_no, prospect=None)
    assert (told["organisation"], told["customer_no"]) == ("alpha-depot", customer_no)
    body = {"terms": terms(), "customer_no": customer_no, "organisation": "alpha"}
    refused = post(owner, QUOTES, body, api.unused("quote-"))
    assert (refused.status_code, code_of(refused)) == (409, "quote_of_another_organisation")


def test_phones_are_masked_in_lists_and_to_who_does_not_write_quotes(
    api: Served, sales: TestClient
) -> None:
    number = quoted(api, sales)["quote_no"]
    listed = sales.get(QUOTES, params={"q": number}).json()["items"]
    assert [each["prospect_phone"] for each in listed] == ["138****5678"]
    finance = api.person("alpha-depot.finance")
    assert finance.get(f"{QUOTES}/{number}").json()["prospect_phone"] == "138****5678"
    assert sales.get(f"{QUOTES}/{number}").json()["prospect_phone"] == "13812345678"
    table = finance.get(f"{QUOTES}/export", params={"q": number, "form": "csv"}).content
    assert b"13812345678" not in table
    assert number.encode() in table


def test_pages_of_quotes(api: Served, sales: TestClient) -> None:
    prospect = api.unused("甲")
    numbers = [quoted(api, sales, prospect=prospect)["quote_no"] for _ in range(3)]
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = sales.get(QUOTES, params={"q": prospect, "limit": "2"} | after).json()
        found += [each["quote_no"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert sorted(found) == sorted(numbers)


def test_others_know_of_none(api: Served, sales: TestClient) -> None:
    number = quoted(api, sales)["quote_no"]
    stranger = api.person("omega.owner")
    answer = stranger.get(f"{QUOTES}/{number}")
    assert (answer.status_code, code_of(answer)) == (404, "quote_not_found")
    answer = api.person("alpha-depot.viewer").get(QUOTES)
    assert (answer.status_code, code_of(answer)) == (403, "permission_missing")


# Free vehicles


def fit(api: Served, vin: str) -> None:
    """The vehicle has an inspection and insurance for a year."""
    api.as_owner(
        "INSERT INTO obligations (tenant_id, vehicle_id, kind, is_open, due_on, refreshed_at)"
        " SELECT v.tenant_id, v.id, k, true, %s, now() FROM vehicles v,"
        " unnest(ARRAY['inspection', 'compulsory']) k WHERE v.vin = %s"
        " ON CONFLICT (vehicle_id, kind, reference) DO UPDATE SET due_on = excluded.due_on,"
        " is_open = true, due_at = NULL",
        TODAY + timedelta(days=365),
        vin,
    )


def free(client: TestClient, vin: str, **given: Any) -> Any:
    asked = {"from_on": str(TODAY + timedelta(days=10)), "q": vin} | given
    return client.get(FREE, params=asked)


def test_free_until_it_is_promised(
    api: Served, sales: TestClient, customer_no: str, vin: str
) -> None:
    fit(api, vin)
    (found,) = free(sales, vin).json()["items"]
    assert (found["vin"], found["stage"], found["free_from_on"]) == (vin, "in_stock", None)
    assert found["papers_until_on"] == str(TODAY + timedelta(days=365))
    starts_on = TODAY + timedelta(days=100)
    signed(api, sales, customer_no, line(vin=vin), starts_on=str(starts_on))
    assert free(sales, vin).json()["items"] == []
    (found,) = free(sales, vin, until_on=str(starts_on)).json()["items"]
    assert found["free_until_on"] == str(starts_on)
    table = sales.get(
        f"{FREE}/export",
        params={"from_on": str(TODAY), "until_on": str(starts_on), "q": vin, "form": "csv"},
    )
    assert vin in table.content.decode("utf-8-sig")


def test_let_now_and_free_after(api: Served, sales: TestClient, customer_no: str, vin: str) -> None:
    fit(api, vin)
    number = signed(api, sales, customer_no, term={"count": 9, "unit": "day"})
    hand_out(api, number, vin)
    api.as_owner(
        "UPDATE vehicle_stages SET stage = 'let' WHERE vehicle_id ="
        " (SELECT id FROM vehicles WHERE vin = %s)",
        vin,
    )
    (found,) = free(sales, vin).json()["items"]
    assert (found["stage"], found["free_from_on"]) == ("let", str(TODAY + timedelta(days=9)))
    assert free(sales, vin, from_on=str(TODAY + timedelta(days=8))).json()["items"] == []
    ending = sales.get(f"{LEASES}/about-to-end", params={"vin": vin}).json()["items"]
    assert [(each["lease_no"], each["days_left"]) for each in ending] == [(number, 8)]
    page = sales.get(f"/api/v1/vehicles/{vin}/page").json()
    assert page["lease"]["lease_no"] == number
    assert page["lease"]["last_day"] == str(TODAY + timedelta(days=8))
    assert (page["lease"]["customer_no"], page["lease"]["days_over"]) == (customer_no, 0)


def test_after_the_last_day(
    api: Served, sales: TestClient, manager: TestClient, customer_no: str, vin: str
) -> None:
    number = signed(api, sales, customer_no, term={"count": 9, "unit": "day"})
    hand_out(api, number, vin)
    api.as_owner(
        "UPDATE leases SET ends_on = %s WHERE lease_no = %s", TODAY - timedelta(days=3), number
    )
    asked = {"vin": vin}
    (over,) = sales.get(f"{LEASES}/after-expiry", params=asked).json()["items"]
    assert (over["lease_no"], over["days_over"], over["rule"]) == (number, 3, "民法典 §734")
    assert (over["driven_km"], over["used"], over["moving"]) == (None, None, False)
    assert sales.get(f"{LEASES}/about-to-end", params=asked).json()["items"] == []
    table = sales.get(f"{LEASES}/after-expiry/export", params=asked | {"form": "csv"})
    assert number in table.content.decode("utf-8-sig")


def test_what_a_lease_has_is_not_moved_on_by_hand(
    api: Served, sales: TestClient, owner: TestClient, customer_no: str, vin: str
) -> None:
    number = signed(api, sales, customer_no)
    hand_out(api, number, vin)
    url = f"/api/v1/vehicles/{vin}"
    key = {"Idempotency-Key": api.unused("k")}
    sold = owner.post(f"{url}/stage", json={"stage": "for_sale"}, headers=key)
    assert (sold.status_code, code_of(sold)) == (409, "vehicle_on_lease")
    assert sold.json()["facts"] == {"vin": vin, "lease_no": number}
    key = {"Idempotency-Key": api.unused("k")}
    handed = owner.post(f"{url}/operators", json={"organisation": "alpha-south"}, headers=key)
    assert (handed.status_code, code_of(handed)) == (409, "vehicle_on_lease")


def test_a_place_takes_exact_positions(api: Served, sales: TestClient, vin: str) -> None:
    place = {"near_lon": "114.06", "near_lat": "22.54", "radius_km": "5"}
    assert free(sales, vin, **place).status_code == 200
    auditor = api.person("alpha-depot.auditor")
    refused = free(auditor, vin, **place)
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    assert refused.json()["facts"] == {"permission": "location.read"}
    odd = free(sales, vin, near_lon="114.06")
    assert (odd.status_code, code_of(odd)) == (422, "near_incomplete")


def test_a_term_that_cannot_be(sales: TestClient, vin: str) -> None:
    past = free(sales, vin, from_on=str(TODAY - timedelta(days=1)))
    assert (past.status_code, code_of(past)) == (422, "wanted_period_past")
    empty = free(sales, vin, until_on=str(TODAY + timedelta(days=10)))
    assert (empty.status_code, code_of(empty)) == (422, "wanted_period_empty")
    assert free(sales, vin, after="eyJ9").status_code == 422
