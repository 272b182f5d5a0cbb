"""Who stands below whom is the same as what the parents say, whatever is created, moved, when."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from fleet.orgs.errors import OrganisationBelowItself, OrganisationKeepsTenant
from fleet.orgs.service import create_organisation, move_organisation
from kit.db import connect
from schemas.access import SYSTEM

from .conftest import NOW

Tree = dict[str, str | None]
"""Each organisation and its parent."""
Closure = set[tuple[str, str, str, int]]
"""Root, ancestor, descendant and the levels between."""


def closure(conn: Connection[Any]) -> Closure:
    return set(
        conn.execute(
            "SELECT t.code, a.code, d.code, c.depth FROM organisation_closure c"
            " JOIN organisations t ON t.id = c.tenant_id"
            " JOIN organisations a ON a.id = c.ancestor_id"
            " JOIN organisations d ON d.id = c.descendant_id"
        ).fetchall()
    )


def line_of(tree: Tree, code: str) -> list[str]:
    """The organisation and all above it, nearest first."""
    parent = tree[code]
    return [code] if parent is None else [code, *line_of(tree, parent)]


def closure_of(tree: Tree) -> Closure:
    return {
        (line[-1], above, line[0], depth)
        for line in (line_of(tree, code) for code in tree)
        for depth, above in enumerate(line)
    }


def create(conn: Connection[Any], tree: Tree) -> None:
    for code, parent in tree.items():
        create_organisation(conn, SYSTEM, code=code, name=code, parent_code=parent, now=NOW)


def move(conn: Connection[Any], code: str, parent_code: str) -> type[Exception] | None:
    """Why it was refused, if it was."""
    try:
        with conn.transaction():
            move_organisation(conn, SYSTEM, code=code, parent_code=parent_code, now=NOW)
    except (OrganisationBelowItself, OrganisationKeepsTenant) as fact:
        return type(fact)
    return None


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Up to nine organisations in one tree or several; each stands below one before it."""
    tree: Tree = {}
    for number in range(draw(st.integers(1, 9))):
        tree[f"o{number}"] = draw(st.sampled_from([None, *tree, *tree, *tree]))
    return tree


CODES = st.integers(0, 8).map(lambda number: f"o{number}")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(trees(), st.lists(st.tuples(CODES, CODES), max_size=8))
def test_the_closure_follows_every_creation_and_move(
    conn: Connection[Any], tree: Tree, moves: list[tuple[str, str]]
) -> None:
    with conn.transaction(force_rollback=True):
        create(conn, tree)
        assert closure(conn) == closure_of(tree)
        for code, parent_code in moves:
            if code not in tree or parent_code not in tree:
                continue
            above = line_of(tree, parent_code)
            refused: type[Exception] | None = None
            if code in above:
                refused = OrganisationBelowItself
            elif line_of(tree, code)[-1] != above[-1]:
                refused = OrganisationKeepsTenant
            else:
                tree = {**tree, code: parent_code}
            assert move(conn, code, parent_code) is refused
            assert closure(conn) == closure_of(tree)


TREE: Tree = {
    "head": None,
    "east": "head",
    "west": "head",
    "shanghai": "east",
    "depot": "shanghai",
}


def test_two_moves_at_once_make_no_circle(conn: Connection[Any], database_url: str) -> None:
    """East goes below west while west goes below east: one is done, one refused, none deadlocked.

    Both rows are held until both moves have begun, so that they meet in the middle.
    """
    create(conn, TREE)
    conn.commit()
    conn.execute("SELECT FROM organisations WHERE code IN ('east', 'west') FOR UPDATE")
    outcomes: list[str] = []

    def move(code: str, parent_code: str) -> None:
        try:
            with connect(database_url) as other:
                move_organisation(other, SYSTEM, code=code, parent_code=parent_code, now=NOW)
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
    conn.rollback()
    for mover in movers:
        mover.join(timeout=30)
    assert sorted(outcomes) == ["OrganisationBelowItself", "moved"]


def move_shanghai(conn: Connection[Any]) -> None:
    move_organisation(conn, SYSTEM, code="shanghai", parent_code="west", now=NOW)


def create_yard(conn: Connection[Any]) -> None:
    create_organisation(conn, SYSTEM, code="yard", name="车场", parent_code="depot", now=NOW)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(move_shanghai, create_yard, id="created while the branch moves"),
        pytest.param(create_yard, move_shanghai, id="moved while one is created below"),
    ],
)
def test_what_is_created_moves_with_its_branch(
    conn: Connection[Any],
    database_url: str,
    first: Callable[[Connection[Any]], None],
    second: Callable[[Connection[Any]], None],
) -> None:
    """The second waits for the first, and then sees what it did."""
    create(conn, TREE)
    conn.commit()
    first(conn)

    def do_second() -> None:
        with connect(database_url) as other:
            second(other)

    doing = threading.Thread(target=do_second)
    doing.start()
    wait_for_waiters(database_url, 1)
    conn.commit()
    doing.join(timeout=30)
    assert closure(conn) == closure_of({**TREE, "shanghai": "west", "yard": "depot"})


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
