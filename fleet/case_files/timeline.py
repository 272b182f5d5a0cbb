"""What happened to a lease in the order of time, as a lawyer reads it, each with its evidence.

Sentences are Chinese and English, of what is written down and nothing else. Leaves out the evidence
itself, to which every line points.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fleet.case_files.tables import local, money, utc

Row = Mapping[str, Any]
COLUMNS: Final = (
    "当地日期 local date",
    "当地时间 local time",
    "UTC",
    "事项",
    "what",
    "经办 who",
    "登记时间 recorded at (UTC)",
    "证据 evidence",
)
OUT_OF_SIGHT: Final = "制作人不可见 out of sight of who made this"
"""Who wrote something down, where it is not told."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line: when, what in both languages, who wrote it down and when, where it is proved.

    `who` is None where it is somebody that whoever makes the case file does not see.
    """

    at: datetime
    zh: str
    en: str
    who: str | None
    recorded_at: datetime
    evidence: str


def rows_of(happenings: Iterable[Happening], zone: str) -> list[Sequence[str]]:
    """The lines in the order of time; of one instant in the order they were told."""
    told = sorted(happenings, key=lambda one: (one.at, one.recorded_at))
    return [
        (
            local(one.at, zone)[:10],
            local(one.at, zone)[11:],
            utc(one.at),
            one.zh,
            one.en,
            one.who or OUT_OF_SIGHT,
            utc(one.recorded_at),
            one.evidence,
        )
        for one in told
    ]


def of_events(events: Iterable[Row], vehicles: Mapping[int, str]) -> list[Happening]:
    """Of the book; `vehicles` are VINs by id."""
    told = []
    for event in events:
        zh, en = _said(event["kind"], dict(event["content"]), vehicles)
        who, recorded_at = event["recorded_by"], event["recorded_at"]
        evidence = f"events.jsonl, no {event['no']}"
        told.append(Happening(event["happened_at"], zh, en, who, recorded_at, evidence))
    return told


SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "signed": ("签订租约", "The lease was signed"),
    "handed_out": (
        "交车：租赁项 {line_no}，{vehicle}",
        "Vehicle handed out: line {line_no}, {vehicle}",
    ),
    "swapped": (
        "换车：租赁项 {line_no}，换为 {vehicle}；{reason}",
        "Vehicle swapped: line {line_no}, now {vehicle}; {reason}",
    ),
    "taken_back": ("还车：租赁项 {line_no}", "Vehicle taken back: line {line_no}"),
    "amended": (
        "变更条款，自 {effective_on} 起生效；{reason}",
        "Terms amended from {effective_on} on; {reason}",
    ),
    "extended": ("延期至 {ends_on}；{reason}", "Extended until {ends_on}; {reason}"),
    "suspended": (
        "暂停，自 {from_on} 起，{scope_zh}，{credited_zh}；{reason}",
        "Suspended from {from_on} on, {scope_en}, {credited_en}; {reason}",
    ),
    "resumed": ("恢复，自 {on} 起，{scope_zh}", "Resumed from {on} on, {scope_en}"),
    "line_dropped": (
        "取消租赁项 {line_no}；{reason}",
        "Line {line_no} dropped; {reason}",
    ),
    "terminated": (
        "提前终止，由{by_zh}提出，依据 {clause}；{reason}",
        "Terminated by {by}, on {clause}; {reason}",
    ),
    "bought_out": ("买断，车辆归承租人", "Bought out: the lessee owns the vehicles"),
    "cancelled": ("取消；{reason}", "Cancelled; {reason}"),
}
_BY: Final = {"lessor": "出租人", "lessee": "承租人", "both": "双方"}


def _said(kind: str, facts: dict[str, Any], vehicles: Mapping[int, str]) -> tuple[str, str]:
    """The sentence of an event; of a kind unknown here its name."""
    zh, en = SENTENCES.get(kind, (kind, kind))
    line_no = facts.get("line_no")
    whole = line_no is None
    facts = {
        "reason": facts.get("reason") or "–",
        "clause": facts.get("clause") or "–",
        "line_no": line_no,
        "vehicle": vehicles.get(facts.get("vehicle_id") or 0, "–"),
        "scope_zh": "整份租约" if whole else f"租赁项 {line_no}",
        "scope_en": "the whole lease" if whole else f"line {line_no}",
        "credited_zh": "期间免租" if facts.get("credited") else "期间照付租金",
        "credited_en": "free of rent" if facts.get("credited") else "rent goes on",
        "by": facts.get("by"),
        "by_zh": _BY.get(facts.get("by") or "", ""),
        "effective_on": facts.get("effective_on"),
        "from_on": facts.get("from_on"),
        "on": facts.get("on"),
    } | {"ends_on": facts.get("ends_on") or "不定期 open-ended"}
    return zh.format_map(facts), en.format_map(facts)


def of_hand_overs(numbered: Iterable[tuple[int, Row]]) -> list[Happening]:
    """Of hand-overs, each with the number of its folder."""
    told = []
    for number, one in numbered:
        out = one["direction"] == "out"
        found = f"{one['odometer_km'] or '–'} km, SOC {one['soc_pct'] or '–'} %"
        damaged = [each for each in one["findings"] if each["kind"] == "damage"]
        zh = f"{'交' if out else '还'}车记录：{one['vin']}，{found}，损伤 {len(damaged)} 处"
        en = f"Hand-over {'out' if out else 'back'}: {one['vin']}, {found}, {len(damaged)} damage"
        evidence = f"hand-overs/{number}/record.json"
        told.append(
            Happening(one["handed_at"], zh, en, one["recorded_by"], one["recorded_at"], evidence)
        )
    return told


_CONTRACT_ZH: Final[Mapping[str, str]] = {
    "made": "生成",
    "uploaded": "上传",
    "sent": "发出",
    "received": "收到",
    "prompted": "提示格式条款",
    "acknowledged": "确认已阅格式条款",
    "signed": "签署",
    "copied": "备份",
    "verified": "校验",
    "changed": "发现文件被改动",
    "void": "作废",
}


def of_contract(edition: int, events: Iterable[Row]) -> list[Happening]:
    """Of an edition of the contract; that it was read again and found whole is left out."""
    told = []
    for event in events:
        if event["kind"] in ("verified", "copied"):
            continue
        party = "" if event["party"] is None else f"，{event['party']}"
        channel = "" if event["channel"] is None else f"，{event['channel']}"
        zh = f"合同第 {edition} 版：{_CONTRACT_ZH.get(event['kind'], event['kind'])}"
        en = f"Contract, edition {edition}: {event['kind']}"
        told.append(
            Happening(
                event["happened_at"],
                f"{zh}{party}{channel}",
                f"{en}{party.replace('，', ', ')}{channel.replace('，', ', ')}",
                event["recorded_by"],
                event["recorded_at"],
                f"contracts/{edition}/events.json",
            )
        )
    return told


def of_violations(violations: Iterable[Row]) -> list[Happening]:
    """Of violations: that they happened, that the driver was told, that they were settled."""
    told = []
    for one in violations:
        number, fine = one["violation_no"], money(one["fine_fen"]) or "–"
        steps: list[tuple[datetime | None, str, str]] = [
            (
                one["occurred_at"],
                f"违章 {number}：{one['vin']}，{one['description']}，罚款 {fine} 元",
                f"Violation {number}: {one['vin']}, {one['description']}, fine {fine} yuan",
            ),
            (one["told_at"], f"违章 {number}：已通知承租人", f"Violation {number}: lessee told"),
            (
                one["handled_at"],
                f"违章 {number}：{one['state']}",
                f"Violation {number}: {one['state']}",
            ),
        ]
        told += [
            Happening(at, zh, en, one["recorded_by"], one["recorded_at"], "violations.csv")
            for at, zh, en in steps
            if at is not None
        ]
    return told


def of_charges(charges: Iterable[Row]) -> list[Happening]:
    """Of charges: proposed, and decided."""
    told = []
    for one in charges:
        amount = money(one["amount_fen"])
        told.append(
            Happening(
                one["proposed_at"],
                f"提出费用：{one['title']}，{amount} 元",
                f"Charge proposed: {one['title']}, {amount} yuan",
                one["proposed_by"],
                one["proposed_at"],
                "charges.csv",
            )
        )
        if one["decided_at"] is not None:
            accepted = money(one["accepted_fen"]) or "0.00"
            told.append(
                Happening(
                    one["decided_at"],
                    f"费用 {one['title']}：{one['state']}，{accepted} 元",
                    f"Charge {one['title']}: {one['state']}, {accepted} yuan",
                    one["decided_by"],
                    one["decided_at"],
                    "charges.csv",
                )
            )
    return told
