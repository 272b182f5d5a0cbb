"""Whatever is on record of a vehicle, what falls due of it is decided, and twice the same."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.compliance.blocks import blocks_of
from fleet.compliance.model import (
    BatteryTest,
    Inspection,
    Licence,
    Permit,
    Policy,
    VehiclePapers,
)
from fleet.compliance.papers import decide
from fleet.local_days import begin_of, last_day_before
from fleet.months import month_end
from tests.fleet.compliance.figures_of_law import battery_rules

RULES = battery_rules(required=True, every_months=3)
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31)) | st.dates(
    date(1990, 1, 1), date(2100, 12, 31)
)
MAYBE_DAYS = st.none() | DAYS
INSTANTS = DAYS.map(begin_of) | st.builds(
    lambda on, minutes: begin_of(on) + timedelta(minutes=minutes), DAYS, st.integers(0, 1439)
)
TYPES = st.text(max_size=12) | st.sampled_from(
    ["轻型厢式货车", "微型厢式货车", "小型普通客车", "微型面包车", "大型普通客车", "重型半挂牵引车"]
)
USES = st.text(max_size=8) | st.sampled_from(
    ["货运", "租赁", "营运", "非营运", "营转非", "出租客运", "危化品运输"]
)
LICENCES = st.builds(
    Licence,
    TYPES,
    USES,
    DAYS,
    gvw_kg=st.none() | st.integers(100, 60_000),
    seats=st.none() | st.integers(1, 99),
    stricter=st.booleans(),
)
PASSES = st.builds(
    lambda on, valid_to, form: Inspection(form, on, passed=True, valid_to_on=month_end(valid_to)),
    DAYS,
    DAYS,
    st.sampled_from(["printed", "line", "sticker"]),
)
FAILURES = st.builds(lambda on: Inspection("line", on, passed=False, valid_to_on=None), DAYS)
POLICIES = st.builds(
    lambda kind, no, edges, use, voided_at: Policy(
        kind, no, "PICC", min(edges), max(edges), use_nature=use, voided_at=voided_at
    ),
    st.sampled_from(["compulsory", "commercial"]),
    st.text(min_size=1, max_size=5),
    st.sets(INSTANTS, min_size=2, max_size=2),
    st.none() | st.sampled_from(["营业货车", "非营业货车"]),
    st.none() | INSTANTS,
)
PERMITS = st.builds(
    Permit,
    st.text(min_size=1, max_size=5),
    st.sampled_from(["粤通物流有限公司", "某某运输公司"]),
    DAYS,
    valid_to_on=MAYBE_DAYS,
    reviewed_to_on=MAYBE_DAYS,
    technical_to_on=MAYBE_DAYS,
    withdrawn_at=st.none() | INSTANTS,
)
TESTS = st.builds(
    BatteryTest,
    DAYS,
    st.sampled_from(["normal", "maintain"]),
    charge_max_c=st.none() | st.decimals(0, 99, places=1),
)
PAPERS = st.builds(
    VehiclePapers,
    vehicle_id=st.just(1),
    vin=st.just("LSGPC52U6AF102554"),
    tenant_id=st.just(1),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC"]),
    stage=st.sampled_from(["ordered", "in_stock", "let", "in_service", "for_sale", "disposed"]),
    licence=st.none() | LICENCES,
    inspections=st.lists(PASSES | FAILURES, max_size=4).map(tuple),
    policies=st.lists(POLICIES, max_size=5, unique_by=lambda each: each.policy_no).map(tuple),
    permits=st.lists(PERMITS, max_size=3, unique_by=lambda each: each.permit_no).map(tuple),
    battery_tests=st.lists(TESTS, max_size=3, unique_by=lambda each: each.tested_on).map(tuple),
    model_gvw_kg=st.none() | st.integers(100, 60_000),
    battery_chemistry=st.none() | st.sampled_from(["lfp", "nmc", "lto", "other"]),
    holder_names=st.sampled_from([(), ("粤通物流有限公司",)]),
)


@given(PAPERS, INSTANTS)
def test_it_is_decided_for_any_papers(papers: VehiclePapers, now: datetime) -> None:
    found = decide(papers, RULES, now=now)
    assert len({each.kind for each in found}) == len(found)
    for each in found:
        assert json.loads(json.dumps(each.facts)) == each.facts
        if each.due_on is None:
            assert each.facts["reason"] in {"no_record", "not_begun"}
            assert each.due_at is None
        if each.due_at is not None:
            assert each.due_on == last_day_before(each.due_at, papers.zone)
        if each.window_from_on is not None and each.due_on is not None:
            assert each.window_from_on <= each.due_on


@given(PAPERS, INSTANTS)
def test_it_is_decided_twice_the_same_in_any_order(papers: VehiclePapers, now: datetime) -> None:
    turned = replace(
        papers,
        inspections=papers.inspections[::-1],
        policies=papers.policies[::-1],
        permits=papers.permits[::-1],
        battery_tests=papers.battery_tests[::-1],
    )
    first = decide(papers, RULES, now=now)
    assert decide(papers, RULES, now=now) == first
    assert decide(turned, RULES, now=now) == first


@given(PAPERS, INSTANTS)
def test_what_is_not_insured_now_is_never_handed_over(papers: VehiclePapers, now: datetime) -> None:
    covered = any(
        p.kind == "compulsory" and p.voided_at is None and p.from_at <= now < p.until_at
        for p in papers.policies
    )
    blocks, warnings = blocks_of(decide(papers, RULES, now=now), papers, RULES, now=now)
    kinds = {each.kind for each in blocks}
    assert bool(kinds & {"compulsory_missing", "compulsory_lapsed"}) is not covered
    assert kinds.isdisjoint({each.kind for each in warnings})
