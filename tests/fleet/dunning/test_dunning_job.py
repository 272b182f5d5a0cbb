"""The job: every organisation of every tenant, as the API's role, one transaction each."""

from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import psycopg
import pytest
from psycopg import Connection

from fleet.dunning import jobs
from fleet.dunning.service import list_notices, make_due
from kit import db
from schemas.access import SYSTEM
from tests.fleet.dunning.conftest import DUE, at, issued, lender, office, running, settle
from tests.fleet.leasing.conftest import signed

Conn = Connection[Any]
pytestmark = pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
__all__ = ["lender", "office"]


class Counting(psycopg.Cursor[Any]):
    """A cursor that counts what it is asked."""

    asked: ClassVar[Counter[str]] = Counter()

    def execute(self, query: Any, *args: Any, **options: Any) -> Any:
        """As always, and counted."""
        Counting.asked["all"] += 1
        return super().execute(query, *args, **options)


def test_it_runs_as_the_application_for_each_organisation(
    lender: Conn, app_conn: Conn, caplog: Any
) -> None:
    lease, other = running(lender), signed(lender).lease
    issued(lender, lease, 1)
    settled = issued(lender, other, 2)
    lender.commit()
    done = list(jobs.run_all(app_conn, at(7)))
    assert [(each.organisation_id, each.made) for each in done] == [
        (lease.organisation_id, {"demand": 2})
    ]
    settle(lender, settled, DUE + timedelta(days=8))
    lender.commit()
    [again] = jobs.run_all(app_conn, at(8))
    assert (again.made, again.withdrawn, again.bills) == ({}, 1, 1)
    assert app_conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    states = Counter(each.notice.state for each in list_notices(lender, SYSTEM, {}))
    assert states == {"made": 1, "withdrawn": 1}


def test_what_a_run_asks_does_not_grow_with_the_bills(lender: Conn) -> None:
    """30,000 open bills are a matter of seconds: no question is asked a bill."""
    lease = running(lender)
    actor = replace(SYSTEM, organisation_id=lease.organisation_id)
    lender.cursor_factory = Counting
    counts = []
    for first, last in ((1, 2), (3, 20)):
        for number in range(first, last + 1):
            issued(lender, lease, number)
        Counting.asked.clear()
        done = make_due(lender, actor, organisation_id=lease.organisation_id, now=at(7))
        assert done.made == {"demand": last - first + 1}
        counts.append(Counting.asked["all"])
    assert counts[0] == counts[1]


def test_two_at_once_make_a_notice_once(lender: Conn, database_url: str) -> None:
    lease = running(lender)
    issued(lender, lease, 1)
    lender.commit()
    actor = replace(SYSTEM, organisation_id=lease.organisation_id)
    facts: dict[str, Any] = {"organisation_id": lease.organisation_id, "now": at(7)}
    with closing(db.connect(database_url)) as second:
        db.act_for(second, [lease.organisation_id])
        first = make_due(lender, actor, **facts)
        lender.commit()
        after = make_due(second, actor, **facts)
        second.commit()
    assert (first.made, after.made) == ({"demand": 1}, {})
    assert len(list_notices(lender, SYSTEM, {})) == 1
