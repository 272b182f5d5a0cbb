"""`guanche doctor` with services that are there, not there, and hung."""

import json
from typing import Any

from guanche import embedded
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
    assert (found["slots"], found["ingest"]) == ("warn", "warn")
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
