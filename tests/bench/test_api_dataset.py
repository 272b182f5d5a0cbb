"""What the API's bench loads: how many report how often, and that every row is the right one's."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.api_dataset import (
    DAYS,
    Cohort,
    Dataset,
    load_dataset,
    plan_cohorts,
    read_dataset,
    samples_of,
    write_dataset,
)
from bench.api_fleet import DEPOTS, ORGANISATIONS, depot_of, operator_of, organisation_codes
from kit import db

VEHICLES = 400


@pytest.mark.parametrize(
    ("samples", "vehicles"),
    [(50_000_000, 30_000), (10_000_000, 30_000), (2_000_000, 30_000), (200_000, 3_000)],
)
def test_cohorts_send_what_was_wanted_and_little_more(samples: int, vehicles: int) -> None:
    cohorts = plan_cohorts(samples, vehicles)
    assert sum(cohort.vehicles for cohort in cohorts) == vehicles
    assert [cohort.period_s for cohort in cohorts[:2]] == [10, 30]
    assert all(43_200 % cohort.period_s == 0 for cohort in cohorts)
    assert samples <= samples_of(cohorts) <= samples + 5 * 8_640


def test_so_few_vehicles_cannot_send_so_much() -> None:
    with pytest.raises(ValueError, match="400 vehicles do not send 50,000,000 samples in 5 days"):
        plan_cohorts(50_000_000, 400)


def test_the_company_is_a_tree_of_240() -> None:
    codes = list(organisation_codes())
    assert len(codes) == len({code for code, _ in codes}) == ORGANISATIONS == 240
    seen: set[str | None] = {None}
    for code, parent in codes:
        assert parent in seen, code
        seen.add(code)
    assert (operator_of(39), depot_of(DEPOTS)) == ("operator-01", "depot-001")


def new_dataset(**changes: Any) -> Dataset:
    known: dict[str, Any] = {
        "place": "/nowhere",
        "kind": "postgresql",
        "storage": "plain",
        "vehicles": 1,
        "seed": 1,
        "cohorts": [Cohort(1, 10)],
        "from_at": datetime(2026, 11, 17, tzinfo=UTC),
        "until_at": datetime(2026, 11, 22, tzinfo=UTC),
        "handed_over_at": datetime(2026, 11, 19, 12, tzinfo=UTC),
        "samples": 1,
        "load_s": 1.0,
        "bytes": 1,
    }
    return Dataset(**{**known, **changes})


@pytest.mark.parametrize(
    ("from_hour", "first", "count"),
    [
        (0, datetime(2026, 11, 17, 16, tzinfo=UTC), 4),
        (12, datetime(2026, 11, 17, 16, tzinfo=UTC), 4),
    ],
)
def test_whole_days_begin_at_midnight_in_china(from_hour: int, first: datetime, count: int) -> None:
    dataset = new_dataset(from_at=datetime(2026, 11, 17, from_hour, tzinfo=UTC))
    assert dataset.days[0] == first
    assert len(dataset.days) == count


def test_kept_data_are_found_again_while_they_are_there(tmp_path: Path) -> None:
    place = tmp_path / "server"
    kept = new_dataset(place=str(place))
    assert read_dataset(tmp_path) is None
    write_dataset(tmp_path, kept)
    assert read_dataset(tmp_path) is None
    (place / "data").mkdir(parents=True)
    (place / "data" / "PG_VERSION").write_text("17")
    assert read_dataset(tmp_path) == kept


def test_every_sample_is_its_operators(database_url: str, tmp_path: Path) -> None:
    told: list[str] = []
    dataset = load_dataset(
        database_url, samples=60_000, vehicles=VEHICLES, seed=1, place=tmp_path, say=told.append
    )
    assert dataset.samples == samples_of(dataset.cohorts) >= 60_000
    assert len(told) == 1 + 2 * DAYS
    found = look(database_url)
    assert found["samples"] == dataset.samples
    assert found["vehicles"] == found["states"] == VEHICLES
    assert (found["first"], found["last"]) == (True, True)
    assert found["of_others"] == 0
    assert found["handed_over"] == VEHICLES // 97
    assert found["before_and_after"] == VEHICLES // 97
    assert found["states_of_others"] == 0
    assert found["most"] == DAYS * 8_640
    assert found["users"] == ORGANISATIONS
    assert found["jumps"] == 0


def look(url: str) -> Mapping[str, Any]:
    """What is there, by SQL that knows nothing of how it was made."""
    questions = {
        "samples": "SELECT count(*) FROM telemetry",
        "vehicles": "SELECT count(DISTINCT vehicle_id) FROM telemetry",
        "states": "SELECT count(*) FROM vehicle_state WHERE ts IS NOT NULL",
        "first": "SELECT min(ts) < min(ts)::date + interval '12 h 10 s' FROM telemetry",
        "last": "SELECT max(ts) < now() AND max(ts) > now() - interval '12 h 1 min' FROM telemetry",
        "of_others": "SELECT count(*) FROM telemetry t WHERE NOT EXISTS (SELECT FROM"
        " vehicle_operators p WHERE p.vehicle_id = t.vehicle_id AND p.operated_period @> t.ts"
        " AND p.organisation_id = t.operator_id)",
        "handed_over": "SELECT count(*) FROM vehicle_operators"
        " WHERE upper(operated_period) < now()",
        "before_and_after": "SELECT count(*) FROM (SELECT vehicle_id FROM telemetry"
        " GROUP BY vehicle_id HAVING count(DISTINCT operator_id) = 2) AS two",
        "states_of_others": "SELECT count(*) FROM vehicle_state s JOIN vehicle_operators p"
        " ON p.vehicle_id = s.vehicle_id AND upper_inf(p.operated_period)"
        " WHERE p.organisation_id <> s.operator_id",
        "most": "SELECT max(n) FROM (SELECT count(*) AS n FROM telemetry GROUP BY vehicle_id) AS c",
        "users": "SELECT count(*) FROM users",
        # No van drives faster than 100 km/h, day and night taken together.
        "jumps": "SELECT count(*) FROM (SELECT odometer_km - lag(odometer_km) OVER w AS km,"
        " extract(epoch FROM ts - lag(ts) OVER w) AS s FROM telemetry"
        " WINDOW w AS (PARTITION BY vehicle_id ORDER BY ts)) AS steps"
        " WHERE km < -0.001 OR km > s / 36 + 0.1",
    }
    found = {}
    with db.connect(url, autocommit=True) as conn:
        for name, question in questions.items():
            row = conn.execute(question.encode()).fetchone()
            assert row is not None
            found[name] = row[0]
    return found
