"""A violated constraint is the fact it stands for, or else a fault."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from kit.constraints import naming
from kit.errors import Conflict, DomainError

TAKEN = "INSERT INTO organisations (code, name) VALUES ('head', 'head'), ('head', 'again')"


class CodeTaken(Conflict):
    """A fact of this test."""


def test_a_named_constraint_is_its_fact(conn: Connection[Any]) -> None:
    facts: dict[str, DomainError] = {
        "organisations_name_check": DomainError("not this one"),
        "organisations_code_key": CodeTaken("taken", organisation_code="head"),
    }
    with pytest.raises(CodeTaken) as raised, naming(facts):
        conn.execute(TAKEN)
    assert raised.value.facts == {"organisation_code": "head"}
    assert isinstance(raised.value.__cause__, psycopg.errors.UniqueViolation)


def test_a_constraint_that_nobody_named_stays_a_fault(conn: Connection[Any]) -> None:
    with (
        pytest.raises(psycopg.errors.UniqueViolation, match="organisations_code_key"),
        naming({"organisations_name_check": DomainError("not this one")}),
    ):
        conn.execute(TAKEN)


def test_what_violates_nothing_passes(conn: Connection[Any]) -> None:
    with naming({}):
        assert conn.execute("SELECT 7").fetchone() == (7,)
