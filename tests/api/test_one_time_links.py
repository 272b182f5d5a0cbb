"""One-time links: an administrator makes one, and a person sets their password by it."""

from typing import Final

from httpx2 import Response

from tests.api.hands import Hands
from tests.api.served import Served, code_of, post

SESSION: Final = "/api/v1/session"


def make_link(api: Served, login: str) -> dict[str, str]:
    """A one-time link."""
    owner = api.new_session("alpha.owner", step_up=True)
    made = post(owner, f"/api/v1/users/{login}/password-reset", None, api.unused("k"))
    assert made.status_code == 201, made.text
    link: dict[str, str] = made.json()
    return link


def redeem(api: Served, token: str, password: str = "Quarry-ferry-17") -> Response:
    """The answer to a password set by a link."""
    body = {"token": token, "new_password": password}
    return api.nobody().post("/api/v1/password-resets/redeem", json=body)


def test_a_link_sets_a_password_once_and_ends_all_sessions(api: Served, person: str) -> None:
    session, link = api.new_session(person), make_link(api, person)
    assert link["url"] == f"{api.settings.api_public_url}/reset#token={link['token']}"
    assert redeem(api, link["token"]).status_code == 204
    assert session.get(SESSION).status_code == 401
    assert api.log_in(person).status_code == 401
    assert api.log_in(person, password="Quarry-ferry-17").status_code == 201
    again = redeem(api, link["token"], "Other-password-18")
    assert (again.status_code, code_of(again)) == (422, "reset_link_invalid")
    assert again.json()["errors"][0]["field"] == "token"


def test_a_weak_password_leaves_the_link_as_it_was(api: Served, person: str) -> None:
    link = make_link(api, person)
    assert code_of(redeem(api, link["token"], "short")) == "password_too_weak"
    assert redeem(api, link["token"]).status_code == 204


def test_a_link_ends(api: Served, person: str, hands: Hands) -> None:
    link = make_link(api, person)
    hands.move(seconds=api.settings.reset_link_s - 1)
    assert code_of(redeem(api, link["token"], "Kq7#x")) == "password_too_weak"
    hands.move(seconds=1)
    assert code_of(redeem(api, link["token"])) == "reset_link_invalid"


def test_a_new_link_ends_the_one_before(api: Served, person: str) -> None:
    first, second = make_link(api, person), make_link(api, person)
    assert code_of(redeem(api, first["token"])) == "reset_link_invalid"
    assert redeem(api, second["token"]).status_code == 204


def test_a_link_of_nobody_is_told_like_one_that_was_used(api: Served) -> None:
    for token in ("A" * 43, "x", "密" * 43):
        assert code_of(redeem(api, token)) == "reset_link_invalid"


def test_a_link_unlocks(api: Served, person: str, hands: Hands) -> None:
    link = make_link(api, person)
    for number in range(10):
        api.log_in(person, password=f"wrong {number}", counted=True)
    hands.move(minutes=1)
    assert redeem(api, link["token"]).status_code == 204
    assert api.log_in(person, password="Quarry-ferry-17").status_code == 201
