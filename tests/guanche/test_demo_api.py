"""The demo's API: its log-in and its people come and go, and whoever owns the database stays."""

import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import Connection

from fleet.identity.service import create_user, list_users
from fleet.sessions.model import LoggedIn
from fleet.sessions.service import log_in
from guanche import demo_api
from guanche.demo_api import ApiAccess, LeftOut, api_access, api_environment
from guanche.demo_people import DEMO_PASSWORD, PEOPLE
from guanche.demo_view import api_rows, curl_lines
from guanche.seed import seed_organisations
from kit import db
from schemas.access import ROLES, SYSTEM

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FOLDER = Path("/demo")
ACCESS = ApiAccess("postgresql://x:geheim@h/d", 8080, list(PEOPLE), "zg5-_kPq0xTt9Wua")


@pytest.fixture
def url(conn: Connection[Any], database_url: str) -> str:
    """A database with the demo's organisations, as its owner reaches it."""
    seed_organisations(conn, NOW)
    conn.commit()
    return database_url


def can_log_in(api_url: str, login: str, password: str) -> bool:
    with db.connect(api_url) as conn:
        outcome = log_in(
            conn, login=login, password=password, kind="bearer", ip=None, user_agent=None, now=NOW
        )
        conn.rollback()
    return isinstance(outcome, LoggedIn)


def given(access: ApiAccess | LeftOut) -> ApiAccess:
    assert isinstance(access, ApiAccess), access
    return access


def has_role(conn: Connection[Any]) -> bool:
    found = conn.execute("SELECT FROM pg_roles WHERE rolname = 'guanche_demo_api'").fetchone()
    conn.rollback()
    return found is not None


def disabled(conn: Connection[Any]) -> set[str]:
    found = {user.login for user in list_users(conn, SYSTEM) if user.disabled_at is not None}
    conn.rollback()
    return found


class TestInADatabaseOfTheCallersOwn:
    def test_the_role_is_one_that_sees_nothing_unasked(self, url: str) -> None:
        with (
            api_access(url, ours=False, api_database_url=None) as access,
            db.connect(given(access).database_url) as api,
        ):
            assert api.info.user == "guanche_demo_api"
            assert api.execute("SELECT count(*) FROM organisations").fetchone() == (0,)

    def test_nothing_stays_that_could_be_used(self, url: str, conn: Connection[Any]) -> None:
        with api_access(url, ours=False, api_database_url=None) as access:
            used = given(access)
            assert used.password != DEMO_PASSWORD
            assert [p.login for p in used.people] == [p.login for p in PEOPLE]
            assert all(can_log_in(used.database_url, p.login, used.password) for p in PEOPLE)
            assert disabled(conn) == set()
        assert not has_role(conn)
        assert disabled(conn) == {person.login for person in PEOPLE}

    def test_nor_when_the_demo_fails(self, url: str, conn: Connection[Any]) -> None:
        with pytest.raises(ZeroDivisionError), api_access(url, ours=False, api_database_url=None):
            raise ZeroDivisionError
        assert not has_role(conn)
        assert disabled(conn) == {person.login for person in PEOPLE}

    def test_a_second_demo_lets_them_in_again(self, url: str) -> None:
        passwords = []
        for _demo in range(2):
            with api_access(url, ours=False, api_database_url=None) as access:
                used = given(access)
                passwords.append(used.password)
                assert can_log_in(used.database_url, "boss@qingfan", used.password)
        assert passwords[0] != passwords[1]

    def test_a_log_in_that_somebody_has_stays_theirs(self, url: str, conn: Connection[Any]) -> None:
        create_user(
            conn, SYSTEM, login="boss@qingfan", name="别人", organisation_code="qingfan",
            roles=["viewer"], key=None, now=NOW,
        )  # fmt: skip
        conn.commit()
        with api_access(url, ours=False, api_database_url=None) as access:
            assert "boss@qingfan" not in {person.login for person in given(access).people}
        assert "boss@qingfan" not in disabled(conn)

    def test_a_log_in_of_the_callers_own_is_used_and_kept(
        self, url: str, app_url: str, conn: Connection[Any]
    ) -> None:
        with api_access(url, ours=False, api_database_url=app_url) as access:
            assert given(access).database_url == app_url
            assert can_log_in(app_url, "boss@qingfan", given(access).password)
            assert not has_role(conn)
        with closing(db.connect(app_url)) as kept:
            assert kept.info.user == urlsplit(app_url).username

    def test_a_log_in_that_a_killed_demo_left_is_taken_over(
        self, url: str, conn: Connection[Any]
    ) -> None:
        conn.execute("CREATE ROLE guanche_demo_api LOGIN PASSWORD 'old'")
        conn.commit()
        with api_access(url, ours=False, api_database_url=None) as access:
            assert can_log_in(given(access).database_url, "boss@qingfan", given(access).password)
        assert not has_role(conn)

    def test_it_is_left_out_while_another_demo_uses_the_role(
        self, url: str, conn: Connection[Any]
    ) -> None:
        with (
            api_access(url, ours=False, api_database_url=None) as first,
            closing(db.connect(given(first).database_url)),
            api_access(url, ours=False, api_database_url=None) as second,
        ):
            assert second == LeftOut("another demo uses the role guanche_demo_api of this server")
        assert not has_role(conn)

    @pytest.fixture
    def powerless_url(self, url: str, conn: Connection[Any]) -> Iterator[str]:
        """The same database for somebody who may not make roles."""
        conn.execute("CREATE ROLE guanche_test_owner LOGIN PASSWORD 'x' IN ROLE guanche_system")
        conn.commit()
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        yield parts._replace(netloc=f"guanche_test_owner:x@{host}").geturl()
        conn.execute("DROP ROLE guanche_test_owner")
        conn.commit()

    def test_it_is_left_out_where_no_role_may_be_made(
        self, powerless_url: str, conn: Connection[Any]
    ) -> None:
        with api_access(powerless_url, ours=False, api_database_url=None) as access:
            assert access == LeftOut(
                "guanche_test_owner may not make a role for it: set GUANCHE_API_DATABASE_URL"
            )
        assert list_users(conn, SYSTEM) == []


def test_a_database_that_is_thrown_away_has_the_known_password(url: str) -> None:
    with api_access(url, ours=True, api_database_url=None) as access:
        assert given(access).password == DEMO_PASSWORD
        assert can_log_in(given(access).database_url, "viewer@nanshan", DEMO_PASSWORD)
    with psycopg.connect(url, autocommit=True) as conn:  # the tests' server stays
        conn.execute("REVOKE CONNECT ON DATABASE " + conn.info.dbname + " FROM guanche_demo_api")
        conn.execute("DROP ROLE guanche_demo_api")


def test_there_is_somebody_of_every_role() -> None:
    assert {person.role for person in PEOPLE} == set(ROLES)


def test_the_owners_password_is_kept_from_the_api() -> None:
    surroundings = {"PATH": "/bin", "GUANCHE_DATABASE_URL": "postgresql://owner:geheim@h/d"}
    told = api_environment(ACCESS, secret_key=None, folder=FOLDER, surroundings=surroundings)
    assert "GUANCHE_DATABASE_URL" not in told
    assert (told["PATH"], told["GUANCHE_API_DATABASE_URL"]) == ("/bin", ACCESS.database_url)
    assert told["GUANCHE_API_PUBLIC_URL"] == "http://127.0.0.1:8080"
    again = api_environment(ACCESS, secret_key=None, folder=FOLDER, surroundings=surroundings)
    assert told["GUANCHE_SECRET_KEY"] != again["GUANCHE_SECRET_KEY"]
    kept = api_environment(ACCESS, secret_key="mine", folder=FOLDER, surroundings=surroundings)
    assert kept["GUANCHE_SECRET_KEY"] == "mine"


def test_files_stay_only_where_the_database_does() -> None:
    theirs = {"GUANCHE_FILES_URL": "s3://bucket/files"}
    told = api_environment(ACCESS, secret_key=None, folder=FOLDER, surroundings=theirs)
    assert told["GUANCHE_FILES_URL"] == "file:///demo/files"
    lasting = ACCESS._replace(lasting=True)
    told = api_environment(lasting, secret_key=None, folder=FOLDER, surroundings=theirs)
    assert told["GUANCHE_FILES_URL"] == "s3://bucket/files"


def test_the_usual_port_gives_way_to_whoever_has_it(
    url: str, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setattr(demo_api, "USUAL_PORT", unused_port)
    with api_access(url, ours=False, api_database_url=None) as free:
        assert given(free).port == unused_port
    with (
        socket.create_server(("127.0.0.1", unused_port)),
        api_access(url, ours=False, api_database_url=None) as taken,
    ):
        assert given(taken).port != unused_port


def test_lines_to_copy_fit_a_narrow_terminal_and_show_no_url_of_the_database() -> None:
    lines = curl_lines(ACCESS)
    assert max(map(len, lines)) < 80
    assert lines[0] == "API=http://127.0.0.1:8080/api/v1"
    assert '"login":"ops@shenzhen-qianxing"' in lines[2]
    assert '"password":"zg5-_kPq0xTt9Wua"' in lines[3]
    assert "geheim" not in "\n".join(lines)


def test_without_an_api_there_is_a_reason_and_nothing_to_copy() -> None:
    left_out = LeftOut("no role [yet]")
    assert curl_lines(left_out) == []
    assert api_rows(left_out) == [("API", r"[dim]left out: no role \[yet][/]")]


def test_without_a_log_in_there_is_nothing_to_copy() -> None:
    assert curl_lines(ACCESS._replace(people=[])) == []
