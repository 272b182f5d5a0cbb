"""Consents, a copy of a person's data and its erasure over HTTP, as the application's own role."""

import hashlib
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from tests.api.served import Served, code_of, post
from tests.fleet.customers.numbers import id_card

CUSTOMERS: Final = "/api/v1/customers"
WORDS: Final = "本人同意处理行踪轨迹。"
CONSENT: Final = {
    "kind": "location",
    "text_version": "告知书 2026-03",
    "text": WORDS,
    "given_by": "王芳",
    "given_at": "2026-03-01T09:00:00+08:00",
    "method": "signed_paper",
    "evidence": "档案柜 3",
}


@pytest.fixture
def owner(api: Served) -> TestClient:
    """Of alpha, who has just given their password again."""
    return api.person("alpha.owner", step_up=True)


@pytest.fixture
def fang(api: Served, owner: TestClient) -> str:
    """The path of a new person."""
    number = id_card(7_000 + int(api.unused("")))
    body = {"kind": "person", "name": "王芳", "id_type": "id_card", "id_number": number}
    made = post(owner, CUSTOMERS, body | {"phone": "13812345678"}, api.unused("k"))
    assert made.status_code == 201, made.text
    return f"{CUSTOMERS}/{made.json()['customer_no']}"


def recorded(api: Served, client: TestClient, path: str, **given: Any) -> Any:
    return post(client, f"{path}/consents", CONSENT | given, api.unused("k"))


def test_of_the_words_agreed_to_their_digest_is_kept(
    api: Served, owner: TestClient, fang: str
) -> None:
    made = recorded(api, owner, fang)
    assert made.status_code == 201, made.text
    told = made.json()
    assert told["text_sha256"] == hashlib.sha256(WORDS.encode()).hexdigest()
    assert (told["given_at"], told["withdrawn_at"]) == ("2026-03-01T01:00:00Z", None)
    assert WORDS not in made.text
    assert owner.get(f"{fang}/consents").json() == [told]
    given = {"text": None, "text_sha256": told["text_sha256"]}
    assert recorded(api, owner, fang, **given).json()["text_sha256"] == told["text_sha256"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"text": None}, id="neither"),
        pytest.param({"text_sha256": "00" * 32}, id="both"),
        pytest.param({"text": None, "text_sha256": "AB" * 32}, id="capitals"),
    ],
)
def test_a_consent_says_which_words_once(
    api: Served, owner: TestClient, fang: str, given: dict[str, Any]
) -> None:
    assert recorded(api, owner, fang, **given).status_code == 422


def test_a_consent_is_withdrawn_and_stays(api: Served, owner: TestClient, fang: str) -> None:
    key = recorded(api, owner, fang).json()["key"]
    withdrawn = owner.post(f"{fang}/consents/{key}/withdraw", json={"note": "来电"})
    assert (withdrawn.status_code, withdrawn.json()["withdrawn_note"]) == (200, "来电")
    again = owner.post(f"{fang}/consents/{key}/withdraw", json={})
    assert (again.status_code, code_of(again)) == (409, "consent_withdrawn")
    ahead = recorded(api, owner, fang, given_at="2099-01-01T00:00:00Z")
    assert (ahead.status_code, code_of(ahead)) == (422, "consent_in_future")


def test_a_copy_is_handed_out_in_clear_to_who_gives_the_password_again(
    api: Served, owner: TestClient, fang: str
) -> None:
    for login, code in (("alpha.owner", "step_up_required"), ("alpha.ops", "permission_missing")):
        barred = api.new_session(login).get(f"{fang}/personal-data")
        assert (barred.status_code, code_of(barred)) == (403, code)
    copy = owner.get(f"{fang}/personal-data")
    assert copy.status_code == 200, copy.text
    told = copy.json()
    [card] = told["parts"]["cards"]
    assert (card["phone"], card["id_number"][:6]) == ("13812345678", "110108")
    assert list(told["parts"]) == [
        *("cards", "accounts", "drivers", "consents", "blacklistings", "leases", "hand_overs"),
        *("charges", "violations", "contracts", "quotes", "bills", "payments", "deposits"),
        *("notices", "files"),
    ]
    hidden = api.person("omega.owner", step_up=True).get(f"{fang}/personal-data")
    assert (hidden.status_code, code_of(hidden)) == (404, "customer_not_found")


def test_a_person_is_erased_by_the_owner_only_and_for_good(
    api: Served, owner: TestClient, fang: str
) -> None:
    body = {"reason": "本人书面申请"}
    barred = api.person("alpha.manager", step_up=True).post(f"{fang}/erase", json=body)
    assert (barred.status_code, code_of(barred)) == (403, "permission_missing")
    assert owner.post(f"{fang}/erase", json={}).status_code == 422
    erased = owner.post(f"{fang}/erase", json=body)
    assert erased.status_code == 200, erased.text
    number = fang.rpartition("/")[2]
    assert (erased.json()["customer_nos"], erased.json()["files_withdrawn"]) == ([number], 0)
    card = owner.get(fang).json()
    assert (card["name"], card["phone"], card["id_number"]) == ("已删除", None, None)
    again = owner.post(f"{fang}/erase", json=body)
    assert (again.status_code, code_of(again)) == (409, "customer_erased")
