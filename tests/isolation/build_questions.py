"""Makes what is asked over all of it of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import Connection

from fleet.calendar import service as calendar
from fleet.compliance import service as compliance
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, Identifiers, Organisation

FROM = date(2025, 3, 3)
UNTIL = date(2090, 5, 31)


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """A calendar, and papers with which a vehicle without a terminal can be let.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.
    """
    own = replace(
        by, name=f"papers.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    feed, secret = calendar.create_feed(
        conn, own, name=f"历{one.mark}", organisation_code=one.ids["code"], now=LONG_AGO
    )
    known |= {"feed_key": str(feed.key), "feed_secret": secret}
    one.marks.append(str(feed.key))
    compliance.record_inspection(
        conn,
        own,
        vin=known["vin_free"],
        inspection=compliance.Inspection("line", FROM, passed=True, valid_to_on=UNTIL),
        now=LONG_AGO,
    )
    compliance.record_policy(
        conn,
        own,
        vin=known["vin_free"],
        kind="compulsory",
        policy_no=f"Q-{one.mark}-{'ids' if known is one.ids else 'spare'}",
        terms=compliance.PolicyTerms(
            insurer=f"险{one.mark}", covered_from=FROM, covered_until=UNTIL
        ),
        now=LONG_AGO,
    )
