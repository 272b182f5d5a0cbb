"""Which vehicles are free for a term: by promises, papers, work, place, and whose they are."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest

from fleet.leasing.availability.errors import (
    NearIncomplete,
    WantedPeriodEmpty,
    WantedPeriodPast,
)
from fleet.leasing.availability.service import (
    Available,
    AvailablePage,
    Near,
    Wanted,
    find_available,
    near_of,
)
from fleet.local_days import begin_of
from schemas.access import PERMISSIONS, PermissionMissing

from ..calendar.conftest import ASKED_AT, TODAY, Papers, day, papers
from ..let import Leases
from ..seen import VINS, Fleet, build_fleet

Asked = Callable[..., AvailablePage]
TERM: Final = {"from_on": day(10), "until_on": day(40)}
__all__ = ["papers"]


def midnight(offset: int) -> datetime:
    """When the day that many days from today begins."""
    return begin_of(day(offset))


@pytest.fixture
def fleet(conn: Any, app_conn: Any) -> Fleet:
    """A and B are west's, C is of the depot below east, W of east; all in stock."""
    return build_fleet(conn, app_conn)


@pytest.fixture
def leases(fleet: Fleet) -> Leases:
    return Leases(fleet)


@pytest.fixture
def sound(papers: Papers) -> Papers:
    """Every vehicle has an inspection and insurance for half a year."""
    for vehicle in VINS:
        papers.owe(vehicle, "inspection", day(180))
        papers.owe(vehicle, "compulsory", day(200), due_at=ASKED_AT + timedelta(days=200))
    return papers


@pytest.fixture
def asked(fleet: Fleet, sound: Papers) -> Asked:
    """What a member of an organisation is told."""

    def ask(code: str = "head", **wanted: Any) -> AvailablePage:
        rest = {name: wanted.pop(name) for name in ("after", "limit") if name in wanted}
        actor = wanted.pop("actor", None) or fleet.actor(code)
        with fleet.as_member(code) as conn:
            return find_available(conn, actor, Wanted(**TERM | wanted), now=ASKED_AT, **rest)

    return ask


def letters(page: AvailablePage) -> str:
    by_vin = {vin: letter for letter, vin in VINS.items()}
    return "".join(by_vin[each.picked.vin] for each in page.vehicles)


def told(page: AvailablePage, vehicle: str) -> Available:
    (found,) = [each for each in page.vehicles if each.picked.vin == VINS[vehicle]]
    return found


def test_one_s_own_and_those_below_are_free(asked: Asked) -> None:
    seen = {code: letters(asked(code)) for code in ("head", "east", "east-depot", "west", "other")}
    assert seen == {"head": "BCWA", "east": "CW", "east-depot": "C", "west": "BA", "other": "X"}


def test_its_owner_does_not_let_what_another_out_of_sight_operates(asked: Asked) -> None:
    assert "W" not in letters(asked("west"))  # which west owns and east operates


PROMISED: Final = {
    "before the term, up to its first day": (day(1), day(10), "BCWA"),
    "into its first day": (day(1), day(11), "BCW"),
    "within it": (day(20), day(21), "BCW"),
    "from its last day on": (day(39), None, "BCW"),
    "from the day after it": (day(40), None, "BCWA"),
    "over all of it": (day(-5), None, "BCW"),
}


@pytest.mark.parametrize(("from_on", "until_on", "free"), PROMISED.values(), ids=PROMISED)
def test_what_is_promised_for_some_of_the_term_is_not_free(
    leases: Leases, asked: Asked, from_on: date, until_on: date | None, free: str
) -> None:
    ends = None if until_on is None else begin_of(until_on)
    leases.promise(leases.of("west", state="signed"), "A", begin_of(from_on), ends)
    assert letters(asked()) == free


def test_an_open_term_is_free_only_where_no_promise_follows(leases: Leases, asked: Asked) -> None:
    leases.promise(leases.of("west", state="signed"), "A", midnight(300), midnight(310))
    assert letters(asked(until_on=None)) == "BCW"
    assert told(asked(), "A").free_until_on == day(300)


def let_until(leases: Leases, papers: Papers, vehicle: str, ends: int | None) -> None:
    """The vehicle is out on a lease whose promise ends as that day begins."""
    lease = leases.of("west")
    papers.stage(vehicle, "let")
    leases.had(lease, vehicle, midnight(-60), None)
    until = None if ends is None else midnight(ends)
    leases.promise(lease, vehicle, midnight(-60), until)


@pytest.mark.parametrize(
    ("ends", "free"),
    [
        pytest.param(10, True, id="back by the first day"),
        pytest.param(11, False, id="a day too late"),
        pytest.param(None, False, id="open-ended"),
        pytest.param(0, False, id="over its term, and still out"),
        pytest.param(-20, False, id="long over its term"),
    ],
)
def test_what_is_let_now_is_free_if_it_comes_back_in_time(
    leases: Leases, sound: Papers, asked: Asked, ends: int | None, free: bool
) -> None:
    let_until(leases, sound, "A", ends)
    page = asked()
    assert letters(page) == ("BCWA" if free else "BCW")
    if free:
        vehicle = told(page, "A")
        assert (vehicle.picked.stage, vehicle.free_from_on) == ("let", day(10))


def test_what_was_let_by_hand_comes_back_nobody_knows_when(sound: Papers, asked: Asked) -> None:
    sound.stage("A", "let")
    assert letters(asked()) == "BCW"


@pytest.mark.parametrize("stage", ["ordered", "in_service", "for_sale", "disposed"])
def test_nothing_else_is_free(sound: Papers, asked: Asked, stage: str) -> None:
    sound.stage("A", stage)
    assert letters(asked()) == "BCW"


def test_work_that_keeps_it_off_the_road(sound: Papers, asked: Asked) -> None:
    sound.order("A", "W2603-AAAAAA", "west", None, down_from_at=ASKED_AT)
    sound.order("B", "W2603-AAAAAB", "west", None)
    assert letters(asked()) == "BCW"


PAPERS: Final = {
    "they last through the day of the return": ({"until_on": day(180)}, "BCWA"),
    "they end the day before": ({"until_on": day(181)}, ""),
    "an open term asks for its first day": ({"until_on": None}, "BCWA"),
    "a day of one's own, for a long lease": (
        {"until_on": day(900), "papers_through_on": day(10)},
        "BCWA",
    ),
    "a later one": ({"papers_through_on": day(181)}, ""),
}


@pytest.mark.parametrize(("wanted", "free"), PAPERS.values(), ids=PAPERS)
def test_papers_last_through_the_term(asked: Asked, wanted: dict[str, Any], free: str) -> None:
    assert letters(asked(**wanted)) == free


def test_what_has_no_insurance_on_record_is_not_free(fleet: Fleet, asked: Asked) -> None:
    fleet.conn.execute(
        "DELETE FROM obligations WHERE vehicle_id = %s AND kind = 'compulsory'",
        [fleet.vehicle_ids["B"]],
    )
    assert letters(asked()) == "CWA"
    assert told(asked(), "A").facts.papers_until_on == day(180)


NEAR: Final = Near(114.06, 22.54, None)


@pytest.fixture
def parked(fleet: Fleet) -> Fleet:
    """A 1.1 km to the north of the place, C about 5.1 km to the east of it; B unknown."""
    fleet.state("A", ASKED_AT, lat=22.55, lon=114.06, soc_pct=62.5)
    fleet.state("C", ASKED_AT, lat=22.54, lon=114.11, soc_pct=30.0)
    return fleet


def test_near_here_the_nearest_first(parked: Fleet, asked: Asked) -> None:
    page = asked(near=NEAR)
    assert letters(page) == "AC"
    assert [each.picked.distance_m for each in page.vehicles] == [1112, 5135]


@pytest.mark.parametrize(("radius_m", "free"), [(1_111.0, ""), (1_112.0, "A"), (6_000.0, "AC")])
def test_within_a_radius(parked: Fleet, asked: Asked, radius_m: float, free: str) -> None:
    assert letters(asked(near=NEAR._replace(radius_m=radius_m))) == free


def test_how_far_off_is_told_to_who_sees_exact_positions(parked: Fleet, asked: Asked) -> None:
    masked = parked.actor("head", sorted(PERMISSIONS.keys() - {"location.read"}))
    with pytest.raises(PermissionMissing) as raised:
        asked(near=NEAR, actor=masked)
    assert raised.value.facts == {"permission": "location.read"}
    page = asked(actor=masked)
    assert page.location_masked
    assert [each.picked.distance_m for each in page.vehicles] == [None] * 4
    assert told(page, "A").state.lat == 22.55


def test_a_place_is_whole() -> None:
    assert near_of(None, None, None) is None
    assert near_of(114.06, 22.54, 5.0) == Near(114.06, 22.54, 5_000.0)
    for parts in ((114.06, None, None), (None, 22.54, 5.0), (None, None, 5.0)):
        with pytest.raises(NearIncomplete):
            near_of(*parts)


def test_a_charge_at_least(parked: Fleet, asked: Asked) -> None:
    assert letters(asked(min_soc_pct=30.0)) == "CA"
    assert letters(asked(min_soc_pct=62.5)) == "A"


def model(fleet: Fleet, code: str, body_type: str, *vehicles: str) -> int:
    """A model of head, which these vehicles are of."""
    head = fleet.organisation_ids["head"]
    fleet.insert(
        "vehicle_models",
        tenant_id=head,
        organisation_id=head,
        code=code,
        name=code,
        maker="瑞驰",
        body_type=body_type,
    )
    row = fleet.conn.execute("SELECT id FROM vehicle_models WHERE code = %s", [code]).fetchone()
    assert row is not None
    for vehicle in vehicles:
        fleet.conn.execute(
            "UPDATE vehicles SET model_id = %s WHERE id = %s", [row[0], fleet.vehicle_ids[vehicle]]
        )
    return int(row[0])


def price(fleet: Fleet, code: str, model_id: int, rent_fen: int, from_on: date) -> None:
    fleet.insert(
        "rent_prices",
        tenant_id=fleet.organisation_ids["head"],
        organisation_id=fleet.organisation_ids[code],
        model_id=model_id,
        lease_kind="long",
        rent_fen=rent_fen,
        per="month",
        deposit_fen=800_000,
        valid_from_on=from_on,
        recorded_by="lin",
        recorded_at=ASKED_AT,
    )


def test_of_a_model_and_of_a_type(fleet: Fleet, asked: Asked) -> None:
    model(fleet, "ec35", "微型封闭货车", "A", "C")
    model(fleet, "k01", "轻型厢式货车", "B")
    assert letters(asked(model_code="ec35")) == "CA"
    assert letters(asked(body_type="轻型厢式货车")) == "B"
    assert letters(asked(search=VINS["W"][-6:].lower())) == "W"


def test_of_an_organisation_and_below_it(asked: Asked) -> None:
    assert letters(asked(organisation="east")) == "CW"
    assert letters(asked(organisation="east-depot")) == "C"


def test_the_price_is_of_the_operator_else_of_the_head_on_the_first_day(
    fleet: Fleet, asked: Asked
) -> None:
    model_id = model(fleet, "ec35", "微型封闭货车", "A", "C")
    price(fleet, "head", model_id, 280_000, day(-100))
    price(fleet, "west", model_id, 260_000, day(-50))
    price(fleet, "west", model_id, 250_000, day(10))
    price(fleet, "west", model_id, 240_000, day(11))
    page = asked()
    prices = {letter: told(page, letter).facts for letter in "ABC"}
    assert (prices["A"].rent_fen, prices["A"].per, prices["A"].deposit_fen) == (
        250_000,
        "month",
        800_000,
    )
    assert (prices["B"].rent_fen, prices["C"].rent_fen) == (None, 280_000)
    assert told(asked(price_kind="short"), "A").facts.rent_fen is None
    with_own = told(asked("west"), "A").facts
    assert with_own.rent_fen == 250_000
    depot = told(asked("east-depot"), "C").facts
    assert depot.rent_fen == 280_000


@pytest.mark.parametrize("near", [None, NEAR], ids=["by VIN", "by distance"])
def test_pages_together_are_the_whole_list(parked: Fleet, asked: Asked, near: Near | None) -> None:
    parked.state("B", ASKED_AT, lat=22.55, lon=114.06)  # as far off as A
    whole = asked(near=near).vehicles
    found, after = [], None
    while True:
        page = asked(near=near, after=after, limit=1)
        found += page.vehicles
        if (after := page.next) is None:
            break
    assert found == whole
    assert len(whole) == (4 if near is None else 3)


def test_a_term_that_cannot_be_asked_for(asked: Asked) -> None:
    with pytest.raises(WantedPeriodPast) as past:
        asked(from_on=day(-1))
    assert past.value.facts == {"from_on": day(-1), "today": TODAY}
    with pytest.raises(WantedPeriodEmpty):
        asked(from_on=day(10), until_on=day(10))


def test_today_counts_from_now_on(leases: Leases, asked: Asked) -> None:
    leases.promise(leases.of("west"), "A", midnight(-5), ASKED_AT)
    assert letters(asked(from_on=TODAY)) == "BCWA"


@pytest.mark.parametrize("verb", ["lease.read", "vehicle.read", "paper.read"])
def test_who_lacks_a_verb_gets_none(fleet: Fleet, asked: Asked, verb: str) -> None:
    lacking = fleet.actor("head", sorted(PERMISSIONS.keys() - {verb}))
    with pytest.raises(PermissionMissing) as raised:
        asked(actor=lacking)
    assert raised.value.facts == {"permission": verb}
