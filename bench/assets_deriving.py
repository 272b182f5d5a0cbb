"""How long it takes to derive from the papers of all vehicles what falls due.

Done as the API's role acting for the head office, in one transaction: first as if nothing had ever
been derived, then once more, when nothing differs. What was there before must be there afterwards.
"""

import os
from contextlib import closing

import msgspec

from bench.api_fleet import ROOT
from bench.assets_server import AssetsRig
from bench.machine import cpu_s
from bench.rig import SQL
from fleet.compliance import service as compliance
from kit import clock, db


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """Both times."""

    vehicles: int
    first_s: float
    first_rows: int
    first_cpu_s: float
    """Of Python alone, the first time."""
    again_s: float
    again_rows: int
    wrong: list[str]


def measure_deriving(rig: AssetsRig) -> Derived:
    """Forget what was derived, derive it, and again."""
    with rig.connect() as owner:
        before = owner.execute(SQL.list_open_due).fetchall()
        owner.execute(SQL.forget_papers_due)
        owner.execute(SQL.vacuum_everything)
    spent_s = cpu_s(os.getpid())
    first_s, first_rows = _derive(rig)
    spent_s = cpu_s(os.getpid()) - spent_s
    again_s, again_rows = _derive(rig)
    with rig.connect() as owner:
        after = owner.execute(SQL.list_open_due).fetchall()
    wrong = []
    if again_rows:
        wrong.append(f"deriving: {again_rows} obligations differ the second time")
    if before != after:
        differing = len(set(before) ^ set(after))
        wrong.append(f"deriving: {differing} obligations are not as they were")
    return Derived(
        vehicles=rig.data.vehicles,
        first_s=first_s,
        first_rows=first_rows,
        first_cpu_s=spent_s,
        again_s=again_s,
        again_rows=again_rows,
        wrong=wrong,
    )


def _derive(rig: AssetsRig) -> tuple[float, int]:
    with closing(db.connect(rig.app_url, application_name="fleetbench")) as conn:
        began_s = clock.monotonic()
        with conn.transaction():
            conn.execute(SQL.prepare_load_session)
            db.act_for(conn, [rig.askers[ROOT].organisation_id])
            rows = compliance.refresh_papers(conn, vehicle_ids=None, now=clock.now())
        return clock.monotonic() - began_s, rows
