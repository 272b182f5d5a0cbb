"""Makes agreements on shares of one organisation, and a month settled, with its mark."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.shares.service import agree, settle
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation

SETTLED: Any = LONG_AGO.date().replace(day=1)
"""A month that is over."""


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `share_key` is agreed on with its yard, or its gate; the month
    SETTLED of it is settled as `settlement_key`, no other.
    """
    own = replace(
        by, name=f"cashier.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    made = agree(
        conn,
        own,
        owner_code=one.ids["code"],
        operator_code=f"{one.ids['code']}-{'yard' if known is one.ids else 'gate'}",
        basis="earned",
        share_pct=Decimal(30),
        floor_fen=7_100_000 + one.number,
        from_month_on=SETTLED,
        now=LONG_AGO,
    )
    settled = settle(conn, own, key=made.key, month_on=SETTLED, now=NOW)
    known |= {"share_key": str(made.key), "settlement_key": str(settled.key)}
    one.marks += [str(made.key), str(settled.key), str(7_100_000 + one.number)]
