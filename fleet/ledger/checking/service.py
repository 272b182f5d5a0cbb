"""Looks whether the books hold, whatever the database was said to keep.

The database refuses what is looked for here; a check finds what was done to it from behind. Leaves
out what other slices keep beside the books: they check it with `balance_of`.
"""

from typing import Any, Final

from psycopg import Connection

from fleet.ledger.checking import store
from fleet.ledger.model import Fault

MOST: Final = 1_000
"""Faults of a check that are told."""


def check_ledger(conn: Connection[Any]) -> list[Fault]:
    """What does not hold of the books in sight; nothing where all is well."""
    return [
        *(
            Fault("entries_balance", key, f"{sides} postings, off by {off_fen} fen")
            for key, off_fen, sides in store.find_unbalanced(conn, limit=MOST)
        ),
        *(
            Fault("closings_stay", key, "the month does not come to what was kept when it closed")
            for key in store.find_changed_closings(conn, limit=MOST)
        ),
        *(
            Fault("closings_closed", key, "the month was closed, but its book is open")
            for key in store.find_open_closings(conn, limit=MOST)
        ),
    ]
