"""Adding, reading and changing people, on a real database, as the application's role."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection

from fleet.id_card import IdCardCheckDigitWrong
from fleet.identity.errors import (
    LoginMalformed,
    LoginTaken,
    NameMalformed,
    PhoneMalformed,
    RolesExceedOwn,
    RolesMissing,
    RolesUnknown,
    UserDisabled,
    UserIsYourself,
    UserNotFound,
    UserOutranks,
)
from fleet.identity.model import UserChanges
from fleet.identity.service import (
    change_user,
    create_user,
    get_user,
    list_roles,
    list_users,
    log_out_user,
    make_reset_link_token,
    unlock_user,
)
from fleet.orgs.service import list_organisations
from fleet.sessions.model import LoggedIn
from fleet.sessions.service import find_session, log_in
from kit.errors import DomainError, VersionChanged
from schemas.access import PERMISSIONS, ROLES, PermissionMissing, StepUpRequired

from .people import (
    ID_CARD,
    KEY,
    NOW,
    PASSWORD,
    PHONE,
    People,
    acting,
    column,
    later,
    not_stepped_up,
    trail,
)

NEW: dict[str, Any] = {
    "login": "li.na",
    "name": "李娜",
    "organisation_code": "depot",
    "roles": ["ops"],
    "key": KEY,
    "now": NOW,
}


def logins_of(conn: Connection[Any], people: People, login: str, **wanted: Any) -> list[str]:
    with acting(conn, people[login]) as actor:
        return [user.login for user in list_users(conn, actor, **wanted)]


def test_a_person_is_added_and_read_masked(app_conn: Connection[Any], people: People) -> None:
    with acting(app_conn, people["manager"]) as actor:
        created = create_user(app_conn, actor, **NEW, phone=PHONE, id_card=ID_CARD)
        assert get_user(app_conn, actor, login=" LI.na", key=KEY) == created
    assert created.organisation_id == people.organisations["depot"]
    assert (created.organisation_code, created.roles, created.version) == ("depot", ["ops"], 1)
    assert (created.phone_masked, created.id_card_masked) == ("138****5678", "110***********002X")
    assert (created.has_password, created.disabled_at, created.created_at) == (False, None, NOW)
    assert PHONE not in repr(created)
    assert ID_CARD not in repr(created)


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"login": "ops"}, LoginTaken, id="log-in taken"),
        pytest.param({"login": "stranger"}, LoginTaken, id="log-in taken in another tenant"),
        pytest.param({"login": "李娜"}, LoginMalformed, id="a log-in in Chinese"),
        pytest.param({"name": " "}, NameMalformed, id="no name"),
        pytest.param({"name": "a\x00b"}, NameMalformed, id="NUL in the name"),
        pytest.param({"roles": []}, RolesMissing, id="no role"),
        pytest.param({"roles": ["boss"]}, RolesUnknown, id="no such role"),
        pytest.param({"roles": ["ops", "owner"]}, RolesExceedOwn, id="a role above one's own"),
        pytest.param({"roles": ["auditor"]}, RolesExceedOwn, id="a role beside one's own"),
        pytest.param({"phone": "12"}, PhoneMalformed, id="no phone"),
        pytest.param({"id_card": ID_CARD[:-1] + "1"}, IdCardCheckDigitWrong, id="a slip"),
    ],
)
def test_an_unusable_person_is_refused(
    app_conn: Connection[Any], people: People, changes: dict[str, Any], fact: type[DomainError]
) -> None:
    with pytest.raises(fact) as raised, acting(app_conn, people["manager"]) as actor:
        create_user(app_conn, actor, **(NEW | changes))
    assert type(raised.value) is fact
    assert "li.na" not in logins_of(app_conn, people, "owner")


@pytest.mark.parametrize("code", ["head", "west", "rival", "nowhere"])
def test_nobody_is_added_out_of_sight(app_conn: Connection[Any], people: People, code: str) -> None:
    with pytest.raises(DomainError) as raised, acting(app_conn, people["manager"]) as actor:
        create_user(app_conn, actor, **(NEW | {"organisation_code": code}))
    assert raised.value.code == "organisation_not_found"


def test_people_are_seen_in_the_subtree_only(app_conn: Connection[Any], people: People) -> None:
    assert logins_of(app_conn, people, "owner") == [
        "auditor", "manager", "ops", "owner", "westerner"
    ]  # fmt: skip
    assert logins_of(app_conn, people, "manager") == ["manager", "ops"]
    assert logins_of(app_conn, people, "stranger") == ["stranger"]
    for unseen in ("owner", "westerner", "stranger", "nobody", "n\x00"):
        with pytest.raises(UserNotFound), acting(app_conn, people["manager"]) as actor:
            get_user(app_conn, actor, login=unseen)


def test_without_an_organisation_nobody_is_seen(app_conn: Connection[Any], people: People) -> None:
    with app_conn.transaction():
        assert list_users(app_conn, people["owner"]) == []
        assert list_organisations(app_conn, people["owner"]) == []


def test_people_are_listed_a_page_at_a_time(app_conn: Connection[Any], people: People) -> None:
    first = logins_of(app_conn, people, "owner", limit=2)
    second = logins_of(app_conn, people, "owner", limit=2, after=first[-1])
    third = logins_of(app_conn, people, "owner", limit=2, after=second[-1])
    assert (first, second, third) == (["auditor", "manager"], ["ops", "owner"], ["westerner"])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": "OWN"}, ["owner"]),
        ({"search": "er"}, ["manager", "owner", "westerner"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"search": "'"}, []),
        ({"organisation_code": "east"}, ["manager", "ops"]),
        ({"organisation_code": "depot"}, ["ops"]),
        ({"organisation_code": "east", "search": "man"}, ["manager"]),
        ({"organisation_code": "rival"}, []),
        ({"organisation_code": "east", "after": "manager"}, ["ops"]),
    ],
    ids=str,
)
def test_people_are_filtered(
    app_conn: Connection[Any], people: People, wanted: dict[str, Any], found: list[str]
) -> None:
    assert logins_of(app_conn, people, "owner", **wanted) == found


def change(
    conn: Connection[Any], people: People, by: str, login: str, changes: UserChanges, **given: Any
) -> Any:
    asked: dict[str, Any] = {"version": 1, "key": KEY, "now": later(hours=1)} | given
    with acting(conn, people[by]) as actor:
        return change_user(conn, actor, login=login, changes=changes, **asked)


def test_a_person_is_changed(app_conn: Connection[Any], people: People) -> None:
    changed = change(
        app_conn,
        people,
        "manager",
        "ops",
        {"name": "王伟", "phone": PHONE, "id_card": ID_CARD, "roles": ["sales", "ops"]},
    )
    assert (changed.name, changed.roles, changed.version) == ("王伟", ["ops", "sales"], 2)
    assert (changed.phone_masked, changed.id_card_masked) == ("138****5678", "110***********002X")
    cleared = change(
        app_conn, people, "manager", "ops", {"phone": None, "id_card": None}, version=2
    )
    assert (cleared.phone_masked, cleared.id_card_masked, cleared.name) == (None, None, "王伟")


def test_what_is_left_out_stays(app_conn: Connection[Any], people: People) -> None:
    with acting(app_conn, people["manager"]) as actor:
        was = create_user(app_conn, actor, **NEW, phone=PHONE, id_card=ID_CARD)
    now_is = change(app_conn, people, "manager", "li.na", {"name": "李娜娜"})
    assert now_is.phone_masked == was.phone_masked
    assert now_is.id_card_masked == was.id_card_masked
    assert now_is.roles == was.roles


def test_a_change_of_an_old_version_is_refused(app_conn: Connection[Any], people: People) -> None:
    change(app_conn, people, "manager", "ops", {"name": "A"})
    with pytest.raises(VersionChanged):
        change(app_conn, people, "owner", "ops", {"name": "B"})
    with acting(app_conn, people["owner"]) as actor:
        assert get_user(app_conn, actor, login="ops").name == "A"


@pytest.mark.parametrize(
    ("login", "changes", "fact"),
    [
        pytest.param("manager", {"disabled": True}, UserIsYourself, id="disable"),
        pytest.param("manager", {"roles": ["viewer"]}, UserIsYourself, id="demote"),
        pytest.param("ops", {"roles": ["owner"]}, RolesExceedOwn, id="raise above"),
        pytest.param("ops", {"roles": []}, RolesMissing, id="take all roles"),
        pytest.param("ops", {"roles": ["x"]}, RolesUnknown, id="no such role"),
        pytest.param("owner", {"name": "x"}, UserNotFound, id="somebody above"),
        pytest.param("stranger", {"name": "x"}, UserNotFound, id="another tenant"),
    ],
)
def test_what_is_not_ones_to_change(
    app_conn: Connection[Any],
    people: People,
    login: str,
    changes: UserChanges,
    fact: type[DomainError],
) -> None:
    with pytest.raises(DomainError) as raised:
        change(app_conn, people, "manager", login, changes)
    assert type(raised.value) is fact


def test_ones_own_name_is_ones_own(app_conn: Connection[Any], people: People) -> None:
    changed = change(app_conn, people, "manager", "manager", {"name": "N", "roles": ["manager"]})
    assert (changed.name, changed.roles) == ("N", ["manager"])


def test_nobody_acts_on_somebody_who_may_more(app_conn: Connection[Any], people: People) -> None:
    change(app_conn, people, "owner", "ops", {"roles": ["owner"]})
    with pytest.raises(UserOutranks):
        change(app_conn, people, "manager", "ops", {"name": "x"}, version=2)
    with pytest.raises(UserOutranks), acting(app_conn, people["manager"]) as actor:
        make_reset_link_token(app_conn, actor, login="ops", now=NOW, valid_s=600)
    with pytest.raises(UserOutranks), acting(app_conn, people["manager"]) as actor:
        log_out_user(app_conn, actor, login="ops", now=NOW)
    with pytest.raises(UserOutranks), acting(app_conn, people["manager"]) as actor:
        unlock_user(app_conn, actor, login="ops", now=NOW)


def start_session(conn: Connection[Any], login: str) -> str:
    with conn.transaction():
        outcome = log_in(
            conn, login=login, password=PASSWORD, kind="cookie", ip=None, user_agent=None, now=NOW
        )
    assert isinstance(outcome, LoggedIn)
    return outcome.token


def test_who_is_disabled_is_out_at_once(app_conn: Connection[Any], people: People) -> None:
    token = start_session(app_conn, "ops")
    changed = change(app_conn, people, "manager", "ops", {"disabled": True})
    assert changed.disabled_at == later(hours=1)
    assert find_session(app_conn, token, now=later(hours=1), idle_s=86_400) is None
    with pytest.raises(UserDisabled), acting(app_conn, people["manager"]) as actor:
        make_reset_link_token(app_conn, actor, login="ops", now=NOW, valid_s=600)
    again = change(app_conn, people, "manager", "ops", {"disabled": False}, version=2)
    assert again.disabled_at is None
    assert find_session(app_conn, token, now=later(hours=1), idle_s=86_400) is None


def test_who_is_logged_out_by_another(app_conn: Connection[Any], people: People) -> None:
    tokens = [start_session(app_conn, "ops"), start_session(app_conn, "ops")]
    other = start_session(app_conn, "manager")
    with acting(app_conn, people["manager"]) as actor:
        assert log_out_user(app_conn, actor, login="ops", now=NOW) == 2
    found = [find_session(app_conn, t, now=NOW, idle_s=60) for t in (*tokens, other)]
    assert [session and session.login for session in found] == [None, None, "manager"]


@pytest.mark.parametrize(
    ("login", "may"),
    [("owner", True), ("manager", True), ("ops", False), ("auditor", False)],
)
def test_verbs_are_checked_first(
    app_conn: Connection[Any], people: People, login: str, may: bool
) -> None:
    expected = StepUpRequired if may else PermissionMissing
    actor = not_stepped_up(people[login])
    calls: list[Callable[[], object]] = [
        lambda: create_user(app_conn, actor, **NEW),
        lambda: change_user(app_conn, actor, login="ops", version=1, changes={}, key=KEY, now=NOW),
        lambda: make_reset_link_token(app_conn, actor, login="ops", now=NOW, valid_s=60),
        lambda: log_out_user(app_conn, actor, login="ops", now=NOW),
        lambda: unlock_user(app_conn, actor, login="ops", now=NOW),
    ]
    for call in calls:
        with pytest.raises(expected) as raised:
            call()
        assert type(raised.value) is expected
    if login == "ops":
        with pytest.raises(PermissionMissing):
            list_users(app_conn, actor)
        with pytest.raises(PermissionMissing):
            get_user(app_conn, actor, login="ops")


def test_what_is_done_is_written_down_without_personal_data(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    with acting(app_conn, people["manager"]) as actor:
        create_user(app_conn, actor, **NEW, phone=PHONE, id_card=ID_CARD)
    change(
        app_conn, people, "manager", "li.na",
        {"name": "王伟", "phone": PHONE, "id_card": None, "roles": ["sales"], "disabled": True},
    )  # fmt: skip
    assert [entry for entry in trail(conn, "user.create") if entry[0] == "manager"] == [(
        "manager", "li.na", None, {"organisation": "depot", "roles": ["ops"]}
    )]  # fmt: skip
    assert trail(conn, "user.change") == [
        (
            "manager",
            "li.na",
            {"roles": ["ops"], "disabled": False},
            {
                "name": "changed",
                "phone": "changed",
                "id_card": "changed",
                "roles": ["sales"],
                "disabled": True,
            },
        )
    ]
    written = conn.execute("SELECT string_agg(e::text, ' ') FROM audit_entries e").fetchone()
    assert written is not None
    for personal in (PHONE, ID_CARD, "李娜", "王伟"):
        assert personal not in written[0]


def test_an_entry_says_from_where(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    with acting(app_conn, people["manager"]) as actor:
        create_user(app_conn, actor, **NEW)
    row = conn.execute(
        "SELECT o.code, actor_kind, actor_name, host(ip::inet), request_id, at FROM audit_entries e"
        " JOIN organisations o ON o.id = e.organisation_id WHERE object_key = 'li.na'"
    ).fetchone()
    assert row == ("east", "person", "manager", "10.0.0.1", "r1", NOW)


def test_unlocking_forgets_wrong_passwords(
    app_conn: Connection[Any], conn: Connection[Any], people: People
) -> None:
    conn.execute("UPDATE users SET failed_logins = 10, locked_until = %s", [later(days=1)])
    conn.commit()
    with acting(app_conn, people["manager"]) as actor:
        assert unlock_user(app_conn, actor, login="ops", now=NOW).locked_until is None
    assert column(conn, "ops", "failed_logins") == 0
    assert column(conn, "manager", "failed_logins") == 10


def test_roles_are_told_with_their_verbs() -> None:
    told = {grants.role: grants.permissions for grants in list_roles()}
    assert list(told) == list(ROLES)
    assert told["owner"] == list(PERMISSIONS)
    assert "bill.issue" in told["finance"]
    assert "command.approve" not in told["ops"]
