"""Judges the samples of some vehicles by one rule, and keeps what it would have raised. Pure.

Each sample is judged by the vehicle's operator and lease of its time; plate, model and groups are
those of now. Begins with an empty memory: what was so before the span begins with it. Leaves out
reading samples, and what becomes of it all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule, bind
from alerts.detectors.ending import of_gone_rules
from alerts.detectors.frames import EVENTS, LATEST, VEHICLES, Schema
from alerts.detectors.judge import judge, tick
from alerts.detectors.memory import Memory
from alerts.engine.facts import without_leases_of_others
from alerts.engine.findings import at
from alerts.expressions.service import compile_expression
from alerts.geofences.model import Shape
from alerts.rehearsal.gaps import Gaps
from alerts.rehearsal.model import MOST_RECORDED, Firing, OfVehicle
from alerts.rules.model import RuleDraft

Key = tuple[str, int, int]
"""Rule, vehicle, since when [µs]."""


def detectors_of(
    draft: RuleDraft,
    organisation_ids: Sequence[int],
    shapes: Mapping[int, Shape],
    members: Mapping[int, frozenset[int]] | None,
) -> tuple[DetectorRule, ...]:
    """The draft as a rule of each organisation it would hold for.

    What its names mean to each of them: the place, and the vehicles of its groups (None: it names
    none).

    Raises:
        ExpressionInvalid: of a custom rule, the expression cannot be read.
    """
    asked = draft.parameters
    expression = clear = None
    if draft.kind.name == "custom":
        expression = compile_expression(asked.expression).condition
        clear = None if asked.clear is None else compile_expression(asked.clear).condition
    return tuple(
        DetectorRule(
            rule_key=f"{organisation_id}:{draft.code}",
            kind=draft.kind.name,
            code=draft.code,
            version=None,
            organisation_id=organisation_id,
            severity=draft.severity,
            parameters=asked,
            scope=draft.scope,
            members=None if members is None else members.get(organisation_id, frozenset()),
            geofence=shapes.get(organisation_id),
            expression=expression,
            clear=clear,
        )
        for organisation_id in organisation_ids
    )


@dataclass
class Tally:
    """What would have been raised: how often, for how long, and the first of it in full."""

    vins: Mapping[int, str]
    firings: dict[Key, Firing] = field(default_factory=dict)
    counts: Counter[int] = field(default_factory=Counter)
    alarm_us: Counter[int] = field(default_factory=Counter)
    standing: dict[Key, None] = field(default_factory=dict)

    def add(self, events: pl.DataFrame) -> None:
        """Events (EVENTS), in order by rule and vehicle."""
        for event in events.iter_rows(named=True):
            vehicle_id, since_us = event["vehicle_id"], event["since_us"]
            key = (event["rule_key"], vehicle_id, since_us)
            if event["what"] == "raise":
                self.counts[vehicle_id] += 1
                self.standing[key] = None
                if len(self.firings) < MOST_RECORDED:
                    self.firings[key] = self._firing(event)
            elif key in self.standing:
                del self.standing[key]
                self.alarm_us[vehicle_id] += max(0, event["at_us"] - since_us)
                if key in self.firings:
                    over_at = at(event["at_us"])
                    self.firings[key] = replace(self.firings[key], cleared_at=over_at)

    def end(self, until_us: int) -> None:
        """What still stands, stood until then."""
        for _, vehicle_id, since_us in self.standing:
            self.alarm_us[vehicle_id] += max(0, until_us - since_us)
        self.standing.clear()

    def _firing(self, event: Mapping[str, Any]) -> Firing:
        return Firing(
            vehicle_id=event["vehicle_id"],
            vin=self.vins[event["vehicle_id"]],
            organisation_id=event["organisation_id"],
            raised_at=at(event["since_us"]),
            cleared_at=None,
            value=event["value"],
            facts=event["facts"],
        )

    def of_vehicles(self) -> tuple[OfVehicle, ...]:
        """Vehicles with any, the most first."""
        rows = (
            OfVehicle(self.vins[each], count, self.alarm_us[each] / 1e6)
            for each, count in self.counts.items()
        )
        return tuple(sorted(rows, key=lambda row: (-row.firings, row.vin)))


_EMPTY_LATEST: Final = pl.DataFrame(schema=LATEST)
_OFFSETS: Final[Schema] = {
    "organisation_id": pl.Int64,
    "organisation": pl.String,
    "utc_offset_s": pl.Int32,
}


class Judging:
    """One rule over some vehicles, span by span."""

    def __init__(
        self,
        draft: RuleDraft,
        rules: Sequence[DetectorRule],
        *,
        vehicles: pl.DataFrame,
        turns: pl.DataFrame,
        offsets: pl.DataFrame,
        tally: Tally,
    ) -> None:
        """`vehicles` lack what `turns` say of them from an instant on: operator and lease.

        `offsets`: the codes and clocks of operators (`offsets_of`).
        """
        self.rules, self.vehicles, self.offsets, self.tally = rules, vehicles, offsets, tally
        self.turns = turns.sort("vehicle_id", "from_us").with_columns(
            turn=pl.int_range(pl.len()).over("vehicle_id")
        )
        self.memory = Memory.empty()
        self.entered: dict[int, int] = {}
        """In which of its turns each vehicle is."""
        self.bindings: dict[int, Binding] = {}
        self.faults: set[str] = set()
        self.gaps: Gaps | None = None
        if draft.kind.source == "clock":
            self.gaps = Gaps.of(draft.code, draft.code, draft.kind.name, draft.parameters)

    def judge(self, samples: pl.DataFrame) -> None:
        """Samples (READINGS), by vehicle and time, after all that were judged before."""
        marked = samples.sort("ts_us", maintain_order=True).join_asof(
            self.turns.sort("from_us").select("vehicle_id", "from_us", "turn"),
            left_on="ts_us",
            right_on="from_us",
            by="vehicle_id",
            check_sortedness=False,  # it is, and by vehicle it cannot be checked
        )
        marked = marked.sort("vehicle_id", "ts_us", "seq").drop("from_us")
        for turn in marked["turn"].drop_nulls().unique().sort():
            part = marked.filter(pl.col("turn") == turn).drop("turn")
            binding = self._binding(turn)
            if self.gaps is not None:
                self.tally.add(self.gaps.judge(_looked_at(part, binding), binding))
                continue
            self._enter(turn, part["vehicle_id"].unique().to_list())
            judged = judge(self.memory, part, binding)
            self.memory = judged.memory
            self.faults |= {fault.message for fault in judged.faults}
            self.tally.add(judged.events)

    def end(self, until_us: int) -> None:
        """Nothing comes after this; what was over for long enough is."""
        if self.gaps is not None:
            self.tally.add(self.gaps.end(until_us))
        else:
            begun = self.turns.filter(pl.col("from_us") < until_us)
            for turn in begun["turn"].unique().sort():
                self._enter(turn, begun.filter(pl.col("turn") == turn)["vehicle_id"].to_list())
            last = self._binding(None)
            self.tally.add(tick(self.memory, last, until_us, _EMPTY_LATEST).events)
        self.tally.end(until_us)

    def _enter(self, upto: int, vehicle_ids: Sequence[int]) -> None:
        """Vehicles come into a turn: what no rule looks at in it, or in one between, ends there."""
        for turn in range(1, upto + 1):
            ids = [each for each in vehicle_ids if self.entered.get(each, 0) < turn]
            self.entered |= dict.fromkeys(ids, turn)
            concerned = pl.col("vehicle_id").is_in(ids)
            episodes = self.memory.episodes.filter(concerned)
            if episodes.is_empty():
                continue
            kept, gone = of_gone_rules(episodes, self._binding(turn), 0)
            begins = self.turns.filter(pl.col("turn") == turn).select("vehicle_id", at_us="from_us")
            self.tally.add(gone.drop("at_us").join(begins, on="vehicle_id").select(*EVENTS))
            others = self.memory.episodes.filter(~concerned)
            self.memory = replace(self.memory, episodes=pl.concat([others, kept]))

    def _binding(self, turn: int | None) -> Binding:
        """Vehicles as they were in their so-manieth turn; None: in their last."""
        wanted = -1 if turn is None else turn
        if wanted not in self.bindings:
            now = (
                self.turns.group_by("vehicle_id", maintain_order=True).last()
                if turn is None
                else self.turns.filter(pl.col("turn") == turn)
            )
            seen = without_leases_of_others(self.vehicles.join(now, on="vehicle_id"))
            operated = seen.join(self.offsets, on="organisation_id").select(*VEHICLES)
            self.bindings[wanted] = bind(self.rules, operated)
        return self.bindings[wanted]


def _looked_at(samples: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """The samples of the vehicles that any rule looks at."""
    within = [frame["vehicle_id"] for frame in binding.applies.values()]
    ids = pl.concat(within) if within else pl.Series([], dtype=pl.Int64)
    return samples.filter(pl.col("vehicle_id").is_in(ids.implode()))


def offsets_of(organisations: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The code of each organisation, and how far its clocks are ahead of UTC."""
    rows = [
        {
            "organisation_id": row["organisation_id"],
            "organisation": row["organisation"],
            "utc_offset_s": _ahead_s(row["time_zone"], now),
        }
        for row in organisations.iter_rows(named=True)
    ]
    return pl.DataFrame(rows, schema=_OFFSETS)


def _ahead_s(time_zone: str, now: datetime) -> int:
    offset = now.astimezone(ZoneInfo(time_zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
