"""`guanche files` on a real database and a real folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from fleet.documents.service import Document, keep_file, key_of_bytes, withdraw_files_of
from fleet.orgs.service import get_organisation
from kit.files import FileStore
from schemas.access import SYSTEM
from tests.fixtures.sample_files import JPEG, PNG
from tests.fleet.conftest import NOW, fleet
from tests.guanche.conftest import Run

__all__ = ["fleet"]
GONE, KEPT = "C2603-AAAAAA", "C2603-BBBBBB"


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """An empty folder."""
    return FileStore((tmp_path / "files").as_uri())


@pytest.fixture
def sweep(run: Run, database_url: str, files: FileStore) -> Any:
    """The command, with both."""
    variables = {"GUANCHE_DATABASE_URL": database_url, "GUANCHE_FILES_URL": files.url}
    return lambda *options: run("files", "sweep", *options, **variables)


@pytest.fixture
def gone(fleet: Connection[Any], files: FileStore) -> list[Document]:
    """Two pictures of somebody who was erased; another has the second, too."""
    east = get_organisation(fleet, SYSTEM, code="east")
    pictures = ((GONE, JPEG, "a.jpg"), (GONE, PNG, "b.png"), (KEPT, PNG, "b.png"))
    kept = [
        keep_file(
            fleet,
            SYSTEM,
            files=files,
            organisation_id=east.id,
            tenant_id=east.tenant_id,
            content=content,
            name=name,
            subject_kind="customer",
            subject_key=subject,
            kind="photo",
            now=NOW,
        )
        for subject, content, name in pictures
    ]
    withdraw_files_of(
        fleet, tenant_id=east.tenant_id, subject_kind="customer", subject_keys=[GONE], now=NOW
    )
    fleet.commit()
    return kept[:2]


def test_what_is_due_goes_and_is_counted(
    sweep: Any, files: FileStore, gone: list[Document]
) -> None:
    told = sweep()
    assert (told.exit_code, told.stdout.splitlines()) == (
        0,
        ["erased  the bytes of 1 files", "kept    1: something else has the same bytes"],
    )
    assert [files.exists(key_of_bytes(one.tenant_id, one.sha256)) for one in gone] == [False, True]
    assert json.loads(sweep("--json").stdout) == {"erased": 0, "needed": 0, "unavailable": 0}


def test_a_store_that_does_not_answer_ends_in_one(
    sweep: Any, files: FileStore, gone: list[Document]
) -> None:
    for one in gone:
        path = files.path_of(key_of_bytes(one.tenant_id, one.sha256))
        assert path is not None
        path.unlink()
        (path / "in the way").mkdir(parents=True)
    told = sweep()
    assert (told.exit_code, "failed  1: the store is away" in told.stdout) == (1, True)
