"""How commands speak: results to standard output, everything else to standard error.

Decides how wide, how durations, instants and counts are written and read. Leaves out: what is said.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from kit.errors import Invalid

DEFAULT_ZONE = "Asia/Shanghai"
UNKNOWN = "–"
PIPED_WIDTH = 4_000
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d|w)")
_CENTURY_S = 36_525 * 86_400
_UNIT_S = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def out() -> Console:
    """Standard output, for results.

    What reads a pipe or a file gets a row as one line, so that `grep` and `cut` find whole names;
    COLUMNS, where it is set, says otherwise.
    """
    console = Console(highlight=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = PIPED_WIDTH
    return console


def err() -> Console:
    """Standard error, for remarks, progress and failures."""
    return Console(stderr=True, highlight=False)


def table(*headings: str, wrapped: tuple[str, ...] = ()) -> Table:
    """A table as every command shows it, two blanks between its columns; those named in `wrapped`
    are folded where the terminal is too narrow."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        made.add_column(heading, no_wrap=heading not in wrapped, overflow="fold")
    return made


def speak_any_encoding() -> None:
    """Where the terminal's encoding lacks a character, a question mark stands for it: a name in
    Chinese or a dash must not end a command with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def write_json(document: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on standard output; instants as RFC 3339, unknown as null. Whatever the
    encoding, no character is lost: where it is not UTF-8 they are written as escapes."""
    escaped = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    typer.echo(json.dumps(document, ensure_ascii=escaped, indent=2, default=_plain))


def _plain(fact: Any) -> Any:
    if isinstance(fact, datetime):
        return fact.isoformat().replace("+00:00", "Z")
    if isinstance(fact, timedelta):
        return fact.total_seconds()
    return str(fact)


def parse_duration(text: str) -> timedelta:
    """A length of time such as 90s, 15min, 24h, 7d, 1h30m.

    >>> parse_duration("1h30m")
    datetime.timedelta(seconds=5400)

    Raises:
        Invalid: not a length of time.
    """
    parts = _DURATION.findall(text)
    seconds = sum(float(number) * _UNIT_S[unit] for number, unit in parts)
    if not parts or _DURATION.sub("", text).strip() or seconds > _CENTURY_S:
        raise Invalid(f"{text!r} is not a length of time; write 90s, 15min, 24h or 7d")
    return timedelta(seconds=seconds)


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant in RFC 3339; a date or a time without offset is read in `zone`.

    >>> parse_instant("2026-11-21T08:00", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-11-21T00:00:00+00:00'

    Raises:
        Invalid: not an instant.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text!r} is not a time; write 2026-11-21, 2026-11-21T08:30 or 2026-11-21T08:30:00Z"
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return instant.astimezone(UTC)


def parse_zone(name: str) -> ZoneInfo:
    """A time zone of the IANA database.

    Raises:
        Invalid: no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(f"{name!r} is not a time zone; write Asia/Shanghai or UTC") from None


def instant_text(instant: datetime | None, zone: ZoneInfo) -> str:
    """Date and time to the second in `zone`, or a dash."""
    if instant is None:
        return UNKNOWN
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def fact_text(fact: Any) -> str:
    """A fact of a record as a person reads it.

    >>> fact_text(["ops", "sales"]), fact_text("青帆"), fact_text(None), fact_text(False)
    ('ops, sales', '青帆', '–', 'false')
    """
    if fact is None:
        return UNKNOWN
    if isinstance(fact, list):
        return ", ".join(map(fact_text, fact))
    return fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False, default=_plain)


def duration_text(seconds: float | None) -> str:
    """A length of time in the one or two units that matter.

    >>> [duration_text(s) for s in (0.042, 7.25, 95, 7_260, 200_000)]
    ['42 ms', '7.2 s', '1 min 35 s', '2 h 01 min', '2 d 7 h']
    """
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02d} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"


def count_text(count: int | float | None) -> str:
    """A count with thousands set apart, or a dash."""
    return UNKNOWN if count is None else f"{count:,.0f}"


def bytes_text(size_bytes: float) -> str:
    """A size in the unit that fits.

    >>> [bytes_text(n) for n in (512, 20_480, 5_368_709_120)]
    ['512 B', '20 KiB', '5.0 GiB']
    """
    if size_bytes < 1024:
        return f"{size_bytes:.0f} B"
    if size_bytes < 1024**2:
        return f"{size_bytes / 1024:.0f} KiB"
    if size_bytes < 1024**3:
        return f"{size_bytes / 1024**2:.0f} MiB"
    return f"{size_bytes / 1024**3:.1f} GiB"
