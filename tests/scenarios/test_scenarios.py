"""Every folder here is a story: what is done when, and what must come of it.

`README.md` tells it, `story.toml` is what is done, `expected.md` what comes of it, written and read
by people. What came of it otherwise is shown as a difference, and stands whole in a file that the
failure names.
"""

import difflib
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.leasing.service import check_books
from tests.scenarios.acting import do
from tests.scenarios.story import read_story
from tests.scenarios.watching import receiving
from tests.scenarios.world import build

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("[0-9][0-9]_*/story.toml"))
STORIES = 16


def test_no_story_is_missing() -> None:
    assert [folder.name[:2] for folder in FOLDERS] == [f"{no:02}" for no in range(1, STORIES + 1)]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_story_comes_to_what_is_expected(
    conn: Connection[Any], folder: Path, tmp_path: Path
) -> None:
    story = read_story(folder / "story.toml")
    world = build(conn, story)
    lines = [f"# {story.title}", ""]
    with receiving(world, story):
        for act in story.acts:
            lines += do(world, act)
    told = "\n".join(lines).rstrip() + "\n"
    assert check_books(conn) == []
    (tmp_path / "came.md").write_text(told, encoding="utf-8")
    expected_path = folder / "expected.md"
    expected = expected_path.read_text(encoding="utf-8") if expected_path.exists() else ""
    if told != expected:
        difference = difflib.unified_diff(
            expected.splitlines(), told.splitlines(), "expected", "came of it", lineterm="", n=4
        )
        where = f"{folder.name}: not what is expected; all of it: {tmp_path / 'came.md'}"
        pytest.fail("\n".join([where, *difference]), pytrace=False)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_story_is_told_with_its_law(folder: Path) -> None:
    told = (folder / "README.md").read_text(encoding="utf-8")
    assert told.startswith("# ")
    assert "## The law" in told
    assert "§" in told
