"""Loads hand-written SQL from `queries.sql` files, and adds the conditions that are asked for.

A file is a list of named statements, each with one line of purpose:

    -- name: find_vehicle
    -- The vehicle with this VIN.
    SELECT id, vin FROM vehicles WHERE vin = %(vin)s
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import LiteralString, cast

from psycopg import sql

_NAME = re.compile(r"^-- name: (?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries:
    """The named statements of one file, reached as attributes."""

    def __init__(self, path: Path, statements: dict[str, str]) -> None:
        self.path = path
        self.statements = statements

    def __getattr__(self, name: str) -> LiteralString:
        try:
            return cast(LiteralString, self.__dict__["statements"][name])
        except KeyError:
            raise AttributeError(f"{self.__dict__['path']}: no query named {name!r}") from None


def load_queries(path: Path) -> Queries:
    """Read a `queries.sql` file.

    Raises:
        ValueError: a name twice, no line of purpose, or text before the first name.
    """
    text = path.read_text(encoding="utf-8")
    marks = list(_NAME.finditer(text))
    if not marks:
        raise ValueError(f"{path}: no '-- name:' line")
    if text[: marks[0].start()].strip():
        raise ValueError(f"{path}: text before the first '-- name:' line")
    statements: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        name = mark["name"]
        body = text[mark.end() : following.start() if following else len(text)].strip()
        if name in statements:
            raise ValueError(f"{path}: query {name!r} stands twice")
        if not body.startswith("-- "):
            raise ValueError(f"{path}: query {name!r} lacks its line of purpose")
        statements[name] = body.rstrip(";")
    return Queries(path, statements)


def where(conditions: Sequence[sql.Composable]) -> sql.Composed:
    """` WHERE …`, all of them to hold; nothing for none.

    >>> where([sql.SQL("a = 1"), sql.SQL("b = 2")]).as_string()
    ' WHERE a = 1 AND b = 2'
    >>> where([]).as_string()
    ''
    """
    if not conditions:
        return sql.Composed([])
    return sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
