"""`guanche leases` on a real database."""

import json
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from fleet.customers.service import CustomerFacts, create_customer
from fleet.leasing.service import draft_lease, sign_lease
from fleet.leasing.terms import Line, Term, Terms
from fleet.orgs.service import create_organisation
from kit.sealed import SealingKey
from schemas.access import SYSTEM
from tests.guanche.conftest import Run

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)


def signed(conn: Connection[Any]) -> str:
    """The number of a lease that is signed, and committed."""
    create_organisation(conn, SYSTEM, code="qingfan", name="青帆", now=NOW)
    facts = CustomerFacts("company", "顺达物流")
    key = SealingKey(bytes(range(32)))
    customer = create_customer(
        conn, SYSTEM, facts=facts, organisation_code="qingfan", key=key, now=NOW
    )
    terms = Terms(
        kind="long",
        starts_on=NOW.date(),
        term=Term(count=12),
        lines=(Line(no=1, rent_fen=280_000),),
    )
    draft = draft_lease(conn, SYSTEM, customer_no=customer.customer_no, terms=terms, now=NOW)
    sign_lease(conn, SYSTEM, lease_no=draft.lease.lease_no, now=NOW)
    conn.commit()
    return draft.lease.lease_no


def test_what_does_not_follow_from_the_events_is_told(
    run: Run, database_url: str, conn: Connection[Any]
) -> None:
    lease_no = signed(conn)
    whole = run("leases", "check", GUANCHE_DATABASE_URL=database_url)
    assert (whole.exit_code, whole.stdout) == (0, "as it follows  nothing differs\n")
    conn.execute("UPDATE leases SET ends_on = ends_on + 1")
    conn.commit()
    told = run("leases", "check", "--json", GUANCHE_DATABASE_URL=database_url)
    assert told.exit_code == 1
    assert json.loads(told.stdout) == {
        "differ": 1,
        "by_what": {"ends_on": 1},
        "first": [
            {
                "lease_no": lease_no,
                "what": "ends_on",
                "follows": '"2027-11-19"',
                "kept": '"2027-11-20"',
            }
        ],
    }
    shown = run("leases", "check", GUANCHE_DATABASE_URL=database_url)
    assert shown.exit_code == 1
    assert lease_no in shown.stdout
    assert "1 differ" in shown.stdout
