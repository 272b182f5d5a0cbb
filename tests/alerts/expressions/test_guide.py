"""The guide for people tells what there is, and its examples hold."""

import re
from pathlib import Path

from alerts.expressions.compiling import compile_expression
from alerts.expressions.fields import FIELDS
from alerts.expressions.functions import FUNCTIONS

GUIDE = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")


def test_tells_every_field_with_its_unit() -> None:
    told = dict(re.findall(r"^\| `([\w.]+)` \| [^|]+ \| ([^|]+) \|", GUIDE, re.MULTILINE))
    here = {
        name: field.unit or "–" for name, field in FIELDS.items() if not name.startswith("previous")
    }
    assert told == here


def test_tells_every_function() -> None:
    told = re.findall(r"^\| `([^`]+\))` \|", GUIDE, re.MULTILINE)
    assert told == [function.written for function in FUNCTIONS.values()]


def test_its_examples_are_conditions() -> None:
    examples = GUIDE.split("```")[1].strip().splitlines()
    found = {compile_expression(example).fields for example in examples}
    assert len(found) == 10
