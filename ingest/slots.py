"""Shares broker sessions among processes by leases in the database.

A slot is one broker session (client id, subscription, queue). With one slot there is one plain
subscription; with more, all slots form one shared subscription and the broker deals the messages
out. A broker goes on dealing to the queue of a session nobody serves, so no slot may stay without
a holder: a process takes a slot whose lease has lapsed and serves it beside its own until it ends.

While the database is away nobody can take over and nobody stands down: nothing could be written
anyway, and two processes at one session could only write the same rows twice, which changes
nothing.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store import SQL


class Lease(NamedTuple):
    """Who holds a slot."""

    slot: int
    holder: str
    fencing: int
    expires_at: Any
    lapsed: bool


class Leases:
    """The leases of one group of processes, seen by one of them."""

    def __init__(self, *, client_id: str, holder: str, lease_s: float) -> None:
        self.holder = holder
        self._parameters = {
            "client_id": client_id,
            "holder": holder,
            "lease": timedelta(seconds=lease_s),
        }

    def renew(self, conn: Connection[Any]) -> set[int]:
        """Extend our leases; the slots we still hold."""
        return {slot for (slot,) in conn.execute(SQL.renew_slots, self._parameters).fetchall()}

    def claim(self, conn: Connection[Any], claim: "Claim") -> int | None:
        """Take a slot if it is free, lapsed, or still held by the one named.

        The fencing number of our lease, or None if another process was faster.
        """
        parameters = self._parameters | claim._asdict()
        row = conn.execute(SQL.claim_slot, parameters).fetchone()
        return None if row is None else int(row[0])

    def list(self, conn: Connection[Any]) -> list[Lease]:
        """The leases of the whole group, by slot."""
        with conn.cursor(row_factory=class_row(Lease)) as cursor:
            return cursor.execute(SQL.list_slots, self._parameters).fetchall()

    def release(self, conn: Connection[Any]) -> None:
        """Give all our leases back, so that another takes over at once."""
        conn.execute(SQL.release_slots, self._parameters)

    def delete(self, conn: Connection[Any], slot: int) -> None:
        """Forget a slot whose session is no more."""
        conn.execute(SQL.delete_slot, self._parameters | {"slot": slot})


class Claim(NamedTuple):
    """A slot to claim, and from whom if its holder still serves it."""

    slot: int
    from_holder: str | None


def choose(leases: list[Lease], *, holder: str, slots: int) -> Claim | None:
    """The slot this process should claim next, or None.

    A process with a slot takes another only when that one is orphaned: its lease has lapsed, so
    there is a queue and nobody serves it. A process without takes any orphan, else a slot never
    used yet, else one from a process that holds several; with nothing to take it stands by.
    Orphans from `slots` on are left over from a larger number: taken, to be retired.
    """
    within = [lease for lease in leases if lease.slot < slots]
    orphans = [lease.slot for lease in leases if lease.lapsed]
    if orphans:
        return Claim(min(orphans), None)
    if any(lease.holder == holder for lease in leases):
        return None
    unused = set(range(slots)) - {lease.slot for lease in within}
    if unused:
        return Claim(min(unused), None)
    held = Counter(lease.holder for lease in within)
    shareable = [lease for lease in within if held[lease.holder] > 1]
    if not shareable:
        return None
    lease = max(shareable)
    return Claim(lease.slot, lease.holder)
