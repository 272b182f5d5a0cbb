"""What rules know of vehicles: their groups, their local time, and no lease of another."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from alerts.detectors.frames import EVENTS
from alerts.engine.facts import Facts, make_facts, take_rules
from alerts.engine.findings import Said, by_key
from alerts.engine.frames import LETTINGS, VEHICLE_ROWS
from alerts.geofences.model import Circle
from alerts.model import Links
from alerts.rules.book import OrganisationFacts, RuleBook, write_book
from alerts.rules.inheritance import SetRule
from alerts.rules.kinds import KINDS
from alerts.rules.model import Scope

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
HEAD = OrganisationFacts(1, 1, "head", "Asia/Shanghai", (1,))
EAST = OrganisationFacts(2, 1, "east", "Europe/Berlin", (2, 1))
WEST = OrganisationFacts(3, 1, "west", "Asia/Shanghai", (3, 1))
LETTINGS_KEY = dict.fromkeys(["vehicle_id", "organisation_id", "let_from_us"], pl.Int64)
MEMBERSHIPS = {"vehicle_id": pl.Int64, "code": pl.String}
SCOPE: dict[str, Any] = {}


def set_rule(code: str, kind: str, **parameters: Any) -> SetRule:
    scope = Scope.model_validate(parameters.pop("scope", SCOPE))
    given = type(KINDS[kind].parameters).model_validate(parameters)
    return SetRule(9, 1, "head", code, KINDS[kind], None, True, "info", given, scope, 4)


def book_of(*rules: SetRule, geofences: dict[tuple[int, str], Any] | None = None) -> RuleBook:
    return write_book(
        "r1", [HEAD, EAST, WEST], rules, geofences or {}, {(1, "vans"): frozenset({8})}
    )


def row(vehicle_id: int, organisation_id: int | None, **known: Any) -> dict[str, Any]:
    return {
        "vehicle_id": vehicle_id, "tenant_id": 1, "organisation_id": organisation_id,
        "vin": f"VIN{vehicle_id}", "owner_organisation_id": 1, **known,
    }  # fmt: skip


def facts_of(
    *rows: dict[str, Any], book: RuleBook | None = None, groups: list[tuple[int, str]] | None = None
) -> Facts:
    book = book or book_of()
    return make_facts(
        pl.DataFrame(rows, schema=VEHICLE_ROWS),
        pl.DataFrame(groups or [], schema=MEMBERSHIPS, orient="row"),
        book,
        take_rules(book).rules,
        now=NOW,
    )


LET = {"lease_id": 70, "lease_no": "L2611-000001", "customer_id": 71}


def test_groups_and_local_time_go_with_a_vehicle() -> None:
    facts = facts_of(row(9, 3), row(7, 2), row(8, None), groups=[(7, "vans"), (7, "hired")])
    found = facts.vehicles.select("vehicle_id", "organisation", "utc_offset_s", "groups")
    assert found.rows() == [
        (7, "east", 7_200, ["hired", "vans"]),
        (8, None, None, []),
        (9, "west", 28_800, []),
    ]
    assert facts.ids == {7, 8, 9}


def test_of_a_lease_of_another_no_more_is_known_than_that_there_is_one() -> None:
    facts = facts_of(row(7, 2, **LET, lease_organisation_id=2), row(8, 2, **LET))
    assert facts.vehicles.select("lease_id", "lease_no", "customer_id").rows() == [
        (70, "L2611-000001", 71),
        (70, None, None),
    ]
    lettings = pl.DataFrame({"vehicle_id": [7], "let_from_us": [5]}).join(
        pl.DataFrame(schema=LETTINGS), on=("vehicle_id", "let_from_us"), how="left"
    )
    turn = {"vehicle_id": [7], "organisation_id": [3]}
    then = facts.as_of(pl.DataFrame({**turn, "let_from_us": [None]}, LETTINGS_KEY), lettings)
    assert then.select(
        "vehicle_id", "organisation_id", "organisation", "utc_offset_s", "lease_id", "lease_no"
    ).rows() == [(7, 3, "west", 28_800, 70, None)]
    unlet = facts.as_of(pl.DataFrame({**turn, "let_from_us": [5]}, LETTINGS_KEY), lettings)
    assert unlet.select("organisation", "lease_id", "lease_no").rows() == [("west", None, None)]


def test_what_has_not_changed_is_not_bound_again() -> None:
    book = book_of()
    facts = facts_of(row(7, 2), book=book)
    rows = pl.DataFrame([row(7, 2, last_heard_us=5)], schema=VEHICLE_ROWS)
    none = pl.DataFrame(schema=MEMBERSHIPS)
    later = make_facts(rows, none, book, facts.rules, now=NOW, before=facts)
    assert later.binding is facts.binding
    assert later.vehicles["last_heard_us"].to_list() == [5]
    let = pl.DataFrame([row(7, 2, **LET)], schema=VEHICLE_ROWS)
    changed = make_facts(let, none, book, facts.rules, now=NOW, before=facts)
    assert changed.binding.vehicles["lease_id"].to_list() == [70]
    others = take_rules(book_of(set_rule("fast", "over_speed", raise_at=9, clear_below=8))).rules
    anew = make_facts(rows, none, book, others, now=NOW, before=facts)
    assert "2:fast" in {rule.rule_key for rule in anew.binding.listed}


def test_rules_are_taken_as_they_hold_for_each_organisation() -> None:
    place = Circle(22.5, 114.0, 500)
    book = book_of(
        set_rule("yard", "geofence", geofence="yard", scope={"groups": ["vans"]}),
        set_rule("mine", "custom", expression="speed_kmh > 10.0", clear="speed_kmh < 5.0"),
        set_rule("bad", "custom", expression="speed_kmh >"),
        geofences={(2, "yard"): place},
    )
    taken = take_rules(book)
    rules = by_key(taken.rules)
    assert set(taken.broken) == {"1:bad", "2:bad", "3:bad"}
    assert (rules["2:yard"].geofence, rules["3:yard"].geofence) == (place, None)
    assert rules["2:yard"].members == frozenset({8})
    mine = rules["3:mine"]
    assert (mine.version, mine.severity, mine.organisation_id) == (4, "info", 3)
    assert mine.expression is not None and mine.clear is not None
    assert rules["3:offline"].version is None
    assert not {"rent_due", "geofence"} & {rule.code for rule in taken.rules}


def event(**told: Any) -> dict[str, Any]:
    given = {"rule_key": "2:over_speed", "organisation_id": 2, "code": "over_speed"}
    instants = {"at_us": 30_000_000, "since_us": 10_000_000}
    return {**given, "kind": "over_speed", "vehicle_id": 7, "what": "raise", **instants, **told}


def said(facts: Facts, *events: dict[str, Any]) -> Said:
    found = Said()
    found.add(pl.DataFrame(events, schema=EVENTS), by_key(facts.rules), facts.vehicles)
    return found


def test_an_event_becomes_a_finding() -> None:
    facts = facts_of(row(7, 2, **LET, lease_organisation_id=2))
    [finding] = said(facts, event(value=95.5, facts='{"raise_at": 90}')).findings
    assert (finding.tenant_id, finding.organisation_id, finding.kind) == (1, 2, "over_speed")
    assert (finding.subject.kind, finding.subject.id, finding.subject.key) == ("vehicle", 7, "VIN7")
    assert (finding.occurrence, finding.rule_version) == ("10000000", None)
    assert finding.raised_at == datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert finding.facts == {"value": 95.5, "raise_at": 90}
    assert finding.links == Links(vehicle_id=7, lease_id=70, customer_id=71)
    assert (finding.reopen_within_s, finding.severity) == (1_800, "warning")


def test_a_lease_of_another_is_not_linked() -> None:
    facts = facts_of(row(7, 2, **LET, lease_organisation_id=3))
    [finding] = said(facts, event()).findings
    assert finding.links == Links(vehicle_id=7)


def test_what_is_over_is_cleared_even_if_its_rule_is_gone() -> None:
    found = said(
        facts_of(row(7, 2)),
        event(what="clear", rule_key="2:gone", code="gone", value=80.0),
        event(rule_key="2:gone", code="gone"),
    )
    assert found.findings == []
    [clearing] = found.clearings
    assert (clearing.organisation_id, clearing.rule_code, clearing.subject_id) == (2, "gone", 7)
    assert clearing.cleared_at == datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert (clearing.occurrence, clearing.facts) == ("10000000", {"value": 80.0})
