"""The database of the bench of alerts: the whole vehicle book, leases, and a month of bills.

Joins what the benches of assets and of money load, in one database, and bills it with the real
`guanche money run`. Decides that vehicles on a lease are let. Leaves out telemetry
(`alerts_writer.py`).
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from psycopg import Connection

from bench.api_dataset import Say
from bench.assets_server import AssetsRig, running_assets_rig
from bench.money_book import REACH_DAYS, make_leases
from bench.money_running import measure_billing
from bench.money_server import MoneyData, MoneyRig
from bench.money_writing import begin_billing, write_leases
from bench.rig import SQL, Storage
from kit import clock, db


class AlertsData(msgspec.Struct, frozen=True, kw_only=True):
    """What was loaded."""

    storage: str
    """In words."""
    vehicles: int
    leases: int
    bills: int
    obligations: int
    seed: int


@dataclass
class AlertsRig:
    """A loaded database."""

    assets: AssetsRig
    data: AlertsData

    @property
    def url(self) -> str:
        """As the owner, which the engine is."""
        return self.assets.url

    def connect(self) -> Connection[Any]:
        """A connection of the owner in autocommit mode."""
        return db.connect(self.url, application_name="fleetbench", autocommit=True)

    def clear(self) -> None:
        """No telemetry, no alerts, and nothing left to write for the server."""
        with self.connect() as conn:
            conn.execute(SQL.empty_alerts)
            conn.execute(SQL.checkpoint)


@contextmanager
def running_alerts_rig(
    *, leases: int, seed: int, storage: Storage, say: Say
) -> Iterator[AlertsRig]:
    """A loaded database; its data are gone at the end of the block.

    Raises:
        ServerFailed: no such database on this machine.
        RigFailed: the leases could not be billed.
    """
    vehicles = leases + leases // 10 + 1
    with running_assets_rig(vehicles=vehicles, seed=seed, storage=storage, say=say) as assets:
        say(f"writing down {leases:,} leases, and billing them …")
        bills = _let_and_bill(assets, leases=leases, vehicles=vehicles, seed=seed)
        data = AlertsData(
            storage=assets.data.storage,
            vehicles=vehicles,
            leases=leases,
            bills=bills,
            obligations=assets.data.obligations,
            seed=seed,
        )
        yield AlertsRig(assets, data)


def _let_and_bill(assets: AssetsRig, *, leases: int, vehicles: int, seed: int) -> int:
    now, today = clock.now(), assets.data.today
    from_on = today - timedelta(days=REACH_DAYS)
    with closing(db.connect(assets.url, autocommit=True)) as conn:
        conn.execute(SQL.prepare_load_session)
        write_leases(conn, make_leases(leases, today), vehicles=vehicles, seed=seed, now=now)
        conn.execute(SQL.let_money_leases)
        begin_billing(conn, from_on=from_on, now=now)
        data = MoneyData(
            storage=assets.data.storage,
            leases=leases,
            seed=seed,
            today=today,
            bills_from_on=from_on,
            load_s=0.0,
        )
        billed = measure_billing(MoneyRig(assets.server, assets.database, assets.folder, data))
        conn.execute(SQL.vacuum_everything)
    return billed.bills
