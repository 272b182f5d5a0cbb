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

from alerts.detectors.frames import CARRIED, EPISODES
from alerts.detectors.memory import Memory
from alerts.engine.store import Standing
from alerts.model import Clearing

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
            goes_on = max(found, key=int)
            others.append((*key, int(goes_on)))
        clearings += [
            Clearing(key[0], key[1], "vehicle", key[2], now, occurrence=each)
            for each in found
            if each != goes_on
        ]
    return _renamed(memory, others), clearings


def remember_charges(memory: Memory, standing: Iterable[Standing]) -> Memory:
    """A memory that knows when those were last charged of whom it is told that it is long ago.

    Else they would have been charged when they were first heard of, and be silent for days.
    """
    rows = [
        {
            "vehicle_id": each.vehicle_id,
            "organisation_id": each.organisation_id,
            "ts_us": each.charged_us,
            "seq": 0,
            "charged_us": each.charged_us,
        }
        for each in standing
        if each.charged_us is not None
    ]
    known = pl.DataFrame(rows, schema=CARRIED).sort("charged_us").unique("vehicle_id", keep="last")
    known = known.join(memory.carried, on="vehicle_id", how="anti")
    return replace(memory, carried=pl.concat([memory.carried, known]))


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
