"""Names what falls due and says why it stands against a hand-over, in English and in Chinese.

An item blocks a hand-over while it is overdue or missing: inspection (where the figures of law say
so), compulsory insurance, a permit the vehicle needs, service life, missed inspections. What blocks
in every detail is decided by fleet/compliance; here is what its dates tell.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from fleet.calendar.model import DueRow
from fleet.due import days_overdue
from fleet.due_titles import PAPER_TITLES, WORK_TITLES, Title

TITLES: Final[Mapping[str, Title]] = {**PAPER_TITLES, **WORK_TITLES}

_MISSING: Final[Mapping[str, Title]] = {
    "inspection": Title("There is no record of a valid inspection.", "没有年审有效期记录。"),
    "compulsory": Title("There is no compulsory insurance on record.", "没有交强险记录。"),
    "permit": Title("The transport permit it needs is not on record.", "没有道路运输证记录。"),
}
_LAPSED: Final[Mapping[str, Title]] = {
    "inspection": Title("The inspection has been overdue since {since}.", "年审自{since}起逾期。"),
    "compulsory": Title(
        "There has been no compulsory insurance since {since}.", "交强险自{since}起脱保。"
    ),
    "permit": Title(
        "The transport permit has been out of date since {since}.", "道路运输证自{since}起过期。"
    ),
    "service_life": Title(
        "Its service life has been over since {since}.", "自{since}起超过报废年限。"
    ),
    "scrap_risk": Title(
        "To be scrapped since {since}: it missed inspections in a row.",
        "连续未通过年审，自{since}起应强制报废。",
    ),
}


def title_of(row: DueRow) -> Title:
    """What it is called: an item of a plan and a work order bring their own title.

    >>> row = DueRow(1, "maintenance", "oil", "due", None, None, None, None, None, None, None,
    ...              {"title": "更换齿轮油"})
    >>> title_of(row).zh
    '保养：更换齿轮油'
    """
    name, own = TITLES[row.kind], row.facts.get("title")
    if row.kind not in ("maintenance", "work_order") or not own:
        return name
    return Title(f"{name.en}: {own}", f"{name.zh}：{own}")


def overdue_since(row: DueRow, *, on: date) -> date | None:
    """The first day it was overdue by its day; None: it is not, or by use alone.

    What a paper ends in the middle of a day is overdue on that day.
    """
    if row.status != "overdue" or row.due_on is None:
        return None
    if row.due_on < on:
        return row.due_on + timedelta(days=1)
    return row.due_on if row.due_at is not None else None


def days_since(row: DueRow, *, on: date) -> int | None:
    """Days since its last good day, where it is overdue by its day."""
    if row.due_on is None or overdue_since(row, on=on) is None:
        return None
    return days_overdue(row.due_on, on=on)


def why_blocked(row: DueRow, *, on: date, inspection_blocks: bool) -> Title | None:
    """Why a vehicle with this may not be handed over; None: it may."""
    if row.kind == "inspection" and not inspection_blocks:
        return None
    if row.kind == "permit" and not _is_needed(row.facts):
        return None
    if row.status == "missing":
        return _MISSING.get(row.kind)
    since_on = overdue_since(row, on=on)
    told = _LAPSED.get(row.kind)
    if told is None or since_on is None:
        return None
    return Title(told.en.format(since=since_on), told.zh.format(since=since_on))


def _is_needed(facts: Mapping[str, Any]) -> bool:
    """A permit on record of a vehicle that may not need one blocks nothing."""
    return bool(facts.get("need", "required") == "required")
