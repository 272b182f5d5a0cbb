"""docs/api.md is true: its table is that of the code, and what it names exists."""

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest

from api.statuses import known_codes
from schemas.access import PERMISSIONS, ROLES
from tests.fixtures.spared import api_document

GUIDE = (Path(__file__).resolve().parents[2] / "docs/api.md").read_text(encoding="utf-8")
DOCUMENT = api_document()
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


class Call(NamedTuple):
    """A request of the guide's, as `curl` would send it."""

    method: str
    path: str
    query: list[str]
    headers: set[str]
    body: str | None


def calls() -> list[Call]:
    """Every `curl` of the guide."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    commands = [
        each.split(" |", 1)[0]
        for block in blocks
        for each in re.split(
            r"^(?=(?:\w+=\$\()?curl )", block.replace("\\\n", " "), flags=re.MULTILINE
        )
        if "curl " in each[:20]
    ]
    return [call_of(shlex.split(command.replace("$(curl ", "curl "), True)) for command in commands]


def call_of(words: list[str]) -> Call:
    options = list(pairwise(words))
    body = next((text for name, text in options if name in ("-d", "--data-binary")), None)
    url = next(word for word in words if word.startswith(("$API/", "$URL/api/v1/")))
    parts = urlsplit(url.replace("$URL", "").replace("$API", "/api/v1"))
    return Call(
        next((text for name, text in options if name == "-X"), "GET" if body is None else "POST"),
        parts.path,
        [name for name, _ in parse_qsl(parts.query)],
        {text.split(":")[0].lower() for name, text in options if name == "-H"},
        body,
    )


def operation_of(call: Call) -> dict[str, Any]:
    """What the code says of it: of the paths that fit, the one with the fewest placeholders."""
    fitting = [
        path
        for path, operations in DOCUMENT["paths"].items()
        if call.method.lower() in operations
        and re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(path)), call.path)
    ]
    assert fitting, f"no operation {call.method} {call.path}"
    path = min(fitting, key=lambda path: path.count("{"))
    operation: dict[str, Any] = DOCUMENT["paths"][path][call.method.lower()]
    return operation


CALLS = calls()


def test_many_calls_are_shown() -> None:
    assert len(CALLS) > 30


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_a_call_it_shows_is_one_the_api_takes(call: Call) -> None:
    operation = operation_of(call)
    parameters = operation.get("parameters", [])
    known = {each["name"] for each in parameters if each["in"] == "query"}
    assert set(call.query) <= known
    wanted = {
        each["name"].lower()
        for each in parameters
        if each["in"] == "header" and each.get("required")
    }
    assert wanted <= call.headers
    if call.body is None or call.body.startswith("@"):
        return
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(json.loads(call.body))


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
