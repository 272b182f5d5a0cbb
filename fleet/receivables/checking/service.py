"""Derives what is kept anew from the rows that only grow, and compares.

Open parts of bills, credit left, deposits held; that the ledger says the same of every customer;
that bills add up and their numbers have no gap. Leaves out the books themselves
(`fleet/ledger/checking`), and putting anything right: a difference is a fault of the program.
"""

from typing import Any, Final

from psycopg import Connection

from fleet.ledger.service import Fault
from fleet.receivables.checking import store

MOST: Final = 100
"""Of each check: where one thing is wrong, many are."""


def check_balances(conn: Connection[Any]) -> list[Fault]:
    """What does not hold of what is in sight; nothing where all is well. Changes nothing."""
    return [
        Fault(name, key or "", f"kept {kept}, follows {follows}")
        for name, query in store.CHECKS
        for key, kept, follows in store.list_off(conn, query, limit=MOST)
    ]
