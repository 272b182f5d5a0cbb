"""The mixed load and the live feed, as far as they can be decided without a server."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from bench.api_client import Answer
from bench.api_fleet import ROOT, depot_of, operator_of, organisation_codes
from bench.api_live import Told, judge_live, match
from bench.api_requests import MIXTURE, Planned, judge, plan_load
from bench.api_scene import Asker, Scene, Vehicle
from bench.api_writer import Changes

DAY = datetime(2026, 11, 20, 16, tzinfo=UTC)


def new_scene(vehicles: int = 400) -> Scene:
    """Everybody, numbered as they are listed; each vehicle its depot's."""
    codes = [code for code, _ in organisation_codes()]
    parent = dict(organisation_codes())
    sees: dict[str, set[int]] = {code: set() for code in codes}
    for number, code in enumerate(codes):
        above: str | None = code
        while above is not None:
            sees[above].add(number)
            above = parent[above]
    askers = {
        code: Asker(code, number, frozenset(sees[code]), [f"{code}/1", f"{code}/2"])
        for number, code in enumerate(codes)
    }
    fleet = [
        Vehicle(
            n, f"VIN{n}", f"粤BD{n:05d}", "K60EV", 3, codes.index(depot_of(n)), depot_of(n), None
        )
        for n in range(vehicles)
    ]
    cohorts = [SimpleNamespace(vehicles=2), SimpleNamespace(vehicles=4), None]
    dataset = SimpleNamespace(cohorts=cohorts, days=[DAY, DAY + timedelta(days=1)])
    rig: Any = SimpleNamespace(dataset=dataset)
    return Scene(rig, askers, fleet)


def test_the_mixture_is_as_promised() -> None:
    assert sum(MIXTURE.values()) == 100
    assert MIXTURE["list"] + MIXTURE["detail"] + MIXTURE["counts"] == 80
    assert (MIXTURE["track"], MIXTURE["positions"]) == (10, 5)
    assert MIXTURE["change"] + MIXTURE["create"] == 5
    planned = plan_load(new_scene(), 4_000, Random(1))
    shares = Counter(each.kind for each in planned)
    for kind, share in MIXTURE.items():
        assert shares[kind] == pytest.approx(40 * share, rel=0.35), kind


def test_who_asks_may_see_what_is_asked_for() -> None:
    for planned in plan_load(new_scene(), 2_000, Random(2)):
        assert planned.request.token in planned.asker.tokens
        if planned.kind in {"detail", "track", "change"}:
            assert planned.vehicle.operator_id in planned.asker.sees
            assert planned.vehicle.vin in planned.request.target


def test_no_vehicle_is_changed_twice_and_no_key_used_twice() -> None:
    scene = new_scene(60)
    planned = plan_load(scene, 4_000, Random(3))
    changed = Counter(each.vehicle.vin for each in planned if each.kind == "change")
    assert set(changed.values()) == {1}
    assert len(changed) == 60
    change = next(each.request for each in planned if each.kind == "change")
    assert (change.method, change.headers["If-Match"]) == ("PUT", '"3"')
    keys = [e.request.headers["Idempotency-Key"] for e in planned if e.kind == "create"]
    assert len(set(keys)) == len(keys) > 40


def answer(body: Any) -> Answer:
    return Answer(status=200, headers={}, packed=msgspec.json.encode(body), took_ms=1.0)


def test_foreign_vehicles_are_told() -> None:
    scene = new_scene()
    own, foreign = scene.fleet[0], scene.fleet[1]
    asker = scene.askers[own.operator_code]
    request: Any = None
    planned = Planned("list", request, asker, own)
    assert list(judge(scene, planned, answer({"items": [{"vin": own.vin}]}))) == []
    both = {"items": [{"vin": own.vin}, {"vin": foreign.vin}]}
    assert list(judge(scene, planned, answer(both))) == [
        f"list for {asker.code}: 1 foreign vehicles"
    ]
    columns = {"columns": {"vin": [foreign.vin]}}
    assert list(judge(scene, planned._replace(kind="positions"), answer(columns))) != []
    track = planned._replace(kind="track")
    assert list(judge(scene, track, answer({"vin": own.vin, "points": []}))) == [
        f"no track of {own.vin}"
    ]
    assert len(list(judge(scene, track, answer({"vin": foreign.vin, "points": [1]})))) == 2


def test_an_overtaken_change_is_not_missing() -> None:
    told = [Told("A", 20, 5_000), Told("A", 20, 9_000), Told("B", 5, 9_000)]
    wanted = {"A": {10: 1_000, 20: 2_000}, "B": {7: 1_000}}
    assert match(told, wanted) == ([3.0], 1, 1)


def follower(asker: Asker, told: list[Told], *, ended: bool = False) -> Any:
    return SimpleNamespace(asker=asker, told=told, ended=ended)


def test_the_feed_is_judged_by_who_sees_what() -> None:
    scene = new_scene()
    one, two = scene.fleet[0], scene.fleet[1]
    depot, root = scene.askers[one.operator_code], scene.askers[ROOT]
    changes = Changes(changes=[(one.id, 10, 1_000), (two.id, 10, 1_000)], behind_s=0.1, took_s=2.0)
    followers = [
        follower(depot, [Told(one.vin, 10, 101_000)]),
        follower(root, [Told(one.vin, 10, 201_000), Told(two.vin, 10, 301_000)]),
    ]
    live = judge_live(scene, followers, changes, cpu=0.5)
    assert (live.told, live.missing, live.foreign, live.dropped) == (3, 0, 0, 0)
    assert (live.p50_ms, live.max_ms) == (200.0, 300.0)
    assert (live.changes_per_s, live.told_per_s) == (1.0, 1.5)
    spoilt = [
        follower(depot, [Told(two.vin, 10, 101_000)], ended=True),
        follower(scene.askers[operator_of(5)], []),
        follower(root, [Told(one.vin, 10, 201_000)]),
    ]
    live = judge_live(scene, spoilt, changes, cpu=0.5)
    assert (live.missing, live.foreign, live.dropped) == (2, 1, 1)
