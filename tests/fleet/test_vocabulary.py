"""The vocabulary has one row a concept, and knows every column and field of telemetry."""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from psycopg import Connection

from schemas.access import ROLES
from schemas.telemetry import FIELDS, REASONS, Sample

TEXT: Final = (Path(__file__).parents[2] / "docs" / "vocabulary.md").read_text(encoding="utf-8")
HEADER: Final = "| word | 中文 | unit | meaning | appears in |"
CHINESE: Final = re.compile("[\u4e00-\u9fff]")


class Term(NamedTuple):
    """One row."""

    word: str
    chinese: str
    unit: str
    meaning: str
    appears_in: str


def read_terms(text: str) -> list[Term]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [
        Term(*(cell.strip() for cell in line.strip("|").split("|")))
        for line in lines
        if line != HEADER and not line.startswith("|---")
    ]


TERMS: Final = read_terms(TEXT)
NAMED: Final = {name: term for term in TERMS for name in re.findall(r"`(\w+)`", term.appears_in)}
"""Each column or field, and the row that explains it."""


def test_every_section_is_a_table() -> None:
    sections = TEXT.split("\n## ")[1:]
    assert [s.splitlines()[0] for s in sections if s.count(HEADER) != 1] == []
    assert all(CHINESE.search(s.splitlines()[0]) for s in sections)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_a_row_is_complete(term: Term) -> None:
    assert all(term), f"an empty cell in {term}"
    assert CHINESE.search(term.chinese), f"{term.word} lacks its Chinese word"
    assert term.meaning.endswith("."), f"{term.word}: the meaning is a sentence"


def test_a_word_stands_for_one_concept() -> None:
    words = [term.word.lower() for term in TERMS]
    chinese = [term.chinese for term in TERMS]
    assert sorted({w for w in words if words.count(w) > 1}) == []
    assert sorted({c for c in chinese if chinese.count(c) > 1}) == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_has_its_row_and_unit(field: Any) -> None:
    assert NAMED[field.name].unit == (field.unit or "—")


def test_every_field_of_a_sample_is_explained() -> None:
    assert sorted(set(Sample.__struct_fields__) - NAMED.keys()) == []


def test_every_reason_is_explained() -> None:
    assert sorted(set(REASONS) - NAMED.keys()) == []


def test_every_role_is_explained() -> None:
    assert sorted(set(ROLES) - NAMED.keys()) == []


def test_every_column_is_explained(conn: Connection[Any]) -> None:
    columns = conn.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = current_schema()"
        " AND table_name IN ('telemetry', 'vehicle_state')"
    ).fetchall()
    assert len(columns) > 50
    assert sorted({name for (name,) in columns} - NAMED.keys()) == []
