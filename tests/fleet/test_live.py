"""What is new of the vehicles' states: the arithmetic, and real transactions in every order."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection, IsolationLevel

from fleet.devices.service import bind_device
from fleet.live import service as live
from fleet.live import shares, store
from fleet.live.errors import EventIdInvalid
from fleet.live.model import Arrival, Change, Look, Sight
from fleet.live.snapshots import (
    EVERYTHING,
    MAX_TEXT,
    XIDS,
    Position,
    can_resume,
    earliest,
    full_xid,
    parse_position,
    window,
)
from fleet.orgs.service import get_organisation
from fleet.registry.service import assign_operator, get_vehicle
from fleet.usage.locations import MASK_DECIMALS
from ingest.delivery import Publish
from kit import clock, db
from schemas.access import SYSTEM, Actor, PermissionMissing, permissions_of
from tests.fleet.conftest import VIN_A, VIN_B
from tests.ingest.builders import sample_at, status, telemetry
from tests.ingest.conftest import running_writers


def at_moment(xmin: int, xmax: int, *running: int, lineage: str = "6b02-1") -> Position:
    return Position(lineage, xmin, xmax, running)


# The arithmetic


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("6b024c34e555eab1-1:825:825:", id="nothing was running"),
        pytest.param("6b024c34e555eab1-a:825:831:825,828", id="two were running"),
        pytest.param("1-1:4294967295:4294967297:4294967295", id="around the wrap"),
    ],
)
def test_a_position_is_its_text(text: str) -> None:
    assert str(parse_position(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("17", id="a number"),
        pytest.param("825:825:", id="no lineage"),
        pytest.param("6b02-1:825:825", id="a part is missing"),
        pytest.param("6b02-1:825:825:\n", id="a line break"),
        pytest.param("6b02-1:831:825:", id="ends before it begins"),
        pytest.param("6b02-1:0:825:", id="from zero"),
        pytest.param("6b02-1:825:831:824", id="one ran before the first"),
        pytest.param("6b02-1:825:831:831", id="one runs that had not begun"),
        pytest.param("6b02-1:825:831:,", id="a comma alone"),
        pytest.param("6b02-1:\u0668\u0662\u0665:831:", id="digits of another script"),
        pytest.param("6b02-1:1:1234567890123456789:", id="beyond 64 bits, almost"),
        pytest.param("6b02-1:1:9:" + "1," * MAX_TEXT + "1", id="too long"),
    ],
)
def test_what_is_no_event_id_is_told(text: str) -> None:
    with pytest.raises(EventIdInvalid) as raised:
        parse_position(text)
    assert raised.value.code == "event_id_invalid"
    assert raised.value.field == "header.Last-Event-ID"


@pytest.mark.parametrize(
    ("changed_in", "next_xid", "xid"),
    [
        pytest.param(5, 6, 5, id="the youngest"),
        pytest.param(3, 1_000, 3, id="long ago"),
        pytest.param(XIDS - 1, XIDS, XIDS - 1, id="the last before the wrap"),
        pytest.param(XIDS - 1, XIDS + 3, XIDS - 1, id="before the wrap, seen after it"),
        pytest.param(2, XIDS + 3, XIDS + 2, id="after the wrap"),
        pytest.param(3, XIDS + 3, 3, id="just below the next: a turn ago"),
        pytest.param(10, 7 * XIDS + 9, 6 * XIDS + 10, id="in a later turn"),
    ],
)
def test_a_row_tells_its_transaction(changed_in: int, next_xid: int, xid: int) -> None:
    assert full_xid(changed_in, at_moment(next_xid, next_xid)) == xid


def test_what_had_ended_was_seen() -> None:
    moment = at_moment(100, 106, 100, 103)
    assert [xid for xid in range(98, 109) if not moment.has_seen(xid)] == [100, 103, 106, 107, 108]


@pytest.mark.parametrize(
    ("since", "resumable"),
    [
        pytest.param(at_moment(900, 950, 900), True, id="earlier"),
        pytest.param(at_moment(1_000, 1_000), True, id="the same moment"),
        pytest.param(at_moment(990, 1_001), False, id="still to come"),
        pytest.param(at_moment(900, 950, lineage="7c11-1"), False, id="another cluster"),
        pytest.param(at_moment(900, 950, lineage="6b02-2"), False, id="another time line"),
    ],
)
def test_who_can_resume(since: Position, resumable: bool) -> None:
    assert can_resume(since, at_moment(1_000, 1_000)) is resumable


def test_nobody_resumes_after_a_whole_turn() -> None:
    now = at_moment(XIDS + 500, XIDS + 500)
    assert [can_resume(at_moment(xid, xid), now) for xid in (500, 501)] == [False, True]


@st.composite
def positions(draw: st.DrawFn) -> Position:
    """Moments around the wrap of the 32 bits."""
    xmin = draw(st.integers(XIDS - 40, XIDS + 40))
    running = draw(st.sets(st.integers(xmin, xmin + 30), max_size=6))
    xmax = max([xmin, *(each + 1 for each in running)]) + draw(st.integers(0, 10))
    return at_moment(xmin, xmax, *sorted(running))


@given(st.lists(positions(), min_size=1, max_size=4))
def test_the_earliest_misses_what_any_misses(several: list[Position]) -> None:
    first = earliest(several)
    for xid in range(XIDS - 50, XIDS + 100):
        assert first.has_seen(xid) == all(each.has_seen(xid) for each in several)


@pytest.mark.parametrize(
    "since",
    [
        at_moment(XIDS - 6, XIDS - 6),
        at_moment(XIDS - 6, XIDS + 2, XIDS - 6, XIDS - 2, XIDS + 1),
        at_moment(XIDS - 1, XIDS),
        at_moment(XIDS + 1, XIDS + 4, XIDS + 2),
        at_moment(XIDS + 8, XIDS + 8),
    ],
    ids=str,
)
def test_the_database_finds_the_same_around_the_wrap(fleet: "Live", since: Position) -> None:
    """The view is put aside for a table of rows as the wrap would leave them."""
    now = at_moment(XIDS + 8, XIDS + 8)
    xids = range(XIDS - 20, now.xmax)
    conn = fleet.owner
    conn.execute(
        "CREATE TEMP TABLE visible_vehicle_state AS SELECT * FROM public.visible_vehicle_state"
        " WITH NO DATA"
    )
    conn.cursor().executemany(
        "INSERT INTO pg_temp.visible_vehicle_state (vehicle_id, operator_id, changed_in)"
        " VALUES (%s, %s, %s)",
        [(fleet.a, fleet.east, xid % XIDS) for xid in xids],
    )
    found = store.list_changed(conn, window(since, now), [fleet.east])
    expected = [xid for xid in xids if not since.has_seen(xid)]
    assert sorted(full_xid(change.changed_in, now) for change in found) == expected


# Real transactions


@dataclass
class Live:
    """A and B, operated by east and west, below head; and whoever looks and writes."""

    owner: Connection[Any]
    app: Connection[Any]
    url: str
    head: int
    east: int
    west: int
    a: int
    b: int
    _since: Position | None = field(default=None)

    def sights(self) -> dict[str, Sight]:
        return {name: Sight(getattr(self, name), exact=True) for name in ("head", "east", "west")}

    @contextmanager
    def looking(self, *organisations: int) -> Iterator[None]:
        """A transaction as the poller opens it."""
        self.app.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with self.app.transaction():
                db.act_for(self.app, organisations or (self.head,))
                yield
        finally:
            self.app.isolation_level = None

    def look(self, *, arrivals: Collection[Arrival] = ()) -> Look:
        """All three follow; each look goes on where the one before ended."""
        with self.looking(self.head, self.east, self.west):
            found = live.look(
                self.app, since=self._since, sights=self.sights().values(), arrivals=arrivals
            )
        self._since = found.position
        return found

    def told(self) -> dict[str, list[float | None]]:
        """The speeds that each organisation is told of at the next look."""
        of = shares.by_organisation(self.look().changes)
        return {
            name: sorted(change.state.speed_kmh or 0 for change in of[sight.organisation_id])
            for name, sight in self.sights().items()
            if sight.organisation_id in of
        }

    def arrive(self, arrival: Arrival) -> list[Change]:
        found = self.look(arrivals=[arrival])
        seen = shares.by_organisation(found.of_arrivals).get(arrival.sight.organisation_id, [])
        return shares.first_share(arrival, seen, found.position)

    @contextmanager
    def writer(self) -> Iterator[Connection[Any]]:
        with db.connect(self.url) as conn:
            yield conn

    def drive(self, vehicle_id: int, speed_kmh: float) -> None:
        with self.writer() as conn:
            drive(conn, vehicle_id, speed_kmh)


def drive(conn: Connection[Any], vehicle_id: int, speed_kmh: float) -> None:
    conn.execute(
        "UPDATE vehicle_state SET speed_kmh = %s WHERE vehicle_id = %s", (speed_kmh, vehicle_id)
    )


@pytest.fixture
def fleet(fleet: Connection[Any], app_conn: Connection[Any], database_url: str) -> Live:
    now = clock.now()
    since = now - timedelta(days=1)
    bind_device(fleet, SYSTEM, serial="T1", vin=VIN_A, at=since, now=now)
    for vin, operator in ((VIN_A, "east"), (VIN_B, "west")):
        assign_operator(fleet, SYSTEM, vin=vin, organisation_code=operator, at=since, now=now)
        fleet.execute(
            "INSERT INTO vehicle_state (vehicle_id, operator_id, speed_kmh, online)"
            " VALUES (%s, %s, 1, true)",
            (
                get_vehicle(fleet, SYSTEM, vin=vin).id,
                get_organisation(fleet, SYSTEM, code=operator).id,
            ),
        )
    fleet.commit()
    ids = {code: get_organisation(fleet, SYSTEM, code=code).id for code in ("head", "east", "west")}
    a, b = (get_vehicle(fleet, SYSTEM, vin=vin).id for vin in (VIN_A, VIN_B))
    fleet.commit()
    made = Live(fleet, app_conn, database_url, ids["head"], ids["east"], ids["west"], a, b)
    assert made.told() == {}
    return made


def test_a_change_is_told_once_and_to_who_sees_it(fleet: Live) -> None:
    fleet.drive(fleet.a, 10)
    assert fleet.told() == {"head": [10], "east": [10]}
    assert fleet.told() == {}
    fleet.drive(fleet.b, 20)
    fleet.drive(fleet.a, 11)
    assert fleet.told() == {"head": [11, 20], "east": [11], "west": [20]}
    assert fleet.told() == {}


def test_several_changes_become_the_latest(fleet: Live) -> None:
    for speed_kmh in (10, 11, 12):
        fleet.drive(fleet.a, speed_kmh)
    assert fleet.told() == {"head": [12], "east": [12]}


def test_a_change_is_told_once_it_is_committed(fleet: Live) -> None:
    with fleet.writer() as first, fleet.writer() as second:
        drive(first, fleet.a, 10)
        drive(second, fleet.b, 20)
        assert fleet.told() == {}
        second.commit()
        assert fleet.told() == {"head": [20], "west": [20]}
        assert fleet.told() == {}
        fleet.drive(fleet.b, 21)
        assert fleet.told() == {"head": [21], "west": [21]}
        first.commit()
        assert fleet.told() == {"head": [10], "east": [10]}
        assert fleet.told() == {}


def test_what_was_rolled_back_is_not_told(fleet: Live) -> None:
    with fleet.writer() as conn:
        drive(conn, fleet.a, 10)
        conn.rollback()
    assert fleet.told() == {}


def test_a_long_transaction_of_somebody_else_repeats_nothing(fleet: Live) -> None:
    with fleet.writer() as long:
        long.execute("SELECT pg_current_xact_id()")
        for speed_kmh in (10, 11):
            fleet.drive(fleet.a, speed_kmh)
            assert fleet.told() == {"head": [speed_kmh], "east": [speed_kmh]}
            assert fleet.told() == {}


def test_an_organisation_that_is_not_acted_for_is_told_nothing(fleet: Live) -> None:
    with fleet.looking(fleet.west):
        since = live.look(fleet.app, since=None, sights=(), arrivals=()).position
    fleet.drive(fleet.a, 10)
    with fleet.looking(fleet.west):
        found = live.look(fleet.app, since=since, sights=fleet.sights().values(), arrivals=())
    assert found.changes == []


def test_who_comes_back_is_told_what_was_missed(fleet: Live) -> None:
    sight = Sight(fleet.head, exact=True)
    with fleet.writer() as late:
        drive(late, fleet.b, 20)
        event_id = str(fleet.look().position)
        for speed_kmh in (10, 11):
            fleet.drive(fleet.a, speed_kmh)
            fleet.told()
        late.commit()
    back = Arrival(sight, parse_position(event_id), everything=False)
    assert sorted(change.state.speed_kmh or 0 for change in fleet.arrive(back)) == [11, 20]
    after = Arrival(sight, fleet._since, everything=True)
    assert fleet.arrive(after) == []


@pytest.mark.parametrize(
    ("everything", "since", "vins"),
    [
        pytest.param(False, None, set(), id="from now on"),
        pytest.param(True, None, {VIN_A}, id="all first"),
        pytest.param(False, at_moment(3, 9), set(), id="an id of elsewhere"),
        pytest.param(True, at_moment(3, 9), {VIN_A}, id="an id of elsewhere, all first"),
    ],
)
def test_how_a_stranger_starts(
    fleet: Live, everything: bool, since: Position | None, vins: set[str]
) -> None:
    arrival = Arrival(Sight(fleet.east, exact=True), since, everything)
    assert {change.state.vin for change in fleet.arrive(arrival)} == vins
    assert not shares.resumes(arrival, fleet.look().position)


def test_many_who_come_at_once_are_each_told_their_own(fleet: Live) -> None:
    head, east, west = (Sight(each, exact=True) for each in (fleet.head, fleet.east, fleet.west))
    first = fleet.look().position
    fleet.drive(fleet.a, 10)
    second = fleet.look().position
    fleet.drive(fleet.b, 20)
    third = fleet.look().position
    expected = {
        Arrival(head, first, False): [10, 20],
        Arrival(head, second, False): [20],
        Arrival(head, third, True): [],
        Arrival(head, None, True): [10, 20],
        Arrival(east, first, False): [10],
        Arrival(east, second, True): [],
        Arrival(west, first, False): [20],
        Arrival(west, None, False): [],
    }
    found = fleet.look(arrivals=list(expected))
    seen = shares.by_organisation(found.of_arrivals)
    told = {
        arrival: sorted(
            change.state.speed_kmh or 0
            for change in shares.first_share(
                arrival, seen.get(arrival.sight.organisation_id, []), found.position
            )
        )
        for arrival in expected
    }
    assert told == expected


def test_a_position_left_behind_is_noticed(fleet: Live) -> None:
    fleet._since = at_moment(3, 9)
    fleet.drive(fleet.a, 10)
    found = fleet.look()
    assert (found.lost, found.changes) == (True, [])


def test_everything_is_every_state(fleet: Live) -> None:
    with fleet.looking():
        found = store.list_changed(fleet.app, EVERYTHING, [fleet.head, fleet.west])
    assert {change.state.vin: sorted(change.seen_by) for change in found} == {
        VIN_A: [fleet.head],
        VIN_B: sorted([fleet.head, fleet.west]),
    }


def note_transactions(fleet: Live) -> None:
    """From here on, whoever changes a state leaves the number of its outermost transaction."""
    fleet.owner.execute("CREATE TABLE outermost (vehicle_id bigint, xid xid8)")
    fleet.owner.execute(
        "CREATE FUNCTION note_outermost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO outermost VALUES (NEW.vehicle_id, pg_current_xact_id()); RETURN NULL; END $$"
    )
    fleet.owner.execute(
        "CREATE TRIGGER note_outermost AFTER INSERT OR UPDATE ON vehicle_state"
        " FOR EACH ROW EXECUTE FUNCTION note_outermost()"
    )
    fleet.owner.commit()


def written_by_outermost(fleet: Live, vehicle_id: int) -> bool:
    row = fleet.owner.execute(
        "SELECT bool_and(s.changed_in = o.xid::text::bigint) FROM visible_vehicle_state s"
        " JOIN outermost o USING (vehicle_id) WHERE vehicle_id = %s",
        (vehicle_id,),
    ).fetchone()
    fleet.owner.commit()
    assert row is not None
    assert row[0] is not None, "nobody has changed it"
    return bool(row[0])


@pytest.mark.parametrize("message", ["telemetry", "status"])
def test_ingest_writes_outside_of_savepoints(fleet: Live, message: str) -> None:
    """A subtransaction has a number of its own, which stands in no snapshot."""
    publish: Publish = status(False)
    if message == "telemetry":
        publish = telemetry(sample_at(clock.now_us(), speed_kmh=61.5))
    note_transactions(fleet)
    with running_writers(fleet.url) as writing:
        writing.write(publish)
    assert written_by_outermost(fleet, fleet.a)
    assert fleet.told() == {
        name: [61.5 if message == "telemetry" else 1] for name in ("head", "east")
    }


def test_the_number_of_a_savepoint_is_another(fleet: Live) -> None:
    """Or the test above would hold nothing."""
    note_transactions(fleet)
    with fleet.writer() as conn:
        conn.execute("SELECT pg_current_xact_id()")
        with conn.transaction():
            drive(conn, fleet.a, 10)
    assert not written_by_outermost(fleet, fleet.a)


# Who may see what


def somebody(fleet: Live, role: str) -> Actor:
    return Actor("person", f"east.{role}", fleet.east, "east", permissions_of({role}))


def test_exact_places_are_written_down_once_an_hour(fleet: Live) -> None:
    now = clock.now()
    instants = [now, now + timedelta(minutes=59), now + timedelta(minutes=61)]
    for instant in instants:
        with fleet.app.transaction():
            db.act_for(fleet.app, [fleet.east])
            sight = live.open_feed(fleet.app, somebody(fleet, "ops"), now=instant)
            live.open_feed(fleet.app, somebody(fleet, "viewer"), now=instant)
        assert sight == Sight(fleet.east, exact=True)
    rows = fleet.owner.execute(
        "SELECT at, actor_name, object_kind, object_key FROM audit_entries"
        " WHERE action = 'location.read' ORDER BY at"
    ).fetchall()
    assert rows == [(at, "east.ops", "fleet", "east") for at in (instants[0], instants[2])]


def test_who_may_not_see_vehicles_follows_none(fleet: Live) -> None:
    nobody = Actor("machine", "key:abc", fleet.east, "east", frozenset({"organisation.read"}))
    with pytest.raises(PermissionMissing):
        live.sight_of(nobody)
    assert live.sight_of(somebody(fleet, "viewer")) == Sight(fleet.east, exact=False)


def test_a_rough_place_is_a_district(fleet: Live) -> None:
    fleet.owner.execute(
        "UPDATE vehicle_state SET lat = 22.543096, lon = -114.057865, heading_deg = 90, fix = true"
    )
    with fleet.owner.transaction():
        state = store.list_changed(fleet.owner, EVERYTHING, [fleet.east])[0].state
    rough = shares.rough(state)
    assert (rough.lat, rough.lon, rough.heading_deg) == (22.54, -114.06, None)
    assert (rough.vin, rough.speed_kmh, rough.fix) == (VIN_A, 1, True)
    assert shares.rough(shares.rough(state)) == rough
    assert shares.ROUGH_PLACES == MASK_DECIMALS, "as rough as everywhere else"
