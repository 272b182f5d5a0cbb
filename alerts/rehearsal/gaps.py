"""What the clock would have found: not heard of for so long, not charged for so many days.

The engine asks that again and again; afterwards it follows from the gaps between samples. Silence
is judged by samples alone, as a device's other signs of life are not kept.
"""

from dataclasses import dataclass, field

import polars as pl

from alerts.detectors.frames import EVENTS
from alerts.rules.telemetry_parameters import NoCharge, Offline

_CHARGING = ("parked_charging", "driving_charging")


@dataclass
class Gaps:
    """Looks for gaps longer than `after_us`, of which the end is cleared after `keep_us`."""

    rule_key: str
    code: str
    kind: str
    after_us: int
    keep_us: int
    last: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Of each vehicle its last sign, and for whom it was operated."""

    @classmethod
    def of(cls, rule_key: str, code: str, kind: str, parameters: Offline | NoCharge) -> "Gaps":
        """The gaps that a rule of a clock kind speaks of."""
        if isinstance(parameters, Offline):
            after, keep = parameters.after_s, parameters.keep_s
        else:
            after, keep = parameters.days * 86_400, 0.0
        return cls(rule_key, code, kind, round(after * 1_000_000), round(keep * 1_000_000))

    def judge(self, samples: pl.DataFrame) -> pl.DataFrame:
        """EVENTS of samples, by vehicle and time. The first of a vehicle is a sign, too."""
        at = "received_us" if self.kind == "offline" else "ts_us"
        first = pl.col("vehicle_id").ne_missing(pl.col("vehicle_id").shift(1))
        charging = pl.col("charge_state").is_in(_CHARGING).fill_null(False)
        known = pl.col("vehicle_id").is_in(list(self.last))
        signs = samples if self.kind == "offline" else samples.filter(charging | (first & ~known))
        events = []
        for vehicle_id, organisation_id, at_us in signs.select(
            "vehicle_id", "organisation_id", at
        ).iter_rows():
            before = self.last.get(vehicle_id)
            if before is not None and at_us - before[0] >= self.after_us:
                events += self._pair(vehicle_id, *before, at_us)
            newest = at_us if before is None else max(at_us, before[0])
            self.last[vehicle_id] = (newest, organisation_id)
        return pl.DataFrame(events, schema=EVENTS)

    def end(self, until_us: int) -> pl.DataFrame:
        """EVENTS of gaps that last until the end."""
        events = [
            self._event(vehicle_id, organisation_id, "raise", at_us + self.after_us, at_us)
            for vehicle_id, (at_us, organisation_id) in self.last.items()
            if until_us - at_us >= self.after_us
        ]
        return pl.DataFrame(events, schema=EVENTS)

    def _pair(
        self, vehicle_id: int, last_us: int, organisation_id: int, again_us: int
    ) -> list[dict[str, object]]:
        since = self._event(vehicle_id, organisation_id, "raise", last_us + self.after_us, last_us)
        over = {**since, "what": "clear", "at_us": again_us + self.keep_us}
        return [since, over]

    def _event(
        self, vehicle_id: int, organisation_id: int, what: str, at_us: int, last_us: int
    ) -> dict[str, object]:
        return {
            "rule_key": self.rule_key,
            "organisation_id": organisation_id,
            "code": self.code,
            "kind": self.kind,
            "vehicle_id": vehicle_id,
            "what": what,
            "at_us": at_us,
            "since_us": last_us + self.after_us,
            "value": self.after_us / (1e6 if self.kind == "offline" else 86_400e6),
            "facts": None,
        }
