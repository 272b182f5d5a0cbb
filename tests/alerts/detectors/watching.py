"""A fake clock, one rule and vehicles that say what a test lets them say."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule, bind
from alerts.detectors.frames import LATEST, READINGS, VEHICLES
from alerts.detectors.judge import Judged, judge, tick
from alerts.detectors.memory import Memory
from alerts.geofences.model import Shape
from alerts.rules.kinds import KINDS
from alerts.rules.model import Scope

MIDNIGHT_US: Final = 1_780_272_000 * 1_000_000
"""2026-06-01T00:00Z; second 0 of every story."""
ORGANISATION: Final = 7
VAN: Final = 1
ANYWHERE: Final = Scope()
OPEN, CLOSED = "open", "closed"

ROAD: Final = {"vehicle_state": "on", "charge_state": "not_charging"}
YARD: Final = {"vehicle_state": "off", "charge_state": "not_charging"}
HERE: Final = {"lat": 22.5, "lon": 114.0}
NEAR: Final = {"lat": 22.5003, "lon": 114.0}
"""33 m from here."""
AWAY: Final = {"lat": 22.51, "lon": 114.0}
"""1,112 m from here."""
FAR: Final = {"lat": 22.52, "lon": 114.0}
"""2,224 m from here."""

Row = tuple[Any, ...]


def us(at_s: float) -> int:
    return MIDNIGHT_US + round(at_s * 1_000_000)


def seconds(at_us: int) -> float:
    return (at_us - MIDNIGHT_US) / 1_000_000


def vehicles(*given: Mapping[str, Any]) -> pl.DataFrame:
    """Vehicles, each with what is said of it; a van of the organisation, not let."""
    usual = {"vehicle_id": VAN, "tenant_id": 1, "organisation_id": ORGANISATION, "utc_offset_s": 0}
    return pl.DataFrame([usual | dict(facts) for facts in given or ({},)], schema=VEHICLES)


def readings(*given: Mapping[str, Any]) -> pl.DataFrame:
    """Samples: `at` in seconds, and what each says."""
    rows = []
    for sample in given:
        usual = {"vehicle_id": VAN, "seq": 0, "organisation_id": ORGANISATION}
        rows.append(usual | {"ts_us": us(sample["at"]), "received_us": us(sample["at"])} | sample)
    return pl.DataFrame([{n: row.get(n) for n in READINGS} for row in rows], schema=READINGS)


def latest(*given: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"vehicle_id": VAN, **facts} for facts in given], schema=LATEST)


def rule(
    kind: str,
    /,
    *,
    code: str | None = None,
    organisation_id: int = ORGANISATION,
    scope: Scope = ANYWHERE,
    members: frozenset[int] | None = None,
    shape: Shape | None = None,
    holds: pl.Expr | None = None,
    ends: pl.Expr | None = None,
    **given: Any,
) -> DetectorRule:
    """A rule as shipped, save for the parameters that are given."""
    shipped = KINDS[kind].parameters
    return DetectorRule(
        rule_key=f"{organisation_id}:{code or kind}",
        kind=kind,
        code=code or kind,
        version=None,
        organisation_id=organisation_id,
        severity="warning",
        parameters=type(shipped).model_validate(shipped.model_dump() | given),
        scope=scope,
        members=members,
        geofence=shape,
        expression=holds,
        clear=ends,
    )


@dataclass
class Watch:
    """Judges what it is given, and keeps what came of it."""

    binding: Binding
    memory: Memory = field(default_factory=Memory.empty)
    said: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, *rules: DetectorRule, van: Mapping[str, Any] | None = None) -> "Watch":
        return cls(bind(rules, vehicles(van or {})))

    def judge(self, *given: Mapping[str, Any]) -> Judged:
        """A batch of samples."""
        return self._keep(judge(self.memory, readings(*given), self.binding))

    def tick(self, at_s: float, *heard: Mapping[str, Any]) -> Judged:
        """The clock strikes; what was last heard, in seconds."""
        rows = [{"last_heard_us": us(row["heard"]), "online": row.get("online")} for row in heard]
        return self._keep(tick(self.memory, self.binding, us(at_s), latest(*rows)))

    def restart(self) -> None:
        """The memory goes to disk and comes back."""
        self.memory = Memory.from_bytes(self.memory.to_bytes())

    def _keep(self, judged: Judged) -> Judged:
        self.memory = judged.memory
        self.said += judged.events.to_dicts()
        return judged

    @property
    def state(self) -> str:
        return OPEN if self.said and self.said[-1]["what"] == "raise" else CLOSED

    def in_short(self) -> list[tuple[str, float, float]]:
        """What happened: what, at which second, since which second."""
        return [
            (
                event["what"],
                (event["at_us"] - MIDNIGHT_US) / 1e6,
                (event["since_us"] - MIDNIGHT_US) / 1e6,
            )
            for event in self.said
        ]

    def facts(self, number: int = -1) -> Any:
        return json.loads(self.said[number]["facts"])


@dataclass(frozen=True)
class Story:
    """What a vehicle says and when, and whether the alert is open after it.

    A row is (second, what it says, open or closed); nothing said is a stroke of the clock.
    """

    name: str
    rule: DetectorRule
    rows: tuple[Row, ...]
    van: Mapping[str, Any] = field(default_factory=dict)
    always: Mapping[str, Any] = field(default_factory=dict)
    """What every sample says as well."""

    def samples(self) -> list[dict[str, Any]]:
        return [{"at": at, **self.always, **says} for at, says, _ in self.rows if says is not None]


def told(story: Story, *, restarting: bool = False) -> Watch:
    """Tells a story sample by sample and sees that it is open or closed after each."""
    watch = Watch.of(story.rule, van=story.van)
    found = []
    for at, says, _ in story.rows:
        if says is None:
            watch.tick(at)
        else:
            watch.judge({"at": at, **story.always, **says})
        if restarting:
            watch.restart()
        found.append((at, says, watch.state))
    assert found == list(story.rows)
    return watch


def told_every_way(story: Story) -> Watch:
    """Told sample by sample, with the memory on disk in between, and all at once: it is the same.

    All at once leaves out the strokes of the clock, so that stories with one are not told so.
    """
    watch = told(story)
    assert told(story, restarting=True).said == watch.said
    if all(says is not None for _, says, _ in story.rows):
        at_once = Watch.of(story.rule, van=story.van)
        at_once.judge(*story.samples())
        assert at_once.said == watch.said
    return watch


def named(stories: Iterable[Story]) -> dict[str, Any]:
    """Arguments of `parametrize`, for an argument `story`."""
    listed = list(stories)
    return {
        "argnames": "story",
        "argvalues": listed,
        "ids": [story.name for story in listed],
    }
