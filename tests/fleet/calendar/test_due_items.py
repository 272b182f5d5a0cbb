"""What falls due is listed by day, stands as the pure rules say, and is told to who has it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import pytest

from fleet.calendar.model import DueItem
from fleet.calendar.selection import PAPER_KINDS
from fleet.calendar.service import DueFilter, count_obligations
from fleet.due import due_status
from fleet.due_by_use import due_status_with_use
from schemas.access import PERMISSIONS, PermissionMissing

from ..seen import VINS, Fleet
from .conftest import ASKED_AT, TODAY, Listed, Papers, day

STAND: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "no record": ({"due_on": None}, "missing"),
    "yesterday was the last day": ({"due_on": day(-1)}, "overdue"),
    "today is the last day": ({"due_on": day(0)}, "due"),
    "in thirty days": ({"due_on": day(30)}, "due"),
    "in thirty-one days": ({"due_on": day(31)}, "ahead"),
    "the window opened today": ({"due_on": day(90), "window_from_on": day(0)}, "due"),
    "the window opens tomorrow": ({"due_on": day(20), "window_from_on": day(1)}, "ahead"),
    "ended this morning": ({"due_on": day(0), "due_at": ASKED_AT}, "overdue"),
    "ends this noon": ({"due_on": day(0), "due_at": ASKED_AT + timedelta(hours=2)}, "due"),
}


@pytest.mark.parametrize(("dates", "status"), STAND.values(), ids=STAND)
def test_an_obligation_stands_by_its_day(
    papers: Papers, listed: Listed, dates: dict[str, Any], status: str
) -> None:
    papers.owe("B", "compulsory", **dates)
    [item] = listed("head")
    assert (item.vehicle.vin, item.row.status) == (VINS["B"], status)
    if item.row.due_at is None:
        window_on = item.row.window_from_on
        assert due_status(item.row.due_on, window_on, on=TODAY) == status


USED: Final[dict[str, tuple[dict[str, Any], float | None, str]]] = {
    "reached": ({"due_odometer_km": 20_000}, 20_000.0, "overdue"),
    "500 km before": ({"due_odometer_km": 20_000}, 19_500.0, "due"),
    "501 km before": ({"due_odometer_km": 20_000}, 19_499.0, "ahead"),
    "nothing known of the distance": ({"due_odometer_km": 20_000}, None, "missing"),
    "by distance before the day": ({"due_odometer_km": 9, "due_on": day(99)}, 10.0, "overdue"),
    "by day before the distance": ({"due_odometer_km": 9_000, "due_on": day(-1)}, 1.0, "overdue"),
    "by day where no distance is known": ({"due_odometer_km": 9, "due_on": day(9)}, None, "due"),
}


@pytest.mark.parametrize("case", USED.values(), ids=USED)
def test_maintenance_stands_by_whichever_comes_first(
    fleet: Fleet, papers: Papers, listed: Listed, case: tuple[dict[str, Any], float | None, str]
) -> None:
    due, odometer_km, status = case
    papers.owe("B", "maintenance", **{"due_on": None, "reference": "oil"} | due)
    fleet.state("B", ASKED_AT - timedelta(minutes=1), odometer_km=odometer_km)
    [item] = listed("head")
    row = item.row
    assert row.status == status
    assert row.odometer_km == (None if odometer_km is None else Decimal(str(odometer_km)))
    assert (
        due_status_with_use(
            row.due_on,
            row.window_from_on,
            on=TODAY,
            due_odometer_km=row.due_odometer_km,
            odometer_km=row.odometer_km,
        )
        == status
    )


FAR: Final = {"from_on": day(400), "until_on": day(430), "overdue": True}
"""Days on which nothing falls due, and what is overdue."""
ROUNDED: Final = ({"due_odometer_km": 20_000, "due_on": day(99)}, 19_999.96, "overdue")


@pytest.mark.parametrize("case", [*USED.values(), ROUNDED], ids=[*USED, "rounded up to it"])
def test_overdue_by_use_is_listed_with_any_month(
    fleet: Fleet, papers: Papers, listed: Listed, case: tuple[dict[str, Any], float | None, str]
) -> None:
    due, odometer_km, status = case
    papers.owe("B", "maintenance", **{"due_on": None, "reference": "oil"} | due)
    fleet.state("B", ASKED_AT - timedelta(minutes=1), odometer_km=odometer_km)
    wanted = [status] if status in ("overdue", "missing") else []
    assert [item.row.status for item in listed("head", **FAR)] == wanted


def read_by_hand(fleet: Fleet, vehicle: str, at: datetime, km: float, **rest: Any) -> None:
    fleet.insert(
        "odometer_readings",
        tenant_id=fleet.organisation_ids["head"],
        organisation_id=fleet.organisation_ids["head"],
        vehicle_id=fleet.vehicle_ids[vehicle],
        read_at=at,
        odometer_km=km,
        source="hand",
        recorded_by="lin",
        **rest,
    )


def test_a_silent_terminal_s_odometer_gives_way_to_a_later_reading_by_hand(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    for vehicle in ("B", "C"):
        papers.owe(vehicle, "maintenance", None, reference="oil", due_odometer_km=5_000)
        fleet.state(vehicle, ASKED_AT - timedelta(days=5), odometer_km=1_000)
    read_by_hand(fleet, "B", ASKED_AT - timedelta(days=3), 5_100)
    read_by_hand(fleet, "C", ASKED_AT - timedelta(days=8), 900)
    told = {item.vehicle.vin: (item.row.odometer_km, item.row.status) for item in listed("head")}
    assert told == {
        VINS["B"]: (Decimal("5100.0"), "overdue"),
        VINS["C"]: (Decimal("1000.0"), "ahead"),
    }
    assert [item.vehicle.vin for item in listed("head", **FAR)] == [VINS["B"]]


def test_running_hours_count_by_the_last_that_were_read(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    papers.owe("B", "maintenance", None, reference="pump", due_running_hours=300)
    read_by_hand(fleet, "B", ASKED_AT - timedelta(days=9), 1, running_hours=280)
    read_by_hand(fleet, "B", ASKED_AT - timedelta(days=2), 2)
    [item] = listed("head")
    assert (item.row.running_hours, item.row.status) == (Decimal("280.0"), "due")


def test_what_is_overdue_says_since_when(papers: Papers, listed: Listed) -> None:
    """Worked case 2: valid to 2026-05, today 2026-11-21: since 2026-06-01, 174 days."""
    papers.owe("B", "inspection", date(2026, 5, 31), window_from_on=date(2026, 3, 1))
    [item] = listed("head", now=datetime(2026, 11, 21, 4, tzinfo=UTC))
    assert (item.overdue_since_on, item.days_overdue) == (date(2026, 6, 1), 174)
    assert item.blocked_by is not None
    assert item.blocked_by.zh == "年审自2026-06-01起逾期。"


def test_what_ends_in_the_middle_of_a_day_is_overdue_on_that_day(
    papers: Papers, listed: Listed
) -> None:
    papers.owe("B", "compulsory", day(0), due_at=ASKED_AT - timedelta(hours=1))
    [item] = listed("head")
    assert (item.overdue_since_on, item.days_overdue) == (TODAY, 0)
    assert item.blocked_by is not None
    assert item.blocked_by.en == "There has been no compulsory insurance since 2026-03-02."


def test_the_day_is_that_of_the_zone_of_who_asks(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    papers.owe("B", "permit", TODAY)
    midnight_in_shanghai = datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert [item.row.status for item in listed("head", now=midnight_in_shanghai)] == ["overdue"]
    fleet.conn.execute("UPDATE organisations SET time_zone = 'Asia/Urumqi' WHERE code = 'west'")
    fleet.conn.execute("UPDATE organisations SET time_zone = 'Europe/London' WHERE code = 'head'")
    assert [item.row.status for item in listed("head", now=midnight_in_shanghai)] == ["due"]


BLOCKS: Final[dict[str, tuple[str, date | None, dict[str, Any], bool]]] = {
    "inspection overdue": ("inspection", day(-1), {}, True),
    "inspection due": ("inspection", day(5), {}, False),
    "inspection missing": ("inspection", None, {}, True),
    "compulsory missing": ("compulsory", None, {}, True),
    "commercial missing": ("commercial", None, {}, False),
    "commercial lapsed": ("commercial", day(-40), {}, False),
    "permit missing": ("permit", None, {"need": "required"}, True),
    "permit out of date": ("permit", day(-1), {"need": "required"}, True),
    "permit of one that may need none": ("permit", day(-1), {"need": "unknown"}, False),
    "review of the permit overdue": ("permit_review", day(-1), {}, False),
    "service life over": ("service_life", day(-1), {}, True),
    "missed inspections": ("scrap_risk", day(-1), {}, True),
    "battery test overdue": ("battery_test", day(-1), {}, False),
    "maintenance overdue": ("maintenance", day(-1), {}, False),
}


@pytest.mark.parametrize("case", BLOCKS.values(), ids=BLOCKS)
def test_what_blocks_a_hand_over(
    papers: Papers, listed: Listed, case: tuple[str, date | None, dict[str, Any], bool]
) -> None:
    kind, due_on, facts, blocks = case
    papers.owe("B", kind, due_on, facts=facts)
    [item] = listed("head")
    assert (item.blocked_by is not None) == blocks


def test_an_inspection_blocks_only_where_the_figures_of_law_say_so(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    papers.owe("B", "inspection", day(-1))
    fleet.conn.execute(
        "INSERT INTO parameters (tenant_id, organisation_id, name, valid_from_on, content, source,"
        " recorded_by, recorded_at) SELECT id, id, 'inspection.overdue', '2026-01-01',"
        " (SELECT content || '{\"blocks_hand_over\": false}' FROM parameters"
        "  WHERE name = 'inspection.overdue'), 'x', 'x', now() FROM organisations"
        " WHERE code = 'head'"
    )
    [item] = listed("head")
    assert (item.row.status, item.blocked_by) == ("overdue", None)


def references(items: list[DueItem]) -> list[str]:
    return [item.row.reference for item in items]


@pytest.fixture
def months(papers: Papers) -> Papers:
    """One item a case, named by its reference."""
    papers.owe("B", "maintenance", None, reference="missing")
    papers.owe("B", "maintenance", day(-40), reference="long overdue")
    papers.owe("B", "maintenance", date(2026, 3, 31), reference="last of the month")
    papers.owe("C", "maintenance", date(2026, 4, 1), reference="first of the next")
    papers.owe("C", "maintenance", date(2026, 3, 1), reference="first of the month")
    papers.owe("C", "maintenance", date(2026, 3, 9), reference="closed", is_open=False)
    return papers


MARCH: Final = {"from_on": date(2026, 3, 1), "until_on": date(2026, 4, 1)}


def test_without_days_all_is_listed_what_has_no_day_first(months: Papers, listed: Listed) -> None:
    assert references(listed("head")) == [
        "missing",
        "long overdue",
        "first of the month",
        "last of the month",
        "first of the next",
    ]


def test_a_month_holds_what_falls_due_in_it(months: Papers, listed: Listed) -> None:
    assert references(listed("head", **MARCH)) == ["first of the month", "last of the month"]
    assert references(listed("head", from_on=date(2026, 4, 1))) == ["first of the next"]
    assert references(listed("head", until_on=date(2026, 3, 1))) == ["long overdue"]


def test_what_is_overdue_stays_in_sight_whatever_the_month(months: Papers, listed: Listed) -> None:
    april = {"from_on": date(2026, 4, 1), "until_on": date(2026, 5, 1)}
    assert references(listed("head", **april, overdue=True)) == [
        "missing",
        "long overdue",
        "first of the month",
        "first of the next",
    ]


def test_filters(months: Papers, papers: Papers, listed: Listed) -> None:
    papers.owe("B", "inspection", day(3))
    assert len(listed("head", kinds=("inspection", "maintenance"))) == 6
    assert [i.row.kind for i in listed("head", kinds=("inspection",))] == ["inspection"]
    assert references(listed("head", statuses=("missing", "ahead"))) == ["missing"]
    assert {i.vehicle.vin for i in listed("head", organisation_code="west")} == {VINS["B"]}
    assert {i.vehicle.vin for i in listed("head", organisation_code="east")} == {VINS["C"]}
    assert {i.vehicle.vin for i in listed("head", search=VINS["C"][-9:].lower())} == {VINS["C"]}
    assert {i.vehicle.vin for i in listed("head", search="model b")} == {VINS["B"]}
    assert listed("head", search="%") == []


def test_pages_lead_through_the_list(papers: Papers, listed: Listed) -> None:
    random = Random(7)
    for number in range(40):
        due_on = random.choice((None, day(-3), day(5), day(5), day(60)))
        papers.owe(random.choice("ABC"), "maintenance", due_on, reference=f"r{number:02d}")
    whole = listed("head")
    read: list[DueItem] = []
    while page := listed("head", limit=7, after=read[-1].row.place if read else None):
        read += page
    assert len(whole) == 40
    assert [item.row.place for item in read] == [item.row.place for item in whole]
    days = [item.row.due_on or date.min for item in whole]
    assert days == sorted(days)


def test_counts_are_those_of_the_list(
    fleet: Fleet, months: Papers, papers: Papers, listed: Listed
) -> None:
    papers.stage("B", "in_stock")
    papers.order("B", "W2026-000001", "west", day(3))
    for wanted in ({}, MARCH, MARCH | {"overdue": True}, {"kinds": ("work_order", "idle_care")}):
        items = listed("head", **wanted)
        with fleet.as_member("head") as conn:
            counts = count_obligations(conn, fleet.actor("head"), DueFilter(**wanted), now=ASKED_AT)
        told = {(count.kind, count.status): count.items for count in counts}
        kinds = [(item.row.kind, item.row.status) for item in items]
        assert told == {each: kinds.count(each) for each in kinds}
        assert told, wanted


def test_who_has_a_vehicle_now_sees_what_falls_due_of_it(papers: Papers, listed: Listed) -> None:
    """A went from east to west; W is west's and east operates it; X is another tenant's."""
    for vehicle in VINS:
        papers.owe(vehicle, "inspection", day(9))

    def seen(code: str) -> str:
        by_vin = {vin: letter for letter, vin in VINS.items()}
        return "".join(sorted(by_vin[item.vehicle.vin] for item in listed(code)))

    assert {code: seen(code) for code in ("head", "east", "west", "east-depot", "other")} == {
        "head": "ABCW",
        "east": "CW",
        "west": "ABW",
        "east-depot": "C",
        "other": "X",
    }


def test_work_orders_are_told_of_vehicles_one_has_by_who_opened_them(
    papers: Papers, listed: Listed
) -> None:
    papers.order("A", "W2026-EAST01", "east", day(1))
    papers.order("A", "W2026-WEST01", "west", day(2), priority="urgent")
    papers.order("A", "W2026-DONE01", "west", day(2), state="done")
    papers.order("A", "W2026-N0DAY1", "west", None)
    assert references(listed("head")) == ["W2026-EAST01", "W2026-WEST01"]
    assert references(listed("east")) == []
    [item] = listed("west")
    assert (item.row.reference, item.row.status) == ("W2026-WEST01", "due")
    assert item.title.zh == "工单：修 W2026-WEST01"
    assert item.row.facts["priority"] == "urgent"


def test_whose_a_work_order_is_is_told_to_who_sees_them(papers: Papers, listed: Listed) -> None:
    papers.fleet.conn.execute(
        "INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)"
        " SELECT o.tenant_id, o.id, 'wu.' || o.code, '吴', '{ops}', now() FROM organisations o"
    )
    for no, part in enumerate(("west", "head"), 1):
        papers.order("A", f"W2026-WEST0{no}", "west", day(no), assignee=f"wu.{part}")
    told = {
        name: [each.row.facts["assignee"] for each in listed(name)] for name in ("west", "head")
    }
    assert told == {"west": ["wu.west", None], "head": ["wu.west", "wu.head"]}


def test_who_may_not_see_work_orders_is_told_the_rest(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    papers.order("B", "W2026-WEST01", "west", day(1))
    papers.owe("B", "inspection", day(2))
    sales = fleet.member("west", "sales")
    assert [item.row.kind for item in listed("west", actor=sales)] == ["inspection"]


def test_an_idle_vehicle_is_looked_at_every_thirty_days(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    """It joined on 2026-02-21, and is looked at by 03-23; then 30 days after the last look."""
    papers.stage("B", "for_sale")
    [item] = listed("head")
    assert (item.row.kind, item.row.due_on, item.row.status) == (
        "idle_care",
        date(2026, 3, 23),
        "ahead",
    )
    assert item.row.facts["idle_since_on"] == "2026-02-21"
    fleet.insert(
        "maintenance_done",
        tenant_id=fleet.organisation_ids["head"],
        organisation_id=fleet.organisation_ids["west"],
        vehicle_id=fleet.vehicle_ids["B"],
        code="idle-care",
        done_on=date(2026, 3, 1),
        recorded_by="lin",
        recorded_at=ASKED_AT,
    )
    [item] = listed("head")
    assert item.row.due_on == date(2026, 3, 31)
    assert item.row.facts["last_checked_on"] == "2026-03-01"


def test_a_model_has_an_interval_of_its_own(fleet: Fleet, papers: Papers, listed: Listed) -> None:
    papers.stage("B", "in_stock")
    head = fleet.organisation_ids["head"]
    fleet.conn.execute(
        "INSERT INTO vehicle_models (tenant_id, organisation_id, code, name, maker, body_type,"
        " care) VALUES (%s, %s, 'ec35', 'EC35', '瑞驰', '微型货车', '{\"check_every_days\": 8}')",
        [head, head],
    )
    fleet.conn.execute(
        "UPDATE vehicles SET model_id = (SELECT id FROM vehicle_models) WHERE id = %s",
        [fleet.vehicle_ids["B"]],
    )
    [item] = listed("head")
    assert (item.row.due_on, item.row.status) == (date(2026, 3, 1), "overdue")


def test_it_takes_paper_read(fleet: Fleet, listed: Listed) -> None:
    lacking = fleet.actor("head", sorted(frozenset(PERMISSIONS) - {"paper.read"}))
    with pytest.raises(PermissionMissing):
        listed("head", actor=lacking)
    with fleet.as_member("head") as conn, pytest.raises(PermissionMissing):
        count_obligations(conn, lacking, DueFilter(), now=ASKED_AT)


def test_every_kind_of_the_table_can_be_asked_for(
    fleet: Fleet, papers: Papers, listed: Listed
) -> None:
    for kind in PAPER_KINDS:
        papers.owe("B", kind, day(1))
    told = {item.row.kind: item.title for item in listed("head")}
    assert set(told) == PAPER_KINDS
    assert all(title.zh and title.en for title in told.values())
