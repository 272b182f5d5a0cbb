"""What is bad in a path or a query gets a 4xx that says what and where.

The operations and their parameters are read from the OpenAPI document.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.api.odd_input import ODD_TEXTS, ONE_IN, filled, share_of
from tests.api.served import Served, code_of


def parameters_of(api: Served, where: str, *types: str) -> Iterator[tuple[str, str, str]]:
    """Path of the operation, name and type of each such parameter of a GET.

    An export asks its list, with the same parameters: it is left out.
    """
    for path, operations in api.app.openapi()["paths"].items():
        if path.endswith("/export"):
            continue
        for parameter in operations.get("get", {}).get("parameters", []):
            schema = parameter["schema"]
            for kind in schema.get("anyOf", [schema]):
                if parameter["in"] == where and kind.get("type") in types:
                    yield path, parameter["name"], kind.get("format", kind["type"])


REQUIRED: Final = {
    "from_at": "2026-11-01T00:00:00Z",
    "until_at": "2026-11-02T00:00:00Z",
    "signals": "soc_pct",
}


def ask(client: TestClient, path: str, name: str, text: str) -> Response:
    """The answer to a GET with one parameter like this, and others as they have to be."""
    given = {name: text}
    if path.endswith(("/ledger/journal", "/share-agreements/{key}/preview")):
        given = {"month": "2026-03"} | given
    if path.endswith("/available-vehicles"):
        given = {"from_on": "2026-12-01", "until_on": "2026-12-31"} | given
    if path.endswith(("/track", "/signals")):
        given = {key: value for key, value in REQUIRED.items() if key != name} | given
        if path.endswith("/track") and name != "signals":
            given.pop("signals", None)
    return client.get(filled(path), params=given)


@pytest.mark.parametrize("one_in", ONE_IN)
@pytest.mark.parametrize("kind", [kind for kind in ODD_TEXTS if "surrogate" not in kind])
def test_an_odd_query_is_refused_by_name_or_finds_what_has_it(
    api: Served, kind: str, one_in: int
) -> None:
    owner, text = api.person("alpha.owner"), ODD_TEXTS[kind][:5_000]
    tried = 0
    for path, name, _ in share_of(parameters_of(api, "query", "string"), kind, one_in):
        if path == "/api/v1/live":
            continue
        answer = ask(owner, path, name, text)
        tried += 1
        where = f"{path} {name}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code in (200, 400, 404, 422), where
        if answer.status_code == 200 and name == "q" and text.strip():
            for item in answer.json().get("items", []):
                assert [each for each in item.values() if text in str(each)] != [], where
        elif answer.status_code == 422:
            told = answer.json()["errors"][0]["field"].removeprefix("query.").partition(".")[0]
            assert told == name, where
    assert tried > 15


@pytest.mark.parametrize("one_in", ONE_IN)
@pytest.mark.parametrize("kind", [kind for kind in ODD_TEXTS if "surrogate" not in kind])
def test_an_odd_path_leads_nowhere(api: Served, kind: str, one_in: int) -> None:
    owner = api.person("alpha.owner", step_up=True)
    text = quote(ODD_TEXTS[kind][:5_000], safe="")
    for path, name, _ in share_of(parameters_of(api, "path", "string"), kind, one_in):
        answer = owner.get(filled(path.replace(f"{{{name}}}", text, 1)), params={})
        assert answer.status_code in (400, 404, 422), f"{path} {answer.text[:300]}"
        assert code_of(answer) != "fault"


@pytest.mark.parametrize(
    "text",
    [
        *("0", "-1", str(2**31), str(2**63), str(2**64), "9" * 5_000, "1e9", "1.5", "nan", "inf"),
        *("0x10", "1_0", " 1", "１", "", "null", "true", "1;DROP"),
    ],
)
def test_an_odd_number_is_refused_by_name(api: Served, text: str) -> None:
    owner = api.person("alpha.owner")
    for path, name, _ in parameters_of(api, "query", "integer", "number"):
        answer = ask(owner, path, name, text)
        assert answer.status_code in (200, 404, 422), f"{path} {name} {answer.text[:300]}"
        if answer.status_code == 404:
            continue  # of what the path names there is none
        if answer.status_code == 422 and code_of(answer) == "invalid":
            assert answer.json()["errors"][0]["field"] == f"query.{name}"
        if name == "limit":
            assert answer.status_code == 422 or text in ("1_0", " 1", "１"), text


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2026-11-21T08:00:00+08:00", 200),
        ("2026-11-21t00:00:00.123456z", 200),
        ("0001-01-01T00:00:00Z", 200),
        ("9999-12-31T23:59:59Z", 200),
        ("0001-01-01T00:00:00+14:00", 422),
        ("9999-12-31T23:59:59-14:00", 422),
        ("2026-11-21T08:00:00", 422),
        ("2026-11-21", 422),
        ("1763683200", 422),
        ("0", 422),
        ("2026-02-30T00:00:00Z", 422),
        ("2026-11-21T25:00:00Z", 422),
        ("2026-11-21T23:59:60Z", 422),
        ("2026-11-21T08:00:00+25:00", 422),
        ("2026-11-21T08:00:00 08:00", 422),
        ("10000-01-01T00:00:00Z", 422),
        ("-0001-01-01T00:00:00Z", 422),
        ("now", 422),
        ("", 422),
    ],
)
def test_a_time_is_one_of_rfc_3339(api: Served, text: str, status: int) -> None:
    owner, tried = api.person("alpha.owner"), set()
    for path, name, kind in parameters_of(api, "query", "string"):
        if kind != "date-time":
            continue
        answer = ask(owner, path, name, text)
        tried.add(path)
        if path.endswith(("/track", "/signals")) and status == 200:
            assert answer.status_code in (200, 422), answer.text
        elif "{lease_no}" in path and status == 200:
            assert (answer.status_code, code_of(answer)) == (404, "lease_not_found")
        else:
            assert answer.status_code == status, f"{path} {name} {answer.text[:300]}"
        if answer.status_code == 422 and code_of(answer) == "invalid":
            assert answer.json()["errors"][0]["field"] == f"query.{name}"
    assert {"/api/v1/audit", "/api/v1/refusals"} <= tried
