"""What a company's people and machines ask of the API, mixed, and whether answers can be right.

Decides the mixture and who asks: the head office some of the time, else operators and depots, each
for what it may see. Leaves out when requests are sent (`api_mixed.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from random import Random
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec

from bench.api_client import Answer, Request
from bench.api_fleet import DEPOTS, ROOT, depot_of, operator_of
from bench.api_questions import day_target, page_of
from bench.api_scene import Asker, Scene, Vehicle

_ROOT_SHARE: Final = 0.2
_VEHICLES: Final = "/api/v1/vehicles"

MIXTURE: Final[dict[str, int]] = {
    "list": 35,
    "detail": 35,
    "counts": 10,
    "track": 10,
    "positions": 5,
    "change": 3,
    "create": 2,
}
"""Per cent of each kind: 80 look at vehicles, 10 at tracks, 5 at a map, 5 write."""


class Planned(NamedTuple):
    """A request, what it is, and what its answer is judged by."""

    kind: str
    request: Request
    asker: Asker
    vehicle: Vehicle
    """Whose, where it is about one."""


class _Draft(NamedTuple):
    """What a request is made from."""

    asker: Asker
    token: str
    vehicle: Vehicle
    days: list[datetime]
    rng: Random

    def get(self, target: str) -> Request:
        return Request(method="GET", target=target, token=self.token)


def plan_load(scene: Scene, count: int, rng: Random) -> list[Planned]:
    """So many requests of the mixture, in no order; no vehicle is changed twice."""
    unchanged = rng.sample(scene.fleet, len(scene.fleet))
    planned: list[Planned] = []
    for drawn in rng.choices(list(MIXTURE), list(MIXTURE.values()), k=count):
        kind = "detail" if drawn == "change" and not unchanged else drawn
        vehicle = _choose_vehicle(scene, kind, unchanged, rng)
        asker = _choose_asker(scene, kind, vehicle, rng)
        days = scene.rig.dataset.days[-2:]
        draft = _Draft(asker, rng.choice(asker.tokens), vehicle, days, rng)
        planned.append(Planned(kind, _MAKERS[kind](draft), asker, vehicle))
    return planned


def judge(scene: Scene, planned: Planned, answer: Answer) -> Iterator[str]:
    """Whether an answer is of what was asked, and of nobody else's vehicles."""
    body = answer.read()
    told: list[str] = []
    match planned.kind:
        case "list":
            told = [vehicle["vin"] for vehicle in body["items"]]
        case "positions":
            told = body["columns"]["vin"]
        case "detail" | "track" | "change":
            told = [body["vin"]]
            if told != [planned.vehicle.vin]:
                yield f"{planned.kind}: {told}, not {planned.vehicle.vin}"
    foreign = sum(scene.operator_id_of[vin] not in planned.asker.sees for vin in told)
    if foreign:
        yield f"{planned.kind} for {planned.asker.code}: {foreign} foreign vehicles"
    if planned.kind == "track" and not body["points"]:
        yield f"no track of {planned.vehicle.vin}"


def _choose_vehicle(scene: Scene, kind: str, unchanged: list[Vehicle], rng: Random) -> Vehicle:
    if kind == "change":
        return unchanged.pop()
    if kind == "track":
        return rng.choice([*scene.quick, *scene.busy])
    return rng.choice(scene.fleet)


def _choose_asker(scene: Scene, kind: str, vehicle: Vehicle, rng: Random) -> Asker:
    if kind in {"detail", "change", "track"}:
        return scene.askers[vehicle.operator_code]
    if kind == "positions":
        return scene.askers[operator_of(rng.randrange(DEPOTS))]
    if rng.random() < _ROOT_SHARE:
        return scene.askers[ROOT]
    return scene.askers[rng.choice([operator_of, depot_of, depot_of])(rng.randrange(DEPOTS))]


def _list(draft: _Draft) -> Request:
    typed = {"q": draft.vehicle.plate[-4:]}
    query: dict[str, str] = draft.rng.choice([{}, {}, {"state": "moving"}, typed])
    return draft.get(page_of(**query))


def _detail(draft: _Draft) -> Request:
    return draft.get(f"{_VEHICLES}/{draft.vehicle.vin}")


def _counts(draft: _Draft) -> Request:
    return draft.get(f"{_VEHICLES}/counts")


def _track(draft: _Draft) -> Request:
    return draft.get(day_target(draft.vehicle, "track", draft.rng.choice(draft.days), {}))


def _positions(draft: _Draft) -> Request:
    west, south = 113.75 + draft.rng.random() * 0.3, 22.45 + draft.rng.random() * 0.2
    box = f"{west:.4f},{south:.4f},{west + 0.3:.4f},{south + 0.2:.4f}"
    return draft.get(f"/api/v1/positions?form=columns&crs=wgs84&bbox={box}")


def _change(draft: _Draft) -> Request:
    vehicle = draft.vehicle
    return Request(
        method="PUT",
        target=f"{_VEHICLES}/{vehicle.vin}/card",
        token=draft.token,
        headers={"If-Match": f'"{vehicle.version}"'},
        body=_encoded({"plate": vehicle.plate, "model": f"五菱 EV50 {draft.rng.randrange(100)}"}),
    )


def _create(draft: _Draft) -> Request:
    serial = f"FB-{uuid4().hex[:20]}"  # never one of an earlier run
    return Request(
        method="POST",
        target="/api/v1/devices",
        token=draft.token,
        headers={"Idempotency-Key": serial},
        body=_encoded({"serial": serial, "owner": draft.asker.code}),
    )


def _encoded(body: dict[str, Any]) -> bytes:
    return msgspec.json.encode(body)


_MAKERS: Final[Mapping[str, Callable[[_Draft], Request]]] = {
    "list": _list,
    "detail": _detail,
    "counts": _counts,
    "track": _track,
    "positions": _positions,
    "change": _change,
    "create": _create,
}
