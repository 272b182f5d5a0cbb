"""Leases of broker sessions: who takes which slot, and that one wins.

Leases do not depend on where telemetry rests, so one kind of storage is enough.
"""

from threading import Barrier, Thread
from typing import Any

import pytest
from psycopg import Connection

from ingest import slots
from ingest.slots import Claim, Lease, Leases
from kit import db

from .conftest import PLAIN_ONLY


def lease(slot: int, holder: str, *, lapsed: bool = False) -> Lease:
    return Lease(slot, holder, 1, None, lapsed)


@pytest.mark.parametrize(
    ("leases", "count", "expected"),
    [
        pytest.param([], 1, Claim(0, None), id="the first process"),
        pytest.param([lease(0, "me")], 1, None, id="I hold it"),
        pytest.param([lease(0, "a")], 1, None, id="another holds it: stand by"),
        pytest.param([lease(0, "a", lapsed=True)], 1, Claim(0, None), id="an orphan"),
        pytest.param([lease(0, "me", lapsed=True)], 1, Claim(0, None), id="my own, lapsed"),
        pytest.param([lease(0, "a")], 3, Claim(1, None), id="one never used"),
        pytest.param([lease(1, "a")], 3, Claim(0, None), id="the lowest never used"),
        pytest.param([lease(0, "me")], 3, None, id="one is enough while others are unused"),
        pytest.param(
            [lease(0, "me"), lease(1, "a", lapsed=True)], 2, Claim(1, None), id="beside mine"
        ),
        pytest.param(
            [lease(0, "a", lapsed=True), lease(1, "a", lapsed=True)],
            2,
            Claim(0, None),
            id="two orphans, the lower first",
        ),
        pytest.param(
            [lease(0, "a"), lease(1, "b", lapsed=True)], 3, Claim(1, None), id="orphan first"
        ),
        pytest.param(
            [lease(0, "a"), lease(1, "a")], 2, Claim(1, "a"), id="one of two from another"
        ),
        pytest.param([lease(0, "a"), lease(1, "b")], 2, None, id="one each: stand by"),
        pytest.param(
            [lease(0, "a"), lease(1, "b"), lease(2, "a")], 3, Claim(2, "a"), id="who has two"
        ),
        pytest.param(
            [lease(0, "me"), lease(1, "a"), lease(2, "a")], 3, None, id="mine is enough"
        ),
        pytest.param(
            [lease(0, "a"), lease(5, "b", lapsed=True)], 1, Claim(5, None),
            id="an orphan of former times has a queue, too",
        ),
        pytest.param([lease(0, "a"), lease(5, "a")], 1, None, id="none is shared beyond the count"),
    ],
)  # fmt: skip
def test_choose(leases: list[Lease], count: int, expected: Claim | None) -> None:
    assert slots.choose(leases, holder="me", slots=count) == expected


def leases_of(holder: str, *, s: float = 60, client_id: str = "ingest") -> Leases:
    return Leases(client_id=client_id, holder=holder, lease_s=s)


def claim(
    conn: Connection[Any], slot: int, holder: str, *, from_holder: str | None = None, s: float = 60
) -> int | None:
    """The fencing number, or None if it was not to be had."""
    return leases_of(holder, s=s).claim(conn, Claim(slot, from_holder))


def held(conn: Connection[Any]) -> list[tuple[int, str, int, bool]]:
    return [(le.slot, le.holder, le.fencing, le.lapsed) for le in leases_of("any").list(conn)]


@PLAIN_ONLY
def test_groups_of_processes_have_slots_of_their_own(conn: Connection[Any]) -> None:
    demo = leases_of("a", client_id="demo")
    assert claim(conn, 0, "a") == 1
    assert demo.renew(conn) == set()
    assert demo.claim(conn, Claim(0, None)) == 1
    demo.delete(conn, 0)
    assert (demo.list(conn), held(conn)) == ([], [(0, "a", 1, False)])


@PLAIN_ONLY
def test_a_free_slot_is_taken_once(conn: Connection[Any]) -> None:
    assert claim(conn, 0, "a") == 1
    assert claim(conn, 0, "b") is None
    assert claim(conn, 0, "a") is None
    assert held(conn) == [(0, "a", 1, False)]


@PLAIN_ONLY
def test_a_lapsed_lease_is_taken_and_the_former_holder_told(conn: Connection[Any]) -> None:
    assert claim(conn, 0, "a", s=-1) == 1
    assert held(conn) == [(0, "a", 1, True)]
    assert claim(conn, 0, "b") == 2
    assert held(conn) == [(0, "b", 2, False)]
    assert leases_of("a").renew(conn) == set()
    assert leases_of("b").renew(conn) == {0}


@PLAIN_ONLY
def test_renewing_keeps_a_lease_that_nobody_took(conn: Connection[Any]) -> None:
    claim(conn, 0, "a", s=-1)
    claim(conn, 2, "a")
    claim(conn, 1, "b")
    assert leases_of("a").renew(conn) == {0, 2}
    assert held(conn) == [(0, "a", 1, False), (1, "b", 1, False), (2, "a", 1, False)]
    assert leases_of("c").renew(conn) == set()


@PLAIN_ONLY
def test_a_slot_is_shared_only_by_the_one_named(conn: Connection[Any]) -> None:
    claim(conn, 0, "a")
    claim(conn, 1, "a")
    assert claim(conn, 1, "c", from_holder="b") is None
    assert claim(conn, 1, "c", from_holder="a") == 2
    assert claim(conn, 1, "d", from_holder="a") is None
    assert held(conn) == [(0, "a", 1, False), (1, "c", 2, False)]
    assert leases_of("a").renew(conn) == {0}


@PLAIN_ONLY
def test_released_leases_are_orphans_at_once(conn: Connection[Any]) -> None:
    claim(conn, 0, "a")
    claim(conn, 1, "a")
    claim(conn, 2, "b")
    leases_of("a").release(conn)
    assert held(conn) == [(0, "a", 1, True), (1, "a", 1, True), (2, "b", 1, False)]
    assert slots.choose(leases_of("any").list(conn), holder="b", slots=3) == Claim(0, None)
    assert claim(conn, 0, "b") == 2
    assert held(conn)[0] == (0, "b", 2, False)


@PLAIN_ONLY
@pytest.mark.parametrize("start", ["never used", "lapsed", "shared"])
def test_of_two_at_once_one_wins(conn: Connection[Any], database_url: str, start: str) -> None:
    if start != "never used":
        claim(conn, 0, "a", s=-1 if start == "lapsed" else 60)
    conn.commit()
    from_holder = "a" if start == "shared" else None
    barrier, won = Barrier(2), dict[str, bool]()

    def compete(holder: str) -> None:
        with db.connect(database_url) as own:
            barrier.wait(20)
            won[holder] = claim(own, 0, holder, from_holder=from_holder) is not None

    threads = [Thread(target=compete, args=(holder,)) for holder in ("b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(won.values()) == [False, True]
    winner = next(holder for holder, first in won.items() if first)
    assert held(conn) == [(0, winner, 1 if start == "never used" else 2, False)]


@PLAIN_ONLY
def test_every_process_finds_a_slot_and_one_stands_by(conn: Connection[Any]) -> None:
    """Three processes come one after the other to two slots, the first having taken both."""
    claim(conn, 0, "a")
    claim(conn, 1, "a")
    taken = {}
    for holder in ("b", "c"):
        wanted = slots.choose(leases_of("any").list(conn), holder=holder, slots=2)
        if wanted is not None:
            assert claim(conn, wanted.slot, holder, from_holder=wanted.from_holder)
        taken[holder] = wanted
    assert taken == {"b": Claim(1, "a"), "c": None}
