"""Hands out sheets: to be filled in, with what is there, and with what was found in them.

Each is one of a kind that can be brought in again. Leaves out lists as tables (`api/exports.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from fleet.bulk import service as bulk
from fleet.orgs import service as orgs
from fleet.sheets import store
from fleet.sheets.annotating import annotate
from fleet.sheets.deciding import headers_read
from fleet.sheets.errors import ImportNotChecked
from fleet.sheets.importing import ImportKind, words_of
from fleet.sheets.imports import Import
from fleet.sheets.kinds import import_kind
from fleet.sheets.model import Column, Form, Headers, Problem, RowReport
from fleet.sheets.templates import header_of, template
from fleet.sheets.writing import write_table
from kit.sealed import SealingKey
from schemas.access import Actor

BATCH_ROWS: Final = 2_000
"""Rows that are asked about at once."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """All that an annotated copy takes: it is written without the database, which takes a while."""

    found: Import
    source: Path
    headers: Headers
    reports: list[tuple[int, RowReport]]

    def write(self, out: Path) -> None:
        """Write the copy, as .xlsx."""
        annotate(self.source, self.found.sheet, self.headers, self.reports, out)


def read_annotation(conn: Connection[Any], found: Import, *, source: Path) -> Annotation:
    """What was found in the rows of the sheet that lies at `source`.

    Raises:
        ImportNotChecked: its rows have not all been looked at.
    """
    if found.headers is None:
        raise ImportNotChecked(f"the import is {found.state}", state=found.state)
    reports = list(_reports(store.list_rows_for_copy(conn, found.id)))
    return Annotation(found, source, headers_read(found.headers), reports)


def _reports(
    rows: Iterable[tuple[int, Any, list[dict[str, Any]] | None]],
) -> Iterable[tuple[int, RowReport]]:
    for row_no, outcome, problems in rows:
        told = tuple(
            Problem(each["field"], each["code"], each["en"], each["zh"]) for each in problems or ()
        )
        yield row_no, RowReport(outcome, told)


def write_template(actor: Actor, *, kind: str, out: Path) -> None:
    """An empty sheet of this kind, with an example, as .xlsx.

    Raises:
        ImportKindUnknown: there is none.
    """
    actor.require("import.run")
    template(import_kind(kind).kind, out)


def write_current(
    conn: Connection[Any],
    actor: Actor,
    *,
    kind: str,
    organisation_code: str | None = None,
    form: Form,
    out: Path,
    key: SealingKey | None = None,
    now: datetime,
) -> int:
    """What is there, as a sheet of this kind that can be changed and brought in again; its rows.

    Of what the organisation and those below it have now; the actor's own, unless said. Columns
    that the actor may not see are left out; numbers of people are masked.

    Raises:
        ImportKindUnknown, OrganisationNotFound: there is none in sight.
    """
    actor.require("import.run")
    about = import_kind(kind)
    code = organisation_code or actor.organisation_code
    assert code is not None
    organisation = orgs.get_organisation(conn, actor, code=code)
    source = bulk.SOURCES[about.name]
    keys = list(source.keys(conn, organisation.code))
    asked = bulk.Asked(conn, actor, now, key=key)
    barred = about.barred(actor.may)
    columns = [column for column in about.kind.columns if column.field not in barred]
    words = [words_of(column) for column in columns]

    def rows() -> Iterable[list[Any]]:
        for start in range(0, len(keys), BATCH_ROWS):
            some = keys[start : start + BATCH_ROWS]
            known = source.known(asked, some)
            for each in some:
                if each in known:
                    yield [
                        words_here.get(value, value) if isinstance(value, str) else value
                        for words_here, value in zip(
                            words, _shown(about, columns, known[each]), strict=True
                        )
                    ]

    headings = [(header_of(column), column.holds) for column in columns]
    return write_table(headings, rows(), form, out, title=about.kind.zh)


def _shown(about: ImportKind, columns: Sequence[Column], known: Mapping[str, Any]) -> list[Any]:
    """What stands in these columns."""
    shown = [
        (column, about.kind.shown(column.field, known.get(column.field))) for column in columns
    ]
    return [
        value if value is None or column.written is None else column.written(value)
        for column, value in shown
    ]
