"""What the tests of customers call over HTTP again and again."""

import itertools
from collections.abc import Iterator
from typing import Any, Final

from fastapi.testclient import TestClient

from tests.api.served import Served, post

CUSTOMERS: Final = "/api/v1/customers"
FIND: Final = f"{CUSTOMERS}/find"
UNUSED: Final[Iterator[int]] = itertools.count(1)


def add(api: Served, client: TestClient, **given: Any) -> dict[str, Any]:
    """A new customer."""
    body = {"kind": "person", "name": api.unused("王芳 ")} | given
    made = post(client, CUSTOMERS, body, api.unused("k"))
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    assert made.headers["location"] == f"{CUSTOMERS}/{told['customer_no']}"
    return told


def path_of(customer: dict[str, Any], tail: str = "") -> str:
    return f"{CUSTOMERS}/{customer['customer_no']}{tail}"


def found(client: TestClient, **query: Any) -> list[str]:
    answer = client.get(CUSTOMERS, params=query)
    assert answer.status_code == 200, answer.text
    return [each["customer_no"] for each in answer.json()["items"]]


def by_number(client: TestClient, number: str) -> list[str]:
    answer = client.post(FIND, json={"id_number": number})
    assert answer.status_code == 200, answer.text
    assert answer.json()["next"] is None
    return [each["customer_no"] for each in answer.json()["items"]]
