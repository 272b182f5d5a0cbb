"""The book of all rules: by organisation, by kind, and what names in rules mean to whom."""

from typing import Final

import pytest

from alerts.geofences.model import Circle, Shape
from alerts.rules.book import OrganisationFacts, RuleBook, write_book
from alerts.rules.inheritance import SetRule, Unreadable
from alerts.rules.kinds import KINDS
from alerts.rules.model import Scope
from alerts.rules.telemetry_parameters import Above

HEAD, EAST, YARD, OTHER = 1, 2, 3, 9
LAND: Final = [
    OrganisationFacts(HEAD, HEAD, "head", "Asia/Shanghai", (HEAD,)),
    OrganisationFacts(EAST, HEAD, "east", "Asia/Shanghai", (EAST, HEAD)),
    OrganisationFacts(YARD, HEAD, "yard", "Asia/Urumqi", (YARD, EAST, HEAD)),
    OrganisationFacts(OTHER, OTHER, "other", "Asia/Shanghai", (OTHER,)),
]
WIDE, NARROW = Circle(22.5, 114, 5_000), Circle(22.5, 114, 500)
PLACES: Final[dict[tuple[int, str], Shape]] = {(HEAD, "city"): WIDE, (YARD, "city"): NARROW}
GROUPS: Final = {(HEAD, "vans"): frozenset({11, 12}), (EAST, "night"): frozenset({12, 13})}


def over_speed(by: int, *, on: bool = True, code: str = "over_speed", **scope: object) -> SetRule:
    """A rule as an organisation sets it."""
    return SetRule(
        rule_id=by * 10,
        organisation_id=by,
        organisation={one.id: one.code for one in LAND}[by],
        code=code,
        kind=KINDS["over_speed"],
        name=None,
        enabled=on,
        severity="warning",
        parameters=Above(raise_at=80, clear_below=75),
        scope=Scope.model_validate(scope),
        version=1,
    )


def book(*rows: SetRule | Unreadable) -> RuleBook:
    """What holds in the land when these were set."""
    return write_book("1", LAND, rows, PLACES, GROUPS)


def test_rules_that_are_on_by_kind_one_an_organisation_and_code() -> None:
    told = book(over_speed(HEAD), over_speed(EAST, on=False), over_speed(YARD, code="motorway"))
    found = [(rule.organisation_id, rule.code, rule.set_by) for rule in told.enabled("over_speed")]
    assert found == [
        (HEAD, "over_speed", "head"),
        (YARD, "motorway", "yard"),
        (OTHER, "over_speed", None),
    ]
    assert told.enabled("moved_at_night") == []
    assert len(told.enabled("offline")) == len(LAND)


def test_an_organisation_that_was_not_there_is_told_so() -> None:
    with pytest.raises(LookupError):
        book().of(77)


def test_a_row_that_cannot_be_read_gives_way_to_what_stands_above() -> None:
    odd = Unreadable(5, EAST, "over_speed", "no kind")
    told = book(over_speed(HEAD), odd)
    assert told.of(EAST)["over_speed"].set_by == "head"
    assert told.unreadable == (odd,)


NEAREST: Final = [
    ("the head's city is the wide one", HEAD, "city", WIDE),
    ("an operator has the head's", EAST, "city", WIDE),
    ("a depot has drawn its own", YARD, "city", NARROW),
    ("another tenant has none", OTHER, "city", None),
    ("nobody has drawn it", YARD, "port", None),
    ("an organisation nobody knows", 77, "city", None),
]


@pytest.mark.parametrize(("sentence", "organisation_id", "code", "shape"), NEAREST)
def test_a_name_is_found_up_the_tree(
    sentence: str, organisation_id: int, code: str, shape: Shape | None
) -> None:
    told = book()
    assert told.geofences.get((organisation_id, code)) == shape
    assert ((organisation_id, code) in told.geofences) is (shape is not None)
    if shape is None:
        with pytest.raises(KeyError):
            told.geofences[organisation_id, code]
    else:
        assert told.geofences[organisation_id, code] == shape


APPLIES: Final = {
    "no scope is all vehicles": ({}, {11, 12, 13}),
    "a group of the head": ({"groups": ["vans"]}, {11, 12}),
    "any of two groups": ({"groups": ["vans", "night"]}, {11, 12, 13}),
    "a group that is not there has no vehicles": ({"groups": ["gone"]}, set()),
    "named by VIN": ({"vins": ["V13"]}, {13}),
    "of a model": ({"models": ["EC35"]}, {11, 13}),
    "out on a lease": ({"lease_no": "L-1"}, {12}),
    "all that is given must hold": ({"groups": ["vans"], "models": ["EC35"]}, {11}),
}
VEHICLES: Final = [(11, "EC35", None), (12, "EC36", "L-1"), (13, "EC35", None)]


@pytest.mark.parametrize("case", APPLIES)
def test_a_scope_narrows(case: str) -> None:
    scope, expected = APPLIES[case]
    told = book(over_speed(EAST, **scope))  # type: ignore[arg-type]
    rule = told.of(YARD)["over_speed"]
    found = {
        number
        for number, model, lease_no in VEHICLES
        if told.applies(rule, vehicle_id=number, vin=f"V{number}", model=model, lease_no=lease_no)
    }
    assert found == expected
