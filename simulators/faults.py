"""Faults as a layer over the clean samples of one vehicle.

Decides, by a seed, what goes wrong when, changes or delays samples accordingly, marks each with
what was done to it and counts. Every sample that enters leaves once, except a lost one (never) and
a duplicated one (twice); `finish` lets out what is still held back. Leaves out: how a malformed
message looks (`malformed.py`), and what readings an alarm brings (`alarm_flags.py`).
"""

from collections import Counter
from math import cos, radians, sin
from random import Random
from typing import Any, Final, Literal, NamedTuple

from simulators.alarm_flags import ALARMS, URGENT_LEVEL, Alarm, raise_alarm
from simulators.malformed import Breakage
from simulators.scenario import Faults

_LAT_PER_M: Final = 1.0 / 110_750.0
_LON_PER_M: Final = 1.0 / 102_850.0
_VEHICLE_BUS: Final = (  # unknown to a terminal without the vehicle's supply
    "speed_kmh",
    "odometer_km",
    "vehicle_state",
    "charge_state",
    "gear",
    "soc_pct",
    "pack_voltage_v",
    "pack_current_a",
    "insulation_kohm",
    "cell_voltage_max_v",
    "cell_voltage_min_v",
    "temp_max_c",
    "temp_min_c",
)

Sample = dict[str, Any]


class Marked(NamedTuple):
    """A sample on its way, and what was done to it."""

    sample: Sample
    faults: tuple[str, ...] = ()
    breakage: Breakage | None = None


class Episode:
    """Something that begins by chance, so many times an hour, and lasts for a while."""

    def __init__(self, per_h: float, span_s: tuple[float, float]) -> None:
        self._per_h = per_h
        self._span_s = span_s
        self._until_ms = -1

    def phase(self, at_ms: int, dt_s: float, rng: Random) -> Literal["off", "begins", "on"]:
        """Whether it is on at this time; `dt_s` is the time since it was asked last."""
        if at_ms < self._until_ms:
            return "on"
        if self._per_h and rng.random() < self._per_h * dt_s / 3_600.0:
            self._until_ms = at_ms + int(rng.uniform(*self._span_s) * 1_000)
            return "begins"
        return "off"


class FaultLayer:
    """What goes wrong with one vehicle."""

    def __init__(self, faults: Faults, rng: Random, start_us: int, counts: Counter[str]) -> None:
        self.urgent = False
        """An alarm of level 3 or 4 is on: the terminal reports every second."""
        self._faults = faults
        self._rng = rng
        self._counts = counts
        self._last_ms = start_us // 1_000
        self._offline = Episode(faults.offline_per_h, faults.offline_s)
        self._drift = Episode(faults.gps_drift_per_h, faults.gps_drift_s)
        self._cut = Episode(faults.power_cut_per_h, faults.power_cut_s)
        self._alarming = Episode(faults.alarm_per_h, faults.alarm_s)
        self._drifted_m = (0.0, 0.0)
        self._alarm: Alarm | None = None
        self._alarm_name = ""
        self._backlog: list[Marked] = []
        self._held: list[tuple[int, Marked]] = []
        skewed = rng.random() < faults.clock_skew
        self._skew_us = rng.choice(faults.skews_us(start_us)) if skewed else 0

    def add(self, clean: Sample) -> list[Marked]:
        """The samples that leave now that this one has come, in the order they leave."""
        at_ms: int = clean["ts"]
        dt_s = (at_ms - self._last_ms) / 1_000.0
        self._last_ms = at_ms
        marks: list[str] = []
        sample = clean
        for stage in (self._drift_away, self._lose_power, self._raise_alarm, self._skew_clock):
            sample = stage(sample, at_ms, dt_s, marks)
        for mark in marks:
            self._counts[mark] += 1
        return self._deliver(Marked(sample, tuple(marks)), at_ms, dt_s)

    def finish(self) -> list[Marked]:
        """What was still held back: the vehicle comes out of its dead zone."""
        rest = [marked for _, marked in self._held] + self._backlog
        self._held, self._backlog = [], []
        return rest

    def _drift_away(self, sample: Sample, at_ms: int, dt_s: float, marks: list[str]) -> Sample:
        phase = self._drift.phase(at_ms, dt_s, self._rng)
        if phase == "off":
            return sample
        if phase == "begins":
            bearing = radians(self._rng.uniform(0, 360))
            away_m = self._rng.uniform(*self._faults.gps_drift_m)
            self._drifted_m = (away_m * cos(bearing), away_m * sin(bearing))
        marks.append("gps_drift")
        north_m, east_m = (m * self._rng.uniform(0.6, 1.0) for m in self._drifted_m)
        return {
            **sample,
            "lat": round(sample["lat"] + north_m * _LAT_PER_M, 6),
            "lon": round(sample["lon"] + east_m * _LON_PER_M, 6),
        }

    def _lose_power(self, sample: Sample, at_ms: int, dt_s: float, marks: list[str]) -> Sample:
        if self._cut.phase(at_ms, dt_s, self._rng) == "off":
            return sample
        marks.append("power_cut")
        left = {name: read for name, read in sample.items() if name not in _VEHICLE_BUS}
        return {**left, "power_source": "backup"}

    def _raise_alarm(self, sample: Sample, at_ms: int, dt_s: float, marks: list[str]) -> Sample:
        phase = self._alarming.phase(at_ms, dt_s, self._rng)
        if phase == "begins":
            self._alarm_name = self._rng.choice(self._faults.alarms)
            self._alarm = ALARMS[self._alarm_name]
        elif phase == "off":
            self._alarm = None
        self.urgent = self._alarm is not None and self._alarm.level >= URGENT_LEVEL
        if self._alarm is None:
            return sample
        marks.append(f"alarm:{self._alarm_name}")
        return raise_alarm(sample, self._alarm)

    def _skew_clock(self, sample: Sample, at_ms: int, _dt_s: float, marks: list[str]) -> Sample:
        if not self._skew_us:
            return sample
        marks.append("clock_skew")
        return {**sample, "ts": at_ms + self._skew_us // 1_000}

    def _deliver(self, marked: Marked, at_ms: int, dt_s: float) -> list[Marked]:
        faults, rng = self._faults, self._rng
        if faults.loss and rng.random() < faults.loss:
            self._counts["loss"] += 1
            return []
        if self._offline.phase(at_ms, dt_s, rng) != "off":
            self._backlog.append(self._mark(marked, "backlog"))
            return []
        if faults.malformed and rng.random() < faults.malformed:
            kind = rng.choice(faults.malformed_kinds)
            leaving = [self._mark(marked, f"malformed:{kind}")._replace(breakage=kind)]
        elif faults.reorder and rng.random() < faults.reorder:
            behind = rng.randint(1, faults.reorder_depth)
            # One more, since the count goes down once with this very sample.
            self._held.append((behind + 1, self._mark(marked, "reorder")))
            leaving = []
        elif faults.duplicate and rng.random() < faults.duplicate:
            leaving = [marked, self._mark(marked, "duplicate")]
        else:
            leaving = [marked]
        # The present goes out before the past, as GB/T 32960 terminals send theirs.
        leaving += self._backlog
        self._backlog = []
        return leaving + self._let_go() if self._held else leaving

    def _let_go(self) -> list[Marked]:
        nearer = [(behind - 1, marked) for behind, marked in self._held]
        self._held = [pair for pair in nearer if pair[0] > 0]
        return [marked for behind, marked in nearer if behind <= 0]

    def _mark(self, marked: Marked, fault: str) -> Marked:
        self._counts[fault] += 1
        return marked._replace(faults=(*marked.faults, fault))
