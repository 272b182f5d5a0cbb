"""Questions to the API, one after the other: how long each takes, and whether answers are true.

Decides what is asked and by whom. Every kind of question is judged once before it is timed
(`api_oracle.py`); lists are read to their end for that, and the places found are where a deep page
begins. Leaves out many requests at once (`api_mixed.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from bench import api_oracle
from bench.api_client import Client
from bench.api_fleet import ROOT, operator_of
from bench.api_oracle import Sample, State
from bench.api_scene import Asker, Scene, Vehicle
from bench.latency import quantile
from bench.rig import SQL
from kit import clock

LIST_REQUESTS: Final = 200
MAP_REQUESTS: Final = 20
TRACKED: Final = 20
"""Vehicles whose day is asked for, each kind."""
TRACK_ROUNDS: Final = 4
WARM_UP: Final = 5
PAGE: Final = 200
SIGNALS: Final = ("soc_pct", "speed_kmh")

Asked = tuple[str, str]
"""A target and the token it is asked with."""


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Many requests of a kind, one at a time: sent to last byte read."""

    times: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    bytes: int
    """Of the largest answer, as it came over the wire."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """All kinds of questions."""

    timings: dict[str, Timing]
    judged: int
    wrong: list[str]


class Questions:
    """Asks through one connection; collects times and wrong answers."""

    def __init__(self, scene: Scene, client: Client, rng: Random) -> None:
        self._scene = scene
        self._client = client
        self._rng = rng
        self._timings: dict[str, Timing] = {}
        self._wrong: list[str] = []
        self._judged = 0
        self.root = scene.askers[ROOT]

    @property
    def answered(self) -> Answered:
        """What was found so far."""
        return Answered(timings=self._timings, judged=self._judged, wrong=self._wrong)

    def judge(self, what: str, sentences: Iterator[str]) -> None:
        """Note what is wrong with an answer."""
        self._judged += 1
        self._wrong += [f"{what}: {sentence}" for sentence in sentences]

    def time(
        self, name: str, asked: Sequence[Asked], requests: int, warm_up: int = WARM_UP
    ) -> None:
        """Ask in turn, so many times after a warm-up."""
        self._timings[name] = time_requests(self._client, asked, requests, warm_up)

    def wake(self) -> None:
        """Let the API open its connections and have everything once, but for what is timed."""
        for vehicle in self._scene.fleet[-WARM_UP:]:
            asker = self._scene.askers[vehicle.operator_code]
            for target, token in (
                (f"/api/v1/vehicles/{vehicle.vin}", asker.tokens[0]),
                self._day(vehicle, "track", {}),
                self._day(vehicle, "signals", {"signals": SIGNALS}),
            ):
                self._client.get(target, token).check()

    def lists(self, requests: int = LIST_REQUESTS) -> None:
        """Pages of vehicles, counts, and one vehicle."""
        self._scene.refresh_states()
        askers, root, paths = self._scene.askers, self.root.tokens[0], "/api/v1/vehicles"
        operators = [askers[operator_of(number)] for number in range(8)]
        some = self._rng.sample(self._scene.fleet, 20)
        places = self._judge_lists(operators, some[0])
        deep = places[len(places) // 2 :]
        kinds: dict[str, list[Asked]] = {
            "list.first": [(paths, root)],
            "list.deep": [(page_of(after=place), root) for place in deep],
            "list.organisation": [(page_of(organisation=o.code), root) for o in operators],
            "list.state": [(page_of(state=word), root) for word in ("moving", "charging")],
            "list.search": [
                *((page_of(q=vehicle.plate[-4:]), root) for vehicle in some[:8]),
                *((page_of(q=vehicle.vin[-6:]), root) for vehicle in some[8:16]),
                (page_of(q="k60"), root),
            ],
            "list.sorted": [(page_of(sort="soc_pct"), root)],
            "list.operator": [(paths, operator.tokens[0]) for operator in operators],
            "counts.root": [(f"{paths}/counts", root)],
            "counts.operator": [(f"{paths}/counts", o.tokens[0]) for o in operators],
            "detail": [(f"{paths}/{v.vin}", askers[v.operator_code].tokens[0]) for v in some],
        }
        for name, asked in kinds.items():
            self.time(name, asked, requests)

    def _judge_lists(self, operators: Sequence[Asker], one: Vehicle) -> list[str | None]:
        """Lists and counts; where the pages of the head office's list begin."""
        states = read_states(self._scene)
        places = self._walk(self.root, states)
        for operator in operators[:2]:
            self._walk(operator, states)
        self._walk(self.root, states, organisation=operators[0].code)
        self._walk(self.root, states, state="charging")
        self._walk(self.root, states, q=one.plate[-4:])
        for asker in (self.root, operators[0]):
            words = [
                api_oracle.word_of(states[vehicle.vin], clock.now())
                for vehicle in self._scene.operated_by(asker)
            ]
            body = self._client.get("/api/v1/vehicles/counts", asker.tokens[0]).read()
            self.judge("counts", api_oracle.judge_counts(body, words))
        return places

    def maps(self, requests: int = MAP_REQUESTS) -> None:
        """All positions at once."""
        self._scene.refresh_states()
        states = read_states(self._scene)
        for form in ("columns", "geojson"):
            target = f"/api/v1/positions?form={form}"
            for asker in (self.root, self._scene.askers[operator_of(1)]):
                body = self._client.get(target, asker.tokens[0]).read()
                vins = [v.vin for v in self._scene.fleet if v.operator_id in asker.sees]
                self.judge(form, api_oracle.judge_positions(body, states, vins))
            self.time(f"positions.{form}", [(target, self.root.tokens[0])], requests)

    def tracks(self) -> None:
        """Days of vehicles that send every 30 s and every 10 s; the first look at each apart."""
        for name, vehicles in (("busy", self._scene.busy), ("quick", self._scene.quick)):
            chosen = self._rng.sample(vehicles, min(TRACKED, len(vehicles)))
            asked = [self._day(vehicle, "track", {}) for vehicle in chosen]
            self.time(f"track.{name}.first", asked, len(asked), warm_up=0)
            self.time(f"track.{name}", asked, TRACK_ROUNDS * len(asked))
            for vehicle, (target, _) in zip(chosen[:5], asked, strict=False):
                self._judge_day("track", vehicle, target)
            if name == "busy":
                history = [self._day(v, "signals", {"signals": SIGNALS}) for v in chosen]
                self.time("signals", history, TRACK_ROUNDS * len(history))
                for vehicle, (target, _) in zip(chosen[:5], history, strict=False):
                    self._judge_day("signals", vehicle, target)
        handed = [vehicle for vehicle in self._scene.fleet if vehicle.former_id is not None][:3]
        for vehicle in handed:
            at = self._scene.rig.dataset.handed_over_at
            target = day_target(vehicle, "track", at - timedelta(hours=12), {})
            self._judge_day("track over a transfer", vehicle, target)

    def _day(self, vehicle: Vehicle, what: str, also: Mapping[str, Any]) -> Asked:
        """A whole day after any transfer, asked for by the depot."""
        day = self._scene.rig.dataset.days[-1]
        asker = self._scene.askers[vehicle.operator_code]
        return day_target(vehicle, what, day, also), asker.tokens[0]

    def _judge_day(self, what: str, vehicle: Vehicle, target: str) -> None:
        asker = self._scene.askers[vehicle.operator_code]
        body = self._client.get(target, asker.tokens[0]).read()
        samples = read_samples(self._scene, vehicle, body["from_at"], body["until_at"])
        judge = api_oracle.judge_signals if "signals" in body else api_oracle.judge_track
        self.judge(what, judge(body, samples, asker))
        if what == "track over a transfer" and len({one.operator_id for one in samples}) < 2:
            self._wrong.append("a transfer that is none: nothing was held back")

    def _walk(self, asker: Asker, states: Mapping[str, State], **query: str) -> list[str | None]:
        """Read a list to its end and judge it; where its pages begin."""
        told: list[str] = []
        places: list[str | None] = [None]
        while True:
            asked = {**query, "limit": str(PAGE), "after": places[-1]}
            page = self._client.get(page_of(**asked), asker.tokens[0]).read()
            told += [vehicle["vin"] for vehicle in page["items"]]
            if page["next"] is None:
                break
            places.append(page["next"])
        below = query.get("organisation")
        expected = api_oracle.find_vins(
            self._scene.fleet,
            asker,
            states,
            clock.now(),
            operators=None if below is None else self._scene.askers[below].sees,
            word=query.get("state"),
            search=query.get("q", ""),
        )
        self.judge(f"list {query}", api_oracle.judge_list(told, expected))
        return places


def time_requests(
    client: Client, asked: Sequence[Asked], requests: int, warm_up: int = WARM_UP
) -> Timing:
    """Ask in turn, so many times after a warm-up that does not count.

    Raises:
        RigFailed: a request did not succeed.
    """
    times_ms, most = [], 0
    for number in range(warm_up + requests):
        target, token = asked[number % len(asked)]
        answer = client.get(target, token)
        answer.check()
        if number >= warm_up:
            times_ms.append(answer.took_ms)
            most = max(most, len(answer.packed))
    times_ms.sort()
    return Timing(
        times=len(times_ms),
        p50_ms=quantile(times_ms, 0.5),
        p95_ms=quantile(times_ms, 0.95),
        p99_ms=quantile(times_ms, 0.99),
        max_ms=times_ms[-1],
        bytes=most,
    )


def page_of(**query: str | None) -> str:
    """The target of a page of vehicles."""
    given = {name: text for name, text in query.items() if text is not None}
    return f"/api/v1/vehicles?{urlencode(given, quote_via=quote)}"


def day_target(vehicle: Vehicle, what: str, from_at: datetime, also: Mapping[str, Any]) -> str:
    """The target of a day of a vehicle."""
    until_at = from_at + timedelta(days=1)
    query = {"from_at": from_at.isoformat(), "until_at": until_at.isoformat(), **also}
    return f"/api/v1/vehicles/{vehicle.vin}/{what}?{urlencode(query, doseq=True)}"


def read_states(scene: Scene) -> dict[str, State]:
    """Every latest state by VIN, as the owner sees it."""
    with scene.rig.connect() as conn:
        return {row[0]: State(*row) for row in conn.execute(SQL.list_states).fetchall()}


def read_samples(scene: Scene, vehicle: Vehicle, from_at: str, until_at: str) -> list[Sample]:
    """What is stored of a vehicle, as the owner sees it."""
    period = {
        "vehicle_id": vehicle.id,
        "from_at": datetime.fromisoformat(from_at),
        "until_at": datetime.fromisoformat(until_at),
    }
    with scene.rig.connect() as conn:
        return [Sample(*row) for row in conn.execute(SQL.list_samples, period).fetchall()]
