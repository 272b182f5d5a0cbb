"""Which vehicle a device sat in at a moment, and who operated it then. Pure.

Device bindings and operator periods are cut into segments in which both are constant, so that a
sample is resolved by one look into a short list. All periods are half-open, in µs since 1970.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

NEVER_US = 2**63 - 1
"""The end of a period that is still open."""


class BindingRow(NamedTuple):
    """A device and one period in a vehicle; without vehicle if it never sat in one."""

    serial: str
    device_id: int
    vehicle_id: int | None
    vin: str | None
    from_us: int | None
    until_us: int | None


class OperatorRow(NamedTuple):
    """One period in which an organisation operated a vehicle."""

    vehicle_id: int
    organisation_id: int
    from_us: int
    until_us: int | None


class Segment(NamedTuple):
    """A span of time in which a device sat in one vehicle under one operator (or none)."""

    device_id: int
    vehicle_id: int
    vin: str
    operator_id: int | None
    from_us: int
    until_us: int
    bound_until_us: int
    """When the binding itself ends; the operator may change before."""


class Bindings:
    """The segments of every device."""

    def __init__(self, bindings: Iterable[BindingRow], operators: Iterable[OperatorRow]) -> None:
        operated: dict[int, list[OperatorRow]] = defaultdict(list)
        for row in sorted(operators, key=lambda row: row.from_us):
            operated[row.vehicle_id].append(row)
        self._segments: dict[str, list[Segment]] = {}
        for binding in bindings:
            segments = self._segments.setdefault(binding.serial, [])
            if binding.vehicle_id is not None:
                segments.extend(cut(binding, operated.get(binding.vehicle_id, [])))
        for segments in self._segments.values():
            segments.sort(key=lambda s: s.from_us, reverse=True)

    def __len__(self) -> int:
        return len(self._segments)

    def find_segments(self, serial: str) -> list[Segment] | None:
        """The segments of a device, newest first; None if the device is unknown."""
        return self._segments.get(serial)


def find_segment(segments: list[Segment], at_us: int) -> Segment | None:
    """The segment that covers an instant."""
    for segment in segments:
        if segment.from_us <= at_us:
            return segment if at_us < segment.until_us else None
    return None


def cut(binding: BindingRow, operators: list[OperatorRow]) -> list[Segment]:
    """A binding cut where the vehicle's operator changes; gaps have no operator.

    `operators` are those of the vehicle, in order and without overlap.
    """
    assert binding.vehicle_id is not None
    assert binding.vin is not None
    assert binding.from_us is not None
    end = NEVER_US if binding.until_us is None else binding.until_us
    segments: list[Segment] = []

    def add(operator_id: int | None, from_us: int, until_us: int) -> None:
        if from_us < until_us:
            segments.append(
                Segment(binding.device_id, vehicle_id, vin, operator_id, from_us, until_us, end)
            )

    vehicle_id, vin, here = binding.vehicle_id, binding.vin, binding.from_us
    for row in operators:
        until = NEVER_US if row.until_us is None else row.until_us
        if until <= here or row.from_us >= end:
            continue
        add(None, here, row.from_us)
        add(row.organisation_id, max(here, row.from_us), min(until, end))
        here = min(until, end)
    add(None, here, end)
    return segments
