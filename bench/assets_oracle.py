"""What must fall due, decided a second time: from the book alone, by rules written in few words.

Shares no code with what is measured but the addition of months. An answer is compared item by item;
one sentence for each that is missing, too much, or on another day. Leaves out asking.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from bench.assets_book import Booked, done_of, work_due_on
from fleet.months import add_months
from guanche.seed_models import PLAN
from guanche.seed_papers import SeedPolicy

CHECK_EVERY_DAYS: Final = 30
"""care.idle, as it is delivered."""
LATER_KINDS: Final = frozenset({"service_life", "scrap_risk"})
"""They lie years ahead, beyond every month that is asked for: no part of `due_of`."""
SCRAPPED_AFTER_MONTHS: Final = 3 * 12
"""Three cycles of a young van without a passed inspection."""
TOLD: Final = 3
"""Items that a sentence names at most."""


class Due(NamedTuple):
    """Something that falls due of a vehicle on a day."""

    vin: str
    kind: str
    reference: str
    due_on: date


def issued_on(one: Booked, today: date) -> date:
    """When the permit of a heavy vehicle was issued."""
    return max(one.papers.registered_on, today - timedelta(days=700))


def due_of(one: Booked, today: date) -> Iterator[Due]:
    """All that falls due of a vehicle within the next two years, or did, with a day."""
    vin, papers = one.vin, one.papers
    yield Due(vin, "inspection", "", papers.inspections[-1][1])
    for kind in ("compulsory", "commercial"):
        ends_on = _cover_ends_on([each for each in papers.policies if each.kind == kind], today)
        if ends_on is not None:
            yield Due(vin, kind, "", ends_on - timedelta(days=1))
    if papers.permit_reviewed_to_on is not None:
        yield Due(vin, "permit_review", "", papers.permit_reviewed_to_on)
        years = (add_months(papers.registered_on, 12 * age) for age in range(1, 12))
        after = next(day for day in years if day > issued_on(one, today))
        yield Due(vin, "permit_technical", "", after)
    done_on = {done.code: done.done_on for done in done_of(one, today)}
    for item in PLAN:
        if item.every_months is not None:
            begin = done_on.get(item.code, papers.registered_on)
            yield Due(vin, "maintenance", item.code, add_months(begin, item.every_months))
    work_on = work_due_on(one, today)
    if work_on is not None:
        yield Due(vin, "work_order", "", work_on)
    if papers.stage in ("in_stock", "for_sale"):
        days = CHECK_EVERY_DAYS - one.staged_days_ago
        yield Due(vin, "idle_care", "", today + timedelta(days=days))


def _cover_ends_on(policies: list[SeedPolicy], today: date) -> date | None:
    """The first day without cover of the last run of policies that has begun."""
    ends_on = None
    for policy in sorted(policies, key=lambda each: each.from_on):
        if policy.from_on <= today or policy.from_on == ends_on:
            ends_on = policy.until_on
    return ends_on


def may_be_let(one: Booked, today: date) -> bool:
    """In stock, inspected and insured today; whatever needs a permit has one in the book."""
    papers = one.papers
    insured = any(
        each.kind == "compulsory" and each.from_on <= today < each.until_on
        for each in papers.policies
    )
    return papers.stage == "in_stock" and insured and papers.inspections[-1][1] >= today


def due_within(book: Iterable[Booked], today: date, from_on: date, until_on: date) -> Counter[Due]:
    """What falls due of these vehicles in [from_on, until_on)."""
    return Counter(
        due for one in book for due in due_of(one, today) if from_on <= due.due_on < until_on
    )


def scrapped_within(book: Iterable[Booked], from_on: date, until_on: date) -> int:
    """How many are to be scrapped in [from_on, until_on), as nobody has had them inspected."""
    ends = (add_months(one.papers.inspections[-1][1], SCRAPPED_AFTER_MONTHS) for one in book)
    return sum(from_on <= scrapped_on < until_on for scrapped_on in ends)


def judge_list(told: Iterable[Mapping[str, Any]], expected: Counter[Due]) -> Iterator[str]:
    """Whether a list holds what falls due, nothing else, in the order of days."""
    found: Counter[Due] = Counter()
    days: list[str] = []
    for item in told:
        # The number of an order is made when it is written, and not known to the book.
        reference = "" if item["kind"] == "work_order" else item["reference"]
        day = date.fromisoformat(item["due_on"])
        found[Due(item["vin"], item["kind"], reference, day)] += 1
        days.append(item["due_on"])
    for what, items in (("missing", expected - found), ("too many", found - expected)):
        if items:
            some = ", ".join(
                f"{due.kind} of {due.vin} on {due.due_on}" for due in sorted(items)[:TOLD]
            )
            yield f"{items.total()} {what}, such as {some}"
    if days != sorted(days):
        yield "not in the order of days"


def judge_counts(body: Mapping[str, Any], expected: Counter[Due]) -> Iterator[str]:
    """Whether counts by kind are those of what falls due."""
    wanted = Counter(due.kind for due in expected.elements())
    for kind, by_status in body["by_kind"].items():
        if sum(by_status.values()) != wanted[kind]:
            yield f"{kind}: {sum(by_status.values())}, not {wanted[kind]}"
    if body["total"] != expected.total():
        yield f"{body['total']} in all, not {expected.total()}"


def judge_vins(told: Iterable[str], expected: Iterable[str]) -> Iterator[str]:
    """Whether a list names these vehicles, each once."""
    found, wanted = Counter(told), Counter(expected)
    for what, vins in (("missing", wanted - found), ("too many", found - wanted)):
        if vins:
            yield f"{vins.total()} {what}, such as {', '.join(sorted(vins)[:TOLD])}"


def judge_page(body: Mapping[str, Any], one: Booked, today: date) -> Iterator[str]:
    """Whether a page is the vehicle's: its stage, what falls due, whether it may be let."""
    if body["card"]["vin"] != one.vin:
        yield f"it is of {body['card']['vin']}"
    if body["stage"]["stage"] != one.papers.stage:
        yield f"at stage {body['stage']['stage']}, not {one.papers.stage}"
    dated = [
        item
        for item in body["due"]
        if item["due_on"] is not None and item["kind"] not in LATER_KINDS
    ]
    yield from judge_list(dated, Counter(due_of(one, today)))
    if one.papers.stage == "in_stock" and (not body["blocks"]) != may_be_let(one, today):
        yield f"{len(body['blocks'])} blocks"
