"""What is proposed to be charged at a return, and what never is."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fleet.hand_overs.completeness import check_findings, mark_known
from fleet.hand_overs.errors import FindingIsFree
from fleet.hand_overs.model import Finding
from fleet.hand_overs.proposals import Reading, of_energy, of_findings, of_late_return

AT = datetime(2026, 11, 22, tzinfo=UTC)
DENT = Finding("damage", "右后门", "凹陷", estimate_fen=60_000)
SCRATCH = Finding("damage", "左前门", "划痕", was_there=True)


def soc(pct: str) -> Reading:
    return Reading(AT, Decimal(pct), "hand")


@pytest.mark.parametrize(
    ("findings", "proposed"),
    [
        ([], []),
        ([Finding("wear", "座椅", "磨损")], []),
        ([SCRATCH], []),
        ([DENT], [("damage", "1. 右后门：凹陷", 60_000)]),
        ([Finding("damage", "顶棚", "破损")], [("damage", "1. 顶棚：破损", 0)]),
        (
            [SCRATCH, Finding("missing", "三角牌", "缺失", estimate_fen=5_000)],
            [("missing", "2. 三角牌：缺失", 5_000)],
        ),
        (
            [Finding("dirt", "货厢", "油污"), Finding("dirt", "驾驶室", "垃圾")],
            [("cleaning", "清洁费", 8_000)],
        ),
        (
            [Finding("dirt", "货厢", "油漆", estimate_fen=30_000), Finding("dirt", "驾驶室", "灰")],
            [("cleaning", "清洁费", 30_000)],
        ),
        ([Finding("dirt", "货厢", "油污", was_there=True)], []),
    ],
    ids=[
        "nothing found",
        "wear",
        "was there",
        "damage",
        "damage nobody has estimated",
        "missing, by its number",
        "dirt once, at the price",
        "dirt by its estimate",
        "was dirty before",
    ],
)
def test_what_findings_propose(
    findings: list[Finding], proposed: list[tuple[str, str, int]]
) -> None:
    found = of_findings(findings, cleaning_fen=8_000)
    assert [(each.kind, each.title, each.amount_fen) for each in found] == proposed


@pytest.mark.parametrize(
    "finding",
    [
        Finding("wear", "轮胎", "花纹磨浅", estimate_fen=1),
        Finding("damage", "左前门", "划痕", was_there=True, estimate_fen=30_000),
    ],
    ids=["wear", "what was there"],
)
def test_what_is_free_has_no_price(finding: Finding) -> None:
    with pytest.raises(FindingIsFree) as raised:
        check_findings([DENT, finding])
    assert raised.value.facts == {"no": 2}


def test_what_was_written_down_at_the_hand_over_was_there() -> None:
    again = Finding("damage", "左前门", "划痕", estimate_fen=30_000)
    longer = Finding("damage", "左前门", "划痕 30 cm", estimate_fen=30_000)
    assert mark_known([again, longer, DENT], [SCRATCH]) == [SCRATCH, longer, DENT]


@pytest.mark.parametrize(
    ("out", "back", "size_kwh", "fen"),
    [
        ("90", "40", "40", 2_400),
        ("90", "90", "40", None),
        ("40", "90", "40", None),
        ("90", "89.9", "41.86", 5),
        ("90", "40", None, None),
    ],
    ids=["half of 40 kWh", "as full", "fuller", "rounded half up", "no size known"],
)
def test_energy_that_is_missing(out: str, back: str, size_kwh: str | None, fen: int | None) -> None:
    size = None if size_kwh is None else Decimal(size_kwh)
    found = [
        each.amount_fen
        for each in of_energy(soc(out), soc(back), battery_kwh=size, fen_per_kwh=120)
    ]
    assert found == ([] if fen is None else [fen])


def test_without_a_reading_no_energy() -> None:
    for out, back in ((None, soc("40")), (soc("90"), None)):
        assert list(of_energy(out, back, battery_kwh=Decimal(40), fen_per_kwh=120)) == []


@pytest.mark.parametrize(
    ("ends_on", "returned_on", "rent_fen", "per", "fen"),
    [
        (date(2026, 11, 21), date(2026, 11, 21), 300_000, "month", None),
        (date(2026, 11, 21), date(2026, 11, 22), 300_000, "month", 10_000),
        (date(2026, 11, 21), date(2026, 11, 28), 100_000, "month", 23_333),
        (date(2026, 11, 21), date(2026, 11, 23), 15_000, "day", 30_000),
        (None, date(2026, 11, 23), 15_000, "day", None),
    ],
    ids=["on the last day", "a day late", "seven thirtieths", "by the day", "open-ended"],
)
def test_days_after_the_term(
    ends_on: date | None, returned_on: date, rent_fen: int, per: str, fen: int | None
) -> None:
    found = of_late_return(ends_on, returned_on, rent_fen=rent_fen, per=per)  # type: ignore[arg-type]
    assert [each.amount_fen for each in found] == ([] if fen is None else [fen])
