"""Has contracts read again that are due, of every tenant, one transaction each.

Done every hour by the API and by `guanche contracts verify`; doing it twice at once costs nothing:
each contract is taken by one of them. Leaves out what is read and told: `verifying`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import by_id
from fleet.contracts.model import Verification
from fleet.contracts.vault import Vault
from fleet.contracts.verifying.service import verify_found
from kit import db
from kit.log import get_logger
from schemas.access import SYSTEM

MOST_AT_ONCE: Final = 1_000
MOST: Final = 10**7
EVER: Final = timedelta(days=366 * 100)
log = get_logger("contracts")


def verify_due(
    conn: Connection[Any],
    vault: Vault,
    *,
    now: datetime,
    limit: int = MOST_AT_ONCE,
    every: bool = False,
) -> Iterator[Verification]:
    """Read the contracts that are due, `every` one if told so, and commit after each."""
    at, limit = (now + EVER, MOST) if every else (now, limit)
    due = store.list_to_verify(conn, at=at, limit=limit)
    conn.commit()
    for contract_no, organisation_id in due:
        db.act_for(conn, [organisation_id])
        taken = store.lock_due_contract(conn, contract_no, organisation_id, at=at)
        found = None
        if taken is not None:
            actor = replace(SYSTEM, organisation_id=organisation_id)  # whose chain tells of it
            found = verify_found(conn, actor, vault, by_id(conn, taken), now=now)
        conn.commit()
        if found is not None:
            yield found


def alarm(done: Verification) -> None:
    """Tell the log of what was found changed, and of what could not be read."""
    told = {"contract_no": done.contract.contract_no, "faults": dict(done.faults)}
    if done.faults:
        log.error("contract_changed", **told)
    if done.unread:
        log.warning("contract_not_read", **told, unread=dict(done.unread))
