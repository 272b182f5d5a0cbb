"""Figures of law by their day: everybody's, a tenant's own, corrections; on a real database."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.audit.service import list_entries
from fleet.figure import Figures
from fleet.figures import KINDS, BatteryTestLimits, IdleCare, InspectionIntervals, InspectionWindow
from fleet.money_figures import (
    DunningLadder,
    PaymentMatching,
    PaymentOrder,
    ReceivableAgeing,
    RestDays,
    VatRates,
    VatTreatment,
)
from fleet.orgs.model import Organisation
from fleet.orgs.service import create_organisation, get_organisation
from fleet.parameters.errors import FiguresInvalid, ParameterNotFound, ParameterNotYours
from fleet.parameters.model import DatedFigures
from fleet.parameters.service import (
    TOUCHING_OBLIGATIONS,
    figures,
    list_history,
    list_parameters,
    set_figures,
)
from schemas.access import SYSTEM, PermissionMissing, StepUpRequired

from .conftest import NOW, person, refused

Conn = Connection[Any]
WINDOW = InspectionWindow.name
DAY = date(2026, 3, 2)
INTERVALS = {
    "goods": [{"until_years": 10, "every_months": 12}, {"every_months": 6}],
    "commercial_passenger": [{"every_months": 12}],
    "passenger": [{"every_months": 24}],
    "passenger_strict": [{"every_months": 24}],
}
"""Valid ones."""


def head_of(conn: Conn) -> Organisation:
    return get_organisation(conn, SYSTEM, code="head")


def set_window(
    conn: Conn, months: Any, on: date = DAY, *, source: str = "集团规定", name: str = WINDOW
) -> bool:
    """Set the head's own window; whether that touches obligations."""
    done = set_figures(
        conn,
        person(head_of(conn)),
        name=name,
        valid_from_on=on,
        content={"months": months},
        source=source,
        now=NOW,
    )
    return done.touches_obligations


def window(conn: Conn, on: date = DAY, code: str = "head") -> int:
    tenant_id = get_organisation(conn, SYSTEM, code=code).tenant_id
    return figures(conn, InspectionWindow, tenant_id=tenant_id, on=on).months


def shown(conn: Conn, on: date = DAY, code: str = "head") -> dict[str, DatedFigures]:
    actor = person(get_organisation(conn, SYSTEM, code=code), "viewer")
    return {row.name: row for row in list_parameters(conn, actor, on=on)}


def test_every_kind_has_figures_from_the_first_day_on(fleet: Conn) -> None:
    assert list(shown(fleet)) == sorted(KINDS)
    for name, kind in KINDS.items():
        row = shown(fleet)[name]
        assert (row.own, row.recorded_by) == (False, "guanche migrate")
        assert figures(
            fleet, kind, tenant_id=head_of(fleet).tenant_id, on=DAY
        ) == kind.model_validate(row.content)


@pytest.mark.parametrize(
    ("on", "small_scale"),
    [
        (date(2019, 4, 1), "3"),
        (date(2022, 12, 31), "3"),
        (date(2023, 1, 1), "1"),
        (date(2027, 12, 31), "1"),
        (date(2028, 1, 1), "3"),
    ],
)
def test_vat_of_small_scale_taxpayers_is_reduced_from_2023_to_2027(
    fleet: Conn, on: date, small_scale: str
) -> None:
    rates = figures(fleet, VatRates, tenant_id=head_of(fleet).tenant_id, on=on)
    assert rates.small_scale_pct == Decimal(small_scale)
    assert (rates.leasing_pct, rates.goods_pct, rates.services_pct, rates.simplified_pct) == (
        *(Decimal(13), Decimal(13), Decimal(6), Decimal(3)),
    )


def test_the_figures_of_money(fleet: Conn) -> None:
    tenant_id = head_of(fleet).tenant_id
    ageing = figures(fleet, ReceivableAgeing, tenant_id=tenant_id, on=DAY)
    assert ageing.up_to_days == (30, 60, 90, 180, 365)
    assert figures(fleet, PaymentOrder, tenant_id=tenant_id, on=DAY).rule == "law"
    assert figures(fleet, PaymentMatching, tenant_id=tenant_id, on=DAY).claim_from_pct == 95
    ladder = figures(fleet, DunningLadder, tenant_id=tenant_id, on=DAY)
    assert [(stage.code, stage.day, stage.deadline_days) for stage in ladder.stages] == [
        ("remind_7", -7, None),
        ("remind_3", -3, None),
        ("due", 0, None),
        ("overdue_1", 1, None),
        ("call_3", 3, None),
        ("demand_7", 7, 7),
        ("lock_15", 15, 3),
        ("rescission_30", 30, 7),
        ("recovery_37", 37, None),
        ("suit_60", 60, None),
    ]
    assert [stage.after for stage in ladder.stages][6:] == [
        *("demand_7", "demand_7", "rescission_30", "demand_7"),
    ]


MONEY: Final[list[tuple[type[Figures], dict[str, Any]]]] = [
    (VatRates, {"leasing_pct": "100.01"}),
    (VatTreatment, {"rent": "other"}),
    (ReceivableAgeing, {"up_to_days": [60, 30]}),
    (PaymentMatching, {"claim_from_pct": 49}),
    (DunningLadder, {"stages": [{"code": "a", "day": 3, "kind": "call", "after": "b"}]}),
    (RestDays, {"off": ["2026-05-09"]}),
]


@pytest.mark.parametrize(("kind", "wrong"), MONEY, ids=[kind.name for kind, _ in MONEY])
def test_figures_of_money_that_are_none(
    fleet: Conn, kind: type[Figures], wrong: dict[str, Any]
) -> None:
    head = head_of(fleet)
    now_is = figures(fleet, kind, tenant_id=head.tenant_id, on=DAY)
    with refused(fleet, FiguresInvalid):
        set_figures(
            fleet,
            person(head),
            name=kind.name,
            valid_from_on=DAY,
            content=now_is.model_dump(mode="json") | wrong,
            source="试",
            now=NOW,
        )
    assert figures(fleet, kind, tenant_id=head.tenant_id, on=DAY) == now_is


def test_before_anything_is_known_the_first_figures_count(fleet: Conn) -> None:
    first = shown(fleet, date(1990, 1, 1))[InspectionIntervals.name]
    assert first.valid_from_on == date(2004, 5, 1)
    latest = shown(fleet)[InspectionIntervals.name]
    assert latest.valid_from_on == date(2022, 10, 1)
    assert first.content != latest.content


def test_own_figures_come_before_everybodys_from_their_day_on(fleet: Conn) -> None:
    assert window(fleet) == 3
    assert set_window(fleet, 2) is True
    assert [window(fleet, DAY + timedelta(days=days)) for days in (-1, 0, 1)] == [3, 2, 2]
    assert shown(fleet)[WINDOW].own is True
    assert shown(fleet, DAY - timedelta(days=1))[WINDOW].own is False


def test_another_tenant_sees_nothing_of_it(fleet: Conn) -> None:
    create_organisation(fleet, SYSTEM, code="stranger", name="别家", now=NOW)
    set_window(fleet, 2)
    assert window(fleet, code="stranger") == 3
    assert shown(fleet, code="stranger")[WINDOW].own is False
    stranger = person(get_organisation(fleet, SYSTEM, code="stranger"))
    assert [row.own for row in list_history(fleet, stranger, name=WINDOW)] == [False]


def test_a_region_is_bound_by_its_head_and_sets_nothing(fleet: Conn) -> None:
    set_window(fleet, 2)
    east = person(get_organisation(fleet, SYSTEM, code="east"))
    assert shown(fleet, code="east")[WINDOW].content == {"months": 2}
    for actor in (east, SYSTEM):
        with refused(fleet, ParameterNotYours):
            set_figures(
                fleet, actor, name=WINDOW, valid_from_on=DAY, content={"months": 1},
                source="x", now=NOW,
            )  # fmt: skip
    assert window(fleet, code="east") == 2


def test_the_last_correction_of_a_day_counts_and_the_earlier_ones_stay(fleet: Conn) -> None:
    for months in (2, 6, 1):
        set_window(fleet, months)
    assert window(fleet) == 1
    head = person(head_of(fleet), "viewer")
    history = list_history(fleet, head, name=WINDOW)
    assert [(row.content["months"], row.own) for row in history] == [
        (1, True),
        (6, True),
        (2, True),
        (3, False),
    ]


def test_a_day_to_come_changes_nothing_today(fleet: Conn) -> None:
    set_window(fleet, 12, date(2027, 1, 1))
    assert (window(fleet), window(fleet, date(2027, 1, 1))) == (3, 12)


def test_it_is_written_down_from_what_to_what(fleet: Conn) -> None:
    set_window(fleet, 2)
    set_window(fleet, 4, source="集团规定 §3")
    entry, first = list_entries(fleet, SYSTEM, {"action": "parameter.change"})
    assert (entry.organisation_code, entry.object_kind, entry.object_key) == (
        "head",
        "parameter",
        WINDOW,
    )
    assert first.before == {"content": {"months": 3}}
    assert entry.before == {"content": {"months": 2}}
    assert entry.after == {
        "content": {"months": 4},
        "valid_from_on": "2026-03-02",
        "source": "集团规定 §3",
    }


def content_with(**changed: Any) -> dict[str, Any]:
    return {**INTERVALS, **changed}


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        pytest.param(WINDOW, {}, "months", id="nothing"),
        pytest.param(WINDOW, {"months": 0}, "months", id="too small"),
        pytest.param(WINDOW, {"months": 13}, "months", id="too large"),
        pytest.param(WINDOW, {"months": "3"}, "months", id="a text"),
        pytest.param(WINDOW, {"months": 2.5}, "months", id="half a month"),
        pytest.param(WINDOW, {"months": True}, "months", id="yes"),
        pytest.param(WINDOW, {"months": float("nan")}, "months", id="not a number"),
        pytest.param(
            BatteryTestLimits.name,
            {
                "required": False,
                "every_months": None,
                "lfp_max_c": float("inf"),
                "nmc_max_c": 60,
                "motor_max_c": 60,
                "controller_max_c": 60,
                "converter_max_c": 60,
            },
            "lfp_max_c",
            id="without an end",
        ),
        pytest.param(WINDOW, {"months": 3, "days": 1}, "days", id="one too many"),
        pytest.param(
            InspectionIntervals.name,
            content_with(goods=[{"until_years": 5, "every_months": 0}, {"every_months": 6}]),
            "goods.0.every_months",
            id="deep within",
        ),
        pytest.param(
            InspectionIntervals.name,
            content_with(goods=[{"until_years": 5, "every_months": 12}]),
            InspectionIntervals.name,
            id="steps that end",
        ),
        pytest.param(
            IdleCare.name,
            {
                "target_from_pct": 50,
                "target_to_pct": 40,
                "warn_below_pct": 30,
                "critical_below_pct": 20,
                "check_every_days": 15,
            },
            IdleCare.name,
            id="a target that begins after it ends",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(
    fleet: Conn, name: str, content: dict[str, Any], place: str
) -> None:
    with pytest.raises(FiguresInvalid) as told, fleet.transaction():
        set_figures(
            fleet, person(head_of(fleet)), name=name, valid_from_on=DAY, content=content,
            source="x", now=NOW,
        )  # fmt: skip
    assert told.value.facts["place"] == place
    assert shown(fleet)[name].own is False


def test_figures_of_steps_are_kept_whole(fleet: Conn) -> None:
    set_figures(
        fleet, person(head_of(fleet)), name=InspectionIntervals.name, valid_from_on=DAY,
        content=INTERVALS, source="x", now=NOW,
    )  # fmt: skip
    kept = figures(fleet, InspectionIntervals, tenant_id=head_of(fleet).tenant_id, on=DAY)
    assert [(step.until_years, step.every_months) for step in kept.goods] == [(10, 12), (None, 6)]


def test_names_that_there_are_not(fleet: Conn) -> None:
    for act in (
        lambda: list_history(fleet, person(head_of(fleet)), name="inspection.nothing"),
        lambda: set_window(fleet, 1, name="inspection.nothing"),
    ):
        with refused(fleet, ParameterNotFound):
            act()


def test_who_may(fleet: Conn) -> None:
    manager = person(head_of(fleet), "manager")
    with refused(fleet, PermissionMissing):
        set_figures(
            fleet, manager, name=WINDOW, valid_from_on=DAY, content={"months": 1}, source="x",
            now=NOW,
        )  # fmt: skip
    with refused(fleet, StepUpRequired):
        set_figures(
            fleet, person(head_of(fleet), stepped_up=False), name=WINDOW, valid_from_on=DAY,
            content={"months": 1}, source="x", now=NOW,
        )  # fmt: skip


def test_what_falls_due_follows_from_the_figures_of_papers(fleet: Conn) -> None:
    business = {"fleet.lease_figures", "fleet.money_figures"}
    others = {kind.name for kind in KINDS.values() if kind.__module__ in business}
    assert len(others) == 18
    assert KINDS.keys() - TOUCHING_OBLIGATIONS == others | {
        *("care.idle", "insurance.compulsory_limits")
    }
    care = shown(fleet)[IdleCare.name]
    done = set_figures(
        fleet, person(head_of(fleet)), name=care.name, valid_from_on=DAY, content=care.content,
        source="x", now=NOW,
    )  # fmt: skip
    assert done.touches_obligations is False
