"""Help, errors at the edge, and settings, without any service."""

import subprocess
import sys
from types import ModuleType

import pytest

from guanche.cli import COMMANDS
from guanche.commands.edge import load_command
from tests.guanche.conftest import Run

NAMES = [entry.name for entry in COMMANDS]


def test_help_lists_every_command_with_its_purpose(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for entry in COMMANDS:
        assert entry.purpose in result.stdout
        assert entry.panel in result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_command_tells_its_own_help(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0, result.output
    assert f"Usage: guanche {name}" in result.stdout


@pytest.mark.parametrize("entry", COMMANDS, ids=NAMES)
def test_the_list_says_what_the_command_says(entry: object) -> None:
    name, _, purpose = entry  # type: ignore[misc]
    first_line = (load_command(name).help or "").strip().partition("\n")[0]
    assert first_line == purpose


def test_help_imports_nothing_heavy() -> None:
    heavy = {"polars", "fastapi", "paho", "psycopg", "pydantic", "simulators.run", "ingest.writer"}
    program = (
        "import sys; from typer.testing import CliRunner; from guanche.cli import app;"
        " assert CliRunner().invoke(app, ['--help']).exit_code == 0;"
        " print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert heavy & set(ran.stdout.split()) == set()


def test_an_unknown_command_is_guessed(run: Run) -> None:
    result = run("statsu")
    assert result.exit_code == 2
    assert "Did you mean 'status'?" in result.stderr


def test_version(run: Run) -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("guanche 0.")


@pytest.mark.parametrize(
    ("arguments", "variables", "exit_code", "sentence"),
    [
        pytest.param(
            ["status"],
            {"GUANCHE_BATCH_MS": "soon"},
            2,
            "error settings: GUANCHE_BATCH_MS: Input should be a valid integer",
            id="a setting of the wrong type names its variable",
        ),
        pytest.param(
            ["status"],
            {"GUANCHE_MQTT_RECEIVE_MAXIMUM": "100", "GUANCHE_BATCH_MESSAGES": "80"},
            2,
            "GUANCHE_MQTT_RECEIVE_MAXIMUM (100) must be at least twice",
            id="settings that contradict one another",
        ),
        pytest.param(
            ["track", "V", "--last", "soon"], {}, 2, "'soon' is not a length of time", id="last"
        ),
        pytest.param(
            ["track", "V", "--from", "2026-01-02", "--until", "2026-01-01"],
            {},
            2,
            "the range is empty",
            id="an empty range",
        ),
        pytest.param(
            ["track", "V", "--from", "2026-01-02", "--last", "1h"],
            {},
            2,
            "choose one of --from and --last",
            id="two beginnings",
        ),
        pytest.param(
            ["track", "V", "--json", "--csv"], {}, 2, "choose one of --json", id="two formats"
        ),
        pytest.param(
            ["rejects", "replay"], {}, 2, "say which: --id", id="replay of nothing in particular"
        ),
        pytest.param(
            ["rejects", "list", "--reason", "rude"], {}, 2, "no such reason: 'rude'", id="reason"
        ),
    ],
)
def test_what_was_asked_wrongly_is_one_line(
    run: Run, arguments: list[str], variables: dict[str, str], exit_code: int, sentence: str
) -> None:
    result = run(*arguments, **variables)
    assert result.exit_code == exit_code, result.output
    assert sentence in result.stderr
    assert result.stderr.startswith("error ")
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["migrate"], ["track", "LGX"], ["rejects", "list"], ["rejects", "show", "1"]],
    ids=" ".join,
)
def test_a_database_that_is_not_there_is_one_line(
    run: Run, unused_port: int, arguments: list[str]
) -> None:
    url = f"postgresql://ops:geheim@127.0.0.1:{unused_port}/guanche"
    result = run(*arguments, GUANCHE_DATABASE_URL=url)
    assert result.exit_code == 1
    where = f"no database at postgresql://ops:***@127.0.0.1:{unused_port}/guanche: "
    assert result.stderr.startswith(f"error {where}")
    assert "Connection refused" in result.stderr.splitlines()[0]
    assert "guanche doctor" in result.stderr
    assert "geheim" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "url",
    ["postgres//ops:geheim@h/db", "postgresql://ops:geheim%x@h/db", "postgresql://h/db?geheim=1"],
    ids=["no scheme", "a per cent sign", "no such option"],
)
def test_a_url_that_cannot_be_read_names_its_variable_and_shows_no_password(
    run: Run, url: str
) -> None:
    result = run("status", GUANCHE_DATABASE_URL=url)
    assert result.exit_code == 2
    first = result.stderr.splitlines()[0]
    assert first == "error settings: GUANCHE_DATABASE_URL: not the URL of a database"
    assert "geheim" not in result.output


def test_debug_keeps_the_traceback(run: Run, unused_port: int) -> None:
    url = f"postgresql://127.0.0.1:{unused_port}/guanche"
    result = run("--debug", "status", GUANCHE_DATABASE_URL=url)
    assert result.exit_code == 1
    assert type(result.exception).__name__ == "OperationalError"
    assert result.stderr == ""


def test_a_fault_of_ours_keeps_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guanche.commands.config.describe_settings", lambda *_, **__: 1 / 0)
    assert isinstance(run("config").exception, ZeroDivisionError)


def test_bench_gets_every_argument_and_gives_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    benchmark = ModuleType("bench.cli")
    received: list[str] = []
    benchmark.main = lambda arguments: received.extend(arguments) or 3  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bench.cli", benchmark)
    assert run("bench", "ingest", "--rows", "5", "-v").exit_code == 3
    assert received == ["ingest", "--rows", "5", "-v"]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        pytest.param(["--help"], "--quick", id="bench"),
        pytest.param(["-h"], "--quick", id="bench, the short way"),
        pytest.param(["report", "--help"], "the newest if not given", id="report"),
        pytest.param(["clients", "--help"], "--python", id="clients"),
    ],
)
def test_the_benchmark_answers_for_its_own_help(
    run: Run, arguments: list[str], option: str
) -> None:
    result = run("bench", *arguments)
    assert result.exit_code == 0, result.output
    assert option in result.stdout


@pytest.mark.parametrize("command", ["demo", "bench"])
def test_without_the_extra_the_advice_is_one_line(command: str) -> None:
    program = (
        "import sys; sys.modules['psutil'] = None; from guanche.cli import app;"
        f" app(['{command}', '--help'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "error psutil is not installed: demo and bench need it for their own servers",
        "→ pip install 'guanche[embedded]'",
    ]


def test_a_missing_benchmark_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bench.cli", None)
    result = run("bench")
    assert result.exit_code == 1
    assert result.stderr == "error this installation has no benchmark: use a source tree\n"
