"""`guanche config`: value and source of every setting."""

import json
from pathlib import Path
from typing import Any

from guanche.commands.config import describe_settings
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
