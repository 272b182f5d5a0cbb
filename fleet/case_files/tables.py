"""The texts of a case file: JSON and CSV, in UTF-8, the same content as the same text.

Decides how an instant is told: in UTC, and beside it as the clock on the wall showed it. A CSV
opens in Excel, and no text in it is a formula. Leaves out what is told.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.table_files import disarmed

PIECE_CHARS: Final = 64 * 1024
_QUOTED: Final = frozenset(',"\r\n')


def utc(instant: datetime | None) -> str:
    """An instant in UTC, RFC 3339.

    >>> utc(datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
    '2026-03-01T08:30:00Z'
    """
    if instant is None:
        return ""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(instant: datetime | None, zone: str) -> str:
    """The same as the clock on the wall showed it.

    >>> local(datetime(2026, 3, 1, 8, 30, tzinfo=UTC), "Asia/Shanghai")
    '2026-03-01 16:30:00'
    """
    if instant is None:
        return ""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def money(fen: int | None) -> str:
    """Yuan with two decimals.

    >>> money(135484), money(None)
    ('1354.84', '')
    """
    return "" if fen is None else f"{Decimal(fen) / 100:.2f}"


def plain(told: Any) -> Any:
    """What JSON can hold of it: instants in UTC, days, decimals and keys as text."""
    if isinstance(told, Mapping):
        return {str(name): plain(part) for name, part in told.items()}
    if isinstance(told, list | tuple):
        return [plain(part) for part in told]
    return _plain_cell(told)


def _plain_cell(told: Any) -> Any:
    if isinstance(told, datetime):
        return utc(told)
    if isinstance(told, date):
        return told.isoformat()
    if isinstance(told, bytes):
        return told.hex()
    if isinstance(told, Decimal | UUID):
        return str(told)
    return told


def json_text(told: Any) -> bytes:
    """A JSON document for people, too."""
    return (json.dumps(plain(told), ensure_ascii=False, indent=1) + "\n").encode()


def json_lines(rows: Iterable[Any]) -> Iterator[bytes]:
    """A JSON document a line."""
    for row in rows:
        yield (json.dumps(plain(row), ensure_ascii=False) + "\n").encode()


def csv_pieces(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A CSV as Excel reads it, a piece at a time: UTF-8 with its mark, unknown values empty."""
    held, length = ["\ufeff" + _line(columns)], 0
    for row in rows:
        line = _line(row)
        held.append(line)
        length += len(line)
        if length >= PIECE_CHARS:
            yield "".join(held).encode()
            held, length = [], 0
    if held:
        yield "".join(held).encode()


def _line(cells: Sequence[Any]) -> str:
    return ",".join(map(_cell, cells)) + "\r\n"


def _cell(told: Any) -> str:
    """A cell; numbers as they are, a text is never a formula."""
    if told is None:
        return ""
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, int | float | Decimal):
        return str(told)
    text = disarmed(str(told))
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'
