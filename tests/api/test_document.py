"""The OpenAPI document is whole: what an operation takes, what it answers, how it fails."""

from collections.abc import Iterator
from typing import Any, Final

import jsonschema
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.document import RESPONSE_HEADERS
from kit.settings import Settings
from tests.api.world import KEY_TEXT
from tests.fixtures.spared import api_document

Json = dict[str, Any]
PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
FILES: Final = {
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/zip",
    "image/heic",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/calendar",
    "text/csv",
}
"""What has no schema."""
NOT_OURS: Final = {"/healthz", "/readyz", "/metrics"}


def application() -> FastAPI:
    """The application, without a database."""
    url = "postgresql://nobody@127.0.0.1/none"
    return create_app(Settings(_env_file=None, api_database_url=url, secret_key=KEY_TEXT))


DOCUMENT: Final[Json] = api_document()
SCHEMAS: Final[Json] = DOCUMENT["components"]["schemas"]
OPERATIONS: Final = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
every_operation = pytest.mark.parametrize(
    ("label", "operation"), OPERATIONS.items(), ids=list(OPERATIONS)
)


def of_api(label: str) -> bool:
    """Whether it is more than a probe."""
    return label.partition(" ")[2] not in NOT_OURS


def with_components(schema: Json) -> Json:
    """A schema whose references can be followed."""
    return {**schema, "components": DOCUMENT["components"]}


def walk(schema: Any, where: str = "") -> Iterator[tuple[str, Json]]:
    """Every schema in a schema, references followed, and where it stands."""
    if isinstance(schema, dict):
        yield where, schema
        if "$ref" in schema and where.count("/") < 12:
            yield from walk(SCHEMAS[schema["$ref"].rpartition("/")[2]], where)
        for name, inner in schema.items():
            if name not in {"example", "examples", "default", "enum", "const"}:
                yield from walk(inner, f"{where}/{name}")
    elif isinstance(schema, list):
        for number, inner in enumerate(schema):
            yield from walk(inner, f"{where}/{number}")


def inputs_of(operation: Json) -> Iterator[tuple[str, Json]]:
    """The schemas of what an operation takes."""
    for parameter in operation.get("parameters", []):
        yield parameter["name"], parameter["schema"]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield "body", content["schema"]


@every_operation
def test_it_says_what_it_is(label: str, operation: Json) -> None:
    assert operation["summary"].strip("."), label
    assert len(operation["description"]) > 10
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    ids = [each["operationId"] for each in OPERATIONS.values()]
    assert ids.count(operation["operationId"]) == 1


def test_every_tag_has_operations_and_words() -> None:
    used = {tag for operation in OPERATIONS.values() for tag in operation["tags"]}
    assert {tag["name"] for tag in DOCUMENT["tags"]} == used
    assert all(tag["description"] for tag in DOCUMENT["tags"])


@every_operation
def test_what_it_takes_has_bounds(label: str, operation: Json) -> None:
    for name, schema in inputs_of(operation):
        for where, each in walk(schema, name):
            kind = each.get("type")
            if kind == "string":
                assert {"maxLength", "enum", "const", "format"} & each.keys(), where
            if kind in ("integer", "number"):
                assert {"minimum", "exclusiveMinimum"} & each.keys(), where
                assert {"maximum", "exclusiveMaximum"} & each.keys(), where
            if kind == "array":
                assert "maxItems" in each, where
            if kind == "object":
                assert each["additionalProperties"] is False, where


@every_operation
def test_it_says_how_it_fails(label: str, operation: Json) -> None:
    told = {int(status) for status in operation["responses"]}
    if not of_api(label):
        assert {400, 413, 500} <= told
        return
    method, _, path = label.partition(" ")
    expected = {400, 413, 422, 429, 500, 503}
    if operation.get("security") != []:
        expected |= {401, 403, 404}
    if method != "GET":
        expected |= {409}
    if "requestBody" in operation:
        expected |= {415}
    if "If-Match" in {each["name"] for each in operation.get("parameters", [])}:
        expected |= {412, 428}
    assert expected <= told, path
    assert {412, 428} & told == {412, 428} & expected


@every_operation
def test_a_failure_is_a_problem_with_its_headers(label: str, operation: Json) -> None:
    beside = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    for status, answer in operation["responses"].items():
        if int(status) < 400 or (label == "GET /readyz" and status == "503"):
            continue
        assert answer["content"] == {"application/problem+json": {"schema": PROBLEM}}
        wanted = {"Content-Language", beside.get(int(status), "Content-Language")}
        assert set(answer["headers"]) == wanted
        for name, header in answer["headers"].items():
            assert header == {"$ref": f"#/components/headers/{name}"}
            assert name in RESPONSE_HEADERS


@every_operation
def test_a_success_has_a_model(label: str, operation: Json) -> None:
    [(status, answer)] = [
        (status, answer) for status, answer in operation["responses"].items() if int(status) < 300
    ]
    if status == "204":
        assert "content" not in answer
        return
    for media_type, content in answer["content"].items():
        if media_type in ("text/event-stream", "text/plain"):
            continue
        if content == {}:  # bytes, as OpenAPI 3.1 says it
            assert media_type in FILES
            continue
        assert {"$ref", "items", "anyOf"} & content["schema"].keys(), media_type


def test_every_schema_is_one() -> None:
    for name, schema in SCHEMAS.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert "HTTPValidationError" not in name


def test_every_example_fits_its_schema() -> None:
    tried = 0
    for name, model in SCHEMAS.items():
        for where, schema in walk(model, name):
            given = [schema["example"]] if "example" in schema else []
            for example in [*given, *schema.get("examples", [])]:
                validator = jsonschema.Draft202012Validator(
                    with_components(schema),
                    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
                )
                faults = [error.message for error in validator.iter_errors(example)]
                assert faults == [], where
                tried += 1
    assert tried > 40


@every_operation
def test_every_example_of_a_parameter_fits(label: str, operation: Json) -> None:
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        for example in [*schema.get("examples", []), *parameter.get("examples", {})]:
            jsonschema.validate(example, with_components(schema))


def test_every_body_has_an_example() -> None:
    """So that the manual shows what goes in and what comes back."""
    bare = set()
    for label, operation in OPERATIONS.items():
        bodies = [content for _, content in inputs_of(operation) if "$ref" in content]
        for status, answer in operation["responses"].items():
            if int(status) < 300:
                contents = answer.get("content", {}).values()
                bodies += [each["schema"] for each in contents if "schema" in each]
        for body in bodies:
            if not any("example" in each or "examples" in each for _, each in walk(body)):
                bare.add(label)
    assert bare <= {"GET /healthz", "GET /readyz", "GET /metrics"}


def test_how_one_logs_in_is_told() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert (schemes["bearer"]["scheme"], schemes["cookie"]["in"]) == ("bearer", "cookie")
    assert DOCUMENT["security"] == [{"bearer": []}, {"cookie": []}]


def test_it_is_openapi_3_1_and_made_once() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    app = application()
    made = app.openapi()
    assert made == DOCUMENT, "it is another one with other settings"
    assert app.openapi() is made
