"""Rules that people write as expressions over a sample and its vehicle.

An expression reads columns of the sample as it was sent (nothing is filled in), of the vehicle
(`vehicle.plate`), of what was last known before the sample (`previous.soc_pct`), and
`seconds_since_previous`. One that cannot be run is left out and told; the others are judged.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule
from alerts.detectors.detector import KEPT, NEVER, PAIR, TS_US, holding
from alerts.detectors.frames import KNOWN, MEASURED, Schema
from alerts.detectors.lifecycle import SIGNALS

KIND: Final = "custom"
_PREVIOUS: Final = "previous."
_JUDGED: Final[Schema] = {name: SIGNALS[name] for name in (*KEPT, "begins_us", "anew", "holds")}
_TOLD: Final[Schema] = {
    **{name: SIGNALS[name] for name in (*PAIR, "row_no")},
    "value": pl.Float64,
    "facts": pl.String,
}
_FACTS_OF_VEHICLE: Final = {
    "vehicle.plate": pl.col("plate"),
    "vehicle.vin": pl.col("vin"),
    "vehicle.model": pl.col("model"),
    "vehicle.organisation": pl.col("organisation"),
    "vehicle.groups": pl.col("groups"),
    "vehicle.let": pl.col("lease_id").is_not_null(),
    "vehicle.lease_no": pl.col("lease_no"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """An expression that could not be run on these samples."""

    rule_key: str
    message: str


def know(
    known: pl.DataFrame, rows: pl.DataFrame, binding: Binding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds the columns that bound expressions ask for to rows. And KNOWN, taken on."""
    applies = binding.applies.get(KIND)
    if applies is None:
        return rows, known
    asking = [no for no in applies["rule_no"].unique() if _asks_before(binding.listed[no])]
    asked_of = applies.filter(pl.col("rule_no").is_in(asking)).select("vehicle_id")
    facts = [told.alias(name) for name, told in _FACTS_OF_VEHICLE.items()]
    rows = rows.join(
        binding.vehicles.select("vehicle_id", *facts),
        on="vehicle_id",
        how="left",
        maintain_order="left",
    ).with_columns(seconds_since_previous=(TS_US - pl.col("before_us")) / 1_000_000)
    return _previous(known, rows, asked_of)


def _previous(
    known: pl.DataFrame, rows: pl.DataFrame, asked_of: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds what was last known before each row of these vehicles."""
    asked = rows.join(asked_of, on="vehicle_id", how="semi")
    vehicles = asked.select("vehicle_id").unique()
    base = known.join(vehicles, on="vehicle_id", how="semi")
    lines = pl.concat([base, asked.select("row_no", *KNOWN)], how="diagonal").sort(
        "vehicle_id", "row_no", nulls_last=False
    )
    lines = lines.with_columns(pl.col(*MEASURED).forward_fill().over("vehicle_id"))
    is_same = pl.col("vehicle_id") == pl.col("vehicle_id").shift(1)
    before = lines.select(
        "row_no",
        *(
            pl.when(is_same).then(pl.col(name).shift(1)).alias(_PREVIOUS + name)
            for name in MEASURED
        ),
    ).filter(pl.col("row_no").is_not_null())
    is_last = (pl.col("vehicle_id") != pl.col("vehicle_id").shift(-1)).fill_null(True)
    kept = [known.join(vehicles, on="vehicle_id", how="anti"), lines.filter(is_last).select(*KNOWN)]
    return rows.join(before, on="row_no", how="left", maintain_order="left"), pl.concat(kept)


def run(rows: pl.DataFrame, binding: Binding) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """What each expression says of the samples it looks at, to make signals of."""
    judged, faults = [pl.DataFrame(schema=_JUDGED)], []
    for rule, looked_at in _by_rule(rows, binding):
        if rule.expression is None:
            continue
        over = ~rule.expression if rule.clear is None else rule.clear
        try:
            said = looked_at.select(
                *KEPT,
                begins_us=TS_US,
                anew=NEVER,
                holds=holding(rule.expression.cast(pl.Boolean), over.cast(pl.Boolean)),
            )
        except pl.exceptions.PolarsError as error:
            faults.append(Fault(rule.rule_key, str(error)))
        else:
            judged.append(said)
    return pl.concat(judged), tuple(faults)


def told(rows: pl.DataFrame, binding: Binding, wanted: pl.DataFrame) -> pl.DataFrame:
    """What the expressions read of samples, asked by PAIR and `row_no`; there is no one value.

    `previous.lat` is told as `previous_lat`, so that a place is seen to be one.
    """
    parts = [pl.DataFrame(schema=_TOLD)]
    for (rule_no,), asked in wanted.partition_by("rule_no", as_dict=True).items():
        reads = _reads(binding.listed[rule_no], rows)
        named = [pl.col(name).alias(name.replace(".", "_")) for name in reads]
        facts = pl.struct(named).struct.json_encode() if named else pl.lit("{}")
        value = pl.lit(None, pl.Float64)
        read = rows[asked["row_no"]].select("row_no", value=value, facts=facts)
        parts.append(asked.hstack(read.drop("row_no")).select(*_TOLD))
    return pl.concat(parts)


def _by_rule(rows: pl.DataFrame, binding: Binding) -> Iterator[tuple[DetectorRule, pl.DataFrame]]:
    """Each rule with the samples that it looks at, and of them what it reads."""
    applies = binding.applies.get(KIND)
    if applies is None:
        return
    pairs = rows.select("vehicle_id", "row_no", "ts_us").join(applies, on="vehicle_id")
    for (rule_no,), part in pairs.partition_by("rule_no", as_dict=True).items():
        rule = binding.listed[rule_no]
        reads = rows.select("row_no", *_reads(rule, rows, but=KEPT))[part["row_no"]]
        yield rule, part.hstack(reads.drop("row_no"))


def _asks_before(rule: DetectorRule) -> bool:
    return any(name.startswith(_PREVIOUS) for name in _roots(rule))


def _reads(rule: DetectorRule, rows: pl.DataFrame, but: Collection[str] = ()) -> list[str]:
    """Columns that a rule's expressions read, as far as they are there."""
    return sorted(_roots(rule) & set(rows.columns) - set(but))


def _roots(rule: DetectorRule) -> set[str]:
    expressions = [each for each in (rule.expression, rule.clear) if each is not None]
    return {name for expression in expressions for name in expression.meta.root_names()}
