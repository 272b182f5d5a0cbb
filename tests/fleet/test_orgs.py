"""The tree of organisations, on a real database."""

import threading
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from fleet.orgs.errors import (
    OrganisationBelowItself,
    OrganisationCodeMalformed,
    OrganisationCodeTaken,
    OrganisationNameEmpty,
    OrganisationNotFound,
    TimeZoneUnknown,
)
from fleet.orgs.model import Organisation
from fleet.orgs.service import (
    create_organisation,
    find_organisation,
    get_organisation,
    list_subtree,
    move_organisation,
)
from kit.db import connect
from kit.errors import DomainError

from .conftest import refused


@pytest.fixture
def tree(conn: Connection[Any]) -> Connection[Any]:
    """head > east > (shanghai > depot, hangzhou); head > west."""
    for code, parent in [
        ("head", None),
        ("east", "head"),
        ("west", "head"),
        ("shanghai", "east"),
        ("hangzhou", "east"),
        ("depot", "shanghai"),
    ]:
        create_organisation(conn, code=code, name=code.title(), parent_code=parent)
    return conn


def codes_below(conn: Connection[Any], code: str) -> list[tuple[str, int]]:
    return [(member.code, member.depth) for member in list_subtree(conn, code=code)]


def test_what_is_created_is_found(conn: Connection[Any]) -> None:
    root = create_organisation(conn, code="head", name="总部")
    child = create_organisation(
        conn, code="urumqi", name="乌鲁木齐", parent_code="head", time_zone="Asia/Urumqi"
    )
    assert root == Organisation(root.id, "head", "总部", None, "Asia/Shanghai")
    assert child == Organisation(child.id, "urumqi", "乌鲁木齐", "head", "Asia/Urumqi")
    assert get_organisation(conn, code="head") == root
    assert find_organisation(conn, code="urumqi") == child
    assert find_organisation(conn, code="nobody") is None


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        pytest.param({"code": "head"}, OrganisationCodeTaken, id="code taken"),
        pytest.param({"code": "He ad"}, OrganisationCodeMalformed, id="code with a space"),
        pytest.param({"code": "-a"}, OrganisationCodeMalformed, id="code with hyphen first"),
        pytest.param({"code": "a" * 64}, OrganisationCodeMalformed, id="code too long"),
        pytest.param({"name": ""}, OrganisationNameEmpty, id="no name"),
        pytest.param({"time_zone": "Asia/Nowhere"}, TimeZoneUnknown, id="no such zone"),
        pytest.param({"time_zone": "+08:00"}, TimeZoneUnknown, id="an offset is no zone"),
        pytest.param({"parent_code": "nobody"}, OrganisationNotFound, id="no such parent"),
    ],
)
def test_an_unusable_organisation_is_refused(
    tree: Connection[Any], changes: dict[str, str], fact: type[DomainError]
) -> None:
    with refused(tree, fact):
        create_organisation(tree, **({"code": "new", "name": "新"} | changes))


def test_a_subtree_is_listed_nearest_first(tree: Connection[Any]) -> None:
    assert codes_below(tree, "east") == [
        ("east", 0),
        ("hangzhou", 1),
        ("shanghai", 1),
        ("depot", 2),
    ]
    assert codes_below(tree, "depot") == [("depot", 0)]
    with refused(tree, OrganisationNotFound):
        list_subtree(tree, code="nobody")


def test_a_move_takes_all_below_along(tree: Connection[Any]) -> None:
    assert move_organisation(tree, code="shanghai", parent_code="west").parent_code == "west"
    assert codes_below(tree, "west") == [("west", 0), ("shanghai", 1), ("depot", 2)]
    assert codes_below(tree, "east") == [("east", 0), ("hangzhou", 1)]


def test_a_branch_becomes_a_root(tree: Connection[Any]) -> None:
    assert move_organisation(tree, code="east", parent_code=None).parent_code is None
    assert codes_below(tree, "head") == [("head", 0), ("west", 1)]


@pytest.mark.parametrize("parent_code", ["east", "shanghai", "depot"])
def test_nobody_stands_below_itself(tree: Connection[Any], parent_code: str) -> None:
    with refused(tree, OrganisationBelowItself):
        move_organisation(tree, code="east", parent_code=parent_code)
    assert get_organisation(tree, code="east").parent_code == "head"


@pytest.mark.parametrize(("code", "parent_code"), [("nobody", "head"), ("east", "nobody")])
def test_an_unknown_organisation_does_not_move(
    tree: Connection[Any], code: str, parent_code: str
) -> None:
    with refused(tree, OrganisationNotFound):
        move_organisation(tree, code=code, parent_code=parent_code)


def test_two_moves_at_once_make_no_circle(tree: Connection[Any], database_url: str) -> None:
    """East goes below west while west goes below east: one is done, one refused, none deadlocked.

    Both rows are held until both moves have begun, so that they meet in the middle.
    """
    tree.commit()
    tree.execute("SELECT FROM organisations WHERE code IN ('east', 'west') FOR UPDATE")
    outcomes: list[str] = []

    def move(code: str, parent_code: str) -> None:
        try:
            with connect(database_url) as other:
                move_organisation(other, code=code, parent_code=parent_code)
            outcomes.append("moved")
        except (OrganisationBelowItself, psycopg.errors.DeadlockDetected) as fault:
            outcomes.append(type(fault).__name__)

    movers = [
        threading.Thread(target=move, args=("east", "west")),
        threading.Thread(target=move, args=("west", "east")),
    ]
    for mover in movers:
        mover.start()
    wait_for_waiters(database_url, 2)
    tree.rollback()
    for mover in movers:
        mover.join(timeout=30)
    assert sorted(outcomes) == ["OrganisationBelowItself", "moved"]


def wait_for_waiters(database_url: str, number: int) -> None:
    """Return once so many connections to this database wait for a lock."""
    with connect(database_url, autocommit=True) as watcher:
        for _ in range(3_000):
            waiting = watcher.execute(
                "SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchall()
            if len(waiting) == number:
                return
            watcher.execute("SELECT pg_sleep(0.01)")
    pytest.fail(f"{number} connections never waited at once")
