"""Has the notices made that are due, of every organisation of every tenant, one transaction each.

Done every hour; doing it twice at once costs nothing: a stage is made of a bill once. After
down-time the next run makes what is due by then. Leaves out what is due: `ladder.py`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.dunning import store
from fleet.dunning.making.service import make_due
from fleet.dunning.model import RunCounts
from kit import db
from kit.log import get_logger
from schemas.access import SYSTEM

log = get_logger("dunning")


def run_all(conn: Connection[Any], now: datetime) -> Iterator[RunCounts]:
    """What was done, organisation by organisation; committed after each."""
    organisations = store.list_organisations(conn)
    conn.commit()
    for organisation_id in organisations:
        db.act_for(conn, [organisation_id])
        actor = replace(SYSTEM, organisation_id=organisation_id)  # whose chain tells of it
        done = make_due(conn, actor, organisation_id=organisation_id, now=now)
        conn.commit()
        tell(done)
        yield done


def tell(done: RunCounts) -> None:
    """Tell the log of what lacks something to be put right."""
    if done.faults:
        log.warning(
            "dunning_lacks",
            organisation_id=done.organisation_id,
            count=len(done.faults),
            first=[(each.bill_no, each.stage, each.why) for each in done.faults[:10]],
        )
