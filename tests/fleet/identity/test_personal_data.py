"""Personal data at rest, masked, and in full for a reason."""

from typing import Any

import pytest
from psycopg import Connection

from fleet.identity.errors import ReasonMissing, UserNotFound
from fleet.identity.model import PersonalData
from fleet.identity.service import create_user, get_user, list_users, unmask_user
from kit.sealed import SealBroken, SealingKey
from schemas.access import PermissionMissing, StepUpRequired

from .people import ID_CARD, KEY, NOW, PHONE, People, acting, column, not_stepped_up, trail

OTHER_KEY = SealingKey(bytes(32))
REASON = "核对租赁合同"


@pytest.fixture
def with_card(app_conn: Connection[Any], people: People) -> People:
    """`li.na` of the depot has a phone and an ID card."""
    with acting(app_conn, people["manager"]) as actor:
        create_user(
            app_conn,
            actor,
            login="li.na",
            name="李娜",
            organisation_code="depot",
            roles=["ops"],
            phone=PHONE,
            id_card=ID_CARD,
            key=KEY,
            now=NOW,
        )
    return people


def test_an_id_card_is_sealed_at_rest(conn: Connection[Any], with_card: People) -> None:
    sealed = column(conn, "li.na", "id_card_sealed")
    for part in (ID_CARD, ID_CARD[:17], ID_CARD[6:14], ID_CARD[-4:]):
        assert part.encode() not in sealed
    row = conn.execute("SELECT u::text FROM users u WHERE login = 'li.na'").fetchone()
    assert row is not None
    assert ID_CARD not in row[0]
    assert ID_CARD.encode().hex() not in row[0]
    assert KEY.unseal(sealed, purpose="users.id_card/li.na") == ID_CARD.encode()


def test_one_persons_card_cannot_stand_in_anothers_row(
    conn: Connection[Any], app_conn: Connection[Any], with_card: People
) -> None:
    conn.execute(
        "UPDATE users SET id_card_sealed ="
        " (SELECT id_card_sealed FROM users WHERE login = 'li.na') WHERE login = 'ops'"
    )
    conn.commit()
    with pytest.raises(SealBroken), acting(app_conn, with_card["manager"]) as actor:
        unmask_user(app_conn, actor, login="ops", reason=REASON, key=KEY, now=NOW)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        pytest.param(KEY, "110***********002X", id="the key"),
        pytest.param(OTHER_KEY, "*" * 18, id="another key: there is one, unreadable"),
        pytest.param(None, None, id="no key"),
    ],
)
def test_a_card_is_masked(
    app_conn: Connection[Any], with_card: People, key: SealingKey | None, shown: str | None
) -> None:
    with acting(app_conn, with_card["manager"]) as actor:
        assert get_user(app_conn, actor, login="li.na", key=key).id_card_masked == shown
        listed = list_users(app_conn, actor, search="li.na", key=key)
    assert [user.id_card_masked for user in listed] == [shown]


def test_unmasking_is_written_down_without_the_contents(
    app_conn: Connection[Any], conn: Connection[Any], with_card: People
) -> None:
    with acting(app_conn, with_card["manager"]) as actor:
        data = unmask_user(app_conn, actor, login="li.na", reason=f" {REASON} ", key=KEY, now=NOW)
        none = unmask_user(app_conn, actor, login="ops", reason=REASON, key=KEY, now=NOW)
    assert data == PersonalData(PHONE, ID_CARD)
    assert none == PersonalData(None, None)
    assert trail(conn, "personal_data.unmask") == [
        ("manager", "li.na", None, {"reason": REASON, "fields": ["phone", "id_card"]}),
        ("manager", "ops", None, {"reason": REASON, "fields": []}),
    ]


def test_with_another_key_nothing_is_unmasked(
    app_conn: Connection[Any], conn: Connection[Any], with_card: People
) -> None:
    with pytest.raises(SealBroken), acting(app_conn, with_card["manager"]) as actor:
        unmask_user(app_conn, actor, login="li.na", reason=REASON, key=OTHER_KEY, now=NOW)
    assert trail(conn, "personal_data.unmask") == []


def test_who_may_unmask(app_conn: Connection[Any], with_card: People) -> None:
    asked: dict[str, Any] = {"login": "li.na", "reason": REASON, "key": KEY, "now": NOW}
    for login in ("ops", "auditor"):
        with pytest.raises(PermissionMissing), acting(app_conn, with_card[login]) as actor:
            unmask_user(app_conn, actor, **asked)
    with pytest.raises(StepUpRequired), acting(app_conn, with_card["manager"]) as actor:
        unmask_user(app_conn, not_stepped_up(actor), **asked)
    with pytest.raises(UserNotFound), acting(app_conn, with_card["westerner"]) as actor:
        unmask_user(app_conn, actor, **asked)
    with pytest.raises(ReasonMissing), acting(app_conn, with_card["manager"]) as actor:
        unmask_user(app_conn, actor, **(asked | {"reason": " "}))


def test_a_card_without_a_key_is_a_fault_of_ours(app_conn: Connection[Any], people: People) -> None:
    with pytest.raises(ValueError, match="sealing key"), acting(app_conn, people["owner"]) as actor:
        create_user(
            app_conn,
            actor,
            login="li.na",
            name="李娜",
            organisation_code="head",
            roles=["ops"],
            id_card=ID_CARD,
            key=None,
            now=NOW,
        )
