"""Bad input gets a 4xx that says what and where; what is only odd is kept as it is.

The operations and their fields are read from the OpenAPI document: one that is new here fails until
it has a body to begin with.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from fleet.registry.vin import compute_check_digit
from tests.api.served import Served, code_of
from tests.api.world import PASSWORD, SERIALS, VINS

ODD_TEXTS: Final = {
    "NUL": "a\0b",
    "bell": "a\x07b",
    "line feed": "a\nb",
    "return": "a\rb",
    "DEL": "a\x7fb",
    "a C1 control": "a\x85b",
    "line separator": "a\u2028b",
    "lone surrogate": "a\ud800b",
    "surrogates the wrong way": "a\udc00\ud800b",
    "private use": "a\ue000b",
    "no character": "a\uffffb",
    "byte order mark": "\ufeffa",
    "right to left override": "a\u202eb",
    "right to left mark": "a\u200fb",
    "emoji": "a🚚b",
    "joined emoji": "👩\u200d🔧",
    "a rare character": "𠮷",
    "a character of Unicode 15": "\U00031350",
    "combined": "e\u0301",
    "full width": "ＡＢＣ１２３",
    "Arabic": "مرحبا",
    "quotes": "a'b\"c\\d",
    "SQL": "'; DROP TABLE users; --",
    "wildcards": "%_%",
    "HTML": "<img src=x onerror=alert(1)>",
    "places for facts": "{vin} {0} %s %(now)s",
    "a path": "../../etc/passwd",
    "spaces": "   ",
    "empty": "",
    "201 long": "x" * 201,
    "long": "车" * 100_000,
}
VALID_AND_ODD: Final = ("emoji", "a rare character", "a character of Unicode 15", "quotes", "SQL")
"""What a name may well be."""


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
                "expires_at": "2027-10-01T00:00:00Z",
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


@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_an_odd_text_is_refused_by_name_or_kept_as_it_is(
    api: Served, asker: TestClient, kind: str
) -> None:
    text = ODD_TEXTS[kind]
    api.as_owner("DELETE FROM login_attempts")
    for field in texts_of(api):
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


# What stands in a path or a query


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


FIT: Final = {
    "vin": VINS["alpha-depot"],
    "serial": SERIALS["alpha-depot"],
    "login": "alpha.ops",
    "code": "alpha",
    "key_id": "a" * 12,
    "refusal_id": "1",
    "policy_no": "no-such-policy",
    "permit_no": "no-such-permit",
    "name": "care.idle",
    "kind": "vehicles",
    "number": "W2611-AAAAAA",
    "line_id": "1",
    "key": "00000000-0000-4000-8000-000000000000",
    "token": "x" * 43,
    "lease_no": "L2611-AAAAAA",
    "line_no": "1",
    "customer_no": "C2611-AAAAAA",
    "driver_key": "00000000-0000-4000-8000-000000000000",
    "account_id": "1",
    "quote_no": "Q2611-AAAAAA",
    "violation_no": "V2611-AAAAAA",
    "request_no": "I2611-AAAAAA",
    "edition": "1",
    "notice_no": "D2611-AAAAAA",
    "bill": "B2026-1-000001",
    "payment_no": "R2611-AAAAAA",
    "credit_no": "N2026-1-000001",
    "bill_no": "B2026-1-000001",
}
"""What stands in a path, of which some is there."""


def filled(path: str) -> str:
    """The path with something that may be there."""
    for name, value in FIT.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path
    return path


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


@pytest.mark.parametrize("kind", [kind for kind in ODD_TEXTS if "surrogate" not in kind])
def test_an_odd_query_is_refused_by_name_or_finds_what_has_it(api: Served, kind: str) -> None:
    owner, text = api.person("alpha.owner"), ODD_TEXTS[kind][:5_000]
    tried = 0
    for path, name, _ in parameters_of(api, "query", "string"):
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


@pytest.mark.parametrize("kind", [kind for kind in ODD_TEXTS if "surrogate" not in kind])
def test_an_odd_path_leads_nowhere(api: Served, kind: str) -> None:
    owner = api.person("alpha.owner", step_up=True)
    text = quote(ODD_TEXTS[kind][:5_000], safe="")
    for path, name, _ in parameters_of(api, "path", "string"):
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
