"""The guide, the endpoint and the checker speak of the same, and every example holds."""

import re
from pathlib import Path

import pytest

from alerts.expressions import parsing, words
from alerts.expressions.compiling import compile_expression
from alerts.expressions.fields import FIELDS, ExpressionField
from alerts.expressions.functions import FUNCTIONS
from alerts.expressions.typed import WORDS
from api.models.alert_expressions import ExpressionFieldOut, ExpressionFieldsOut
from schemas.telemetry import FIELDS as MEASURED

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "expressions.md").read_text(encoding="utf-8")
TOLD = ExpressionFieldsOut.known()
TYPES = {type_: word.removeprefix("a ") for type_, word in WORDS.items()} | {"bool": "true/false"}


def section(heading: str) -> str:
    """A part of the guide."""
    return GUIDE.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def row(field: ExpressionFieldOut) -> str:
    """How the guide tells a field."""
    choices = ", ".join(f"`{each.word}`" for each in field.choices)
    meaning = f"{field.meaning[:-1]}: {choices}." if choices else field.meaning
    kind, unit = TYPES[field.type], field.unit or "–"
    return f"| `{field.name}` | {field.chinese} | {kind} | {unit} | {meaning} |"


def test_the_guide_tells_every_field() -> None:
    told = re.findall(r"^\| `.*$", section("Fields"), re.MULTILINE)
    assert told == [row(each) for each in TOLD.fields if not each.name.startswith("previous.")]


def test_the_guide_tells_every_function() -> None:
    told = re.findall(r"^\| `(.+)` \| (.+) \|$", section("Operators"), re.MULTILINE)
    assert told == [(each.written, each.meaning) for each in TOLD.functions]


def test_the_guide_tells_every_operator() -> None:
    spans = re.findall(r"`([^`]+)`", section("Operators").partition(" brackets.")[0])
    found = {sign for span in spans for sign in re.findall(r"[-+*/%<>=!&|]+|\?|\bin\b", span)}
    assert {each.sign for each in TOLD.operators} == found - {"?"} | {"?:"}


def checked(name: str) -> ExpressionField:
    """The field as the checker knows it, after a look whether it knows it."""
    assert compile_expression(f"has({name})").fields == {name}
    return FIELDS[name]


def test_the_endpoint_tells_what_the_checker_knows() -> None:
    assert [each.name for each in TOLD.fields] == list(FIELDS)
    for told in TOLD.fields:
        field = checked(told.name)
        assert (told.type, told.unit or "", told.meaning) == (field.type, field.unit, field.meaning)
        assert tuple(each.word for each in told.choices) == field.choices
        assert (told.least, told.most) == (field.least, field.most)
    assert [each.name for each in TOLD.functions] == list(FUNCTIONS)
    known = set(parsing._SIGNS.values()) | {"!", "?:"}
    assert {each.sign for each in TOLD.operators} == known


def test_ranges_and_words_are_those_of_the_telemetry_contract() -> None:
    contract = {each.name: (each.low, each.high, each.choices) for each in MEASURED}
    told = {
        each.name.removeprefix("previous."): (each.least, each.most, each.choices)
        for each in FIELDS.values()
        if "vehicle." not in each.name and each.name != "seconds_since_previous"
    }
    assert told.items() <= contract.items()
    spoken = [word for each in TOLD.fields if "gear" not in each.name for word in each.choices]
    assert {each.word: (each.chinese, each.english) for each in spoken} == words.CHOICES


def test_measured_fields_are_called_as_in_the_vocabulary() -> None:
    vocabulary = (DOCS / "vocabulary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \| `(\w+)` \|$", vocabulary, re.M)
    called = {name: (chinese, english) for english, chinese, name in rows}
    for each in MEASURED:
        if each.name in FIELDS:
            field = FIELDS[each.name].called
            assert (field.chinese, field.english) == called[each.name]


EXAMPLES = [each.example for each in TOLD.functions] + [each.example for each in TOLD.operators]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_endpoint_is_a_condition(example: str) -> None:
    assert len(compile_expression(example).fields) >= 1


def test_examples_use_what_they_are_of() -> None:
    for told in TOLD.functions:
        assert f"{told.name}(" in told.example or f".{told.name}(" in told.example
    for each in TOLD.operators:
        assert all(part in each.example for part in each.sign.replace("?:", "? :").split())


def test_its_examples_are_conditions() -> None:
    examples = GUIDE.split("```")[1].strip().splitlines()
    found = {compile_expression(example).fields for example in examples}
    assert len(found) == 10
