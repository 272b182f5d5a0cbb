"""`guanche doctor` with services that are there, not there, and hung."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.identity.service import create_user
from fleet.orgs.service import create_organisation
from fleet.sessions.service import set_password
from guanche import embedded
from kit.sealed import SealingKey, new_key_text
from schemas.access import SYSTEM
from tests.guanche.conftest import Run


def levels(output: str) -> dict[str, str]:
    return {finding["part"]: finding["level"] for finding in json.loads(output)["findings"]}


def test_all_there_but_ingest(
    run: Run, database_url: str, broker: embedded.Broker, unused_port: int, storage: str
) -> None:
    result = run(
        "doctor",
        "--json",
        GUANCHE_DATABASE_URL=database_url,
        GUANCHE_MQTT_URL=broker.url,
        GUANCHE_HTTP_PORT=str(unused_port),
    )
    assert result.exit_code == 0, result.output
    found = levels(result.stdout)
    assert {part for part, level in found.items() if level == "fail"} == set()
    assert (found["tables"], found["storage"], found["clock"], found["broker"]) == ("ok",) * 4
    assert (found["slots"], found["ingest"], found["alerts"]) == ("warn", "warn", "warn")
    document = json.loads(result.stdout)
    words = next(f["message"] for f in document["findings"] if f["part"] == "storage")
    assert words.startswith({"timescaledb": "TimescaleDB", "postgresql": "plain"}[storage])


def test_nothing_there(run: Run, unused_port: int) -> None:
    variables = {
        "GUANCHE_DATABASE_URL": f"postgresql://ops:geheim@127.0.0.1:{unused_port}/guanche",
        "GUANCHE_MQTT_URL": f"mqtt://ops:geheim@127.0.0.1:{unused_port}",
        "GUANCHE_HTTP_PORT": str(unused_port),
    }
    result = run("doctor", **variables)
    assert result.exit_code == 1
    assert f"no connection to postgresql://ops:***@127.0.0.1:{unused_port}" in result.stdout
    assert f"no connection to mqtt://ops:***@127.0.0.1:{unused_port}" in result.stdout
    assert "2 failed, 1 to look at." in result.stdout
    assert "geheim" not in result.output


def test_without_an_api_nothing_is_said_of_it(run: Run, unused_port: int) -> None:
    url = f"postgresql://127.0.0.1:{unused_port}/guanche"
    result = run(
        "doctor",
        "--json",
        GUANCHE_DATABASE_URL=url,
        GUANCHE_MQTT_URL=f"mqtt://127.0.0.1:{unused_port}",
        GUANCHE_HTTP_PORT="0",
    )
    assert {"api", "api role", "people", "secret key", "public URL", "files"} & set(
        levels(result.stdout)
    ) == set()


class TestTheApi:
    @pytest.fixture
    def variables(
        self, database_url: str, app_url: str, unused_port: int, tmp_path: Path
    ) -> dict[str, str]:
        """An installation in order, but that neither broker nor ingest nor API run."""
        return {
            "GUANCHE_DATABASE_URL": database_url,
            "GUANCHE_API_DATABASE_URL": app_url,
            "GUANCHE_SECRET_KEY": new_key_text(),
            "GUANCHE_MQTT_URL": f"mqtt://127.0.0.1:{unused_port}",
            "GUANCHE_HTTP_PORT": str(unused_port),
            "GUANCHE_API_PORT": str(unused_port),
            "GUANCHE_FILES_URL": (tmp_path / "files").as_uri(),
        }

    @staticmethod
    def found(run: Run, variables: dict[str, str]) -> dict[str, tuple[str, str]]:
        """Level and message of each part that concerns the API."""
        document = json.loads(run("doctor", "--json", **variables).stdout)
        parts = {"api", "api role", "people", "secret key", "public URL", "files"}
        return {
            f["part"]: (f["level"], f["message"])
            for f in document["findings"]
            if f["part"] in parts
        }

    @staticmethod
    def add_person(conn: Connection[Any], key_text: str) -> None:
        now = datetime.now(UTC)
        create_organisation(conn, SYSTEM, code="root", name="总部", now=now)
        create_user(
            conn, SYSTEM, login="li.na", name="李娜", organisation_code="root", roles=["owner"],
            id_card="11010519491231002X", key=SealingKey.from_text(key_text), now=now,
        )  # fmt: skip
        set_password(conn, SYSTEM, login="li.na", password="Kiln-lantern-42", now=now)
        conn.commit()

    def test_in_order(self, run: Run, variables: dict[str, str], conn: Connection[Any]) -> None:
        self.add_person(conn, variables["GUANCHE_SECRET_KEY"])
        found = self.found(run, variables)
        files = found.pop("files")
        assert files[1].startswith(f"{variables['GUANCHE_FILES_URL']} can be written to")
        assert {part: level for part, (level, _) in found.items()} == {
            "api role": "ok", "people": "ok", "secret key": "ok", "public URL": "ok", "api": "warn",
        }  # fmt: skip
        assert found["api"][1].startswith("nobody answers at http://127.0.0.1:")

    def test_what_contracts_need(self, run: Run, variables: dict[str, str], tmp_path: Path) -> None:
        def found(**given: str) -> dict[str, tuple[str, str]]:
            document = json.loads(run("doctor", "--json", **variables, **given).stdout)
            return {f["part"]: (f["level"], f["message"]) for f in document["findings"]}

        assert found()["fonts"] == ("ok", "contracts and bills can be typeset")
        assert "vault copy" not in found()
        second = (tmp_path / "second").as_uri()
        level, message = found(GUANCHE_VAULT_COPY_URL=second)["vault copy"]
        assert (level in {"ok", "warn"}, message.startswith(f"{second} can be written to")) == (
            *(True, True),
        )
        (tmp_path / "file").write_text("x")
        blocked = (tmp_path / "file" / "below").as_uri()
        level, message = found(GUANCHE_VAULT_COPY_URL=blocked)["vault copy"]
        assert (level, message.split(": ")[0]) == ("fail", f"nothing can be written to {blocked}")

    def test_nobody_could_log_in(self, run: Run, variables: dict[str, str]) -> None:
        assert self.found(run, variables)["people"] == (
            "warn",
            "nobody could log in: there are no people",
        )

    def test_the_owner_in_place_of_the_apis_role(
        self, run: Run, variables: dict[str, str], conn: Connection[Any]
    ) -> None:
        self.add_person(conn, variables["GUANCHE_SECRET_KEY"])
        variables["GUANCHE_API_DATABASE_URL"] = variables["GUANCHE_DATABASE_URL"]
        level, message = self.found(run, variables)["api role"]
        assert level == "fail"
        assert "is above row security" in message
        assert "sees 1 organisations unasked" in message

    def test_a_key_that_does_not_open_what_is_sealed(
        self, run: Run, variables: dict[str, str], conn: Connection[Any]
    ) -> None:
        self.add_person(conn, new_key_text())
        assert self.found(run, variables)["secret key"] == (
            "fail",
            "GUANCHE_SECRET_KEY does not open 1 ID cards",
        )

    @pytest.mark.parametrize(
        ("text", "told"),
        [("", "it is not set"), ("abc", "as base64"), ("YWJj", "32 bytes, not 3")],
        ids=["none", "not base64", "too short"],
    )
    def test_no_key(self, run: Run, variables: dict[str, str], text: str, told: str) -> None:
        level, message = self.found(run, variables | {"GUANCHE_SECRET_KEY": text})["secret key"]
        assert level == "fail"
        assert told in message

    def test_files_cannot_be_written(
        self, run: Run, variables: dict[str, str], tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_bytes(b"")
        url = (tmp_path / "file" / "below").as_uri()
        level, message = self.found(run, variables | {"GUANCHE_FILES_URL": url})["files"]
        assert level == "fail"
        assert message.startswith(f"nothing can be written to {url}: ")

    def test_a_database_that_does_not_let_the_api_in(
        self, run: Run, variables: dict[str, str], unused_port: int
    ) -> None:
        url = f"postgresql://guanche_api:geheim@127.0.0.1:{unused_port}/guanche"
        result = run("doctor", **(variables | {"GUANCHE_API_DATABASE_URL": url}))
        assert result.exit_code == 1
        told = " ".join(result.stdout.split())
        assert f"nothing to be seen at postgresql://guanche_api:***@127.0.0.1:{unused_port}" in told
        assert "geheim" not in result.output


def test_wrong_settings_are_a_finding(run: Run) -> None:
    result = run("doctor", "--json", GUANCHE_BATCH_MS="soon")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["part"], finding["level"]) == ("settings", "fail")
    assert finding["message"].startswith("GUANCHE_BATCH_MS: ")


def test_a_database_not_migrated(
    run: Run, empty_database_url: str, broker: embedded.Broker
) -> None:
    result = run("doctor", GUANCHE_DATABASE_URL=empty_database_url, GUANCHE_MQTT_URL=broker.url)
    assert result.exit_code == 1
    assert "not yet migrated: 0001_registry" in result.stdout
    assert "→ Run `guanche migrate`." in result.stdout


def test_a_hung_broker_does_not_hang_the_doctor(
    run: Run, broker: embedded.Broker, unused_port: int
) -> None:
    database_url = f"postgresql://127.0.0.1:{unused_port}/guanche"
    broker.freeze()
    try:
        result = run(
            "doctor",
            "--json",
            GUANCHE_DATABASE_URL=database_url,
            GUANCHE_MQTT_URL=broker.url,
            GUANCHE_HTTP_PORT=str(unused_port),
        )
    finally:
        broker.thaw()
    assert levels(result.stdout)["broker"] == "fail"
    message: Any = next(
        f["message"] for f in json.loads(result.stdout)["findings"] if f["part"] == "broker"
    )
    assert "did not answer" in message
