"""Cover and gaps are the whole time line, whatever the policies; measured hour by hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.compliance.cover import (
    cover_end,
    gaps,
    gaps_within,
    in_force,
    overlaps,
    runs,
    runs_within,
    state_of,
)
from fleet.compliance.model import Policy

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 60


def hour(count: int) -> datetime:
    return START + timedelta(hours=count)


@st.composite
def _policies(draw: st.DrawFn) -> Policy:
    begin = draw(st.integers(0, HOURS - 1))
    end = draw(st.integers(begin + 1, HOURS))
    voided = draw(st.sampled_from([False, False, False, True]))
    return Policy(
        draw(st.sampled_from(["compulsory", "compulsory", "commercial"])),
        f"P{draw(st.integers(0, 10**9))}",
        "PICC",
        hour(begin),
        hour(end),
        voided_at=START if voided else None,
    )


POLICIES = st.lists(_policies(), max_size=8, unique_by=lambda each: each.policy_no)


def depths(policies: list[Policy]) -> list[int]:
    """How many compulsory policies are in force in each hour."""
    counted = [p for p in policies if p.kind == "compulsory" and p.voided_at is None]
    return [
        sum(p.from_at <= hour(count) < p.until_at for p in counted)
        for count in range(-5, HOURS + 5)
    ]


@given(POLICIES)
def test_gaps_and_cover_are_the_whole_time(policies: list[Policy]) -> None:
    from_at, until_at = hour(-5), hour(HOURS + 5)
    covered = runs_within(policies, "compulsory", from_at, until_at)
    bare = gaps_within(policies, "compulsory", from_at, until_at)
    seconds = sum(each.seconds for each in [*covered, *bare])
    assert seconds == (until_at - from_at).total_seconds()
    assert sum(each.seconds for each in covered) == 3600 * sum(d > 0 for d in depths(policies))


@given(POLICIES, st.integers(-5, HOURS), st.integers(1, 30))
def test_cut_to_any_window_they_follow_one_another(
    policies: list[Policy], begin: int, length: int
) -> None:
    from_at, until_at = hour(begin), hour(begin + length)
    pieces = sorted(
        [
            *runs_within(policies, "compulsory", from_at, until_at),
            *gaps_within(policies, "compulsory", from_at, until_at),
        ],
        key=lambda each: each.from_at,
    )
    assert [each.from_at for each in pieces] == [from_at, *(e.until_at for e in pieces[:-1])]
    assert pieces[-1].until_at == until_at


@given(POLICIES)
def test_overlaps_are_counted_once(policies: list[Policy]) -> None:
    found = overlaps(policies, "compulsory")
    hours = sum((each.until_at - each.from_at).total_seconds() for each in found) / 3600
    assert hours == sum(depth > 1 for depth in depths(policies))
    assert all(len(each.policy_nos) > 1 for each in found)


@given(POLICIES)
def test_gaps_lie_between_runs(policies: list[Policy]) -> None:
    known = runs(policies, "compulsory")
    assert len(gaps(policies, "compulsory")) == max(len(known) - 1, 0)
    assert all(gap.seconds > 0 for gap in gaps(policies, "compulsory"))


@given(POLICIES.flatmap(lambda known: st.tuples(st.just(known), st.permutations(known))))
def test_the_order_of_policies_does_not_matter(both: tuple[list[Policy], list[Policy]]) -> None:
    policies, shuffled = both
    assert runs(shuffled, "compulsory") == runs(policies, "compulsory")
    assert overlaps(shuffled, "compulsory") == overlaps(policies, "compulsory")


@given(POLICIES, st.integers(-5, HOURS + 5))
def test_at_any_instant_the_state_agrees_with_the_hours(policies: list[Policy], at: int) -> None:
    state = state_of(policies, "compulsory", at=hour(at))
    counted = [p for p in policies if p.kind == "compulsory" and p.voided_at is None]
    assert {p.policy_no for p in state.in_force} == {
        p.policy_no for p in counted if p.from_at <= hour(at) < p.until_at
    }
    assert state.in_force == in_force(policies, "compulsory", at=hour(at))
    ends_at = cover_end(policies, "compulsory", at=hour(at))
    assert state.is_covered is (ends_at is not None)
    if ends_at is not None:
        assert state.ends_at == ends_at
        assert in_force(policies, "compulsory", at=ends_at) == ()
        assert in_force(policies, "compulsory", at=ends_at - timedelta(hours=1)) != ()
    if state.gap is not None:
        assert state.gap in gaps(policies, "compulsory")
