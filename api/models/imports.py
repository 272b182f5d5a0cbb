"""Sheets on their way in, over HTTP."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.messages import told
from api.models.actors import Writer
from api.models.text import Input
from fleet.sheets.imports import ApplyMode, Import, ImportState, Outcome, StoredRow

ImportKindName = Literal[
    "vehicles", "models", "policies", "inspections", "work_orders", "customers", "leases"
]


class ImportKindOut(BaseModel):
    """A kind of sheet."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "vehicles",
                "zh": "车辆",
                "en": "Vehicles",
                "note_zh": "按车架号识别车辆；空白单元格保留原值。",
                "note_en": "A vehicle is known by its VIN; a blank cell leaves what is there.",
                "columns": [
                    {
                        "field": "vin",
                        "zh": "车架号",
                        "en": "VIN",
                        "synonyms": ["车辆识别代号", "VIN码"],
                        "required": True,
                        "holds": "text",
                        "choices": [],
                        "meaning_zh": "17 位，与行驶证一致。",
                        "meaning_en": "17 characters, as on the vehicle licence.",
                    }
                ],
            }
        }
    )

    kind: ImportKindName
    zh: str
    en: str
    note_zh: str
    note_en: str
    columns: list["ColumnOut"]


class ColumnOut(BaseModel):
    """A column of a kind of sheet, and by which words it is recognised."""

    field: str
    zh: str
    en: str
    synonyms: list[str]
    required: bool
    holds: str = Field(description="text, integer, decimal, money, date, month, instant …")
    choices: list[str] = Field(description="The words it may hold; empty: any.")
    meaning_zh: str
    meaning_en: str


class MatchedColumn(BaseModel):
    """A column of the sheet that was recognised."""

    field: str
    label: str = Field(description="What the sheet writes over it.")
    place: int = Field(ge=0, description="Where it stands, from 0.")


class HeadersOut(BaseModel):
    """What was made of the headings."""

    sheet: str | None = Field(description="The sheet that was read; null: a .csv has none.")
    sheets: list[str] = Field(description="The sheets of the workbook.")
    first_data_row: int = Field(ge=1)
    matched: list[MatchedColumn]
    unknown: list[str] = Field(description="Headings that name nothing; left out.")
    repeated: list[str] = Field(description="Headings of a further column of the same; left out.")
    not_allowed: list[str] = Field(
        description="Fields that the one who sent it may not write; left out."
    )


class ImportProblem(BaseModel):
    """Why the whole was not done."""

    code: str
    en: str
    zh: str


class ImportOut(BaseModel):
    """A sheet that was sent, and how far it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a11",
                "kind": "policies",
                "organisation": "shenzhen-nanshan",
                "file_name": "保险台账.xlsx",
                "size_bytes": 81_240,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "sheet": "2026",
                "state": "checked",
                "mode": None,
                "rows_total": 412,
                "rows_done": 412,
                "rows_new": 380,
                "rows_changed": 20,
                "rows_same": 9,
                "rows_bad": 3,
                "headers": None,
                "problem": None,
                "created_by": "li.na",
                "created_at": "2026-11-21T03:14:00Z",
                "finished_at": None,
                "version": 3,
            }
        }
    )

    key: UUID
    kind: str
    organisation: str = Field(description="Code of the organisation it was sent for.")
    file_name: str
    size_bytes: int
    sha256: str
    sheet: str | None
    state: ImportState = Field(
        description="waiting → checking → checked → applying → applied; or failed."
    )
    mode: ApplyMode | None
    rows_total: int | None = Field(description="Null until the last row was read.")
    rows_done: int = Field(description="Rows read so far, then rows worked on.")
    rows_new: int
    rows_changed: int
    rows_same: int
    rows_bad: int
    headers: HeadersOut | None = Field(description="Null until they were found.")
    problem: ImportProblem | None
    created_by: Writer
    created_at: datetime
    finished_at: datetime | None
    version: int = Field(ge=1)

    @classmethod
    def of(cls, found: Import) -> "ImportOut":
        """As the service gives it."""
        other = ("organisation", "sha256", "headers", "problem")
        same = {name: getattr(found, name) for name in cls.model_fields if name not in other}
        return cls(
            **same,
            organisation=found.organisation_code,
            sha256=found.sha256.hex(),
            headers=None if found.headers is None else HeadersOut(**found.headers),
            problem=None if found.problem is None else problem_of(found.problem),
        )


def problem_of(kept: dict[str, Any]) -> ImportProblem:
    """The problem in both languages; the Chinese of a domain error is that of its code."""
    zh = kept["zh"] or told(kept["code"], "zh", kept.get("facts", {}))[1]
    return ImportProblem(code=kept["code"], en=kept["en"], zh=zh or kept["en"])


class RowProblemOut(BaseModel):
    """What is wrong in a row, or, as a warning, what is odd in a good one."""

    field: str | None = Field(description="Null: the row as a whole.")
    code: str
    en: str
    zh: str
    warning: bool


class ImportRowOut(BaseModel):
    """A row of the sheet and what it would do, or did."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "row_no": 7,
                "outcome": "changed",
                "key": "LSGPC52U6AF102554",
                "changes": {"plate": ["粤BD12345", "粤BD54321"]},
                "problems": [],
            }
        }
    )

    row_no: int = Field(ge=1, description="As the sheet counts.")
    outcome: Outcome
    key: str | None = Field(description="What the row is known by.")
    changes: dict[str, list[Any]] = Field(
        description="By field what is there and what shall be; money in fen."
    )
    problems: list[RowProblemOut]

    @classmethod
    def of(cls, row: StoredRow) -> "ImportRowOut":
        """As the service gives it."""
        return cls(
            row_no=row.row_no,
            outcome=row.outcome,
            key=row.key,
            changes=row.changes or {},
            problems=[RowProblemOut(**each) for each in row.problems or ()],
        )


class Application(Input):
    """How an import is applied."""

    model_config = ConfigDict(json_schema_extra={"example": {"mode": "good_rows"}})

    mode: ApplyMode = Field(
        description="all_or_nothing: refused while a row is bad; good_rows: leaves out the bad."
    )
