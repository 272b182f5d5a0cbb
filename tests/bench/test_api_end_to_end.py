"""A tiny bench of the real API on a real server; and that a leak would be found."""

from pathlib import Path

import pytest

from bench.api_dataset import load_dataset
from bench.api_figures import API_FIGURES, QUESTIONS
from bench.api_server import ApiRig, bring_up_to_date
from bench.api_suite import PARTS, ApiCourse, ApiScale
from guanche.embedded import PostgresServer
from kit import db

SCALE = ApiScale(seconds=2, mixed_rate_per_s=20, list_requests=3, map_requests=2, clients=30)


@pytest.fixture
def rig(private_server: PostgresServer, tmp_path: Path) -> ApiRig:
    dataset = load_dataset(
        private_server.url,
        samples=60_000,
        vehicles=400,
        seed=1,
        place=tmp_path,
        say=lambda _: None,
    )
    bring_up_to_date(private_server.url)
    return ApiRig(private_server, dataset, tmp_path)


@pytest.mark.reliability
def test_every_part_measures_and_every_answer_is_right(rig: ApiRig) -> None:
    said: list[str] = []
    course = ApiCourse(rig, SCALE, number=1, seed=1, say=said.append)
    course.run(set(PARTS))
    assert (course.failures, course.wrong) == ([], [])
    assert said == list(PARTS)
    questions = {f"{question.name}.p95" for question in QUESTIONS}
    figures = {figure.name for figure in API_FIGURES if not figure.name.startswith("load.")}
    assert questions | figures <= course.figures.keys()
    assert course.figures["mixed.errors"] == course.figures["live.missing"] == 0
    assert course.figures["live.dropped"] == 0
    assert course.judged > 1_000
    assert course.barrier is not None
    assert 0 < course.barrier.chunks_read <= 3 < course.barrier.chunks


@pytest.mark.reliability
def test_a_view_that_hides_nothing_is_found(rig: ApiRig) -> None:
    with db.connect(rig.url, autocommit=True) as conn:
        for view, table in (
            ("visible_telemetry", "telemetry"),
            ("visible_vehicle_state", "vehicle_state"),
        ):
            listed = conn.execute(
                "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position)"
                " FROM information_schema.columns WHERE table_name = %s"
                " AND column_name <> 'changed_in'",
                [view],
            ).fetchone()
            assert listed is not None
            also = ", xmin::text::bigint AS changed_in" if "state" in view else ""
            conn.execute(
                f"CREATE OR REPLACE VIEW {view} AS SELECT {listed[0]}{also} FROM {table}".encode()
            )
    course = ApiCourse(rig, SCALE, number=1, seed=1, say=lambda _: None)
    course.run({"tracks", "live", "barrier"})
    assert course.failures == []
    told = " | ".join(course.wrong)
    assert "track over a transfer" in told
    assert "states told to who may not see them" in told or "barrier" in told
    assert "barrier: " in told
