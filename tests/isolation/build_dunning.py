"""Makes notices of an open bill of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from psycopg import Connection

from fleet.dunning.service import make_by_hand, record_delivery
from fleet.leasing.service import get_lease
from fleet.local_days import local_day
from schemas.access import Actor
from tests.fleet.dunning.conftest import issued
from tests.isolation.crawl_world import NOW, Identifiers, Organisation

MADE = NOW - timedelta(hours=3)


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`, for the lease that is served: of `dunned_bill` there are a demand,
    which was sent (`notice_no`), and a call that was not (`notice_to_withdraw`).
    """
    own = replace(
        by, name=f"dunner.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    lease = get_lease(conn, own, lease_no=known["lease_served"])
    place = 2 * one.number + (known is one.spare)
    known["dunned_bill"] = f"B2099-{one.number}-{900_000 + place}"
    due_on = local_day(MADE) - timedelta(days=4)
    issued(conn, lease, place, due_on=due_on, bill_no=known["dunned_bill"], purpose="opening:1")
    for kind, stage in (("notice_no", "demand_7"), ("notice_to_withdraw", "call_3")):
        known[kind] = make_by_hand(conn, own, bill_no=known["dunned_bill"], stage=stage, now=MADE)
        one.marks.append(known[kind])
    record_delivery(
        conn,
        own,
        notice_no=known["notice_no"],
        channel="post",
        result="sent",
        proof=f"证{one.mark}",
        now=MADE + timedelta(hours=1),
    )
    one.marks.append(known["dunned_bill"])
