"""Writes messages: of one alert, of many, of a storm, a digest, a test.

Alerts of one rule and organisation stand together; many of them are counted, the first few named.
Each kind of channel has its length; what does not fit is counted. Chinese or English, Markdown
where the channel shows it. Leaves out who is told, and reminders of customers, whose text is the
notice's own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from alerts.model import SEVERITIES, Severity
from alerts.notify.templates.facts import Language, local, told_facts, written_facts
from alerts.rules.kinds import KINDS

MOST_BYTES: Final[Mapping[str, int]] = {
    "wecom": 2_000,
    "dingtalk": 15_000,
    "feishu": 15_000,
    "email": 100_000,
    "sms": 400,
    "webhook": 15_000,
}
"""The length of a body by kind of channel, below what each takes."""
MOST_IN_PAYLOAD: Final = 50
"""Alerts that a webhook is told in full; about 1 KB each, of 64."""
_PAYLOAD_BYTES: Final = 60_000
STORM: Final = 5
"""More than so many of a rule and an organisation are counted, not listed."""
_MARKDOWN: Final = frozenset({"dingtalk"})
_SEVERITIES: Final = {
    "info": ("提示", "info"),
    "warning": ("警告", "warning"),
    "critical": ("严重", "critical"),
}
_PURPOSES: Final = {
    "reminded": ("再次提醒", "reminder"),
    "reopened": ("再次发生", "again"),
    "escalated": ("升级：尚无人确认", "escalated: nobody has acknowledged it"),
    "resolved": ("已恢复", "resolved"),
}
_COUNTED: Final = {
    "vehicle": ("辆车", "vehicles"),
    "lease": ("份租约", "leases"),
    "bill": ("张账单", "bills"),
    "contract": ("份合同", "contracts"),
    "work_order": ("张工单", "work orders"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """An alert as a message tells of it."""

    alert_no: str
    kind: str
    rule_code: str
    rule_name: str | None
    """As somebody called it."""
    severity: Severity
    purpose: str
    state: str
    subject_kind: str
    subject_key: str
    vin: str | None
    plate: str | None
    lease_no: str | None
    customer_no: str | None
    customer_name: str | None
    organisation_code: str
    organisation_name: str
    zone: str
    raised_at: datetime
    due_on: date | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Composed:
    """A message: what is shown of it, and what a machine reads."""

    subject: str
    body: str
    payload: dict[str, Any]


def compose(
    lines: Sequence[Line],
    language: Language,
    channel_kind: str,
    *,
    digest: bool,
    now: datetime,
    public_url: str | None,
) -> Composed:
    """A message of these alerts, at least one."""
    english = language == "en"
    grave = sorted(lines, key=lambda line: -SEVERITIES.index(line.severity))
    subject = _subject(grave, english, digest=digest)
    mark = channel_kind in _MARKDOWN
    blocks = [
        _block(group, language, public_url, markdown=mark) for group in _groups(grave).values()
    ]
    body = _fitting(blocks, MOST_BYTES[channel_kind], english)
    if channel_kind == "sms":
        body = _cut(subject if len(lines) > 1 else f"{subject} {body}", MOST_BYTES["sms"])
    payload = {
        "type": "alerts.digest" if digest else "alerts.told",
        "timestamp": now.isoformat(),
        "data": {
            "subject": subject,
            "total": len(lines),
            "alerts": _telling(grave, public_url),
        },
    }
    return Composed(subject, body, payload)


def compose_test(
    language: Language, *, name: str, by: str | None, now: datetime, zone: str
) -> Composed:
    """What shows that a channel works; by whom, unless those it is told may not know."""
    at = local(now, zone)
    if language == "en":
        subject = "[Guanche] Test message"
        body = f"Channel {name} works. Asked for{f' by {by}' if by else ''} at {at}."
    else:
        subject = "【管车】测试消息"
        body = f"通知渠道“{name}”工作正常。{f'由 {by} ' if by else ''}于 {at} 发起。"
    told = {"subject": subject, "channel": name, "asked_by": by}
    return Composed(
        subject, body, {"type": "channel.test", "timestamp": now.isoformat(), "data": told}
    )


def _subject(grave: Sequence[Line], english: bool, *, digest: bool) -> str:
    first = grave[0]
    severity = _SEVERITIES[first.severity][english]
    if len(grave) == 1 and not digest:
        about = f"{_name(first)} {_title(first, english)}{_purpose(first, english)}"
        return f"[{severity}] {about}" if english else f"【{severity}】{about}"
    groups = list(_groups(grave).values())
    told = [_counted(group, english) for group in groups[:3]]
    more = "" if len(groups) <= 3 else (", …" if english else "等")
    if english:
        head = "Digest" if digest else severity
        return f"[{head}] {len(grave)} alerts: {', '.join(told)}{more}"
    head = "汇总" if digest else severity
    return f"【{head}】{len(grave)} 条告警：{'，'.join(told)}{more}"


def _groups(lines: Iterable[Line]) -> dict[tuple[str, ...], list[Line]]:
    """Those of one rule and organisation, that say the same of it, in the order of the first."""
    groups: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        over = "resolved" if line.purpose == "resolved" else ""
        key = (line.rule_code, line.organisation_code, line.subject_kind, over)
        groups.setdefault(key, []).append(line)
    return groups


def _counted(group: Sequence[Line], english: bool) -> str:
    """ "37 辆车离线"."""
    first = group[0]
    number = len({line.subject_key for line in group})
    over = "" if first.purpose != "resolved" else _PURPOSES["resolved"][english]
    counted = _COUNTED[first.subject_kind][english]
    if english:
        return f"{_title(first, english)}: {number} {counted}" + (f" {over}" if over else "")
    title = _title(first, english)
    if first.subject_kind == "vehicle":
        title = title.removeprefix("车辆")
    return f"{number} {counted}{title}{over}"


def _block(
    group: Sequence[Line], language: Language, public_url: str | None, *, markdown: bool
) -> list[str]:
    english = language == "en"
    bullet = "- " if markdown else ""
    if len(group) <= STORM:
        return [f"{bullet}{_line(line, language, public_url)}" for line in group]
    names = (", " if english else "、").join(_name(line) for line in group[:STORM])
    rest = ", …" if english else " 等"
    where = group[0].organisation_name
    head = f"**{_counted(group, english)}**" if markdown else _counted(group, english)
    return (
        [f"{bullet}{head}（{where}）：{names}{rest}"]
        if not english
        else [f"{bullet}{head} ({where}): {names}{rest}"]
    )


def _line(line: Line, language: Language, public_url: str | None) -> str:
    english = language == "en"
    told = [f"{_title(line, english)}{_purpose(line, english)}"]
    if line.customer_no is not None:
        told.append(" ".join(filter(None, (line.customer_name, line.customer_no))))
    facts = dict(line.facts)
    if line.due_on is not None:
        facts["due_on"] = line.due_on
    told += written_facts(facts, language, line.zone)
    told.append(local(line.raised_at, line.zone))
    joint = "; " if english else "；"
    link = "" if public_url is None else f" {public_url}/alerts/{line.alert_no}"
    return f"{_name(line)}{': ' if english else '：'}{joint.join(told)}{link}"


def _name(line: Line) -> str:
    """The plate with the VIN, a lease with its vehicle, or the number it is known by."""
    if line.subject_kind == "vehicle":
        return line.subject_key if line.plate is None else f"{line.plate} ({line.subject_key})"
    return line.subject_key if line.plate is None else f"{line.subject_key} ({line.plate})"


def _title(line: Line, english: bool) -> str:
    if line.rule_name is not None:
        return " ".join(line.rule_name.split())[:60]
    kind = KINDS.get(line.kind)
    if kind is None:
        return line.rule_code
    return kind.english if english else kind.chinese


def _purpose(line: Line, english: bool) -> str:
    if line.purpose not in _PURPOSES:
        return ""
    word = _PURPOSES[line.purpose][english]
    return f" ({word})" if english else f"（{word}）"


def _fitting(blocks: Sequence[Sequence[str]], most: int, english: bool) -> str:
    """As many lines as fit, and how many do not."""
    lines = [line for block in blocks for line in block]
    kept: list[str] = []
    room = most - 60
    for line in _all_cut(lines, most // 2):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    if left:
        kept.append(f"… and {left} more lines" if english else f"……另有 {left} 行")
    return "\n".join(kept)


def _all_cut(lines: Iterable[str], most: int) -> Iterator[str]:
    return (_cut(line, most) for line in lines)


def _cut(text: str, most: int) -> str:
    """The beginning of a text, of so many bytes at most.

    >>> _cut("车辆离线", 9)
    '车辆…'
    """
    raw = text.encode()
    return text if len(raw) <= most else raw[: most - 3].decode(errors="ignore") + "…"


def _telling(lines: Sequence[Line], public_url: str | None) -> list[dict[str, Any]]:
    """The first of them, as many as a webhook takes."""
    told = [_told(line, public_url) for line in lines[:MOST_IN_PAYLOAD]]
    while len(told) > 1 and len(json.dumps(told, ensure_ascii=False).encode()) > _PAYLOAD_BYTES:
        told = told[: len(told) // 2]
    return told


def _told(line: Line, public_url: str | None) -> dict[str, Any]:
    return {
        "alert_no": line.alert_no,
        "kind": line.kind,
        "rule": line.rule_code,
        "rule_name": line.rule_name,
        "severity": line.severity,
        "purpose": line.purpose,
        "state": line.state,
        "organisation": line.organisation_code,
        "subject": {"kind": line.subject_kind, "key": line.subject_key},
        "vin": line.vin,
        "plate": line.plate,
        "lease_no": line.lease_no,
        "customer_no": line.customer_no,
        "raised_at": line.raised_at.isoformat(),
        "due_on": None if line.due_on is None else line.due_on.isoformat(),
        "facts": told_facts(line.facts),
        "url": None if public_url is None else f"{public_url}/alerts/{line.alert_no}",
    }
