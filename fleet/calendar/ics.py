"""Writes what falls due as a calendar that phones and mail programs subscribe to (RFC 5545, 7986).

One all-day event a vehicle and obligation on its last good day, in Chinese, with a reminder. Its
UID stays the same when the day moves on, so that a renewal moves the event. What has no day is left
out. The stamp is the beginning of the day: the same facts give the same bytes all day long.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from icalendar import Alarm, Event, vDuration
from icalendar import Calendar as Component

from fleet.calendar.model import DueItem
from fleet.due import DueStatus

MOST_EVENTS: Final = 2_000
REFRESH_EVERY: Final = timedelta(hours=6)
REMIND_BEFORE: Final = timedelta(days=7, hours=-9)
"""Seven days before, at nine in the morning."""

_STANDS: Final[Mapping[DueStatus, str]] = {
    "missing": "缺失",
    "overdue": "已逾期",
    "due": "到期",
    "ahead": "到期",
}
_FACTS: Final[Mapping[str, str]] = {
    "printed_month": "检验有效期至",
    "predicted_next_month": "预计下次有效期至",
    "policy_no": "保单号",
    "insurer": "保险公司",
    "use_nature": "使用性质",
    "permit_no": "道路运输证号",
    "holder": "持证人",
    "last_done_on": "上次完成",
    "last_checked_on": "上次检查",
    "idle_since_on": "闲置自",
    "rule": "依据",
}
"""What an event tells of the facts of an obligation, and what it is called."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar is called, the zone of its days, the day it is, and what is in it."""

    name: str
    time_zone: str
    on: date
    items: Sequence[DueItem]


def write_calendar(calendar: Calendar) -> bytes:
    """The calendar as a program fetches it."""
    whole = Component()
    whole.add("prodid", "-//Guanche//管车//ZH")
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", "PUBLISH")
    whole.add("name", calendar.name)
    whole.add("x-wr-calname", calendar.name)
    whole.add("x-wr-timezone", calendar.time_zone)
    whole.add("refresh-interval", vDuration(REFRESH_EVERY), parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", vDuration(REFRESH_EVERY))
    stamp = datetime.combine(calendar.on, time(), UTC)
    for item in calendar.items:
        if item.row.due_on is not None:
            whole.add_component(_event(item, item.row.due_on, stamp))
    return bytes(whole.to_ical())


def uid_of(item: DueItem) -> str:
    """The same for a vehicle and an obligation for ever.

    >>> from fleet.calendar.model import DueRow, DueVehicle
    >>> from fleet.due_titles import Title
    >>> row = DueRow(1, "compulsory", "", "due", None, None, None, None, None, None, None, {})
    >>> vehicle = DueVehicle(1, "LSGPC52U6AF102554", None, None, None)
    >>> uid_of(DueItem(row, vehicle, Title("", ""), None, None, None))
    'LSGPC52U6AF102554.compulsory@guanche'
    """
    parts = (item.vehicle.vin, item.row.kind, item.row.reference)
    return ".".join(part for part in parts if part) + "@guanche"


def _event(item: DueItem, due_on: date, stamp: datetime) -> Event:
    summary = f"{item.vehicle.plate or item.vehicle.vin} {item.title.zh}{_STANDS[item.row.status]}"
    event = Event()
    event.add("uid", uid_of(item))
    event.add("dtstamp", stamp)
    event.add("dtstart", due_on)
    event.add("dtend", due_on + timedelta(days=1))
    event.add("summary", summary)
    event.add("description", "\n".join(_lines(item)))
    event.add("categories", [item.title.zh])
    event.add("transp", "TRANSPARENT")
    if item.row.status != "overdue":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -REMIND_BEFORE)
        event.add_component(alarm)
    return event


def _lines(item: DueItem) -> Iterator[str]:
    row, vehicle = item.row, item.vehicle
    yield f"车架号：{vehicle.vin}"
    told: dict[str, Any] = {"车型": vehicle.model, "运营商": vehicle.operator_code}
    told |= {label: row.facts.get(name) for name, label in _FACTS.items()}
    if row.due_odometer_km is not None:
        told["到期里程（公里）"] = f"{row.due_odometer_km:f}"
    yield from (f"{label}：{fact}" for label, fact in told.items() if fact is not None)
    if row.window_from_on is not None and row.window_from_on != row.due_on:
        yield f"可办理：{row.window_from_on}起"
    if item.days_overdue is not None:
        yield f"已逾期：{item.days_overdue}天"
    if item.blocked_by is not None:
        yield f"不得交车：{item.blocked_by.zh}"
