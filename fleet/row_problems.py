"""What is wrong with a row of a sheet, told in both languages; for every slice that takes rows."""

from typing import NamedTuple

from schemas.addresses import CodeReserved, check_not_reserved


class RowProblem(NamedTuple):
    """Why a row is not taken: a stable code, the field at fault, and the words."""

    code: str
    field: str | None
    en: str
    zh: str


def reserved(given: str, field: str) -> list[RowProblem]:
    """What is wrong with the code or number of something new, if an address has it as a word.

    >>> [problem.code for problem in reserved("export", "code") + reserved("ec35", "code")]
    ['code_reserved']
    """
    try:
        check_not_reserved(given, field=field)
    except CodeReserved as error:
        zh = f"“{given}”是保留字，请换一个"
        return [RowProblem(error.code, error.field, error.message, zh)]
    return []
