"""What messages say."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from alerts.notify.templates.facts import Language, written_facts
from alerts.notify.templates.texts import MOST_BYTES, Line, compose
from alerts.rules.kinds import KINDS
from tests.alerts.notify.conftest import NOON

LINE = Line(
    alert_no="A2611-ABCDEFGH",
    kind="offline",
    rule_code="offline",
    rule_name=None,
    severity="warning",
    purpose="raised",
    state="open",
    subject_kind="vehicle",
    subject_key="LSGPC52U6AF102554",
    vin="LSGPC52U6AF102554",
    plate="粤BD12345",
    lease_no=None,
    customer_no=None,
    customer_name=None,
    organisation_code="east",
    organisation_name="华东",
    zone="Asia/Shanghai",
    raised_at=NOON,
    due_on=None,
    facts={},
)
RENT = replace(
    LINE,
    kind="rent_due",
    rule_code="rent_due",
    subject_kind="bill",
    subject_key="B2611-000001",
    plate=None,
    vin=None,
    customer_no="C2611-ABCDEF",
    customer_name="李娜",
    due_on=date(2026, 11, 20),
    facts={"open_fen": 358000, "days_left": -3, "phone": "13800138000"},
)


def body(*lines: Line, kind: str = "email", language: Language = "zh") -> str:
    composed = compose(lines, language, kind, digest=False, now=NOON, public_url=None)
    return composed.body


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_title(kind: str, language: Language) -> None:
    line = replace(LINE, kind=kind, rule_code=kind)
    composed = compose([line], language, "email", digest=False, now=NOON, public_url=None)
    title = KINDS[kind].english if language == "en" else KINDS[kind].chinese
    head = "[warning] " if language == "en" else "【警告】"
    assert composed.subject == f"{head}粤BD12345 (LSGPC52U6AF102554) {title}"


def test_rent_in_yuan_with_the_customer_and_nothing_personal() -> None:
    assert body(RENT) == (
        "B2611-000001：租金到期与逾期；李娜 C2611-ABCDEF；到期日 2026-11-20；已逾期 3 天；"
        "未付 ¥3,580.00；2026-11-23 12:00"
    )
    payload = compose([RENT], "zh", "webhook", digest=False, now=NOON, public_url=None).payload
    assert payload["data"]["alerts"][0]["facts"] == {"open_fen": 358000, "days_left": -3}
    assert "李娜" not in str(payload)


@pytest.mark.parametrize(
    ("facts", "chinese", "english"),
    [
        ({"soc_pct": 12.345}, "电量 12.35%", "charge 12.35%"),
        ({"silent_s": 90}, "无数据 2分", "silent for 2 min"),
        ({"silent_s": 90_000}, "无数据 1天1小时", "silent for 1 d 1 h"),
        ({"flags": [4, 11]}, "报警 SOC 低、绝缘", "flags SOC low、insulation"),
        ({"last_heard_us": 1_795_406_400_000_000}, "最后上报 2026-11-23 12:00", None),
        ({"when": "outside"}, "情形 驶出", "when outside"),
        ({"odometer_km": 12_345.0}, "里程 12,345 km", "odometer 12,345 km"),
        ({"value": 7.5}, "数值 7.5", "value 7.5"),
        ({"value": 7.5, "speed_kmh": 95}, "车速 95 km/h", "speed 95 km/h"),
        ({"title": {"zh": "机油", "en": "Oil"}}, "事项 机油", "matter Oil"),
    ],
)
def test_facts_with_their_units(facts: dict[str, Any], chinese: str, english: str | None) -> None:
    assert list(written_facts(facts, "zh", "Asia/Shanghai")) == [chinese]
    if english is not None:
        assert list(written_facts(facts, "en", "Asia/Shanghai")) == [english]


def test_a_rule_of_ones_own_goes_by_its_name() -> None:
    own = replace(LINE, kind="over_speed", rule_code="over_speed_city", rule_name="市区\n超速")
    assert body(own) == "粤BD12345 (LSGPC52U6AF102554)：市区 超速；2026-11-23 12:00"


def test_marks_where_the_channel_shows_them() -> None:
    many = [replace(LINE, subject_key=f"V{no}", plate=None) for no in range(6)]
    assert body(*many, kind="dingtalk") == "- **6 辆车离线**（华东）：V0、V1、V2、V3、V4 等"
    assert body(*many, kind="wecom") == "6 辆车离线（华东）：V0、V1、V2、V3、V4 等"


@pytest.mark.parametrize("kind", MOST_BYTES)
def test_each_kind_of_channel_has_its_length(kind: str) -> None:
    many = [
        replace(LINE, rule_code=f"custom_{no}", alert_no=f"A{no}", facts={"file_name": "长" * 90})
        for no in range(1_000)
    ]
    composed = compose(many, "zh", kind, digest=False, now=NOON, public_url="https://g.example.com")
    assert 60 < len(composed.body.encode()) <= MOST_BYTES[kind]
    assert len(str(composed.payload).encode()) < 65_536
    assert composed.payload["data"]["total"] == 1_000
