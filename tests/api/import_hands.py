"""Sends sheets to the API and waits for what becomes of them."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.registry.vin import compute_check_digit
from tests.reliability.process import wait_until

IMPORTS: Final = "/api/v1/imports"
PATIENCE_S: Final = 40.0
"""For a process that starts, imports everything and reads a few rows, on a machine that is busy."""
Rows = Sequence[Sequence[Any]]


def csv_of(rows: Rows) -> bytes:
    """The rows as a .csv of UTF-8 with a mark, as Excel writes it."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def vin_of(number: int, series: str = "LZS") -> str:
    """A VIN with its check digit, another for each number."""
    vin = f"{series}77RMP0SH{number:06d}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def send(
    client: TestClient, kind: str, content: bytes | Rows, *, name: str = "a.csv", **more: str
) -> Response:
    """The answer to a sheet."""
    body = content if isinstance(content, bytes) else csv_of(content)
    return client.post(
        IMPORTS,
        params={"kind": kind, "file_name": name, **more},
        content=body,
        headers={
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/octet-stream",
        },
    )


def settled(client: TestClient, key: str) -> dict[str, Any]:
    """The import once nobody works on it any more."""
    found: dict[str, Any] = {}

    def is_settled() -> bool:
        answer = client.get(f"{IMPORTS}/{key}")
        assert answer.status_code == 200, answer.text
        found.update(answer.json())
        return found["state"] in ("checked", "applied", "failed")

    wait_until(is_settled, within_s=PATIENCE_S, what="the import is worked on")
    return found


def checked(
    client: TestClient, kind: str, content: bytes | Rows, **more: str
) -> dict[str, Any]:
    """The import of a sheet, looked at."""
    sent = send(client, kind, content, **more)
    assert sent.status_code == 202, sent.text
    return settled(client, sent.json()["key"])


def ask_to_apply(client: TestClient, found: dict[str, Any], mode: str) -> Response:
    """The answer to an application."""
    return client.post(
        f"{IMPORTS}/{found['key']}/apply",
        json={"mode": mode},
        headers={"If-Match": f'"{found["version"]}"'},
    )


def applied(
    client: TestClient, found: dict[str, Any], mode: str = "all_or_nothing"
) -> dict[str, Any]:
    """The import, applied."""
    asked = ask_to_apply(client, found, mode)
    assert asked.status_code == 202, asked.text
    return settled(client, found["key"])


def rows_of(client: TestClient, found: dict[str, Any], **filters: Any) -> list[dict[str, Any]]:
    """Its rows, all pages."""
    rows: list[dict[str, Any]] = []
    after = None
    while True:
        params = {**filters, **({"after": after} if after else {})}
        page = client.get(f"{IMPORTS}/{found['key']}/rows", params=params).json()
        rows += page["items"]
        after = page["next"]
        if after is None:
            return rows


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    """(new, changed, same, bad)."""
    return tuple(found[f"rows_{name}"] for name in ("new", "changed", "same", "bad"))
