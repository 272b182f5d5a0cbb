"""The file by which another terminal looks at a demo, and how the demo names it."""

import subprocess
from pathlib import Path

from guanche.demo_shell import write_shell_file
from guanche.demo_view import command_lines

SETTINGS = {
    "GUANCHE_DATABASE_URL": "postgresql://postgres@127.0.0.1:34209/postgres",
    "GUANCHE_API_DATABASE_URL": "user=guanche_demo_api password=it's $HOME",
    "GUANCHE_LOG_LEVEL": "DEBUG",
    "PATH": "/bin",
}


def test_a_shell_reads_what_was_meant_and_nobody_else_may(tmp_path: Path) -> None:
    path = write_shell_file(tmp_path, SETTINGS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8").count("export ") == 2
    script = f'. {path}; printf "%s|%s" "$GUANCHE_DATABASE_URL" "$GUANCHE_API_DATABASE_URL"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert read.stdout == (
        f"{SETTINGS['GUANCHE_DATABASE_URL']}|{SETTINGS['GUANCHE_API_DATABASE_URL']}"
    )


def test_a_folder_with_a_blank_can_be_copied() -> None:
    lines = command_lines(Path("/tmp/my demo/env"), "LNBYGYFJ1SS000001")
    assert lines[0] == ". '/tmp/my demo/env'"


def test_in_a_database_of_the_callers_own_nothing_is_to_be_read_first() -> None:
    assert command_lines(None, "LNBYGYFJ1SS000001") == [
        "guanche track LNBYGYFJ1SS000001",
        "guanche rejects list",
    ]
