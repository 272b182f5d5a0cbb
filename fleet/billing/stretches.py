"""Decides which days of a line of a lease are alike: same terms, same vehicle, let or resting.

The rent of a line begins with the start of the lease, or with the amendment that brought it; where
it begins with the hand-over, nothing before the first one counts. It ends with the day of the
return, which counts. The day of a swap is the new vehicle's; days before the first hand-over are
those of the vehicle that came, or was chosen to. Leaves out the term and the periods
(`fleet.lease_book.periods_of`) and what a day costs (`rent_items.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from fleet.lease_book import ONE_DAY, Book, Line, Suspension, Version
from fleet.local_days import local_day


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days of a line, [from_on, until_on); `vehicle_id` None: none had come, nor was chosen.

    `rests`: a suspension that is credited. `rests_on`: one that nobody has ended yet, so that it
    is not known how long.
    """

    from_on: date
    until_on: date
    version: Version
    line: Line
    vehicle_id: int | None
    rests: bool = False
    rests_on: bool = False

    def like(self, other: "Stretch") -> bool:
        """Whether the two cost the same a day, and stand on one line of a bill."""
        return (
            (self.line.rent_fen, self.line.per) == (other.line.rent_fen, other.line.per)
            and self.version.terms.proration == other.version.terms.proration
            and (self.vehicle_id, self.rests, self.rests_on)
            == (other.vehicle_id, other.rests, other.rests_on)
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """A version and the days it is lived under, [from_on, until_on)."""

    version: Version
    from_on: date
    until_on: date


def in_force(book: Book) -> list[InForce]:
    """The versions one after the other, from the first day on; `Book.version_on` by ranges."""
    found: list[InForce] = []
    until_on = date.max
    for version in reversed(book.versions):
        if version.effective_on < until_on:
            found.append(InForce(version, version.effective_on, until_on))
            until_on = version.effective_on
    found[-1] = replace(found[-1], from_on=date.min)
    return found[::-1]


def line_numbers(versions: Sequence[InForce]) -> list[int]:
    """All lines that were ever in force, or will be."""
    return sorted({line.no for each in versions for line in each.version.terms.lines})


def returned_on(book: Book, line_no: int) -> date | None:
    """The day the line's last vehicle came back for good; None: it is out, or never was."""
    segments = book.of_line(line_no)
    if not segments or segments[-1].until_at is None:
        return None
    return local_day(segments[-1].until_at, book.zone)


def stretches_of(book: Book, line_no: int, versions: Sequence[InForce]) -> list[Stretch]:
    """The days of a line from the start of the lease on, to its return or without an end."""
    if line_no in book.dropped_lines:
        return []
    segments = book.of_line(line_no)
    came_on = local_day(segments[0].from_at, book.zone) if segments else None
    back_on = returned_on(book, line_no)
    last_until = date.max if back_on is None else back_on + ONE_DAY
    vehicles = _vehicles(book, line_no)
    rests = [s for s in book.suspensions if s.credited and s.line_no in (None, line_no)]
    found: list[Stretch] = []
    for each in versions:
        line = each.version.terms.line(line_no)
        from_on = max(each.from_on, book.starts_on)
        if each.version.terms.rent_begins == "hand_over":
            from_on = max(from_on, came_on or date.max)
        until_on = min(each.until_on, last_until)
        if line is None or from_on >= until_on:
            continue
        for begin, end in _cut(from_on, until_on, vehicles, rests):
            resting = [s for s in rests if _covers(s, begin)]
            stretch = Stretch(
                begin,
                end,
                each.version,
                line,
                _vehicle_on(vehicles, begin),
                rests=bool(resting),
                rests_on=bool(resting) and all(s.until_on is None for s in resting),
            )
            if found and found[-1].until_on == begin and found[-1].like(stretch):
                found[-1] = replace(found[-1], until_on=end)
            else:
                found.append(stretch)
    return found


def within(stretches: Sequence[Stretch], from_on: date, until_on: date) -> list[Stretch]:
    """What of them lies in [from_on, until_on)."""
    found = []
    for each in stretches:
        if each.from_on < until_on and from_on < each.until_on:
            if each.from_on < from_on or until_on < each.until_on:
                begin, end = max(each.from_on, from_on), min(each.until_on, until_on)
                found.append(replace(each, from_on=begin, until_on=end))
            else:
                found.append(each)
    return found


def _vehicles(book: Book, line_no: int) -> list[tuple[date, int]]:
    """From which day on which vehicle; of several on a day the last."""
    came: dict[date, int] = {}
    for segment in book.of_line(line_no):
        came[local_day(segment.from_at, book.zone)] = segment.vehicle_id
    chosen = [c.vehicle_id for c in book.chosen if c.line_no == line_no]
    return list(came.items()) or [(date.min, vehicle) for vehicle in chosen]


def _vehicle_on(vehicles: Sequence[tuple[date, int]], on: date) -> int | None:
    come = [vehicle for since, vehicle in vehicles if since <= on]
    first = vehicles[0][1] if vehicles else None
    return come[-1] if come else first


def _cut(
    from_on: date,
    until_on: date,
    vehicles: Sequence[tuple[date, int]],
    rests: Sequence[Suspension],
) -> Iterator[tuple[date, date]]:
    bounds = {since for since, _vehicle in vehicles[1:]}
    for each in rests:
        bounds |= {each.from_on} if each.until_on is None else {each.from_on, each.until_on}
    yield from pairwise([from_on, *sorted(d for d in bounds if from_on < d < until_on), until_on])


def _covers(suspension: Suspension, on: date) -> bool:
    until_on = suspension.until_on
    return suspension.from_on <= on and (until_on is None or on < until_on)
