"""Opens PostgreSQL connections the one way this project opens them.

UTC sessions, a name in pg_stat_activity, no JIT, and keep-alives that notice a dead peer.
Transactions are opened and committed by the edges (a request, a job, an ingest batch), never here.
"""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))
_PASSWORD = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)")
OPTIONS = "-c timezone=UTC -c jit=off"
"""Row security makes a query look so dear that it is compiled for longer than it runs: jit=off."""
KEEPALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # ms; a peer that vanished is given up after this
}


def connect(
    url: str, *, application_name: str = "guanche", autocommit: bool = False
) -> Connection[TupleRow]:
    """A new connection in UTC.

    Raises:
        psycopg.OperationalError: the server cannot be reached or refuses the log-in.
    """
    return psycopg.connect(
        url,
        autocommit=autocommit,
        application_name=application_name,
        options=OPTIONS,
        **KEEPALIVE,  # type: ignore[arg-type]
    )


def act_for(conn: Connection[Any], organisation_ids: Collection[int]) -> None:
    """Let the transaction see the rows of these organisations and of all below them.

    Ends with the transaction: outside one it does nothing. Without it, a member of guanche_app sees
    no row at all.
    """
    listed = "{" + ",".join(str(int(each)) for each in organisation_ids) + "}"
    conn.execute(_queries.act_for, {"organisations": listed})


def masked(url: str) -> str:
    """The URL or connection string with its password hidden, fit for a log line.

    >>> masked("postgresql://ops:secret@db/guanche")
    'postgresql://ops:***@db/guanche'
    >>> masked("host=db password='top secret' user=ops")
    'host=db password=*** user=ops'
    """
    url = _PASSWORD.sub(r"\1***", url)
    head, at, tail = url.rpartition("@")
    scheme, sep, login = head.partition("://")
    if not at or ":" not in login:
        return url
    return f"{scheme}{sep}{login.split(':', 1)[0]}:***@{tail}"
