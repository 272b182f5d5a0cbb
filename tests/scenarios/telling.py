"""Tells what came of an act as a person reads it: plates for vehicles, yuan, days and hours."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from fleet.audit import service as audit
from fleet.charges import service as charges
from fleet.hand_overs import service as hand_overs
from fleet.leasing import service as leasing
from fleet.leasing.over_term import service as over_term
from fleet.registry import service as registry
from fleet.violations import service as violations
from kit.errors import DomainError
from schemas.access import SYSTEM
from tests.scenarios.story import ZONE, Act
from tests.scenarios.world import World

ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "book": ("on", "known_at"),
    "periods": ("until_on",),
    "early_end": ("on",),
    "holder": ("vehicle", "held_at"),
}
"""What may be said of each thing that is shown."""


def heading(act: Act, title: str | None) -> str:
    """When, what, and in which words the story tells it."""
    said = title or act.do.replace("_", " ")
    return f"## {act.at:%Y-%m-%d %H:%M} {said}"


def refusal(refused: DomainError) -> list[str]:
    """The code; of what blocks a hand-over each rule and paper."""
    blocks = refused.facts.get("blocks")
    if blocks is None:
        return [f"- **refused** `{refused.code}`: {refused.message}"]
    told = [f"- **refused** `{refused.code}`:"]
    for block in blocks:
        told.append(f"  - `{block['kind']}`, {block['rule']}: {block['message_en']}")
    return told


def signed(detail: leasing.LeaseDetail, *, in_full: bool) -> list[str]:
    """What was signed, and what to look at before: each caution by its code, or in full."""
    told = standing(detail)
    if in_full:
        return told + [f"- caution `{one.code}` ({one.rule}): {one.en}" for one in detail.cautions]
    return [*told, f"- cautions: {', '.join(f'`{one.code}`' for one in detail.cautions)}"]


def standing(detail: leasing.LeaseDetail) -> list[str]:
    """The state, and from when until when."""
    lease = detail.lease
    return [f"- {lease.state}, {lease.starts_on} to {_end(lease.ends_on)}"]


def handed(world: World, key: UUID, act: Act) -> list[str]:
    """A hand-over: the way, the vehicle, what was overridden, warned of and proposed."""
    found = hand_overs.get_hand_over(world.conn, SYSTEM, key=key, now=act.now)
    one = found.hand_over
    lease = leasing.get_lease(world.conn, SYSTEM, lease_no=one.lease_no)
    way = "handed out" if one.direction == "out" else "taken back"
    told = [f"- line {one.line_no}: {world.plate(one.vin)} {way} at {_local(one.handed_at)}"]
    told += [
        f"  - overridden `{block['kind']}`, {block['rule']}, because: {one.override_reason}"
        for block in one.overridden
    ]
    told += [f"  - warned `{each.kind}`: {each.message_en}" for each in one.warnings]
    told += [
        f"  - {each.field}: typed {each.typed}, told by the vehicle {each.told}"
        for each in one.differences
    ]
    told += [f"  - finding {each.kind}: {each.part}, {each.description}" for each in found.findings]
    for charge in sorted(found.charges or (), key=lambda each: (each.kind, each.title)):
        told.append(f"  - proposed `{charge.kind}` {charge.title}: {_yuan(charge.amount_fen)}")
    if one.work_order_no is not None:
        told.append("  - goes into a work order")
    return [*told, f"- {lease.state}, {lease.starts_on} to {_end(lease.ends_on)}"]


def violation(world: World, one: violations.Violation) -> str:
    """Whose it is, until when it is to be handled, from when it may be transferred."""
    row = one.row
    whose = "nobody who leased it"
    if row.lease_no is not None:
        name = next(name for name, number in world.leases.items() if number == row.lease_no)
        whose = f"lease {name}, {row.customer_name}"
    transfer = one.may_transfer_from_on
    return (
        f"- violation {row.violation_no}, {world.plate(row.vin)} at {_local(row.occurred_at)}:"
        f" {whose}; to be handled by {one.due_on}"
        + ("" if transfer is None else f"; may be transferred from {transfer}")
    )


def _book(
    world: World, act: Act, *, on: date | None = None, known_at: datetime | None = None
) -> list[str]:
    day = on or act.at.date()
    detail = leasing.get_lease_detail(
        world.conn,
        SYSTEM,
        lease_no=world.leases[act.lease],
        on=day,
        known_at=None if known_at is None else known_at.replace(tzinfo=ZONE),
        now=act.now,
    )
    known = "" if known_at is None else f", as it was known at {known_at:%Y-%m-%d %H:%M}"
    if detail.book is None or detail.day is None:
        return [f"- the book on {day}{known}: not signed yet"]
    told = [f"- the book on {day}{known}: {detail.day.state}"]
    for version in detail.book.versions:
        rents = ", ".join(_rent(line) for line in version.terms.lines)
        told.append(f"  - version {version.no} from {version.effective_on}: {rents}")
    rents = ", ".join(_rent(line) for line in detail.terms.lines)
    told.append(f"  - in force that day: {rents}")
    for placed in detail.placed:
        until = "still out" if placed.until_at is None else f"until {_local(placed.until_at)}"
        who = world.plate(placed.vin)
        told.append(f"  - line {placed.line_no}: {who} from {_local(placed.from_at)}, {until}")
    for rest in detail.book.suspensions:
        last = "until further notice"
        if rest.until_on is not None:
            last = (
                f"to {rest.until_on - timedelta(days=1)}, {(rest.until_on - rest.from_on).days} d"
            )
        scope = "the lease" if rest.line_no is None else f"line {rest.line_no}"
        free = "free of rent" if rest.credited else "rent goes on"
        told.append(f"  - {scope} rests from {rest.from_on} {last}, {free}: {rest.reason}")
    if detail.standing is not None and on is None:
        left, over = detail.standing.days_left, detail.standing.days_over
        if over:
            told.append(f"  - over its term by {over} days")
        elif left is not None:
            soon = ", about to end" if detail.standing.about_to_end else ""
            told.append(f"  - {left} days left{soon}")
    return told


def _rent(line: leasing.Line) -> str:
    return f"line {line.no} {_yuan(line.rent_fen)} a {line.per}"


def _periods(world: World, act: Act, *, until_on: date | None = None) -> list[str]:
    found = leasing.list_rent_periods(
        world.conn,
        SYSTEM,
        lease_no=world.leases[act.lease],
        until_on=until_on,
        now=act.now,
    )
    return [
        f"- period {one.period.no}: {one.period.from_on} to {one.period.last_on},"
        f" {one.period.days} d, {_yuan(one.rent_fen)}"
        for one in found
    ]


def _early_end(world: World, act: Act, *, on: date | None = None) -> list[str]:
    found = leasing.preview_early_end(
        world.conn, SYSTEM, lease_no=world.leases[act.lease], on=on, now=act.now
    )
    pct = "–" if found.claim_of_loss_pct is None else f"{found.claim_of_loss_pct} %"
    left = "–" if found.rent_left_fen is None else _yuan(found.rent_left_fen)
    law = "**a court may cut it** (民法典 §585)" if found.may_be_cut else "no cut expected"
    price, notice = _yuan(found.price_fen), _yuan(found.notice_fen)
    loss, stands = _yuan(found.loss_fen), _yuan(found.stands_up_to_fen)
    claim = _yuan(found.claim_fen)
    held, back = _yuan(found.held_back_fen), _yuan(found.deposit_back_fen)
    return [
        f"- ending on {found.on}: {found.days_left} days and {left} of rent left",
        f"  - price by the clause {price}",
        f"  - {found.notice_days_short} days of notice missing {notice}; together {claim}",
        f"  - expected loss {loss} ({found.loss_days} days to let again); the claim is {pct} of it",
        f"  - {law}; up to {stands} usually stands",
        f"  - deposit {_yuan(found.deposit_fen)}: {held} held back, {back} given back",
        f"  - {_yuan(found.still_to_pay_fen)} still to pay",
    ]


def _charges(world: World, act: Act) -> list[str]:
    lease_no = world.leases[act.lease]
    found = charges.list_charges(world.conn, SYSTEM, {"lease": lease_no}, limit=200)
    rows = sorted(found, key=lambda one: (one.incurred_on, one.kind, one.title))
    return [
        f"- `{one.kind}` {one.title}, {one.incurred_on}: {_yuan(one.amount_fen)}, {one.state}"
        for one in rows
    ] or ["- no charges"]


def _after_expiry(world: World, act: Act) -> list[str]:
    found = over_term.list_after_expiry(world.conn, SYSTEM, {}, now=act.now)
    return [
        f"- out after expiry: {world.plate(one.out.vin)}, last day {one.out.last_on},"
        f" {one.days_over} days over, {one.driven_km} km since {_seen(one.use)};"
        f" {over_term.OPEN_ENDED_BY_USE}"
        for one in found
    ] or ["- nothing is out after its last day"]


def _seen(use: over_term.Use) -> str:
    return "–" if use.then_at is None else f"{use.then_km} km at {_local(use.then_at)}"


def _overrides(world: World, act: Act) -> list[str]:
    """What the audit trail says of hand-overs in spite of a block."""
    found = audit.list_entries(world.conn, SYSTEM, {"action": "vehicle.override_block"})
    return [
        f"- audit trail at {_local(one.at)}: {one.actor_name} overrode"
        f" {', '.join(block['kind'] for block in (one.after or {})['blocks'])} of"
        f" {one.object_key}: {(one.after or {})['reason']}"
        for one in found
    ]


def _holder(world: World, act: Act, *, vehicle: str, held_at: datetime) -> list[str]:
    card = registry.get_vehicle(world.conn, SYSTEM, vin=world.vins[vehicle])
    at = held_at.replace(tzinfo=ZONE)
    found = leasing.held_at(world.conn, vehicle_id=card.id, at=at)
    whose = "nobody"
    if found is not None:
        whose = next(f"lease {name}" for name, no in world.leases.items() if no == found.lease_no)
    return [f"- {vehicle} at {_local(at)}: {whose}"]


SHOWN: Final[Mapping[str, Callable[..., list[str]]]] = {
    "book": _book,
    "periods": _periods,
    "early_end": _early_end,
    "charges": _charges,
    "after_expiry": _after_expiry,
    "holder": _holder,
    "overrides": _overrides,
}


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02} yuan"


def _local(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _end(day: Any) -> str:
    return "open-ended" if day is None else str(day)
