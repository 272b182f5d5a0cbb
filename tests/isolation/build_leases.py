"""Makes leases of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.leasing import service as leasing
from fleet.leasing.terms import BuyOut, Line, Term, Terms
from fleet.local_days import local_day
from fleet.quotes import service as quotes
from fleet.registry.service import add_vehicle, get_vehicle
from schemas.access import Actor
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation, vin_of

SIGNED: Final = NOW - timedelta(hours=2)
LET: Final = NOW - timedelta(hours=1)
TODAY: Final = local_day(LET)
"""Of the hand-overs: shortly after midnight they were signed the day before."""
RUNNING: Final = ("lease_no", "lease_resting", "lease_ending", "lease_owned")
"""Those with a vehicle out in line 1."""
KINDS: Final = ("lease_draft", "lease_to_sign", "lease_unusual", "lease_asked", "lease_signed")


def terms_of(one: Organisation, kind: str) -> Terms:
    """Of two lines, without a vehicle of their own; what each lease is for."""
    given: dict[str, Any] = {"kind": "long", "term": Term(count=12)}
    lines: tuple[Line, ...] = (
        Line(no=1, rent_fen=200_000, deposit_fen=1),
        Line(no=2, rent_fen=100_000),
    )
    if kind in ("lease_unusual", "lease_asked"):
        given["term"] = Term(count=60)
    if kind == "lease_owned":
        given |= {"kind": "lease_to_own", "buy_out": BuyOut(price_fen=0)}
        lines = lines[:1]
    return Terms(**given, starts_on=TODAY, lines=lines, remarks=f"约{one.mark}")


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`, for the customer in `known`. `lease_no` runs, with `vin_let` in its
    line 1; its line 2 is still to be filled.
    """
    own = replace(
        by, name=f"smith.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    spare = known is one.spare
    for kind in (*RUNNING, *KINDS):
        known[kind] = _drafted(conn, own, one, kind, known["customer_no"], spare=spare)
        one.marks.append(known[kind])
    known["lease_reference"] = f"租{one.mark}-lease_no-{spare}"
    leasing.request_approval(
        conn, replace(own, name=f"sales.{one.mark}"), lease_no=known["lease_asked"], now=SIGNED
    )
    for kind in (*RUNNING, "lease_signed"):
        leasing.sign_lease(conn, own, lease_no=known[kind], now=SIGNED)
    for place, kind in enumerate(RUNNING):
        vin = vin_of(one.number, 20 + place + (10 if spare else 0))
        _let(conn, own, known[kind], vin, owner=owner, by=by)
        known["vin_let" if kind == "lease_no" else f"vin_{kind}"] = vin
        one.marks.append(vin)
    _over(conn, own, one, known, owner=owner, by=by)
    _free(conn, one, known, owner=owner, by=by)
    _quotes(conn, own, one, known)
    leasing.suspend_lease(
        conn,
        own,
        lease_no=known["lease_resting"],
        from_on=local_day(LET),
        credited=True,
        reason=f"停{one.mark}",
        now=LET,
    )
    rent_fen = 7_310_000 + one.number
    if one.part != "root":  # the head's list is everybody's
        one.marks.append(str(rent_fen))
    leasing.set_price(
        conn,
        own,
        model_code=known["model_code"],
        lease_kind="short",
        rent_fen=rent_fen,
        per="month",
        deposit_fen=0,
        now=LONG_AGO,
    )


def _over(
    conn: Connection[Any],
    own: Actor,
    one: Organisation,
    known: Identifiers,
    *,
    owner: Organisation,
    by: Actor,
) -> None:
    """A lease that ended a month ago, whose vehicle `vin_over` is out still."""
    terms = Terms(
        kind="short",
        starts_on=local_day(LONG_AGO) + timedelta(days=2),
        term=Term(count=20, unit="day"),
        lines=(Line(no=1, rent_fen=9_900, per="day"),),
    )
    draft = leasing.draft_lease(
        conn, own, customer_no=known["customer_no"], terms=terms, now=LONG_AGO
    ).lease
    leasing.sign_lease(conn, own, lease_no=draft.lease_no, now=LONG_AGO)
    vin = vin_of(one.number, 24 + (10 if known is one.spare else 0))
    at = LONG_AGO + timedelta(days=2)
    _let(conn, own, draft.lease_no, vin, owner=owner, by=by, at=at)
    known["vin_over"] = vin
    one.marks += [draft.lease_no, vin]


def _free(
    conn: Connection[Any],
    one: Organisation,
    known: Identifiers,
    *,
    owner: Organisation,
    by: Actor,
) -> None:
    """`vin_free_for_term` stands in stock with the papers it needs."""
    vin = vin_of(one.number, 25 + (10 if known is one.spare else 0))
    added = add_vehicle(
        conn,
        by,
        vin=vin,
        plate=None,
        model=f"型{one.mark}",
        owner_code=owner.ids["code"],
        operator_code=one.ids["code"],
        now=LONG_AGO,
    )
    for kind in ("inspection", "compulsory"):
        conn.execute(
            "INSERT INTO obligations (tenant_id, vehicle_id, kind, is_open, due_on, refreshed_at)"
            " VALUES (%s, %s, %s, true, %s, %s)",
            [added.tenant_id, added.id, kind, TODAY + timedelta(days=300), NOW],
        )
    known["vin_free_for_term"] = vin
    one.marks.append(vin)


def _quotes(conn: Connection[Any], own: Actor, one: Organisation, known: Identifiers) -> None:
    for kind in ("quote_no", "quote_declined", "quote_withdrawn"):
        wanted = quotes.Wanted(terms_of(one, kind), prospect=f"客{one.mark}")
        made = quotes.create_quote(conn, own, wanted=wanted, now=SIGNED)
        known[kind] = made.quote.row.quote_no
        one.marks.append(known[kind])


def _drafted(
    conn: Connection[Any],
    own: Actor,
    one: Organisation,
    kind: str,
    customer_no: str,
    *,
    spare: bool,
) -> str:
    draft = leasing.draft_lease(
        conn,
        own,
        customer_no=customer_no,
        terms=terms_of(one, kind),
        reference=f"租{one.mark}-{kind}-{spare}",
        now=SIGNED,
    )
    return draft.lease.lease_no


def _let(
    conn: Connection[Any],
    own: Actor,
    lease_no: str,
    vin: str,
    *,
    owner: Organisation,
    by: Actor,
    at: datetime = LET,
) -> None:
    """A vehicle handed out in line 1."""
    add_vehicle(
        conn,
        by,
        vin=vin,
        plate=None,
        model=f"型{own.organisation_code}",
        owner_code=owner.ids["code"],
        operator_code=own.organisation_code,
        now=LONG_AGO,
    )
    lease, _book = leasing.lock_lease(conn, lease_no)
    vehicle = get_vehicle(conn, own, vin=vin)
    leasing.hand_out(conn, own, lease=lease, line_no=1, vehicle=vehicle, at=at, now=at)
