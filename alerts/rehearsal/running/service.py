"""Reads the samples of some vehicles after others, each over the whole span, and has them judged.

Memory is bounded: some vehicles and hours at a time. Decides where it stops when there are too
many: all vehicles that were begun are looked at until the same instant. Leaves out judging itself.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from psycopg import Connection

from alerts.engine.findings import to_us
from alerts.geofences.model import Shape
from alerts.rehearsal import store
from alerts.rehearsal.judging import Judging, Tally, detectors_of, offsets_of
from alerts.rehearsal.model import Limits, LookedAt
from alerts.rules.model import RuleDraft

_FIRST_SPAN: Final = timedelta(hours=1)


class Run:
    """Reads and judges some vehicles after others, each over the whole span, until the limit."""

    def __init__(
        self,
        conn: Connection[Any],
        draft: RuleDraft,
        *,
        from_at: datetime,
        until_at: datetime,
        limits: Limits,
    ) -> None:
        self.conn, self.draft, self.limits = conn, draft, limits
        self.from_at, self.until_at = from_at, until_at
        organisations = store.read_organisations(conn, draft.acted.id)
        self.organisation_ids: list[int] = organisations["organisation_id"].to_list()
        self.offsets = offsets_of(organisations, until_at)
        self.faults: set[str] = set()
        members = self._members()
        self.rules = detectors_of(draft, self.organisation_ids, self._shapes(), members)
        found = store.read_vehicles(conn, self.organisation_ids, from_at=from_at, until_at=until_at)
        self.vehicles = self._with_groups(found, members)
        self.tenants = dict(self.vehicles.select("vehicle_id", "tenant_id").iter_rows())
        self.tally = Tally(dict(self.vehicles.select("vehicle_id", "vin").iter_rows()))
        self.samples, self.cut = 0, False
        self.looked_at: list[LookedAt] = []

    def _shapes(self) -> dict[int, Shape]:
        """What the place of the rule is to each organisation; nothing for other kinds."""
        if self.draft.kind.name != "geofence":
            return {}
        code = self.draft.parameters.geofence
        shapes = store.read_geofences(self.conn, self.organisation_ids, code)
        if not shapes:
            self.faults.add(f"there is no geofence {code!r} in sight")
        return shapes

    def _members(self) -> dict[int, frozenset[int]] | None:
        """The vehicles that the groups of the scope hold for each organisation."""
        if not self.draft.scope.groups:
            return None
        return store.read_members(
            self.conn,
            self.organisation_ids,
            self.draft.scope.groups,
            from_at=self.from_at,
            until_at=self.until_at,
        )

    def _with_groups(
        self, found: pl.DataFrame, members: Mapping[int, frozenset[int]] | None
    ) -> pl.DataFrame:
        """The vehicles that its scope names, as far as names of vehicles do, with their groups."""
        scope = self.draft.scope
        if scope.vins:
            found = found.filter(pl.col("vin").is_in(list(scope.vins)))
        if scope.models:
            found = found.filter(pl.col("model").is_in(list(scope.models)))
        if members is not None:
            found = found.filter(
                pl.col("vehicle_id").is_in(sorted(frozenset().union(*members.values())))
            )
        ids = found["vehicle_id"].to_list()
        memberships = store.read_memberships(
            self.conn, ids, from_at=self.from_at, until_at=self.until_at
        )
        groups = memberships.group_by("vehicle_id").agg(groups=pl.col("code").sort())
        none = pl.lit([], pl.List(pl.String))
        grouped = found.join(groups, on="vehicle_id", how="left", maintain_order="left")
        return grouped.with_columns(pl.col("groups").fill_null(none))

    def go(self) -> None:
        """Judge all, or as much as the limit allows."""
        for begin in range(0, len(self.vehicles), self.limits.vehicles_at_once):
            if self.samples >= self.limits.samples:
                self.cut = True
                return
            self._judge(self.vehicles[begin : begin + self.limits.vehicles_at_once])

    def _judge(self, vehicles: pl.DataFrame) -> None:
        ids: list[int] = vehicles["vehicle_id"].to_list()
        turns = store.read_turns(self.conn, ids, from_at=self.from_at, until_at=self.until_at)
        judging = Judging(
            self.draft,
            self.rules,
            vehicles=vehicles,
            turns=turns,
            offsets=self.offsets,
            tally=self.tally,
        )
        until_at = self.from_at
        for samples, read_until in self._spans(ids):
            judging.judge(samples)
            until_at = read_until
        judging.end(to_us(until_at))
        self.faults |= judging.faults
        self.looked_at.append(LookedAt(tuple(vehicles["vin"]), until_at))
        self.cut |= until_at < self.until_at

    def _spans(self, ids: list[int]) -> Iterator[tuple[pl.DataFrame, datetime]]:
        """Samples span by span, each with its end; how long one is follows from what they hold."""
        from_at, span = self.from_at, _FIRST_SPAN
        while from_at < self.until_at:
            until_at = min(from_at + span, self.until_at)
            left = self.limits.samples - self.samples
            samples = store.read_samples(
                self.conn,
                ids,
                self.organisation_ids,
                from_at=from_at,
                until_at=until_at,
                limit=left + 1,
            )
            if len(samples) > left:
                return  # a part of a span would favour some vehicles
            self.samples += len(samples)
            yield samples, until_at
            wanted = self.limits.samples_at_once / max(1, len(samples))
            from_at, span = until_at, span * min(8.0, max(0.25, wanted))
