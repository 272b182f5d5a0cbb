"""Customers, their drivers, accounts and the blacklist over HTTP, as the application's own role."""

import threading
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from tests.api.customer_calls import CUSTOMERS, FIND, UNUSED, add, by_number, found, path_of
from tests.api.served import Served, code_of, post
from tests.fleet.customers.numbers import account_no, credit_code, id_card


@pytest.fixture
def sales(api: Served) -> TestClient:
    """Of alpha-depot."""
    return api.person("alpha-depot.sales")


@pytest.fixture
def manager(api: Served) -> TestClient:
    """Of alpha-depot, who has just given their password again."""
    return api.person("alpha-depot.manager", step_up=True)


def test_a_card_is_read_masked_and_written_back_as_it_was_shown(
    api: Served, sales: TestClient
) -> None:
    number = id_card(next(UNUSED))
    made = add(
        api,
        sales,
        name="王芳",
        id_type="id_card",
        id_number=f" {number[:6]} {number[6:14]}-{number[14:].lower()} ",
        phone="+86 138-1234-5678",
        invoice_phone="0755-2345 6789",
        contacts=[{"name": "王磊", "phone": "13987654321", "position": "司机"}],
        addresses=[{"kind": "notice", "text": "深圳市南山区"}],
    )
    assert (made["id_number"], made["phone"], made["invoice_phone"]) == (
        number[:3] + "*" * 11 + number[-4:],
        "138****5678",
        "075*****6789",
    )
    assert made["contacts"] == [{"name": "王磊", "phone": "139****4321", "position": "司机"}]
    read = sales.get(path_of(made))
    kept = {name: read.json()[name] for name in WRITTEN}
    written = sales.put(
        path_of(made),
        json=kept | {"tier": "key", "contacts": kept["contacts"] + [{"name": "李娜"}]},
        headers={"If-Match": read.headers["etag"]},
    )
    assert written.status_code == 200, written.text
    assert {name: written.json()[name] for name in WRITTEN} == kept | {
        "tier": "key",
        "contacts": [*kept["contacts"], {"name": "李娜", "phone": None, "position": None}],
    }
    manager = api.person("alpha-depot.manager", step_up=True)
    full = manager.post(path_of(made, "/unmask"), json={"reason": "核对"})
    assert full.json() == {
        "phone": "13812345678",
        "id_number": number,
        "invoice_phone": "075523456789",
        "contacts": [
            {"name": "王磊", "phone": "13987654321", "position": "司机"},
            {"name": "李娜", "phone": None, "position": None},
        ],
        "drivers": [],
        "accounts": [],
    }
    stale = sales.put(path_of(made), json=kept, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, code_of(stale)) == (412, "version_changed")


WRITTEN: Final = (
    *("kind", "name", "id_type", "id_number", "phone", "email", "contacts", "addresses"),
    *("invoice_title", "tax_no", "invoice_address", "invoice_phone", "legal_person", "tier"),
    *("notes", "reference"),
)


def test_one_number_one_customer_and_the_conflict_names_it(api: Served, sales: TestClient) -> None:
    number = credit_code(next(UNUSED))
    company = {"kind": "company", "id_type": "business_licence", "id_number": number}
    made = add(api, sales, **company, tax_no=number.lower())
    assert made["tax_no"] == number
    again = post(
        sales,
        CUSTOMERS,
        company | {"name": "另一家", "id_number": f"{number[:9]} {number[9:].lower()}"},
        api.unused("k"),
    )
    assert (again.status_code, code_of(again)) == (409, "customer_exists")
    assert again.json()["facts"] == {"customer_no": made["customer_no"]}
    assert number not in again.text


def test_two_who_add_the_same_number_at_once_get_one_customer_and_one_conflict(
    api: Served,
) -> None:
    number = id_card(next(UNUSED))
    body = {"kind": "person", "name": "王芳", "id_type": "id_card", "id_number": number}
    clients = [api.new_session("alpha-depot.sales") for _ in range(4)]
    keys = [api.unused("at-once-") for _ in clients]
    answers: list[Any] = []
    start = threading.Barrier(len(clients))

    def work(client: TestClient, key: str) -> None:
        start.wait(9)
        answers.append(post(client, CUSTOMERS, body, key))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, keys, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    [made] = [each.json() for each in answers if each.status_code == 201]
    lost = [each for each in answers if each.status_code != 201]
    assert [(each.status_code, code_of(each)) for each in lost] == [(409, "customer_exists")] * 3
    assert {each.json()["facts"]["customer_no"] for each in lost} == {made["customer_no"]}


def test_a_number_is_found_in_full_and_in_no_other_way(api: Served, sales: TestClient) -> None:
    number = id_card(next(UNUSED))
    made = add(api, sales, id_type="id_card", id_number=number)
    assert by_number(sales, f"{number[:6]}-{number[6:]}") == [made["customer_no"]]
    assert by_number(sales, number[:17]) == []
    assert found(sales, q=number) == []
    answer = sales.post(FIND, json={"id_number": number})
    assert answer.json()["items"] == [made]
    assert number not in answer.text


def test_no_address_takes_a_number(api: Served, sales: TestClient) -> None:
    """Browsers and proxies keep addresses."""
    number = id_card(next(UNUSED))
    for path in (CUSTOMERS, f"{CUSTOMERS}/export"):
        answer = sales.get(path, params={"id_number": number})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.id_number")
        assert number not in answer.text
    kept = [
        each["name"]
        for operations in api.app.openapi()["paths"].values()
        for operation in operations.values()
        for each in operation.get("parameters", [])
    ]
    assert "customer_no" in kept
    assert "id_number" not in kept


def test_finding_by_number_needs_the_right_to_read_and_writes_nothing_down(
    api: Served, sales: TestClient
) -> None:
    number = id_card(next(UNUSED))
    made = add(api, sales, id_type="id_card", id_number=number)
    count = "SELECT count(*) FROM audit_entries"
    before = api.as_owner(count)
    assert by_number(sales, number) == [made["customer_no"]]
    assert api.as_owner(count) == before
    machine = api.machine("vehicle.read", organisation="alpha-depot")
    refused = machine.post(FIND, json={"id_number": number})
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    empty = sales.post(FIND, json={})
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (422, "body.id_number")


def test_what_a_search_finds(api: Served, sales: TestClient) -> None:
    mark = api.unused("甲乙丙")
    made = add(
        api,
        sales,
        kind="company",
        name=f"{mark}物流有限公司",
        reference=f"REF-{mark}",
        tax_no="91440300ABCDEF1234",
        phone="13711112222",
        contacts=[{"name": "李", "phone": "0755-8888 9999"}],
    )
    number = made["customer_no"]
    for text in (mark, number[2:].lower(), f"ref-{mark}", "300abcdef", "137 1111 2222"):
        assert found(sales, q=text) == [number], text
    assert found(sales, q="(0755) 88889999") == [number]
    assert found(sales, q="1371111222") == []
    assert found(sales, q=mark, kind="person") == []
    assert found(sales, q=mark, kind="company", tier="standard") == [number]
    assert found(sales, q=mark, organisation="alpha-depot", blacklisted=False) == [number]
    assert found(api.person("alpha.sales"), q=mark, organisation="alpha-north") == []


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"id_type": "id_card", "id_number": "110101199001010011"}, "id_number_check_wrong", None),
        ({"id_type": "id_card", "id_number": "11010119900101"}, "id_number_malformed", None),
        (
            {"kind": "company", "id_type": "business_licence", "id_number": "91330100799655058A"},
            "id_number_check_wrong",
            None,
        ),
        ({"id_type": "id_card"}, "id_type_missing", "id_type"),
        ({"id_type": "business_licence", "id_number": "1"}, "id_type_unfit", "id_type"),
        ({"phone": "12345"}, "telephone_malformed", "phone"),
        ({"phone": "138****5678"}, "telephone_malformed", "phone"),
        ({"email": "wang"}, "email_malformed", "email"),
        ({"tax_no": "11010519491231002X"}, "tax_no_is_id_number", "tax_no"),
        ({"notes": "身份证 110105 19491231 002x"}, "id_number_in_clear", None),
        ({"reference": "11010519491231002X"}, "id_number_in_clear", None),
    ],
)
def test_what_a_card_cannot_be(
    api: Served, sales: TestClient, given: dict[str, Any], code: str, field: str | None
) -> None:
    body = {"kind": "person", "name": "王芳"} | given
    answer = post(sales, CUSTOMERS, body, api.unused("k"))
    assert (answer.status_code, code_of(answer)) == (422, code), answer.text
    assert field is None or answer.json()["errors"][0]["field"] == field
    assert all(text not in answer.text for text in ("19491231", "199001010011"))


def test_two_become_one_and_the_number_of_the_other_says_where_it_went(
    api: Served, sales: TestClient, manager: TestClient
) -> None:
    number = id_card(next(UNUSED))
    name = api.unused("合并")
    first = add(api, sales, name=name, id_type="id_card", id_number=number, reference=name)
    second = add(api, sales, name=f" {name[0]} {name[1:]}·")
    for customer, licence in ((first, id_card(next(UNUSED))), (second, id_card(next(UNUSED)))):
        body = {"name": "甲", "licence_no": licence, "classes": ["C1"], "valid_to_on": None}
        assert post(sales, path_of(customer, "/drivers"), body, api.unused("k")).status_code == 201
    [group] = [
        each
        for each in sales.get(f"{CUSTOMERS}/duplicates").json()["items"]
        if first["customer_no"] in each["customer_nos"]
    ]
    assert (group["likeness"], group["count"], sorted(group["customer_nos"])) == (
        *("name", 2),
        sorted([first["customer_no"], second["customer_no"]]),
    )
    body = {"into": second["customer_no"], "reason": "重复建档"}
    merged = manager.post(path_of(first, "/merge"), json=body)
    assert (merged.status_code, merged.json()["customer_no"]) == (200, second["customer_no"])
    tomb = sales.get(path_of(first)).json()
    assert (tomb["name"], tomb["merged_into_no"]) == (name, second["customer_no"])
    assert sales.get(path_of(second)).json()["merged_from"] == [first["customer_no"]]
    assert found(sales, q=first["customer_no"]) == []
    assert found(sales, q=first["customer_no"], merged=True) == [first["customer_no"]]
    assert by_number(sales, number) == [second["customer_no"]]
    assert len(sales.get(path_of(second, "/drivers")).json()) == 2
    back = manager.post(path_of(second, "/merge"), json=body | {"into": first["customer_no"]})
    assert (back.status_code, code_of(back)) == (409, "customer_merged")
    assert back.json()["facts"]["merged_into_no"] == second["customer_no"]
    change = sales.put(
        path_of(first),
        json={"kind": "person", "name": "王", "id_type": None, "id_number": None},
        headers={"If-Match": '"2"'},
    )
    assert (change.status_code, code_of(change)) == (409, "customer_merged")
    body = {"kind": "person", "name": "王", "id_type": "id_card", "id_number": number}
    again = post(sales, CUSTOMERS, body, api.unused("k"))
    assert (again.status_code, again.json()["facts"]) == (
        409,
        {"customer_no": second["customer_no"]},
    )


def test_pages_of_customers_and_of_duplicates_hold_all_once(api: Served) -> None:
    north = api.person("alpha-north.sales")
    made = {
        add(api, north, name=f"同{n // 2}", email="p@example.cn")["customer_no"] for n in range(8)
    }
    walked = [
        number
        for page in pages(north, CUSTOMERS, 3)
        for number in [each["customer_no"] for each in page]
    ]
    assert sorted(set(walked) & made) == sorted(n for n in walked if n in made) == sorted(made)
    groups = [
        tuple(each["customer_nos"])
        for page in pages(north, f"{CUSTOMERS}/duplicates", 1)
        for each in page
        if set(each["customer_nos"]) <= made
    ]
    assert (len(groups), len(set(groups))) == (4, 4)


def pages(client: TestClient, path: str, limit: int) -> Iterator[list[dict[str, Any]]]:
    """Each page of a list."""
    query = {"limit": str(limit)}
    for _ in range(100):
        page = client.get(path, params=query).json()
        yield page["items"]
        if page["next"] is None:
            return
        query["after"] = page["next"]
    raise AssertionError(f"{path} has no end")


def test_a_sibling_neither_finds_nor_merges(api: Served, sales: TestClient) -> None:
    north = api.person("alpha-north.manager", step_up=True)
    number = id_card(next(UNUSED))
    card = {"id_type": "id_card", "id_number": number, "phone": "13500001111"}
    ours = add(api, sales, **card)
    theirs = add(api, north, **card)  # the same person may deal with both
    assert by_number(north, number) == [theirs["customer_no"]]
    assert found(north, q="13500001111") == [theirs["customer_no"]]
    for answer in (
        north.get(path_of(ours)),
        north.get(path_of(ours, "/drivers")),
        north.post(path_of(ours, "/merge"), json={"into": theirs["customer_no"], "reason": "同"}),
        north.post(path_of(theirs, "/merge"), json={"into": ours["customer_no"], "reason": "同"}),
        north.post(path_of(ours, "/unmask"), json={"reason": "看"}),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "customer_not_found")
    assert found(north, merged=True) == []
    assert not any(
        ours["customer_no"] in each["customer_nos"]
        for each in north.get(f"{CUSTOMERS}/duplicates").json()["items"]
    )
    head = api.person("alpha.manager", step_up=True)
    both = sorted((ours["customer_no"], theirs["customer_no"]))
    groups = head.get(f"{CUSTOMERS}/duplicates").json()["items"]
    assert [each["likeness"] for each in groups if each["customer_nos"] == both] == [
        *("id_number", "phone")
    ]
    body = {"into": theirs["customer_no"], "reason": "同一人"}
    across = head.post(path_of(ours, "/merge"), json=body)
    assert (across.status_code, code_of(across)) == (409, "merge_across_organisations")


def test_a_merge_and_a_decision_ask_for_the_password_again(api: Served, sales: TestClient) -> None:
    customer = add(api, sales)
    for role, code in (("manager", "step_up_required"), ("sales", "permission_missing")):
        person = api.person(f"alpha-depot.{role}")
        for tail, body in (
            ("/merge", {"into": "C2611-AAAAAA", "reason": "同"}),
            ("/blacklist/decide", {"approve": True}),
            ("/blacklist/lift", {"reason": "同"}),
            ("/unmask", {"reason": "同"}),
        ):
            answer = person.post(path_of(customer, tail), json=body)
            assert (answer.status_code, code_of(answer)) == (403, code)


def test_no_number_stands_in_clear_anywhere(
    api: Served, sales: TestClient, manager: TestClient
) -> None:
    number, licence, account = id_card(77_001), id_card(77_002), account_no(77_003)
    company, moved = credit_code(77_004), id_card(77_005)
    with capture_logs() as logs:
        customer = add(api, sales, id_type="id_card", id_number=number)
        add(api, sales, kind="company", id_type="business_licence", id_number=company)
        body = {"name": "甲", "licence_no": licence, "classes": ["C1"], "valid_to_on": None}
        post(sales, path_of(customer, "/drivers"), body, api.unused("k"))
        post(
            sales,
            path_of(customer, "/drivers"),
            body | {"licence_no": None, "name": None},
            "itself",
        )
        body = {"bank": "行", "holder": "甲", "account_no": account}
        post(sales, path_of(customer, "/accounts"), body, api.unused("k"))
        again = {"kind": "person", "name": "甲", "id_type": "id_card", "id_number": number}
        assert post(sales, CUSTOMERS, again, api.unused("k")).status_code == 409
        assert by_number(sales, number) == [customer["customer_no"]]
        changed = sales.put(
            path_of(customer), json=again | {"id_number": moved}, headers={"If-Match": '"1"'}
        )
        assert changed.status_code == 200
        full = manager.post(path_of(customer, "/unmask"), json={"reason": "核对"}).json()
    assert full["id_number"] == moved
    assert {each["licence_no"] for each in full["drivers"]} == {licence, number}
    assert [each["account_no"] for each in full["accounts"]] == [account]
    secrets = (number, licence, account, company, moved)
    kept = everything_kept(api)
    for secret in secrets:
        assert secret not in str(logs)
        for form in (secret, secret.encode().hex(), secret[:17], secret.encode().hex()[:34]):
            assert form not in kept


def everything_kept(api: Served) -> str:
    """Every row of every table as text."""
    tables = api.as_owner(
        "SELECT c.oid::regclass::text FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    )
    names = {name for (name,) in tables}
    assert {"customers", "customer_drivers", "audit_entries", "idempotent_answers"} <= names
    rows = [row for name in names for row in api.as_owner(f"SELECT t::text FROM {name} t")]
    text = "\n".join(str(row[0]) for row in rows)
    assert "customer.change" in text  # the audit trail is in it
    return text


def test_the_trail_tells_acts_and_no_person(api: Served, sales: TestClient) -> None:
    made = add(api, sales, name="欧阳无敌", phone="13912340000", email="o@example.cn")
    sales.put(
        path_of(made),
        json={"kind": "person", "name": "欧阳无双", "id_type": None, "id_number": None},
        headers={"If-Match": '"1"'},
    )
    post(sales, path_of(made, "/blacklist"), {"reason": "欧阳不付"}, api.unused("k"))
    auditor = api.person("alpha-depot.auditor")
    told = auditor.get("/api/v1/audit", params={"object_key": made["customer_no"]})
    entries = {each["action"]: each["after"] for each in told.json()["items"]}
    assert entries == {
        "customer.create": {"organisation": "alpha-depot", "kind": "person", "tier": "standard"},
        "customer.change": {"fields": ["name", "phone", "email"]},
        "customer.blacklist": None,
    }
    assert "欧阳" not in told.text
