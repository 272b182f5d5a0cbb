"""A tiny bench of assets on real servers: every answer is right, and a wrong one is found."""

from collections.abc import Iterator

import pytest

from bench.assets_cli import run_assets_bench
from bench.assets_figures import ASSET_FIGURES, ASSET_QUESTIONS
from bench.assets_oracle import due_within
from bench.assets_questions import next_month
from bench.assets_server import AssetsRig, running_assets_rig
from bench.assets_sheet import plan_sheet
from bench.assets_suite import PARTS, AssetsCourse, AssetsScale
from guanche.embedded import ServerFailed
from tests.fixtures.services import missing

VEHICLES = 200
ROWS = 300
SCALE = AssetsScale(requests=3, turns=2)


@pytest.fixture(scope="module")
def loaded(storage: str) -> Iterator[AssetsRig]:
    try:
        with running_assets_rig(
            vehicles=VEHICLES,
            seed=1,
            storage=storage,  # type: ignore[arg-type]
            say=lambda _: None,
        ) as rig:
            yield rig
    except ServerFailed as reason:
        missing(storage, str(reason))


@pytest.fixture
def rig(loaded: AssetsRig) -> Iterator[AssetsRig]:
    with loaded.copied("run_1") as copy:
        yield copy


def course_of(rig: AssetsRig) -> AssetsCourse:
    return AssetsCourse(rig, SCALE, b"", plan_sheet(ROWS), number=1, say=lambda _: None)


@pytest.mark.reliability
def test_every_part_measures_and_every_answer_is_right(storage: str) -> None:
    said: list[str] = []
    results = run_assets_bench(
        SCALE,
        vehicles=VEHICLES,
        rows=ROWS,
        seed=1,
        storage=storage,  # type: ignore[arg-type]
        runs=1,
        names=set(PARTS),
        say=said.append,
    )
    assert (results.failures, results.wrong) == ([], [])
    assert results.sound
    assert [words.strip() for words in said[-len(PARTS) :]] == list(PARTS)
    [figures] = results.runs
    questions = {f"{question.name}.p95" for question in ASSET_QUESTIONS}
    assert questions | {figure.name for figure in ASSET_FIGURES} <= figures.keys()
    assert results.judged > 40
    assert (results.data.vehicles, results.sheet_rows) == (VEHICLES, ROWS)
    assert results.plan[-1].startswith("Execution Time: ")


@pytest.mark.reliability
def test_a_day_that_is_wrong_is_found(rig: AssetsRig) -> None:
    today = rig.data.today
    due = due_within(rig.book, today, *next_month(today))
    vin = next(each.vin for each in sorted(due) if each.kind == "inspection")
    with rig.connect() as conn:
        conn.execute(
            "UPDATE obligations SET due_on = due_on - 1 WHERE kind = 'inspection'"
            " AND vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)",
            [vin],
        )
    course = course_of(rig)
    course.run({"due", "deriving"})
    assert course.failures == []
    told = " | ".join(course.wrong)
    assert f"a month of head-office: 1 missing, such as inspection of {vin} on " in told
    assert "deriving: 2 obligations are not as they were" in told


@pytest.mark.reliability
def test_a_depot_that_sees_the_others_vehicles_is_found(rig: AssetsRig) -> None:
    with rig.connect() as conn:
        conn.execute(
            "CREATE OR REPLACE VIEW visible_organisations AS"
            " SELECT descendant_id AS id FROM organisation_closure"
        )
    course = course_of(rig)
    course.run({"due", "lists"})
    told = " | ".join(course.wrong)
    assert "a month of depot-002: " in told
    assert " too many, such as " in told
    assert "idle of depot-002: " in told
