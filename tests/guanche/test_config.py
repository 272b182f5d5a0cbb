"""`guanche config`: value and source of every setting."""

import json
from pathlib import Path
from typing import Any

from guanche.commands.config import describe_settings
from kit.sealed import SealingKey
from kit.settings import Settings
from tests.guanche.conftest import Run


def rows_of(output: str) -> dict[str, dict[str, Any]]:
    return {row["variable"]: row for row in json.loads(output)["settings"]}


def test_every_setting_is_listed_with_its_default(run: Run) -> None:
    result = run("config", "--json")
    assert result.exit_code == 0
    rows = rows_of(result.stdout)
    assert set(rows) == {f"GUANCHE_{name.upper()}" for name in Settings.model_fields}
    assert {row["source"] for row in rows.values()} == {"default"}
    assert rows["GUANCHE_BATCH_MS"]["shown"] == "200"


def test_the_environment_wins_over_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GUANCHE_BATCH_MS=50\nGUANCHE_HTTP_PORT=9999\n")
    rows = rows_of(run("config", "--json", GUANCHE_BATCH_MS="70").stdout)
    assert (rows["GUANCHE_BATCH_MS"]["shown"], rows["GUANCHE_BATCH_MS"]["source"]) == (
        "70",
        "environment",
    )
    assert (rows["GUANCHE_HTTP_PORT"]["shown"], rows["GUANCHE_HTTP_PORT"]["source"]) == (
        "9999",
        ".env",
    )


def test_passwords_are_masked(run: Run) -> None:
    variables = {
        "GUANCHE_DATABASE_URL": "postgresql://ops:geheim@db/guanche",
        "GUANCHE_MQTT_URL": "mqtt://ops:geheim@broker",
    }
    for arguments in (["config"], ["config", "--json"]):
        result = run(*arguments, **variables)
        assert "geheim" not in result.output
        assert "ops:***@" in result.stdout


def test_keys_and_secret_names_are_not_shown(run: Run) -> None:
    variables = {
        "GUANCHE_SECRET_KEY": "Z2VoZWlt",
        "GUANCHE_MQTT_SHARE_GROUP": "geheim-geheim-geheim",
        "GUANCHE_API_DATABASE_URL": "postgresql://api:geheim@db/guanche",
    }
    result = run("config", "--json", **variables)
    shown = {name: rows_of(result.stdout)[name]["shown"] for name in variables}
    assert shown == {
        "GUANCHE_SECRET_KEY": "***",
        "GUANCHE_MQTT_SHARE_GROUP": "***",
        "GUANCHE_API_DATABASE_URL": "postgresql://api:***@db/guanche",
    }
    unset = rows_of(run("config", "--json", **dict.fromkeys(variables, "")).stdout)
    assert unset["GUANCHE_SECRET_KEY"]["shown"] == ""


def test_a_new_key_is_printed_alone(run: Run) -> None:
    first, second = (run("config", "--new-key", GUANCHE_BATCH_MS="soon") for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert first.stdout != second.stdout
    sealed = SealingKey.from_text(first.stdout.strip()).seal(b"x", purpose="p")
    assert len(first.stdout.splitlines()) == 1
    assert len(sealed) == 1 + 12 + 1 + 16


def test_a_wrong_value_is_told_beside_its_setting(run: Run) -> None:
    result = run("config", "--changed", "--json", GUANCHE_BATCH_MS="soon")
    assert result.exit_code == 2
    rows = rows_of(result.stdout)
    assert list(rows) == ["GUANCHE_BATCH_MS"]
    assert rows["GUANCHE_BATCH_MS"]["problem"].startswith("Input should be a valid integer")


def test_values_that_contradict_one_another() -> None:
    environ = {"GUANCHE_MQTT_RECEIVE_MAXIMUM": "100"}
    rows, general = describe_settings(environ, {}, env_file=".env")
    assert [row.problem for row in rows if row.problem] == []
    assert len(general) == 1
    assert general[0].startswith("GUANCHE_MQTT_RECEIVE_MAXIMUM (100) must be at least twice")
