"""Connections, and URLs fit for a log line."""

from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from kit import db


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("postgresql://ops:s3cret@db/x", "postgresql://ops:***@db/x", id="password"),
        pytest.param("postgresql://ops:a:b@db/x", "postgresql://ops:***@db/x", id="colon in it"),
        pytest.param("postgresql://ops:a@b@db/x", "postgresql://ops:***@db/x", id="at sign in it"),
        pytest.param("postgresql://ops@db:5432/x", "postgresql://ops@db:5432/x", id="no password"),
        pytest.param("postgresql://db/x", "postgresql://db/x", id="no log-in"),
        pytest.param("mqtt://t1:s3cret@broker:1883", "mqtt://t1:***@broker:1883", id="broker"),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    assert db.masked(url) == shown


def test_a_connection_is_in_utc_has_a_name_and_commits_when_told(database_url: str) -> None:
    with closing(db.connect(database_url, application_name="guanche test")) as conn:
        assert conn.execute(
            "SELECT current_setting('timezone'), current_setting('application_name')"
        ).fetchone() == ("UTC", "guanche test")
        assert conn.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_no_query_of_ours_is_compiled(database_url: str) -> None:
    with db.connect(database_url) as conn:
        assert conn.execute("SHOW jit").fetchone() == ("off",)


def test_a_server_that_is_not_there_is_an_operational_error(unused_port: int) -> None:
    with pytest.raises(psycopg.OperationalError):
        db.connect(f"postgresql://guanche@127.0.0.1:{unused_port}/guanche")


def seen_organisations(conn: Connection[Any]) -> str | None:
    row = conn.execute("SELECT app_organisations()::text").fetchone()
    assert row is not None
    return None if row[0] is None else str(row[0])


def test_a_transaction_acts_for_nobody_until_told_and_only_then(conn: Connection[Any]) -> None:
    assert seen_organisations(conn) is None
    db.act_for(conn, [7, 12])
    assert seen_organisations(conn) == "{7,12}"
    conn.commit()
    assert seen_organisations(conn) is None
    db.act_for(conn, [7])
    conn.rollback()
    assert seen_organisations(conn) is None


def test_to_act_for_no_organisation_is_to_see_nothing(app_conn: Connection[Any]) -> None:
    db.act_for(app_conn, [])
    assert seen_organisations(app_conn) == "{}"
    assert app_conn.execute("SELECT count(*) FROM organisations").fetchone() == (0,)
