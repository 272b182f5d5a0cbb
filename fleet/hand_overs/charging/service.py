"""Proposes what to charge when a vehicle comes back, from what is on record of its way.

Readings are those people typed, else what the vehicle said. Where one is wanting, nothing is
proposed of it, and the record warns. Leaves out how amounts come about (`proposals.py`) and what
becomes of them (`fleet/charges`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from psycopg import Connection

from fleet.charges import service as charges
from fleet.hand_overs import proposals, store
from fleet.hand_overs.errors import ChargeLineUnknown
from fleet.hand_overs.model import Finding, HandOver, Warned
from fleet.hand_overs.proposals import Driven, Proposed, Reading
from fleet.lease_figures import HandOverPrices
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.models import service as models
from fleet.parameters import service as parameters
from fleet.registry import service as registry
from schemas.access import Actor

NO_BATTERY = Warned(
    "battery_size_unknown",
    "It came back with less in its battery, whose size is not known: no energy is proposed.",
    "还车电量低于交车电量，但车型未登记电池容量，未提出补电费。",
)
MILEAGE_CHANGED = Warned(
    "mileage_changed",
    "The kilometres agreed changed while it was out, and nobody read the odometer that day: no"
    " mileage is proposed.",
    "用车期间里程约定有变更且变更当日无读数，未提出超里程费。",
)
NO_READING = Warned(
    "mileage_unknown",
    "A reading of the odometer is wanting or runs backwards: no mileage is proposed.",
    "缺少里程读数或读数倒退，未提出超里程费。",
)


MOST: Final = 1_000
"""Hand-overs of one line: two a swap."""


@dataclass(frozen=True, slots=True)
class Return:
    """A vehicle that comes back: in which lease and line, when, with which readings and findings.

    `gone` is when it went out, where that is on record; `final`: for good, not for another vehicle.
    """

    lease: leasing.Lease
    book: leasing.Book
    line_no: int
    vehicle: registry.Vehicle
    at: datetime
    gone: HandOver | None
    odometer: Reading | None
    soc: Reading | None
    findings: Sequence[Finding]
    final: bool


@dataclass(frozen=True, slots=True)
class Bill:
    """What is proposed for a return, and what could not be told."""

    proposed: list[Proposed]
    warnings: list[Warned]


def last_out(
    conn: Connection[Any], *, lease_id: int, line_no: int, vehicle_id: int
) -> HandOver | None:
    """When the vehicle last went out in the line; None where that is not on record."""
    way = store.list_hand_overs(
        conn,
        {
            "lease_id": lease_id,
            "line_no": line_no,
            "vehicle_id": vehicle_id,
            "direction": "out",
        },
        limit=1,
    )
    return way[0] if way else None


def bill_of(conn: Connection[Any], actor: Actor, back: Return) -> Bill:
    """What is proposed for the return."""
    on = local_day(back.at, back.lease.zone)
    prices = parameters.figures(conn, HandOverPrices, tenant_id=back.lease.tenant_id, on=on)
    proposed = list(proposals.of_findings(back.findings, cleaning_fen=prices.cleaning_fen))
    warnings: list[Warned] = []
    terms = back.book.version_on(on).terms
    if terms.energy_by == "lessee":
        proposed += _energy(conn, actor, back, prices.energy_fen_per_kwh, warnings)
    line = terms.line(back.line_no)
    if back.final and line is not None:
        proposed += proposals.of_late_return(
            _agreed_end(back), on, rent_fen=line.rent_fen, per=line.per
        )
        proposed += _mileage(conn, back, on, warnings)
    return Bill(proposed, warnings)


def _agreed_end(back: Return) -> date | None:
    """The last day it might be kept: of a lease that was terminated before its last day, the day
    that took effect.
    """
    book = back.book
    if book.state != "terminated" or book.ended_at is None:
        return book.ends_on
    ended_on = local_day(book.ended_at, back.lease.zone)
    return ended_on if book.ends_on is None else min(book.ends_on, ended_on)


def _energy(
    conn: Connection[Any],
    actor: Actor,
    back: Return,
    fen_per_kwh: int,
    warnings: list[Warned],
) -> Iterator[Proposed]:
    out = None if back.gone is None else reading_of(back.gone, "soc_pct")
    size_kwh = None
    if back.vehicle.model_code is not None:
        size_kwh = models.get_model(conn, actor, code=back.vehicle.model_code).battery_kwh
    if size_kwh is None and out is not None and back.soc is not None:
        if back.soc.amount < out.amount:
            warnings.append(NO_BATTERY)
        return
    yield from proposals.of_energy(out, back.soc, battery_kwh=size_kwh, fen_per_kwh=fen_per_kwh)


def _mileage(
    conn: Connection[Any], back: Return, on: date, warnings: list[Warned]
) -> Iterator[Proposed]:
    agreed = _mileage_agreed(back, on)
    if all(each is None or each.settled == "each_period" for each in agreed):
        return  # nothing is left to settle at the end: fleet/billing does
    if len(agreed) > 1:
        warnings.append(MILEAGE_CHANGED)
        return
    mileage = agreed[0]
    if mileage is None:
        return
    driven = _ways(conn, back)
    if driven is None:
        warnings.append(NO_READING)
        return
    terms = back.book.version_on(on).terms
    line = terms.line(back.line_no)
    assert line is not None
    from_on = back.book.starts_on
    if terms.rent_begins == "hand_over":
        first_at = min(segment.from_at for segment in back.book.of_line(back.line_no))
        from_on = max(from_on, local_day(first_at, back.lease.zone))
    until_on = on + timedelta(days=1)
    rhythm = leasing.rhythm_of(terms)
    whole = leasing.rent_periods(rhythm, last_on=on, until_on=until_on)
    periods = [part for each in whole if (part := rhythm.cut(each, from_on, until_on))]
    if not periods:
        return
    km = int(proposals.driven_km(driven))
    settled = leasing.settle_at_once(mileage, line.per, periods, km)
    yield from proposals.of_mileage(
        driven,
        included_km=settled.included_km,
        extra_km=settled.extra_km,
        extra_fen_per_km=mileage.extra_fen_per_km,
        from_on=from_on,
        until_on=until_on,
    )


def _mileage_agreed(back: Return, on: date) -> list[leasing.Mileage | None]:
    """What was agreed of kilometres for the time of the line until this day, one after the other
    without repetition.
    """
    first_at = min(segment.from_at for segment in back.book.of_line(back.line_no))
    first_on = local_day(first_at, back.lease.zone)
    days = {first_on, *(v.effective_on for v in back.book.versions)}
    agreed: list[leasing.Mileage | None] = []
    for day in sorted(day for day in days if first_on <= day <= on):
        line = back.book.version_on(day).terms.line(back.line_no)
        mileage = None if line is None else line.mileage
        if mileage not in agreed:
            agreed.append(mileage)
    return agreed


def _ways(conn: Connection[Any], back: Return) -> list[Driven] | None:
    """How far each vehicle of the line went; None where a reading is wanting or runs backwards."""
    kept = store.list_hand_overs(
        conn, {"lease_id": back.lease.id, "line_no": back.line_no}, limit=MOST
    )
    outs = [each for each in reversed(kept) if each.direction == "out"]
    backs = {each.event_no: each for each in kept if each.direction == "back"}
    ways: list[Driven] = []
    for segment in back.book.of_line(back.line_no):
        gone = next((each for each in outs if each.event_no == segment.from_event_no), None)
        came = backs.get(segment.until_event_no or 0)
        out = None if gone is None else reading_of(gone, "odometer_km")
        arrived = back.odometer if came is None else reading_of(came, "odometer_km")
        if gone is None or out is None or arrived is None or arrived.amount < out.amount:
            return None
        ways.append(Driven(gone.vin, out, arrived))
    return ways


def reading_of(hand_over: HandOver, what: Literal["soc_pct", "odometer_km"]) -> Reading | None:
    """What people read, else what the vehicle said around that minute."""
    typed: Decimal | None = getattr(hand_over, what)
    if typed is not None:
        return Reading(hand_over.handed_at, typed, "hand")
    told = hand_over.told
    said: Decimal | None = None if told is None else getattr(told.readings, what)
    return None if told is None or said is None else Reading(told.at, said, "telemetry")


def propose_bill(
    conn: Connection[Any], actor: Actor, back: Return, bill: Bill, *, key: UUID, now: datetime
) -> list[charges.Charge]:
    """The charges that are proposed for the return with this key."""
    on = local_day(back.at, back.lease.zone)
    return charges.propose(
        conn,
        actor,
        proposals=[
            charges.Proposal(
                lease_id=back.lease.id,
                tenant_id=back.lease.tenant_id,
                organisation_id=back.lease.organisation_id,
                line_no=back.line_no,
                vehicle_id=back.vehicle.id,
                kind=each.kind,
                title=each.title,
                amount_fen=each.amount_fen,
                basis=each.basis,
                incurred_on=on,
                source_kind="hand_over",
                source_key=str(key),
            )
            for each in bill.proposed
        ],
        now=now,
    )


def add_charge(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    kind: charges.ChargeKind,
    title: str,
    amount_fen: int,
    incurred_on: date,
    line_no: int | None = None,
    note: str | None = None,
    now: datetime,
) -> charges.Charge:
    """A charge that somebody proposes by hand, on a lease or one line of it.

    Raises:
        LeaseNotFound: there is none in sight.
        ChargeLineUnknown: the lease has no such line.
    """
    actor.require("charge.propose")
    lease = leasing.get_lease(conn, actor, lease_no=lease_no)
    if line_no is not None and lease.terms.line(line_no) is None:
        raise ChargeLineUnknown(f"{lease_no} has no line {line_no}", line_no=line_no)
    [charge] = charges.propose(
        conn,
        actor,
        proposals=[
            charges.Proposal(
                lease_id=lease.id,
                tenant_id=lease.tenant_id,
                organisation_id=lease.organisation_id,
                line_no=line_no,
                kind=kind,
                title=title,
                amount_fen=amount_fen,
                basis={} if note is None else {"note": note},
                incurred_on=incurred_on,
                source_kind="hand",
                source_key=str(uuid4()),
            )
        ],
        now=now,
    )
    return charge
