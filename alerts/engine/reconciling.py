"""Whether what stands in the inbox is what is remembered: after a beginning, it may not be. Pure.

A replay judges by the rules and facts of now, and an engine without a memory knows of nothing. What
stands and is not remembered would stand for good: nobody would clear it. Leaves out when this is
asked, which is once all was judged again that had been judged before.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

import polars as pl

from alerts.detectors import judge
from alerts.detectors.frames import CARRIED, EPISODES
from alerts.detectors.memory import Memory
from alerts.engine.store import Standing
from alerts.model import Clearing

ON_THE_CLOCK: Final = frozenset(detector.kind for detector in judge.ON_THE_CLOCK)
_KEY: Final = ("organisation_id", "code", "vehicle_id")
_Key = tuple[int, str, int]


def reconcile(
    memory: Memory, standing: Iterable[Standing], *, now: datetime
) -> tuple[Memory, list[Clearing]]:
    """What to clear of the alerts that stand, and a memory that clears the others when it is time.

    Of a rule and vehicle that are remembered one alert goes on: the one remembered, else the last
    (as the inbox has it, so that it will be cleared). All others are cleared.
    """
    latched = memory.episodes.filter(pl.col("phase") != "pending")
    since = {
        (organisation_id, code, vehicle_id): str(since_us)
        for organisation_id, code, vehicle_id, since_us in latched.select(
            *_KEY, "since_us"
        ).iter_rows()
    }
    alerts: dict[_Key, list[str]] = {}
    for each in standing:
        key = (each.organisation_id, each.rule_code, each.vehicle_id)
        alerts.setdefault(key, []).append(each.occurrence)
    clearings, others = [], []
    for key, found in alerts.items():
        goes_on = since.get(key)
        if goes_on is not None and goes_on not in found:
            goes_on = max(filter(str.isdecimal, found), key=int, default=None)
            if goes_on is not None:
                others.append((*key, int(goes_on)))
        clearings += [
            Clearing(key[0], key[1], "vehicle", key[2], now, occurrence=each)
            for each in found
            if each != goes_on
        ]
    return _renamed(memory, others), clearings


def remember(memory: Memory, standing: Iterable[Standing]) -> Memory:
    """With what the clock raised: no sample says it again, and each time it is told is another.

    And with when those were charged of whom it is told that it is long ago: else it would have been
    when they are first heard of, and nobody would be told for days.
    """
    kept = [each for each in standing if each.kind in ON_THE_CLOCK and each.occurrence.isdecimal()]
    episodes = [
        {
            "rule_key": f"{each.organisation_id}:{each.rule_code}",
            "organisation_id": each.organisation_id,
            "code": each.rule_code,
            "kind": each.kind,
            "vehicle_id": each.vehicle_id,
            "phase": "firing",
            "since_us": int(each.occurrence),
        }
        for each in kept
    ]
    charges = [
        {
            "vehicle_id": each.vehicle_id,
            "organisation_id": each.organisation_id,
            "ts_us": each.charged_us,
            "seq": 0,
            "charged_us": each.charged_us,
        }
        for each in kept
        if each.charged_us is not None
    ]
    return replace(
        memory,
        episodes=_last_of(pl.DataFrame(episodes, schema=EPISODES), "since_us", "rule_key"),
        carried=_last_of(pl.DataFrame(charges, schema=CARRIED), "charged_us"),
    )


def _last_of(rows: pl.DataFrame, by: str, *of: str) -> pl.DataFrame:
    """One row a vehicle: the last."""
    return rows.sort(by).unique(("vehicle_id", *of), keep="last", maintain_order=True)


def _renamed(memory: Memory, others: list[tuple[int, str, int, int]]) -> Memory:
    """Episodes under the occurrence of their alert."""
    if not others:
        return memory
    schema = {name: EPISODES[name] for name in _KEY} | {"told_us": pl.Int64}
    told = pl.DataFrame(others, schema=schema, orient="row")
    latched = pl.col("phase") != "pending"
    episodes = (
        memory.episodes.join(told, on=_KEY, how="left", maintain_order="left")
        .with_columns(
            since_us=pl.when(latched).then(pl.coalesce("told_us", "since_us")).otherwise("since_us")
        )
        .select(*EPISODES)
    )
    return replace(memory, episodes=episodes)
