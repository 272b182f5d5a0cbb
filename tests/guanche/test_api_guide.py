"""docs/api.md is true: its table is that of the code, and what it names exists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.statuses import known_codes
from kit.sealed import new_key_text
from kit.settings import Settings
from schemas.access import PERMISSIONS, ROLES

GUIDE = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = create_app(
    Settings(
        _env_file=None,
        api_database_url="postgresql://nobody@127.0.0.1:1/nowhere",
        secret_key=new_key_text(),
    )
).openapi()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/v1')}"
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
}
NAMED = sorted(set(re.findall(r"\b(?:GET|POST|PUT|PATCH|DELETE) /[\w/{}-]*", GUIDE)))


def roles_table() -> str:
    """The verbs, what they allow, and who has them, as the guide shows them."""
    lines = [
        f"| verb | | {' | '.join(ROLES)} |",
        f"|---|---|{':-:|' * len(ROLES)}",
    ]
    for name, verb in PERMISSIONS.items():
        marks = " | ".join("●" if role in verb.roles else " " for role in ROLES)
        star = " \\*" if verb.dangerous else ""
        lines.append(f"| `{name}`{star} | {verb.chinese} | {marks} |")
    return "\n".join(lines)


def test_the_table_of_roles_is_that_of_the_code() -> None:
    found = re.search(r"<!-- roles:begin -->\n\n(.*?)\n\n<!-- roles:end -->", GUIDE, re.DOTALL)
    assert found is not None
    assert found[1] == roles_table(), roles_table()


def test_operations_are_named() -> None:
    assert len(NAMED) > 15


@pytest.mark.parametrize("named", NAMED)
def test_an_operation_it_names_exists(named: str) -> None:
    assert named in OPERATIONS


def test_codes_it_names_are_codes_of_problems() -> None:
    named = set(re.findall(r'"code": ?"(\w+)"|`(\w+)` \(\d{3}\)', GUIDE))
    codes = {code for pair in named for code in pair if code}
    assert len(codes) > 5
    assert codes <= set(known_codes()) | {"missing", "less_than_equal"}


def test_its_examples_of_json_are_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) > 1
    for block in blocks:
        json.loads(block)
