"""The same request sent again gets the first answer, and nothing happens twice."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import httpx2
import pytest
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from api import housekeeping, store
from api.deps import Call
from api.idempotency import digest_of
from api.models.users import UserIn
from api.operation import Operations
from fleet.registry.vin import compute_check_digit
from kit import clock, db
from kit.sealed import SealingKey
from tests.api import dying
from tests.api.served import NEXT_YEAR, Served, code_of, over_http, post
from tests.api.world import KEY

AT_ONCE: Final = 50


@dataclass(frozen=True)
class Creation:
    """A POST that creates, the same said otherwise, and how to count what was created."""

    path: str
    body: Callable[[str], dict[str, Any]]
    other: dict[str, Any]
    count: str


CREATIONS: Final = {
    "an organisation": Creation(
        "/api/v1/organisations",
        lambda name: {"code": name, "name": "车场", "parent": "alpha"},
        {"name": "另一个"},
        "SELECT count(*) FROM organisations WHERE code = %s",
    ),
    "a vehicle": Creation(
        "/api/v1/vehicles",
        lambda name: {"vin": vin_of(name), "owner": "alpha", "model": name},
        {"plate": "粤BD12399"},
        "SELECT count(*) FROM vehicles WHERE model = %s",
    ),
    "a user": Creation(
        "/api/v1/users",
        lambda name: {"login": name, "name": "人", "organisation": "alpha", "roles": ["ops"]},
        {"roles": ["viewer"]},
        "SELECT count(*) FROM users WHERE login = %s",
    ),
    "an API key": Creation(
        "/api/v1/api-keys",
        lambda name: {
            "name": name,
            "organisation": "alpha",
            "scopes": ["vehicle.read"],
            "expires_at": NEXT_YEAR,
        },
        {"scopes": ["vehicle.read", "device.read"]},
        "SELECT count(*) FROM api_keys WHERE name = %s",
    ),
    "a device": Creation(
        "/api/v1/devices",
        lambda name: {"serial": name, "owner": "alpha"},
        {"owner": "alpha-south"},
        "SELECT count(*) FROM devices WHERE serial = %s",
    ),
}
every_creation = pytest.mark.parametrize(
    "creation", [pytest.param(each, id=name) for name, each in CREATIONS.items()]
)


def vin_of(name: str) -> str:
    """A VIN with the digits of a name."""
    vin = f"LNB{''.join(filter(str.isdigit, name)):0>14}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def organisation(code: str, **given: Any) -> dict[str, Any]:
    """The body of a new organisation."""
    return {"code": code, "name": "车场", "parent": "alpha", **given}


@every_creation
def test_fifty_at_once_create_one_and_all_get_its_answer(api: Served, creation: Creation) -> None:
    owner, name, key = api.person("alpha.owner", step_up=True), api.unused("once"), api.unused("k")
    headers = {"Authorization": owner.headers["Authorization"], "Idempotency-Key": key}
    with (
        over_http(api.app) as url,
        httpx2.Client(headers=headers, timeout=60) as client,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):

        def send(_number: int) -> Response:
            return client.post(url + creation.path, json=creation.body(name))

        answers = list(threads.map(send, range(AT_ONCE)))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert len({answer.content for answer in answers}) == 1
    replayed = [answer.headers.get("idempotent-replayed") for answer in answers]
    assert (replayed.count(None), replayed.count("true")) == (1, AT_ONCE - 1)
    assert api.as_owner(creation.count, name) == [(1,)]


@settings(max_examples=8, deadline=None)
@given(
    posts=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["车场", "另一个"])),
        min_size=AT_ONCE,
        max_size=AT_ONCE,
    )
)
def test_of_fifty_at_once_one_body_wins_each_key(api: Served, posts: list[tuple[str, str]]) -> None:
    """Each key names an organisation of its own; bodies for the same key differ in the name."""
    owner, prefix = api.person("alpha.owner", step_up=True), api.unused("race")
    with ThreadPoolExecutor(AT_ONCE) as threads:

        def send(sent: tuple[str, str]) -> tuple[str, str, Response]:
            key, name = sent
            code = f"{prefix}-{key}"
            body = organisation(code, name=name)
            return key, name, post(owner, "/api/v1/organisations", body, code)

        answers = list(threads.map(send, posts))
    for key in {key for key, _ in posts}:
        [(winner,)] = api.as_owner(
            "SELECT name FROM organisations WHERE code = %s", f"{prefix}-{key}"
        )
        for answered_key, name, answer in answers:
            if answered_key == key and name == winner:
                assert (answer.status_code, answer.json()["name"]) == (201, winner)
            elif answered_key == key:
                assert code_of(answer) == "idempotency_key_reused"


Step = tuple[str, str, str, str]
steps = st.lists(
    st.tuples(
        st.sampled_from(["alpha.owner", "alpha.manager"]),
        st.sampled_from("xy"),
        st.sampled_from("mn"),
        st.sampled_from(["车场", "另一个"]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=steps)
def test_any_sequence_of_posts_is_answered_as_the_first_was(api: Served, steps: list[Step]) -> None:
    """Against a model: what each actor's key was first used for, and which codes are taken."""
    prefix = api.unused("model")
    kept: dict[tuple[str, str], tuple[tuple[str, str], bytes]] = {}
    taken: set[str] = set()
    for login, key, code, name in steps:
        body = organisation(f"{prefix}-{code}", name=name)
        answer = post(api.person(login), "/api/v1/organisations", body, f"{prefix}-{key}")
        first = kept.get((login, key))
        if first is None and code in taken:
            assert code_of(answer) == "organisation_code_taken"
        elif first is None:
            assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)
            kept[login, key] = (code, name), answer.content
            taken.add(code)
        elif first[0] == (code, name):
            assert answer.headers["idempotent-replayed"] == "true"
            assert (answer.status_code, answer.content) == (201, first[1])
        else:
            assert (answer.status_code, code_of(answer)) == (409, "idempotency_key_reused")


@every_creation
def test_another_request_with_the_key_is_refused(api: Served, creation: Creation) -> None:
    owner, name, key = api.person("alpha.owner", step_up=True), api.unused("two"), api.unused("k")
    first = post(owner, creation.path, creation.body(name), key)
    assert first.status_code == 201, first.text
    other = post(owner, creation.path, creation.body(name) | creation.other, key)
    assert (other.status_code, code_of(other)) == (409, "idempotency_key_reused")
    assert other.json()["errors"][0]["field"] == "header.Idempotency-Key"
    again = post(owner, creation.path, creation.body(name), key)
    assert (again.status_code, again.content) == (201, first.content)
    assert api.as_owner(creation.count, name) == [(1,)]


def test_the_key_is_refused_at_another_path_too(api: Served) -> None:
    owner, key = api.person("alpha.owner", step_up=True), api.unused("k")
    paths = [f"/api/v1/users/alpha.{role}/password-reset" for role in ("ops", "viewer")]
    assert post(owner, paths[0], None, key).status_code == 201
    assert code_of(post(owner, paths[1], None, key)) == "idempotency_key_reused"


def test_a_replay_has_the_headers_of_the_first_answer(api: Served) -> None:
    owner, code, key = api.person("alpha.owner"), api.unused("head"), api.unused("k")
    first = post(owner, "/api/v1/organisations", organisation(code), key)
    again = post(owner, "/api/v1/organisations", organisation(code), key)
    named = ("location", "etag", "content-type", "content-length")
    assert [again.headers[name] for name in named] == [first.headers[name] for name in named]
    assert again.headers["location"] == f"/api/v1/organisations/{code}"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]


def test_a_refusal_is_not_kept_and_the_key_may_be_used_again(api: Served) -> None:
    owner, code, key = api.person("alpha.owner"), api.unused("later"), api.unused("k")
    missing = organisation(code, parent="nowhere")
    assert code_of(post(owner, "/api/v1/organisations", missing, key)) == "organisation_not_found"
    taken = organisation("alpha-south")
    assert code_of(post(owner, "/api/v1/organisations", taken, key)) == "organisation_code_taken"
    assert api.as_owner("SELECT 1 FROM idempotent_answers WHERE idempotency_key = %s", key) == []
    right = post(owner, "/api/v1/organisations", organisation(code), key)
    assert (right.status_code, "idempotent-replayed" in right.headers) == (201, False)


def test_keys_are_each_actors_own(api: Served) -> None:
    key, codes = api.unused("k"), [api.unused("mine") for _ in range(3)]
    askers = [
        api.person("alpha.owner"),
        api.person("alpha-south.owner"),
        api.machine("organisation.create", "organisation.read"),
    ]
    for asker, code in zip(askers, codes, strict=True):
        body = organisation(code, parent="alpha-south")
        answer = post(asker, "/api/v1/organisations", body, key)
        assert (answer.status_code, answer.json()["code"]) == (201, code)


def test_who_lost_the_permission_gets_no_replay(api: Served) -> None:
    login, code, key = api.unused("demoted"), api.unused("lost"), api.unused("k")
    api.make_person(login, "manager")
    person = api.new_session(login)
    body = organisation(code)
    assert post(person, "/api/v1/organisations", body, key).status_code == 201
    api.as_owner("UPDATE users SET roles = '{viewer}' WHERE login = %s", login)
    refused = post(person, "/api/v1/organisations", body, key)
    assert (refused.status_code, code_of(refused)) == (403, "permission_missing")
    api.as_owner("UPDATE users SET roles = '{manager}' WHERE login = %s", login)
    assert post(person, "/api/v1/organisations", body, key).status_code == 201


def test_a_secret_is_told_again_to_who_stepped_up_only(api: Served) -> None:
    creation, key = CREATIONS["an API key"], api.unused("k")
    body = creation.body(api.unused("secret"))
    first = post(api.person("alpha.owner", step_up=True), creation.path, body, key)
    assert first.status_code == 201
    refused = post(api.new_session("alpha.owner"), creation.path, body, key)
    assert (refused.status_code, code_of(refused)) == (403, "step_up_required")
    again = post(api.new_session("alpha.owner", step_up=True), creation.path, body, key)
    assert again.json()["key"] == first.json()["key"]


def test_what_is_kept_tells_nothing_without_the_key(api: Served) -> None:
    owner, key, login = api.person("alpha.owner", step_up=True), api.unused("k"), api.unused("id")
    id_card = "11010519491231002X"
    body = {
        "login": login,
        "name": "李娜",
        "organisation": "alpha",
        "roles": ["ops"],
        "id_card": id_card,
    }
    assert post(owner, "/api/v1/users", body, key).status_code == 201
    made = post(owner, f"/api/v1/users/{login}/password-reset", None, f"{key}-link").json()
    rows = api.as_owner(
        "SELECT request_digest, answer_sealed, idempotent_answers::text FROM idempotent_answers"
        " WHERE idempotency_key LIKE %s",
        f"{key}%",
    )
    assert len(rows) == 2
    for digest, sealed, text in rows:
        assert len(digest) == 32
        for secret in (made["token"], "李娜", id_card, login):
            assert secret.encode() not in bytes(sealed)
            assert secret.encode().hex() not in text


def test_the_same_request_has_another_digest_under_another_key() -> None:
    """A plain digest of a request would give an ID card away to who tries all of them."""
    other = SealingKey(bytes(32))
    digests = {key.digest(b"the request", purpose="p") for key in (KEY, other)}
    digests |= {KEY.digest(b"the request", purpose="q"), KEY.digest(b"another", purpose="p")}
    assert {len(digest) for digest in digests} == {32}
    assert len(digests) == 4
    assert KEY.digest(b"the request", purpose="p") in digests


def test_a_request_is_known_by_its_method_path_and_what_it_says() -> None:
    def digest(key: SealingKey, path: str, said: dict[str, Any]) -> bytes:
        request = SimpleNamespace(method="POST", scope={"path": path})
        call: Any = SimpleNamespace(request=request, state=SimpleNamespace(key=key))
        return digest_of(call, said)

    said = {"body": UserIn.model_validate(person_body())}
    again = {"body": UserIn.model_validate(dict(reversed(person_body().items())))}
    first = digest(KEY, "/a", said)
    assert digest(KEY, "/a", again) == first
    others = [
        digest(KEY, "/b", said),
        digest(KEY, "/a", said | {"login": "x"}),
        digest(KEY, "/a", {"body": UserIn.model_validate(person_body() | {"name": "王芳"})}),
        digest(SealingKey(bytes(32)), "/a", said),
    ]
    assert len({first, *others}) == 5


def person_body() -> dict[str, Any]:
    """A new person, with what must not be guessed from a digest."""
    return {
        "login": "li.na",
        "name": "李娜",
        "organisation": "alpha",
        "roles": ["ops"],
        "id_card": "11010519491231002X",
    }


def test_an_answer_cannot_be_put_beside_anothers_key(api: Served) -> None:
    owner, key = api.person("alpha.owner"), api.unused("k")
    first, second = (organisation(api.unused("seal")) for _ in range(2))
    assert post(owner, "/api/v1/organisations", first, f"{key}-1").status_code == 201
    assert post(owner, "/api/v1/organisations", second, f"{key}-2").status_code == 201
    api.as_owner(
        "UPDATE idempotent_answers SET answer_sealed = (SELECT answer_sealed FROM"
        " idempotent_answers WHERE idempotency_key = %s) WHERE idempotency_key = %s",
        f"{key}-1",
        f"{key}-2",
    )
    quiet = api.nobody(raise_server_exceptions=False)
    quiet.headers["Authorization"] = owner.headers["Authorization"]
    with capture_logs():
        forged = post(quiet, "/api/v1/organisations", second, f"{key}-2")
    assert (forged.status_code, code_of(forged)) == (500, "fault")
    assert first["code"] not in forged.text


def test_a_second_request_waits_for_the_first_and_works_if_that_one_failed(api: Served) -> None:
    owner, code, key = api.person("alpha.owner"), api.unused("wait"), api.unused("k")
    [(organisation_id,)] = api.as_owner("SELECT id FROM organisations WHERE code = 'alpha'")
    place = store.KeyPlace(organisation_id, "alpha.owner", key)
    answers: list[Response] = []

    def send() -> None:
        answers.append(post(owner, "/api/v1/organisations", organisation(code), key))

    with db.connect(api.owner_url, application_name="test first") as first:
        store.claim_key(first, place, request_digest=bytes(32), now=clock.now())
        second = threading.Thread(target=send)
        second.start()
        api.wait_until_blocked()
        assert answers == []
        first.rollback()
        second.join()
    assert [answer.status_code for answer in answers] == [201]


@pytest.mark.reliability
@pytest.mark.parametrize("creation", [CREATIONS["an organisation"], CREATIONS["an API key"]])
def test_killed_between_commit_and_answer_the_retry_gets_the_answer(
    api: Served, creation: Creation
) -> None:
    owner, name, key = api.person("alpha.owner", step_up=True), api.unused("kill"), api.unused("k")
    headers = {"Authorization": owner.headers["Authorization"], "Idempotency-Key": key}
    with dying.process(api.settings) as (process, url):
        with pytest.raises(httpx2.TransportError):
            httpx2.post(url + creation.path, json=creation.body(name), headers=headers | dying.DIE)
        assert process.wait(10) == -signal.SIGKILL
    assert api.as_owner(creation.count, name) == [(1,)]
    retried = post(owner, creation.path, creation.body(name), key)
    assert (retried.status_code, retried.headers["idempotent-replayed"]) == (201, "true")
    assert api.as_owner(creation.count, name) == [(1,)]


def test_old_answers_are_forgotten_and_young_ones_kept(api: Served) -> None:
    owner, prefix = api.person("alpha.owner"), api.unused("old")
    for each in ("old", "young"):
        body = organisation(f"{prefix}-{each}")
        post(owner, "/api/v1/organisations", body, f"{prefix}-{each}")
    api.as_owner(
        "UPDATE idempotent_answers SET created_at = created_at - %s WHERE idempotency_key = %s",
        timedelta(days=api.settings.idempotency_days, minutes=1),
        f"{prefix}-old",
    )
    housekeeping.forget_old_answers(api.app.state.guanche)
    left = api.as_owner(
        "SELECT idempotency_key FROM idempotent_answers WHERE idempotency_key LIKE %s", f"{prefix}%"
    )
    assert left == [(f"{prefix}-young",)]
    again = post(owner, "/api/v1/organisations", organisation(f"{prefix}-old"), f"{prefix}-old")
    assert code_of(again) == "organisation_code_taken"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        pytest.param(None, "missing", id="none"),
        pytest.param("", "string_too_short", id="empty"),
        pytest.param("k" * 256, "string_too_long", id="too long"),
        pytest.param("a b", "string_pattern_mismatch", id="a space"),
        pytest.param("schlüssel".encode(), "string_pattern_mismatch", id="not ASCII"),
    ],
)
def test_an_unusable_key_is_told(api: Served, key: Any, code: str) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = api.person("alpha.owner").post(
        "/api/v1/organisations", json=organisation("never"), headers=headers
    )
    assert answer.status_code == 422
    [told] = answer.json()["errors"]
    assert (told["field"], told["code"]) == ("header.Idempotency-Key", code)


def test_every_creating_operation_takes_a_key(api: Served) -> None:
    document = api.app.openapi()["paths"]
    creating = {
        path: {parameter["name"] for parameter in operations["post"].get("parameters", [])}
        for path, operations in document.items()
        if "201" in operations.get("post", {}).get("responses", {})
    }
    del creating["/api/v1/sessions"]  # a new log-in is a new session
    assert {path: names for path, names in creating.items() if "Idempotency-Key" not in names} == {}


def test_a_replay_needs_a_permission_that_there_is() -> None:
    def create(call: Call) -> None:
        """Create."""

    with pytest.raises(AssertionError):
        Operations("x").post("/x", idempotent="no.such_verb")(create)
    Operations("x").post("/x", idempotent="organisation.create")(create)
