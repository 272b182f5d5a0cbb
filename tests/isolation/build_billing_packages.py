"""Makes service packages and their sales of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.local_days import local_day
from fleet.packages.service import add_package, record_visit, sell_package
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation

CHECKS: Final = "pkg-checks"
"""Each organisation has a package of this code: codes are its own."""
SIGNED: Final = NOW - timedelta(days=40)


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `lease_served` is signed, with a package: `sale_key`."""
    own = replace(
        by, name=f"seller.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    if known is one.ids:
        mark = "" if one.part == "root" else one.mark  # the head's list is everybody's
        checks: dict[str, Any] = {"visit_kind": "battery_check", "visits": 4, "price_fen": 80_000}
        for code in (CHECKS, "pkg-wash"):
            title = f"检{mark}"
            add_package(conn, own, code=code, title=title, months=12, **checks, now=LONG_AGO)
    terms = Terms(
        kind="long",
        starts_on=local_day(SIGNED),
        term={"count": 12},
        lines=(Line(no=1, rent_fen=250_000),),
        remarks=f"约{one.mark}",
        clauses={"termination": f"条{one.mark}"},
    )
    customer_no = known["lessee_no"]
    draft = draft_lease(conn, own, customer_no=customer_no, terms=terms, now=SIGNED).lease
    sign_lease(conn, own, lease_no=draft.lease_no, now=SIGNED)
    sold = sell_package(conn, own, lease_no=draft.lease_no, package=CHECKS, now=SIGNED)
    record_visit(conn, own, key=sold.row.key, note=f"店{one.mark}", now=NOW)
    known |= {"lease_served": draft.lease_no, "sale_key": str(sold.row.key)}
    one.marks += [draft.lease_no, str(sold.row.key)]
