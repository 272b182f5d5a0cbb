"""Judging samples: from a memory and what came to a new memory and what is to be said.

The order in which samples came together does not matter: batches of the same samples, in order for
each vehicle, give the same events. Pure; leaves out reading samples and telling anybody
(`alerts/engine`).
"""

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from alerts.detectors import (
    battery,
    charge,
    custom,
    ending,
    fences,
    flows,
    motion,
    silence,
    standing,
    terminal,
    warming,
)
from alerts.detectors.binding import Binding
from alerts.detectors.context import see
from alerts.detectors.custom import Fault
from alerts.detectors.detector import PAIR, Detector, signals_of
from alerts.detectors.frames import EPISODES, EVENTS
from alerts.detectors.lifecycle import turn
from alerts.detectors.memory import Memory

ON_SAMPLES: Final = (
    charge.LOW_SOC_DRIVING,
    charge.LOW_SOC_PARKED,
    battery.BATTERY_ALARM,
    battery.ALARM_BITS,
    battery.CELL_SPREAD,
    battery.HIGH_TEMPERATURE,
    warming.TEMPERATURE_RISE,
    battery.INSULATION_LOW,
    motion.OVER_SPEED,
    fences.GEOFENCE,
    motion.MOVED_WITHOUT_LEASE,
    motion.MOVED_AT_NIGHT,
    motion.TOWED,
    terminal.POWER_CUT,
    terminal.ODOMETER_ROLLBACK,
    flows.SOC_IMPLAUSIBLE,
)
"""All that look at samples, beside what people write themselves (`custom.py`)."""
ON_THE_CLOCK: Final = (silence.OFFLINE, silence.NO_CHARGE)
_BY_KIND: Final = {detector.kind: detector for detector in (*ON_SAMPLES, *ON_THE_CLOCK)}
_OF_RULE: Final = ("rule_key", "organisation_id", "code", "kind")


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of it."""

    memory: Memory
    events: pl.DataFrame
    """EVENTS, in the order of their instants; of a rule and vehicle in the order they happened."""
    late: int = 0
    """Samples that were not newer than what was seen of their vehicle."""
    faults: tuple[Fault, ...] = ()


def judge(memory: Memory, readings: pl.DataFrame, binding: Binding) -> Judged:
    """Judges new samples (READINGS, in any order; each vehicle's newer than those before)."""
    seen = see(memory.carried, readings, binding.vehicles)
    memory = _without(memory, seen.strangers)
    rows, places = standing.stand(memory.places, seen.rows, binding)
    rows, warmth = warming.warm(memory.warmth, rows, binding)
    rows, flowed = flows.flow(memory.flows, rows, binding)
    rows, known = custom.know(memory.known, rows, binding)
    going_on = _numbered(memory.episodes, binding)
    said, faults = custom.run(rows, binding)
    signals = [
        *(detector.signals(rows, binding, _of(going_on, detector.kind)) for detector in ON_SAMPLES),
        signals_of(said, _of(going_on, custom.KIND)),
    ]
    events, episodes = _take_on(memory.episodes, going_on, pl.concat(signals), rows, binding)
    return Judged(
        Memory(seen.carried, episodes, places, warmth, flowed, known), events, seen.late, faults
    )


def tick(memory: Memory, binding: Binding, now_us: int, latest: pl.DataFrame) -> Judged:
    """What the clock alone brings about (LATEST): silence, and the end of what was over.

    Ends what no rule stands for any more, then what has been over for long enough, then looks at
    what was heard of. To be asked once all that has come was judged: it ends what later samples
    would have kept going.
    """
    kept, gone = ending.of_gone_rules(memory.episodes, binding, now_us)
    kept, over = ending.over_for_long(kept, binding, now_us)
    rows = silence.now(memory.carried, latest, binding, now_us)
    going_on = _numbered(kept, binding)
    signals = pl.concat(
        detector.signals(rows, binding, _of(going_on, detector.kind)) for detector in ON_THE_CLOCK
    )
    events, episodes = _take_on(kept, going_on, signals, rows, binding)
    events = pl.concat([gone, over, events]).sort("at_us", maintain_order=True)
    return Judged(replace(memory, episodes=episodes), events)


def _without(memory: Memory, vehicles: pl.DataFrame) -> Memory:
    """Forgets what was measured of vehicles."""
    if vehicles.is_empty():
        return memory
    names = ("places", "warmth", "flows", "known")
    frames = {
        name: getattr(memory, name).join(vehicles, on="vehicle_id", how="anti") for name in names
    }
    return replace(memory, **frames)


def _numbered(episodes: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Episodes of rules that are bound, with their numbers."""
    rules = binding.rules.select("rule_key", "rule_no", kind_now="kind")
    return episodes.join(rules, on="rule_key")


def _of(going_on: pl.DataFrame, kind: str) -> pl.DataFrame:
    return going_on.filter(pl.col("kind_now") == kind)


def _take_on(
    episodes: pl.DataFrame,
    going_on: pl.DataFrame,
    signals: pl.DataFrame,
    rows: pl.DataFrame,
    binding: Binding,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events of signals, and episodes after them. What got no signal stays as it was."""
    if signals.is_empty():
        return pl.DataFrame(schema=EVENTS), episodes
    pairs = signals.select(PAIR).unique()
    touched = going_on.join(pairs, on=PAIR, how="semi")
    turned = turn(signals, touched, binding.rules)
    wanted = pl.concat([turned.events, turned.episodes], how="diagonal").select(*PAIR, "row_no")
    told = _told(wanted.drop_nulls().unique(), rows, binding)
    before = touched.select(*PAIR, value_before="value", facts_before="facts")
    events, under_way = (
        _in_words(frame, told, before, binding) for frame in (turned.events, turned.episodes)
    )
    untouched = episodes.join(
        touched.select("rule_key", "vehicle_id"), on=("rule_key", "vehicle_id"), how="anti"
    )
    return (
        events.sort("at_us", maintain_order=True).select(*EVENTS),
        pl.concat([untouched, _kept(under_way)]),
    )


def _kept(under_way: pl.DataFrame) -> pl.DataFrame:
    """EPISODES: what a sample said is kept of those only that it says to be over."""
    clearing = pl.col("phase") == "clearing"
    return under_way.with_columns(
        value=pl.when(clearing).then("value"), facts=pl.when(clearing).then("facts")
    ).select(*EPISODES)


def _told(wanted: pl.DataFrame, rows: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """Values and facts of samples, each as its rule's kind tells them."""
    kinds = wanted.join(binding.rules.select("rule_no", "kind"), on="rule_no")
    parts = [custom.told(rows, binding, wanted.clear())]
    for (kind,), asked in kinds.partition_by("kind", as_dict=True).items():
        detector: Detector | None = _BY_KIND.get(kind)
        told = custom.told if detector is None else detector.told
        parts.append(told(rows, binding, asked.drop("kind")))
    return pl.concat(parts)


def _in_words(
    frame: pl.DataFrame, told: pl.DataFrame, before: pl.DataFrame, binding: Binding
) -> pl.DataFrame:
    """With the names of rules and what samples said; where that was earlier, as it was kept."""
    return (
        frame.join(
            binding.rules.select("rule_no", *_OF_RULE),
            on="rule_no",
            how="left",
            maintain_order="left",
        )
        .join(told, on=(*PAIR, "row_no"), how="left", maintain_order="left")
        .join(before, on=PAIR, how="left", maintain_order="left")
        .with_columns(
            value=pl.when(pl.col("row_no").is_null()).then("value_before").otherwise("value"),
            facts=pl.when(pl.col("row_no").is_null()).then("facts_before").otherwise("facts"),
        )
    )
