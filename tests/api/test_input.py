"""A bad body gets a 4xx that says what and where; what is only odd is kept as it is.

The operations and their fields are read from the OpenAPI document: one that is new here fails until
it has a body to begin with.
"""

import json
from typing import Any, Final, NamedTuple

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.registry.vin import compute_check_digit
from tests.api.odd_input import FIT, ODD_TEXTS, ONE_IN, VALID_AND_ODD, filled, share_of
from tests.api.served import NEXT_YEAR, Served, code_of
from tests.api.world import PASSWORD, SERIALS, VINS


class Field(NamedTuple):
    """A text in a body."""

    method: str
    path: str
    name: str
    is_list: bool


class Base(NamedTuple):
    """A body that is fit, where it is sent, and which of its texts come back in the answer."""

    body: dict[str, Any]
    path: str
    comes_back: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def asker(api: Served) -> TestClient:
    """A person who may try everything, and whose password nobody else uses."""
    login = "odd.input"
    api.make_person(login, "owner")
    return api.new_session(login, step_up=True)


INSURED: Final = {
    "insurer": "平安",
    "covered_from": "2026-07-01",
    "covered_until": "2027-06-30",
}
INSURED_BY: Final = ("insurer", "insured", "use_nature")


NO_KEY: Final = "00000000-0000-4000-8000-000000000000"


def fit_vin(number: int) -> str:
    """A VIN nobody has."""
    vin = f"LNB{number:0>14}"
    return vin[:8] + compute_check_digit(vin) + vin[9:]


def base_of(api: Served, field: Field) -> Base:
    """Something fit to begin with."""
    new = api.unused("odd")
    number = int(new.removeprefix("odd"))
    in_alpha = {"organisation": "alpha"}
    vin, serial = VINS["alpha-depot"], SERIALS["alpha-depot"]
    bodies: dict[tuple[str, str], Base] = {
        ("POST", "/sessions"): Base({"login": "alpha.ops", "password": "wrong"}, ""),
        ("POST", "/session/step-up"): Base({"password": "wrong"}, ""),
        ("PUT", "/session/password"): Base(
            {"old_password": "wrong", "new_password": "Quarry-ferry-17"}, ""
        ),
        ("POST", "/password-resets/redeem"): Base(
            {"token": "x" * 43, "new_password": "Quarry-ferry-17"}, ""
        ),
        ("POST", "/users"): Base(
            {"login": new, "name": "人", "roles": ["ops"], **in_alpha}, "", ("login", "name")
        ),
        ("PATCH", "/users/{login}"): Base({"name": "人"}, "alpha.viewer", ("name",)),
        ("POST", "/users/{login}/unmask"): Base({"reason": "核对"}, "alpha.viewer"),
        ("POST", "/api-keys"): Base(
            {
                "name": "machine",
                "scopes": ["vehicle.read"],
                "expires_at": NEXT_YEAR,
                **in_alpha,
            },
            "",
            ("name",),
        ),
        ("POST", "/share-agreements"): Base(
            {
                "owner": "alpha",
                "operator": "alpha-south",
                "basis": "earned",
                "share_pct": "30",
                "from_month": "2026-03",
            },
            "",
        ),
        ("POST", "/share-agreements/{key}/end"): Base({"until_month": "2026-04"}, NO_KEY),
        ("POST", "/share-agreements/{key}/settle"): Base({"month": "2026-03"}, NO_KEY),
        ("POST", "/organisations"): Base(
            {"code": new, "name": "车场", "parent": "alpha"}, "", ("code", "name", "time_zone")
        ),
        ("PATCH", "/organisations/{code}"): Base(
            {"name": "车场"}, "alpha-north", ("name", "time_zone")
        ),
        ("POST", "/organisations/{code}/move"): Base({"parent": "alpha"}, "alpha-depot"),
        ("POST", "/vehicles"): Base(
            {"vin": fit_vin(number), "owner": "alpha"}, "", ("vin", "plate", "model", "owner")
        ),
        ("PUT", "/vehicles/{vin}/card"): Base(
            {"plate": None, "model": None}, vin, ("plate", "model")
        ),
        ("POST", "/vehicles/{vin}/operators"): Base(in_alpha, vin, ("organisation",)),
        ("POST", "/vehicles/{vin}/swap-device"): Base({"serial": serial}, vin, ("serial",)),
        ("PUT", "/vehicles/{vin}/placing"): Base(
            {"depot": None, "tags": [], "pooled": False}, vin, ()
        ),
        ("POST", "/vehicles/{vin}/odometer"): Base({"odometer_km": 1}, vin, ("note",)),
        ("PUT", "/vehicles/{vin}/purchase"): Base(
            {"purchased_on": "2025-03-01", "price_fen": 1, "depreciation_method": "none"}, vin
        ),
        ("POST", "/models"): Base(
            {"code": new, "name": new, "maker": "厂", "body_type": "货车"},
            "",
            ("code", "name", "maker", "body_type"),
        ),
        ("PUT", "/models/{code}"): Base(
            {"name": "型", "maker": "厂", "body_type": "货车"},
            "no-such-model",
            ("name", "maker", "body_type"),
        ),
        ("PUT", "/vehicles/{vin}/licence"): Base(
            {"vehicle_type": "货车", "use_nature": "营运", "registered_on": "2019-05-10"},
            vin,
            ("vehicle_type", "use_nature", "motor_no"),
        ),
        ("POST", "/vehicles/{vin}/inspections"): Base(
            {"form": "line", "inspected_on": "2026-05-12", "passed": False, "valid_to": None},
            vin,
            ("place", "report_no", "note"),
        ),
        ("POST", "/vehicles/{vin}/battery-tests"): Base(
            {"tested_on": "2026-05-12", "motor_max_c": 60}, vin, ("place", "note")
        ),
        ("POST", "/vehicles/{vin}/policies"): Base(
            {"kind": "commercial", "policy_no": new, **INSURED}, vin, ("kind", *INSURED_BY)
        ),
        ("PUT", "/policies/{policy_no}"): Base(INSURED, "no-such-policy", INSURED_BY),
        ("POST", "/policies/{policy_no}/void"): Base({"reason": "录错"}, "no-such-policy"),
        ("POST", "/vehicles/{vin}/permits"): Base(
            {"permit_no": new, "holder": "青帆", "issued_on": "2026-01-05"}, vin, ("holder",)
        ),
        ("PUT", "/permits/{permit_no}"): Base({"holder": "青帆"}, "no-such-permit", ("holder",)),
        ("POST", "/devices"): Base({"serial": new, "owner": "alpha"}, "", ("serial", "owner")),
        ("POST", "/devices/{serial}/bind"): Base({"vin": vin}, serial, ("vin",)),
        ("POST", "/devices/{serial}/unbind"): Base({}, serial),
    }
    base = bodies.get((field.method, field.path.removeprefix("/api/v1")))
    parameter = parameter_of(field.path)
    return base or Base(example_of(api, field), FIT[parameter] if parameter else "")


def parameter_of(path: str) -> str:
    """The first name in braces."""
    return path.partition("{")[2].partition("}")[0]


def example_of(api: Served, field: Field) -> dict[str, Any]:
    """The body that the document shows."""
    document = api.app.openapi()
    operation = document["paths"][field.path][field.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    model = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return dict(model["example"])


def texts_of(api: Served) -> list[Field]:
    """Every text in a body of the document that is not one of a few words, and no time."""
    document = api.app.openapi()
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "application/json" not in operation.get("requestBody", {}).get("content", {}):
                continue  # nothing, or a file
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            model = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            for name, said in model["properties"].items():
                for kind in said.get("anyOf", [said]):
                    listed = kind.get("items", kind)
                    if listed.get("type") == "string" and "format" not in listed:
                        found.append(Field(method.upper(), path, name, "items" in kind))
    return found


def send(api: Served, asker: TestClient, field: Field, text: Any) -> tuple[Base, Response]:
    """The answer to an otherwise fit body."""
    base = base_of(api, field)
    path = field.path
    if "{" in path:
        head, _, rest = path.partition("{")
        path = filled(head + base.path + rest.partition("}")[2])
    body = base.body | {field.name: [text] if field.is_list else text}
    headers = {"Content-Type": "application/json", "Idempotency-Key": api.unused("odd-")}
    headers["If-Match"] = '"0"'
    if field.method in {"PATCH", "PUT"} and "session" not in path:
        card = path.removesuffix("/card").removesuffix("/placing")
        headers["If-Match"] = asker.get(card).headers.get("etag", '"0"')
    client = asker
    if path.endswith("/sessions"):
        headers |= api.address()
    return base, client.request(
        field.method, path, content=json.dumps(body).encode(), headers=headers
    )


NAMED_OTHERWISE: Final = {"login_failed", "too_many_attempts", "operator_unchanged"}
"""What is wrong is not said of one field: who is told which would learn something, or both are."""


@pytest.mark.parametrize("one_in", ONE_IN)
@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_an_odd_text_is_refused_by_name_or_kept_as_it_is(
    api: Served, asker: TestClient, kind: str, one_in: int
) -> None:
    text = ODD_TEXTS[kind]
    api.as_owner("DELETE FROM login_attempts")
    for field in share_of(texts_of(api), kind, one_in):
        base, answer = send(api, asker, field, text)
        where = f"{field} {answer.status_code} {answer.text[:400]}"
        if 200 <= answer.status_code < 300:
            if field.name in base.comes_back:
                assert answer.json()[field.name] == text.strip(), where
            continue
        assert 400 <= answer.status_code < 500, where
        if answer.status_code == 404 or code_of(answer) in NAMED_OTHERWISE:
            continue
        named = [error["field"] for error in answer.json().get("errors", [])]
        fields = {*base.body, field.name}
        assert {name.removeprefix("body.").partition(".")[0] for name in named} <= fields, where
        assert len(answer.content) < 4_000, where


@pytest.mark.parametrize("kind", VALID_AND_ODD)
def test_a_name_may_be_odd(api: Served, asker: TestClient, kind: str) -> None:
    for path, name in [("/api/v1/organisations", "name"), ("/api/v1/vehicles", "model")]:
        field = Field("POST", path, name, is_list=False)
        _, answer = send(api, asker, field, ODD_TEXTS[kind])
        assert (answer.status_code, answer.json()[name]) == (201, ODD_TEXTS[kind])


def test_every_text_of_the_document_is_tried(api: Served) -> None:
    fields = texts_of(api)
    for field in fields:
        assert field.name not in {"", None}
        base_of(api, field)
    assert Field("POST", "/api/v1/vehicles", "plate", is_list=False) in fields
    assert Field("POST", "/api/v1/api-keys", "scopes", is_list=True) in fields
    assert len(fields) >= 30


@pytest.mark.parametrize(
    "wrong", [None, 0, 1.5, True, [], {}, ["a"], {"a": "b"}, float("nan"), 2**70]
)
def test_a_text_that_is_none_is_refused(api: Served, asker: TestClient, wrong: Any) -> None:
    for field in texts_of(api):
        _, answer = send(api, asker, field, wrong)
        if wrong is None and (answer.status_code != 422 or code_of(answer) != "invalid"):
            continue  # some may be null
        if wrong is None and answer.json()["errors"][0]["field"] == "body":
            continue  # or something else stands in its place
        assert (answer.status_code, code_of(answer)) == (422, "invalid"), answer.text
        assert f"body.{field.name}" in answer.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    ("at", "status", "code"),
    [
        ("0001-01-01T00:00:00Z", 409, "period_ends_before_start"),
        ("9999-12-31T23:59:59Z", 422, "instant_in_future"),
        ("9999-12-31T23:59:59-14:00", 422, "invalid"),
        (0, 422, "invalid"),
        ("tomorrow", 422, "invalid"),
    ],
)
def test_a_time_far_out_is_refused(
    api: Served, asker: TestClient, at: Any, status: int, code: str
) -> None:
    answer = asker.post(f"/api/v1/devices/{SERIALS['alpha-north']}/unbind", json={"at": at})
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_password_is_never_told_back(api: Served) -> None:
    """Not in a problem of any operation that takes one."""
    secret = f"{PASSWORD}\0{'x' * 300}"
    asked = [
        ("POST", "/api/v1/sessions", {"login": "alpha.ops", "password": secret, "kind": "bearer"}),
        ("POST", "/api/v1/session/step-up", {"password": secret}),
        ("PUT", "/api/v1/session/password", {"old_password": secret, "new_password": secret}),
        ("POST", "/api/v1/password-resets/redeem", {"token": secret, "new_password": secret}),
    ]
    for method, path, body in asked:
        answer = api.person("alpha.owner").request(method, path, json=body)
        assert answer.status_code == 422, answer.text
        assert PASSWORD not in answer.text
