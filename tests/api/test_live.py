"""The live feed over real connections: what is told to whom, resuming, and every way it ends."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest
import uvicorn
from fastapi import FastAPI
from psycopg import Connection

from alerts.inbox import service as inbox
from alerts.inbox.service import apply
from alerts.model import Finding, Subject
from api import live, live_alerts
from api.app import create_app
from api.live_reader import LiveLimits
from fleet.devices.model import FleetEntry
from fleet.devices.service import add_fleet
from fleet.sessions.service import set_password
from kit import clock
from kit.settings import Settings
from schemas.access import SYSTEM
from simulators.roster import fleet_roster
from tests.api.world import LONG_AGO, PASSWORD, VINS, World, build_world

DEADLINE_S = 30.0
LIMITS = LiveLimits(poll_s=0.02, recheck_s=0.2)
DEPOT, NORTH = VINS["alpha-depot"], VINS["alpha-north"]


on_one_storage = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)


class Server(uvicorn.Server):
    """As it is to be served: readers are sent away before connections are waited for."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(uvicorn.Config(app, ws="none", log_config=None))
        self._live = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live.shut_down(self._live)
        await super().shutdown(sockets)


class Feed:
    """An open stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()
        self.last_id: str | None = None

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        event, told = "", ""
        for line in self._lines:
            name, _, text = line.partition(": ")
            if name == "event":
                event = text
            elif name == "data":
                told = text
            elif name == "id":
                self.last_id = text
            elif not line:
                yield event, json.loads(told)

    def read(self) -> tuple[str, Any]:
        """The next event that is not a beat."""
        return next(each for each in self if each[0] != "beat")

    def speeds(self) -> dict[str, float | None]:
        """The next states, which come next."""
        event, states = self.read()
        assert event == "states", (event, states)
        return {state["vin"]: state["speed_kmh"] for state in states}

    def alerts(self) -> dict[str, str]:
        """States of the next alerts, which come next."""
        event, alerts = self.read()
        assert event == "alerts", (event, alerts)
        assert all("facts" not in each for each in alerts)
        return {each["alert_no"]: each["state"] for each in alerts}

    def alerts_until_states(self) -> list[str]:
        """Numbers of the alerts that are told before the next states."""
        told: list[str] = []
        while (event := self.read())[0] != "states":
            told += [each["alert_no"] for each in event[1]]
        return told


class Site:
    """A server with the live feed, and people who log in to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url + "/api/v1", timeout=DEADLINE_S)
        self._stack = ExitStack()
        self._feeds: list[Feed] = []

    def log_in(self, login: str) -> dict[str, str]:
        body = {"login": login, "password": PASSWORD, "kind": "bearer"}
        answer = self._client.post("/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def get(self, headers: dict[str, str], path: str = "/live") -> httpx.Response:
        return self._client.get(path, headers=headers)

    def follow(self, headers: dict[str, str], query: str = "", last_id: str | None = None) -> Feed:
        """Open a stream; it is closed with the site."""
        if last_id is not None:
            headers = {**headers, "Last-Event-ID": last_id}
        opening = self._client.stream("GET", "/live" + query, headers=headers)
        response = self._stack.enter_context(opening)
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-accel-buffering"] == "no"
        self._feeds.append(Feed(response))  # or it would be closed as soon as nobody reads it
        return self._feeds[-1]

    def hang_up(self) -> None:
        self._stack.close()
        self._client.close()


Serve = Callable[..., Site]


@pytest.fixture
def world(conn: Connection[Any]) -> World:
    """As elsewhere with fewer people, and a state of each vehicle."""
    made = build_world(conn, roles=("ops", "viewer"))
    for code, vehicle_id in made.vehicle_ids.items():
        conn.execute(
            "INSERT INTO vehicle_state (vehicle_id, operator_id, lat, lon, heading_deg, speed_kmh)"
            " VALUES (%s, %s, 22.543096, 114.057865, 90, 1)",
            (vehicle_id, made.organisation_ids[code]),
        )
    conn.commit()
    return made


@contextmanager
def serving(app: FastAPI, limits: LiveLimits) -> Iterator[Site]:
    """A server of its own in a thread; it ends by itself once it is told to."""
    app.state.guanche_live = live.Hub(app.state.guanche.pool, app.state.guanche.metrics, limits)
    server = Server(app)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        # Small, so that a reader who does not read is noticed soon.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}")
        try:
            until(lambda: server.started)
            yield site
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)
            ended = not thread.is_alive()
            site.hang_up()
            live.close(app)
        assert ended, "readers kept the server from ending"


def until(met: Callable[[], bool]) -> None:
    deadline = clock.monotonic() + DEADLINE_S
    while not met():
        assert clock.monotonic() < deadline
        clock.sleep(0.01)


@pytest.fixture
def serve(settings: Settings, world: World) -> Iterator[Serve]:
    """Starts a process of the API; each has its own readers and its own look at the database."""
    with ExitStack() as stack:

        def start(limits: LiveLimits = LIMITS) -> Site:
            return stack.enter_context(serving(create_app(settings), limits))

        yield start


@pytest.fixture
def drive(conn: Connection[Any], world: World) -> Callable[[str, float], None]:
    """Changes the speed of the vehicle that an organisation operates."""

    def change(code: str, speed_kmh: float) -> None:
        conn.execute(
            "UPDATE vehicle_state SET speed_kmh = %s WHERE vehicle_id = %s",
            (speed_kmh, world.vehicle_ids[code]),
        )
        conn.commit()

    return change


def test_changes_are_told_to_who_sees_them(serve: Serve, drive: Callable[..., None]) -> None:
    site = serve()
    feeds = {login: site.follow(site.log_in(login)) for login in ("alpha.ops", "alpha-depot.ops")}
    for feed in feeds.values():
        assert feed.read() == ("hello", {"heartbeat_s": 15.0, "resumed": False})
        assert feed.last_id is not None
    drive("omega-depot", 5)
    drive("alpha-north", 10)
    assert feeds["alpha.ops"].speeds() == {NORTH: 10}
    drive("alpha-depot", 20)
    assert feeds["alpha.ops"].speeds() == {DEPOT: 20}
    assert feeds["alpha-depot.ops"].speeds() == {DEPOT: 20}
    assert feeds["alpha.ops"].last_id == feeds["alpha-depot.ops"].last_id


def test_places_are_exact_for_who_may_know(serve: Serve, conn: Connection[Any]) -> None:
    site = serve()
    places = {}
    for login in ("alpha-depot.ops", "alpha-depot.viewer"):
        feed = site.follow(site.log_in(login), "?snapshot=true")
        assert feed.read()[0] == "hello"
        assert feed.last_id is None, "the states of the snapshot are still to come"
        (state,) = feed.read()[1]
        places[login] = (state["vin"], state["lat"], state["lon"], state["heading_deg"])
        assert feed.last_id is not None
    assert places == {
        "alpha-depot.ops": (DEPOT, 22.543096, 114.057865, 90.0),
        "alpha-depot.viewer": (DEPOT, 22.54, 114.06, None),
    }
    rows = conn.execute("SELECT actor_name FROM audit_entries WHERE action = 'location.read'")
    assert rows.fetchall() == [("alpha-depot.ops",)]


@pytest.fixture
def alarm(conn: Connection[Any], world: World) -> Callable[[str, str], str]:
    """Raises an alert of a rule in an organisation; its number."""

    def make(code: str, rule: str) -> str:
        vehicle_id = world.vehicle_ids[code]
        finding = Finding(
            tenant_id=world.organisation_ids[code.partition("-")[0]],
            organisation_id=world.organisation_ids[code],
            rule_code=rule,
            kind=rule,
            rule_version=None,
            severity="warning",
            subject=Subject("vehicle", vehicle_id, VINS[code]),
            occurrence="once",
            raised_at=LONG_AGO,
            facts={"lat": 22.5},
        )
        (told,) = apply(conn, [finding], [], now=clock.now()).told
        conn.commit()
        return told.alert_no

    return make


@on_one_storage
def test_alerts_are_told_to_who_sees_them(
    serve: Serve, alarm: Callable[..., str], drive: Callable[..., None]
) -> None:
    site = serve()
    logins = ("alpha.ops", "alpha-depot.ops", "alpha.viewer", "omega.ops")
    feeds = {login: site.follow(site.log_in(login)) for login in logins}
    for feed in feeds.values():
        assert feed.read()[0] == "hello"
    omegas = alarm("omega-depot", "towed")
    assert feeds["omega.ops"].alerts() == {omegas: "open"}
    no = alarm("alpha-depot", "offline")
    rent = alarm("alpha-depot", "rent_due")
    late = alarm("alpha-depot", "work_order_late")
    drive("alpha-depot", 20)
    told = {
        login: feed.alerts_until_states() for login, feed in feeds.items() if "omega" not in login
    }
    assert told == {
        "alpha.ops": [no, late],
        "alpha-depot.ops": [no, late],
        "alpha.viewer": [no],
    }
    assert rent not in told["alpha.ops"], "ops do not read bills"
    drive("omega-depot", 5)
    assert feeds["omega.ops"].alerts_until_states() == []


@on_one_storage
def test_who_comes_back_is_told_which_alerts_changed(
    serve: Serve, alarm: Callable[..., str], conn: Connection[Any]
) -> None:
    first, second = serve(), serve()
    key = first.log_in("alpha.ops")
    before = alarm("alpha-north", "towed")
    here = first.follow(key)
    assert here.read()[0] == "hello"
    seen = alarm("alpha-depot", "offline")
    assert here.alerts() == {seen: "open"}
    first.hang_up()
    missed = alarm("alpha-depot", "towed")
    alarm("omega-depot", "towed")
    inbox.acknowledge(conn, SYSTEM, alert_no=seen, version=1, now=clock.now())
    conn.commit()
    back = second.follow(key, last_id=here.last_id)
    assert back.read() == ("hello", {"heartbeat_s": 15.0, "resumed": True})
    assert back.alerts() == {seen: "acknowledged", missed: "open"}
    assert back.last_id != here.last_id
    inbox.acknowledge(conn, SYSTEM, alert_no=before, version=1, now=clock.now())
    conn.commit()
    assert back.alerts() == {before: "acknowledged"}


@on_one_storage
def test_who_was_away_while_very_many_changed_begins_anew(
    serve: Serve,
    alarm: Callable[..., str],
    drive: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However long ago an id is, or is made up to be: no more is read than a reader can use."""
    monkeypatch.setattr(live_alerts, "MOST_MISSED", 2)
    site = serve()
    key = site.log_in("alpha.ops")
    here = site.follow(key)
    assert here.read()[0] == "hello"
    first = alarm("alpha-depot", "offline")
    assert here.alerts() == {first: "open"}
    missed = {alarm("alpha-north", "towed"), alarm("alpha-depot", "towed")}
    back = site.follow(key, last_id=here.last_id)
    assert back.read() == ("hello", {"heartbeat_s": 15.0, "resumed": True})
    assert back.alerts() == dict.fromkeys(missed, "open")
    lineage = str(here.last_id).partition(":")[0]
    far = site.follow(key, "?snapshot=true", last_id=f"{lineage}:3:3:")
    assert far.read() == ("reset", {"heartbeat_s": 15.0, "reason": "event_id_unknown"})
    assert far.speeds().keys() >= {DEPOT, NORTH}, "as whoever comes for the first time"
    last = alarm("alpha-depot", "work_order_late")
    assert far.alerts() == back.alerts() == {last: "open"}


def test_one_goes_on_at_another_process(serve: Serve, drive: Callable[..., None]) -> None:
    first, second = serve(), serve()
    key = first.log_in("alpha.ops")
    here, there = first.follow(key), second.follow(key)
    here.read(), there.read()
    drive("alpha-depot", 20)
    assert here.speeds() == there.speeds() == {DEPOT: 20}
    first.hang_up()
    drive("alpha-north", 10)
    drive("alpha-north", 11)
    assert there.speeds().keys() == {NORTH}
    back = second.follow(key, "?snapshot=true", last_id=here.last_id)
    assert back.read() == ("hello", {"heartbeat_s": 15.0, "resumed": True})
    assert back.speeds() == {NORTH: 11}
    drive("alpha-depot", 21)
    assert back.speeds() == {DEPOT: 21}


def test_an_id_of_another_database_starts_anew(serve: Serve, drive: Callable[..., None]) -> None:
    site = serve()
    key = site.log_in("alpha-depot.ops")
    feed = site.follow(key, "?snapshot=true", last_id="6b02-1:825:831:825,828")
    assert feed.read() == ("reset", {"heartbeat_s": 15.0, "reason": "event_id_unknown"})
    assert feed.speeds() == {DEPOT: 1}
    feed = site.follow(key, last_id="6b02-1:825:831:825,828")
    assert feed.read()[0] == "reset"
    drive("alpha-depot", 2)
    assert feed.speeds() == {DEPOT: 2}


def test_who_is_not_let_in(serve: Serve) -> None:
    site = serve(replace(LIMITS, readers=3, readers_per_actor=2))
    ops, viewer = site.log_in("alpha.ops"), site.log_in("alpha.viewer")

    def refusal(headers: dict[str, str]) -> tuple[int, str, str | None]:
        answer = site.get(headers)
        return answer.status_code, answer.json()["code"], answer.headers.get("retry-after")

    assert refusal({}) == (401, "not_authenticated", None)
    assert refusal({"Authorization": "Bearer nonsense"}) == (401, "credential_invalid", None)
    assert refusal({**ops, "Last-Event-ID": "17"}) == (422, "event_id_invalid", None)
    for _ in range(2):
        site.follow(ops).read()
    assert refusal(ops) == (429, "live_too_many_streams", "5")
    site.follow(viewer).read()
    assert refusal(viewer) == (503, "live_full", "5")


def test_silence_is_broken_by_beats(serve: Serve, drive: Callable[..., None]) -> None:
    site = serve(replace(LIMITS, heartbeat_s=0.1))
    key = site.log_in("alpha-depot.ops")
    feed = site.follow(key)
    feed.read()
    first_id = feed.last_id
    drive("omega-depot", 5)
    beats = []
    while feed.last_id == first_id:
        beats.append(next(iter(feed)))
    assert {event for event, _ in beats} == {"beat"}
    assert beats[-1][1]["as_of"] <= clock.now().isoformat()
    drive("alpha-depot", 20)
    assert site.follow(key, last_id=feed.last_id).read()[0] == "hello"
    assert feed.speeds() == {DEPOT: 20}


def test_a_credential_that_ends_ends_the_stream(serve: Serve, conn: Connection[Any]) -> None:
    site = serve()
    feed, other = (site.follow(site.log_in(f"alpha-depot.{who}")) for who in ("ops", "viewer"))
    feed.read(), other.read()
    set_password(conn, SYSTEM, login="alpha-depot.ops", password="Kiln-lantern-43", now=clock.now())
    conn.execute("UPDATE users SET roles = '{ops}' WHERE login = 'alpha-depot.viewer'")
    conn.commit()
    assert feed.read() == ("goodbye", {"reason": "session_ended"})
    assert list(feed) == []
    assert other.read() == ("goodbye", {"reason": "rights_changed"})


def test_the_server_says_goodbye_and_ends(settings: Settings, world: World) -> None:
    with serving(create_app(settings), LIMITS) as site:
        feeds = [site.follow(site.log_in("alpha.ops")) for _ in range(3)]
        for feed in feeds:
            feed.read()
        looking = [each for each in threading.enumerate() if each.name == "live poller"]
        assert len(looking) == 1
        reading = threading.Thread(target=lambda: ends.extend(list(feed)[-1] for feed in feeds))
        ends: list[tuple[str, Any]] = []
        reading.start()
    reading.join(DEADLINE_S)
    assert ends == [("goodbye", {"reason": "shutting_down"})] * 3
    assert not looking[0].is_alive()


def test_nobody_looks_when_nobody_reads(serve: Serve) -> None:
    site = serve()
    site.follow(site.log_in("alpha.ops")).read()
    looking = [each for each in threading.enumerate() if each.name == "live poller"]
    site.hang_up()
    until(lambda: not any(each.is_alive() for each in looking))


def test_an_outage_of_the_database_loses_nothing(
    serve: Serve, conn: Connection[Any], drive: Callable[..., None]
) -> None:
    site = serve()
    feed = site.follow(site.log_in("alpha.ops"))
    feed.read()
    for speed_kmh in (10, 11):
        conn.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'guanche api' AND datname = current_database()"
        )
        drive("alpha-depot", speed_kmh)
        assert feed.speeds() == {DEPOT: speed_kmh}


def test_a_reader_that_does_not_read_is_dropped(
    serve: Serve, conn: Connection[Any], drive: Callable[..., None]
) -> None:
    entries = [
        FleetEntry(each.vin, each.plate, each.device_id, "alpha", "alpha-north")
        for each in fleet_roster(300, seed=1)
    ]
    add_fleet(conn, SYSTEM, entries, at=LONG_AGO)
    conn.execute(
        "INSERT INTO vehicle_state (vehicle_id, operator_id)"
        " SELECT vehicle_id, organisation_id FROM vehicle_operators ON CONFLICT DO NOTHING"
    )
    conn.commit()
    site = serve(replace(LIMITS, waiting_batches=3))
    key = site.log_in("alpha.ops")
    slow, quick = site.follow(key), site.follow(site.log_in("alpha-depot.ops"))
    slow.read(), quick.read()
    metric = "guanche_api_live_dropped_total 1.0"
    changes = 0
    while metric not in httpx.get(site.url + "/metrics").text:
        changes += 1
        conn.execute("UPDATE vehicle_state SET speed_kmh = %s", (changes,))
        conn.commit()
        assert quick.speeds() == {DEPOT: changes}
    rest = list(slow)
    assert rest[-1] == ("dropped", {"reason": "too_slow"})
    assert {event for event, _ in rest[:-1]} == {"states"}
    back = site.follow(key, last_id=slow.last_id)
    assert back.read() == ("hello", {"heartbeat_s": 15.0, "resumed": True})
    assert set(back.speeds().values()) == {changes}
    drive("alpha-depot", 300)
    assert quick.speeds() == {DEPOT: 300}
