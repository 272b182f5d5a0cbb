"""Payments, credit, refunds and write-offs over HTTP, as the role of the application."""

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final

import httpx2
import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.customers.service import CustomerFacts, create_customer
from fleet.local_days import local_day
from kit import clock
from schemas.access import SYSTEM
from tests.api import dying
from tests.api.served import Served, code_of, over_http, post
from tests.api.world import KEY
from tests.fleet.receivables.owed import owe

PAYMENTS: Final = "/api/v1/payments"
WRITE_OFFS: Final = "/api/v1/write-offs"
AT_ONCE: Final = 50


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def customer_no(api: Served) -> str:
    """That of a new customer of alpha-depot."""
    facts = CustomerFacts("company", api.unused("顺达物流"))
    with psycopg.connect(api.owner_url) as conn:
        made = create_customer(
            conn, SYSTEM, facts=facts, organisation_code="alpha-depot", key=KEY, now=clock.now()
        )
    return made.customer_no


def billed(api: Served, customer_no: str, fen: int) -> str:
    """The number of a bill of so much, due today."""
    today = local_day(clock.now())
    with psycopg.connect(api.owner_url) as conn:
        return owe(conn, customer_no, fen, due_on=today, issued_on=today).bill_no


def body(customer_no: str | None, **given: Any) -> dict[str, Any]:
    today = local_day(clock.now()).isoformat()
    usual = {"channel": "bank", "amount_fen": 350_000, "received_on": today}
    return usual | {"customer_no": customer_no} | given


def record(api: Served, client: TestClient, customer_no: str | None, **given: Any) -> Response:
    made = post(client, PAYMENTS, body(customer_no, **given), api.unused("pay-"))
    assert made.status_code == 201, made.text
    return made


def act(client: TestClient, payment_no: str, name: str, etag: str, **said: Any) -> Response:
    return client.post(f"{PAYMENTS}/{payment_no}/{name}", json=said, headers={"If-Match": etag})


def test_a_payment_comes_in_bounces_and_is_told(
    api: Served, owner: TestClient, customer_no: str
) -> None:
    bill_no = billed(api, customer_no, 300_000)
    made = record(api, owner, customer_no, bills=[bill_no], payer_account="6222021234567890123")
    told = made.json()
    number = told["payment_no"]
    assert made.headers["location"] == f"{PAYMENTS}/{number}"
    assert [(each["bill_no"], each["rule"]) for each in told["settles"]] == [(bill_no, "named")]
    assert (told["settled_fen"], told["left_fen"], told["source"]) == (300_000, 50_000, "hand")
    assert told["payer_account"] == "622************0123"
    assert owner.get(f"{PAYMENTS}/{number}").json() == told
    balance = f"/api/v1/customers/{customer_no}/balance"
    stands = owner.get(balance).json()
    assert (stands["open_fen"], stands["credit_fen"], stands["bills"]) == (0, 50_000, [])
    bounced = act(owner, number, "reverse", made.headers["etag"], reason="退票")
    assert (bounced.status_code, bounced.json()["state"]) == (200, "reversed")
    assert owner.get(balance).json()["open_fen"] == 300_000
    again = act(owner, number, "reverse", bounced.headers["etag"], reason="退票")
    assert (again.status_code, code_of(again)) == (409, "payment_reversed_already")
    stale = act(owner, number, "claim", '"1"', customer_no=customer_no)
    assert code_of(stale) == "version_changed"


def test_nobodys_payment_is_claimed_and_unclaimed(
    api: Served, owner: TestClient, customer_no: str
) -> None:
    made = record(api, owner, None, organisation="alpha-depot")
    number = made.json()["payment_no"]
    claimed = act(owner, number, "claim", made.headers["etag"], customer_no=customer_no)
    assert (claimed.json()["state"], claimed.json()["customer_no"]) == ("claimed", customer_no)
    waiting = act(owner, number, "unclaim", claimed.headers["etag"], reason="同名公司")
    assert (waiting.json()["state"], waiting.json()["customer_no"]) == ("unclaimed", None)
    listed = owner.get(PAYMENTS, params={"state": "unclaimed", "q": number}).json()["items"]
    assert [each["payment_no"] for each in listed] == [number]


def test_credit_is_put_to_bills_and_given_back(
    api: Served, owner: TestClient, customer_no: str
) -> None:
    record(api, owner, customer_no, amount_fen=500)
    path = f"/api/v1/customers/{customer_no}"
    given = {"amount_fen": 200, "channel": "wechat", "reason": "多付"}
    key = api.unused("refund-")
    made = post(owner, f"{path}/refunds", given, key)
    assert (made.status_code, [each["amount_fen"] for each in made.json()["refunds"]]) == (
        201,
        [200],
    )
    assert post(owner, f"{path}/refunds", given, key).json() == made.json()
    listed = owner.get("/api/v1/refunds", params={"customer": customer_no}).json()["items"]
    assert listed == made.json()["refunds"]
    credits = owner.get("/api/v1/credits", params={"customer": customer_no, "left": True}).json()
    assert [each["left_fen"] for each in credits["items"]] == [300]
    bill_no = billed(api, customer_no, 1_000)
    stands = owner.get(f"{path}/balance").json()
    assert (stands["open_fen"], stands["credit_fen"]) == (700, 0)
    refused = owner.post(f"{path}/allocate", json={"bills": [bill_no]})
    assert (refused.status_code, code_of(refused)) == (409, "credit_not_enough")


def test_a_write_off_takes_two(api: Served, owner: TestClient, customer_no: str) -> None:
    bill_no = billed(api, customer_no, 1_000)
    wanted = {"bill_no": bill_no, "amount_fen": 400, "reason": "客户注销"}
    asked = post(owner, WRITE_OFFS, wanted, api.unused("w-"))
    assert (asked.status_code, asked.json()["state"]) == (201, "requested")
    path = f"{WRITE_OFFS}/{asked.json()['key']}"
    own = owner.post(f"{path}/decide", json={"approve": True})
    assert (own.status_code, code_of(own)) == (409, "write_off_own_request")
    manager = api.person("alpha.manager", step_up=True)
    decided = manager.post(f"{path}/decide", json={"approve": True, "note": "同意"})
    assert (decided.json()["state"], decided.json()["standing_fen"]) == ("approved", 400)
    listed = owner.get(WRITE_OFFS, params={"bill": bill_no, "state": "approved"}).json()["items"]
    assert listed == [decided.json()]
    undone = manager.post(f"{path}/undo", json={"reason": "客户补付"})
    assert (undone.json()["state"], undone.json()["standing_fen"]) == ("approved", 0)


def test_another_tenant_sees_none_of_it(api: Served, owner: TestClient, customer_no: str) -> None:
    number = record(api, owner, customer_no).json()["payment_no"]
    stranger = api.person("omega.owner", step_up=True)
    assert stranger.get(f"{PAYMENTS}/{number}").status_code == 404
    asked = post(stranger, PAYMENTS, body(customer_no), api.unused("k"))
    assert (asked.status_code, code_of(asked)) == (404, "payer_not_found")
    theirs, bills = f"/api/v1/customers/{customer_no}", {"bills": [billed(api, customer_no, 1)]}
    assert stranger.post(f"{theirs}/allocate", json=bills).status_code == 404
    assert owner.get(f"{PAYMENTS}/{number}").status_code == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount_fen": 0}, "amount_fen"),
        ({"amount_fen": 1.5}, "amount_fen"),
        ({"channel": "cheque"}, "channel"),
        ({"received_on": "20261121"}, "received_on"),
        ({"bills": ["B"] * 201}, "bills"),
    ],
    ids=["nothing", "half a fen", "no such channel", "no day", "too many bills"],
)
def test_what_is_no_payment(
    api: Served, owner: TestClient, customer_no: str, given: Any, field: str
) -> None:
    refused = post(owner, PAYMENTS, body(customer_no, **given), api.unused("k"))
    assert refused.status_code == 422
    assert field in refused.text
    bare = owner.post(PAYMENTS, json=body(customer_no))
    assert bare.status_code == 422


def charged(api: Served, customer_no: str) -> list[Any]:
    return api.as_owner(
        "SELECT count(*), sum(p.amount_fen)::bigint FROM payments p"
        " JOIN customers k ON k.id = p.customer_id WHERE k.customer_no = %s",
        customer_no,
    )


def test_fifty_at_once_with_one_key_charge_once(
    api: Served, owner: TestClient, customer_no: str
) -> None:
    key, said = api.unused("once"), body(customer_no)
    headers = {"Authorization": owner.headers["Authorization"], "Idempotency-Key": key}
    with (
        over_http(api.app) as url,
        httpx2.Client(headers=headers, timeout=60) as client,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):

        def send(_number: int) -> Response:
            return client.post(url + PAYMENTS, json=said)

        answers = list(threads.map(send, range(AT_ONCE)))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({answer.content for answer in answers}) == 1
    assert charged(api, customer_no) == [(1, 350_000)]


def test_years_later_the_key_still_charges_once(
    api: Served, owner: TestClient, customer_no: str
) -> None:
    key, said = api.unused("years"), body(customer_no)
    first = post(owner, PAYMENTS, said, key)
    api.as_owner("DELETE FROM idempotent_answers WHERE idempotency_key = %s", key)
    again = post(owner, PAYMENTS, said, key)
    assert (again.status_code, again.json()) == (201, first.json())
    api.as_owner("DELETE FROM idempotent_answers WHERE idempotency_key = %s", key)
    other = post(owner, PAYMENTS, said | {"amount_fen": 1}, key)
    assert (other.status_code, code_of(other)) == (409, "payment_key_reused")
    assert charged(api, customer_no) == [(1, 350_000)]


@pytest.mark.reliability
@pytest.mark.parametrize("kept", [True, False], ids=["kept answer", "kept answer forgotten"])
def test_killed_between_commit_and_answer_the_retry_gets_the_same(
    api: Served, owner: TestClient, customer_no: str, kept: bool
) -> None:
    key, said = api.unused("kill"), body(customer_no)
    headers = {"Authorization": owner.headers["Authorization"], "Idempotency-Key": key}
    with dying.process(api.settings) as (process, url):
        with pytest.raises(httpx2.TransportError):
            httpx2.post(url + PAYMENTS, json=said, headers=headers | dying.DIE)
        assert process.wait(10) == -signal.SIGKILL
    assert charged(api, customer_no) == [(1, 350_000)]
    if not kept:
        api.as_owner("DELETE FROM idempotent_answers WHERE idempotency_key = %s", key)
    retried = post(owner, PAYMENTS, said, key)
    [(number,)] = api.as_owner("SELECT payment_no FROM payments WHERE idempotency_key = %s", key)
    assert (retried.status_code, retried.json()["payment_no"]) == (201, number)
    assert charged(api, customer_no) == [(1, 350_000)]


def test_a_machine_records_by_the_api(api: Served, customer_no: str) -> None:
    machine = api.machine("payment.record", "payment.read")
    made = post(machine, PAYMENTS, body(customer_no), api.unused("machine"))
    assert (made.status_code, made.json()["source"]) == (201, "api")


def test_lists_have_pages(api: Served, owner: TestClient, customer_no: str) -> None:
    for amount_fen in (1, 2, 3):
        record(api, owner, customer_no, amount_fen=amount_fen)
        given = {"amount_fen": amount_fen, "channel": "cash", "reason": "试"}
        post(owner, f"/api/v1/customers/{customer_no}/refunds", given, api.unused("r-"))
    for _ in range(3):
        wanted = {"bill_no": billed(api, customer_no, 50), "amount_fen": 1, "reason": "试"}
        post(owner, WRITE_OFFS, wanted, api.unused("w-"))
    for path in (PAYMENTS, "/api/v1/credits", "/api/v1/refunds", WRITE_OFFS):
        whole = owner.get(path, params={"customer": customer_no}).json()["items"]
        assert len(whole) == 3, path
        walked: list[Any] = []
        after: dict[str, str] = {}
        while True:
            asked = {"customer": customer_no, "limit": "2", **after}
            page = owner.get(path, params=asked).json()
            walked += page["items"]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert walked == whole, path
        exported = owner.get(f"{path}/export", params={"customer": customer_no, "form": "csv"})
        assert len(exported.text.strip().splitlines()) == 4, path


def test_the_day_it_came_may_lie_back(api: Served, owner: TestClient, customer_no: str) -> None:
    yesterday = (local_day(clock.now()) - timedelta(days=1)).isoformat()
    assert record(api, owner, customer_no, received_on=yesterday).json()["received_on"] == yesterday
    ahead = (local_day(clock.now()) + timedelta(days=2)).isoformat()
    refused = post(owner, PAYMENTS, body(customer_no, received_on=ahead), api.unused("k"))
    assert (refused.status_code, code_of(refused)) == (422, "payment_day_out_of_reach")
