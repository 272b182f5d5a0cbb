""".env.example names every setting, with its default, and holds no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from kit.settings import ENV_PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
SHOWN = {
    match[1]: match[2]
    for match in (re.fullmatch(rf"#?({ENV_PREFIX}\w+)=(.*)", line) for line in LINES)
    if match
}


def default_of(name: str) -> str:
    """A setting's default as one would write it in the file."""
    default: Any = Settings.model_fields[name.removeprefix(ENV_PREFIX).lower()].default
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    return "" if default is None else str(default)


def test_it_names_every_setting_and_no_other() -> None:
    assert set(SHOWN) == {ENV_PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_line_shows_the_default(name: str) -> None:
    assert SHOWN[name] == default_of(name)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_line_is_explained_above_it(name: str) -> None:
    shown = f"{name}={SHOWN[name]}"
    above = LINES[(LINES.index(shown) if shown in LINES else LINES.index(f"#{shown}")) - 1]
    assert re.match(r"# \S", above), above


def test_it_sets_nothing_but_empty_secrets() -> None:
    active = [line for line in LINES if line and not line.startswith("#")]
    assert [line for line in active if not re.fullmatch(r"[A-Z_]+_(PASSWORD|KEY)=", line)] == []


def test_no_address_in_it_carries_a_password() -> None:
    text = "\n".join(line for line in LINES if re.match(r"#?\w+=", line))
    assert re.findall(r"://[^/\s]*:[^/@\s]*@", text) == []
