"""Keys of machines: what they may be for, and how they are taken back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from fleet.identity.errors import (
    ApiKeyNotFound,
    KeyExpiryOutOfRange,
    NameMalformed,
    ScopesExceedOwn,
    ScopesMissing,
    ScopesUnknown,
)
from fleet.identity.grants import KEY_LIFE
from fleet.identity.model import ApiKey
from fleet.identity.service import create_api_key, get_api_key, list_api_keys, revoke_api_key
from fleet.sessions.service import actor_of_machine, find_machine, touch_machine
from kit.errors import DomainError
from kit.tokens import digest_of, parse_key
from schemas.access import MACHINE_PERMISSIONS, PermissionMissing, StepUpRequired

from .people import NOW, People, acting, later, not_stepped_up, trail

NEW: dict[str, Any] = {
    "name": "导航平台",
    "scopes": ["vehicle.read", "location.read"],
    "organisation_code": "depot",
    "expires_at": later(days=365),
    "now": NOW,
}


def make(conn: Connection[Any], people: People, by: str = "manager", **given: Any) -> Any:
    with acting(conn, people[by]) as actor:
        return create_api_key(conn, actor, **(NEW | given))


def test_a_key_is_made_and_shows_who_asks(app_conn: Connection[Any], people: People) -> None:
    key, text = make(app_conn, people)
    assert key == ApiKey(
        id=key.id,
        key_id=text[3:15],
        name="导航平台",
        organisation_id=people.organisations["depot"],
        organisation_code="depot",
        scopes=["vehicle.read", "location.read"],
        created_by="manager",
        created_at=NOW,
        expires_at=later(days=365),
        revoked_at=None,
        last_used_at=None,
    )
    machine = find_machine(app_conn, text, now=NOW)
    assert machine is not None
    actor = actor_of_machine(machine, ip="10.0.0.9", request_id="r9")
    assert (actor.kind, actor.name) == ("machine", f"key:{key.key_id}")
    assert (actor.organisation_id, actor.organisation_code) == (key.organisation_id, "depot")
    assert actor.permissions == {"vehicle.read", "location.read"}
    assert (actor.ip, actor.request_id, actor.stepped_up) == ("10.0.0.9", "r9", False)


def test_the_secret_is_stored_as_a_digest_only(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    _, text = make(app_conn, people)
    given = parse_key(text)
    assert given is not None
    stored = conn.execute("SELECT secret_digest, k::text FROM api_keys k").fetchone()
    assert stored is not None
    assert stored[0] == digest_of(given.secret)
    assert given.secret not in stored[1]
    told = conn.execute("SELECT string_agg(e::text, ' ') FROM audit_entries e").fetchone()
    assert told is not None
    assert given.secret not in told[0]


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"scopes": []}, ScopesMissing, id="for nothing"),
        pytest.param({"scopes": ["vehicle.fly"]}, ScopesUnknown, id="no such verb"),
        pytest.param({"scopes": ["bill.issue"]}, ScopesExceedOwn, id="beyond its maker"),
        pytest.param({"scopes": ["audit.read"]}, ScopesExceedOwn, id="an auditor's"),
        pytest.param({"scopes": ["user.create"]}, ScopesExceedOwn, id="dangerous"),
        pytest.param(
            {"scopes": ["vehicle.read", "command.request"]}, ScopesExceedOwn, id="one is dangerous"
        ),
        pytest.param({"expires_at": NOW}, KeyExpiryOutOfRange, id="ends now"),
        pytest.param({"expires_at": later(days=-1)}, KeyExpiryOutOfRange, id="ended"),
        pytest.param(
            {"expires_at": NOW + KEY_LIFE + timedelta(seconds=1)}, KeyExpiryOutOfRange, id="too far"
        ),
        pytest.param({"name": "\x00"}, NameMalformed, id="NUL for a name"),
    ],
)
def test_an_unusable_key_is_refused(
    app_conn: Connection[Any], people: People, changes: dict[str, Any], fact: type[DomainError]
) -> None:
    with pytest.raises(fact) as raised:
        make(app_conn, people, **changes)
    assert raised.value.field == next(iter(changes))
    with acting(app_conn, people["owner"]) as actor:
        assert list_api_keys(app_conn, actor) == []


@pytest.mark.parametrize("code", ["head", "west", "rival", "nowhere"])
def test_no_key_is_made_for_others(app_conn: Connection[Any], people: People, code: str) -> None:
    with pytest.raises(DomainError) as raised:
        make(app_conn, people, organisation_code=code)
    assert raised.value.code == "organisation_not_found"


def test_the_longest_life_and_every_scope_of_an_owner(
    app_conn: Connection[Any], people: People
) -> None:
    key, _ = make(app_conn, people, "owner", scopes=MACHINE_PERMISSIONS, expires_at=NOW + KEY_LIFE)
    assert set(key.scopes) == MACHINE_PERMISSIONS


def test_a_wrong_secret_opens_nothing(app_conn: Connection[Any], people: People) -> None:
    key, text = make(app_conn, people)
    _, other = make(app_conn, people)
    swapped = f"gk_{key.key_id}_{other[-43:]}"
    for wrong in (swapped, text[:-1], "gk_", "", f"gk_{'a' * 12}_{'b' * 43}", text + "\x00"):
        assert find_machine(app_conn, wrong, now=NOW) is None


def test_a_key_holds_until_it_expires_or_is_revoked(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    key, text = make(app_conn, people, expires_at=later(hours=1))
    assert find_machine(app_conn, text, now=later(minutes=59)) is not None
    assert find_machine(app_conn, text, now=later(hours=1)) is None
    with acting(app_conn, people["manager"]) as actor:
        revoked = revoke_api_key(app_conn, actor, key_id=key.key_id, now=later(minutes=5))
        again = revoke_api_key(app_conn, actor, key_id=key.key_id, now=later(minutes=9))
    assert revoked.revoked_at == again.revoked_at == later(minutes=5)
    assert find_machine(app_conn, text, now=later(minutes=6)) is None
    assert trail(conn, "api_key.revoke") == [("manager", key.key_id, None, None)]
    assert trail(conn, "api_key.create") == [
        (
            "manager",
            key.key_id,
            None,
            {
                "name": "导航平台",
                "scopes": ["vehicle.read", "location.read"],
                "expires_at": later(hours=1).isoformat(),
            },
        )
    ]


def test_keys_are_seen_in_the_subtree_only(app_conn: Connection[Any], people: People) -> None:
    own = sorted(make(app_conn, people)[0].key_id for _ in range(3))
    theirs, _ = make(app_conn, people, "stranger", organisation_code="rival")
    with acting(app_conn, people["manager"]) as actor:
        first = list_api_keys(app_conn, actor, limit=2)
        rest = list_api_keys(app_conn, actor, limit=2, after=first[-1].key_id)
        assert [key.key_id for key in first + rest] == own
        for unseen in (theirs.key_id, "a" * 12, "\x00", ""):
            with pytest.raises(ApiKeyNotFound):
                get_api_key(app_conn, actor, key_id=unseen)
            with pytest.raises(ApiKeyNotFound):
                revoke_api_key(app_conn, actor, key_id=unseen, now=NOW)


def test_use_is_written_as_the_machine(app_conn: Connection[Any], people: People) -> None:
    key, text = make(app_conn, people)
    machine = find_machine(app_conn, text, now=later(hours=1))
    assert machine is not None
    with acting(app_conn, actor_of_machine(machine)):
        touch_machine(app_conn, machine.id, later(hours=1))
        touch_machine(app_conn, machine.id, later(minutes=30))
    found = find_machine(app_conn, text, now=later(hours=1))
    assert found == replace(machine, last_used_at=later(hours=1))
    with acting(app_conn, people["manager"]) as actor:
        assert get_api_key(app_conn, actor, key_id=key.key_id).last_used_at == later(hours=1)


def test_a_scope_that_became_dangerous_is_lost(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    _, text = make(app_conn, people)
    conn.execute("UPDATE api_keys SET scopes = ARRAY['vehicle.read', 'user.create', 'gone.verb']")
    conn.commit()
    machine = find_machine(app_conn, text, now=NOW)
    assert machine is not None
    assert actor_of_machine(machine).permissions == {"vehicle.read"}


def test_who_may_handle_keys(app_conn: Connection[Any], people: People) -> None:
    key, text = make(app_conn, people)
    with pytest.raises(StepUpRequired):
        create_api_key(app_conn, not_stepped_up(people["manager"]), **NEW)
    machine = find_machine(app_conn, text, now=NOW)
    assert machine is not None
    for actor in (people["ops"], actor_of_machine(machine)):
        with pytest.raises(PermissionMissing):
            create_api_key(app_conn, actor, **NEW)
        with pytest.raises(PermissionMissing):
            list_api_keys(app_conn, actor)
        with pytest.raises(PermissionMissing):
            get_api_key(app_conn, actor, key_id=key.key_id)
        with pytest.raises(PermissionMissing):
            revoke_api_key(app_conn, actor, key_id=key.key_id, now=NOW)
