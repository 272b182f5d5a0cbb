"""What the clock would have found: not heard of for so long, not charged for so many days.

The engine asks that again and again; afterwards it follows from the gaps between signs. What is a
sign of charging is decided as live (`alerts/detectors/context.py`). Silence is judged by samples
alone, as a device's other signs of life are not kept.
"""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from alerts.detectors.binding import Binding
from alerts.detectors.context import see
from alerts.detectors.frames import CARRIED, EVENTS
from alerts.rules.telemetry_parameters import NoCharge, Offline

_US: Final = 1_000_000
Event = dict[str, object]


@dataclass(slots=True)
class Sign:
    """A vehicle's last sign, and what stands of it. `since_us`: it is raised since then; `over_us`:
    there was a sign again, and its end has not been told yet."""

    at_us: int
    organisation_id: int
    since_us: int | None = None
    over_us: int | None = None


@dataclass
class Gaps:
    """Looks for gaps of `after_us`: raised `for_us` later, cleared `keep_us` after their end."""

    rule_key: str
    code: str
    kind: str
    after_us: int
    for_us: int = 0
    keep_us: int = 0
    signs: dict[int, Sign] = field(default_factory=dict)
    """By vehicle."""
    carried: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CARRIED))

    @classmethod
    def of(cls, rule_key: str, code: str, kind: str, parameters: Offline | NoCharge) -> "Gaps":
        """The gaps that a rule of a clock kind speaks of."""
        if isinstance(parameters, Offline):
            after_s, for_s, keep_s = parameters.after_s, parameters.for_s, parameters.keep_s
        else:
            after_s, for_s, keep_s = parameters.days * 86_400, 0.0, 0.0
        after_us, for_us, keep_us = (round(span * _US) for span in (after_s, for_s, keep_s))
        return cls(rule_key, code, kind, after_us, for_us, keep_us)

    def judge(self, samples: pl.DataFrame, binding: Binding) -> pl.DataFrame:
        """EVENTS of samples, by vehicle and time. The first of a vehicle is a sign, too."""
        events: list[Event] = []
        for vehicle_id, organisation_id, at_us in self._signs(samples, binding).iter_rows():
            sign = self.signs.get(vehicle_id)
            if sign is None:
                self.signs[vehicle_id] = Sign(at_us, organisation_id)
                continue
            events += self._until(vehicle_id, sign, at_us)
            if sign.since_us is not None and sign.over_us is None:
                sign.over_us = at_us
            sign.at_us, sign.organisation_id = max(at_us, sign.at_us), organisation_id
        return pl.DataFrame(events, schema=EVENTS)

    def end(self, until_us: int) -> pl.DataFrame:
        """EVENTS of gaps that last until the end."""
        events: list[Event] = []
        for vehicle_id, sign in self.signs.items():
            events += self._until(vehicle_id, sign, until_us)
        return pl.DataFrame(events, schema=EVENTS)

    def _signs(self, samples: pl.DataFrame, binding: Binding) -> pl.DataFrame:
        """Vehicle, operator and instant of each sign."""
        if self.kind == "offline":
            return samples.select("vehicle_id", "organisation_id", "received_us")
        seen = see(self.carried, samples, binding.vehicles)
        self.carried = seen.carried
        charged = seen.rows.filter(pl.col("charged_us") == pl.col("ts_us"))
        return charged.select("vehicle_id", "organisation_id", "ts_us")

    def _until(self, vehicle_id: int, sign: Sign, at_us: int) -> list[Event]:
        """What happened since the last sign: an end, a gap that went on, or one that began."""
        begins_us = sign.at_us + self.after_us
        is_gap = begins_us <= at_us
        events = []
        if sign.since_us is not None and sign.over_us is not None:
            cleared_us = sign.over_us + self.keep_us
            if cleared_us <= (begins_us if is_gap else at_us):
                events.append(self._event(vehicle_id, sign, "clear", cleared_us, sign.since_us))
                sign.since_us = sign.over_us = None
            elif is_gap:
                sign.over_us = None
        if is_gap and sign.since_us is None and begins_us + self.for_us <= at_us:
            raised_us = begins_us + self.for_us
            events.append(self._event(vehicle_id, sign, "raise", raised_us, begins_us))
            sign.since_us = begins_us
        return events

    def _event(self, vehicle_id: int, sign: Sign, what: str, at_us: int, since_us: int) -> Event:
        return {
            "rule_key": self.rule_key,
            "organisation_id": sign.organisation_id,
            "code": self.code,
            "kind": self.kind,
            "vehicle_id": vehicle_id,
            "what": what,
            "at_us": at_us,
            "since_us": since_us,
            "value": self.after_us / (_US if self.kind == "offline" else 86_400 * _US),
            "facts": None,
        }
