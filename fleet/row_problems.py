"""What is wrong with a row of a sheet, told in both languages; for every slice that takes rows."""

from typing import NamedTuple


class RowProblem(NamedTuple):
    """Why a row is not taken: a stable code, the field at fault, and the words."""

    code: str
    field: str | None
    en: str
    zh: str
