"""Keeps what is proposed to be charged to customers, and what somebody decided about it.

A charge is proposed once for what it follows from, with its basis, and decided once: accepted, for
another amount only with a word, or waived with one. Leaves out how amounts come about
(`fleet/hand_overs`, `fleet/violations`), and bills, which take up what was accepted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.charges import store
from fleet.charges.errors import (
    ChargeDecidedAlready,
    ChargeNotFound,
    DecisionNoteMissing,
    WaivedHasNoAmount,
)
from fleet.charges.model import (
    CHARGE_KINDS,
    CHARGE_STATES,
    OPEN,
    AcceptedCharge,
    Charge,
    ChargeKind,
    ChargeState,
    Proposal,
    SourceKind,
)
from kit.errors import VersionChanged
from schemas.access import Actor

__all__ = [
    "CHARGE_KINDS",
    "CHARGE_STATES",
    "AcceptedCharge",
    "Charge",
    "ChargeKind",
    "ChargeState",
    "Proposal",
    "SourceKind",
    "decide",
    "get_charge",
    "list_accepted",
    "list_charges",
    "list_of_source",
    "list_open",
    "mark_billed",
    "propose",
]

MOST: Final = 1_000
"""Of one lease or one source at once."""


def propose(
    conn: Connection[Any], actor: Actor, *, proposals: Sequence[Proposal], now: datetime
) -> list[Charge]:
    """The charges that stand for these proposals, in their order.

    The same source, kind and title once more is the charge that is there already, whatever became
    of it. The caller has asked the actor for its own permission.
    """
    charges = []
    for proposal in proposals:
        row = {**asdict(proposal), "proposed_by": actor.name, "proposed_at": now}
        new = store.insert_charge(conn, row)
        identity = ("lease_id", "source_kind", "source_key", "kind", "title")
        [charge] = store.list_charges(conn, {name: row[name] for name in identity}, limit=1)
        if new:
            told = {
                "lease_no": charge.lease_no,
                "kind": charge.kind,
                "source": charge.source_kind,
                "amount_fen": charge.amount_fen,
            }
            _record(conn, actor, "charge.propose", charge, now=now, after=told)
        charges.append(charge)
    return charges


def list_charges(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Charge]:
    """Charges in sight, the last proposed first.

    `filters`: state, kind, lease (its number), customer (its number), vin, organisation (or below
    it), search.
    """
    actor.require("charge.read")
    return store.list_charges(conn, filters, after=after, limit=limit)


def get_charge(conn: Connection[Any], actor: Actor, *, key: UUID) -> Charge:
    """The charge with this key.

    Raises:
        ChargeNotFound: there is none in sight.
    """
    actor.require("charge.read")
    return _get(conn, key)


def list_open(conn: Connection[Any], *, lease_id: int) -> list[Charge]:
    """Charges on a lease that were not waived, and stand on no bill. Whoever calls decides who may
    ask.
    """
    return store.list_charges(conn, {"lease_id": lease_id, "states": sorted(OPEN)}, limit=MOST)


def list_accepted(
    conn: Connection[Any], *, lease_ids: Sequence[int]
) -> dict[int, list[AcceptedCharge]]:
    """What is to be billed of charges, by lease. Whoever calls decides who may ask."""
    found: dict[int, list[AcceptedCharge]] = {}
    for each in store.list_accepted(conn, lease_ids):
        found.setdefault(each.lease_id, []).append(each)
    return found


def mark_billed(conn: Connection[Any], keys: Sequence[str]) -> None:
    """These charges stand on a bill that was issued. For billing, which writes that down."""
    if keys:
        store.mark_billed(conn, keys)


def list_of_source(
    conn: Connection[Any], *, source_kind: SourceKind, source_key: str
) -> list[Charge]:
    """Charges that follow from one thing. Whoever calls decides who may ask."""
    filters = {"source_kind": source_kind, "source_key": source_key}
    return store.list_charges(conn, filters, limit=MOST)


def decide(
    conn: Connection[Any],
    actor: Actor,
    *,
    key: UUID,
    version: int,
    accept: bool,
    amount_fen: int | None = None,
    note: str | None = None,
    now: datetime,
) -> Charge:
    """The charge is accepted, for `amount_fen` or as it was proposed; or waived.

    Raises:
        ChargeNotFound: there is none in sight.
        VersionChanged: somebody changed it since `version` was read.
        ChargeDecidedAlready: it was accepted or waived before.
        WaivedHasNoAmount: it is waived for an amount.
        DecisionNoteMissing: it is waived, or accepted for another amount, without a word.
    """
    actor.require("charge.decide")
    store.lock_charge(conn, key)
    was = _get(conn, key)
    if was.version != version:
        raise VersionChanged(f"the charge is at version {was.version}", key=str(key))
    if was.state != "proposed":
        raise ChargeDecidedAlready(f"the charge is {was.state}", key=str(key), state=was.state)
    accepted_fen = _accepted_fen(was, accept=accept, amount_fen=amount_fen, note=note)
    decided = {"state": "accepted" if accept else "waived", "accepted_fen": accepted_fen}
    about = {"decided_by": actor.name, "decided_at": now, "decision_note": note}
    store.mark_decided(conn, {**decided, **about, "id": was.id})
    before = {"state": was.state, "amount_fen": was.amount_fen}
    _record(conn, actor, "charge.decide", was, now=now, before=before, after=decided)
    return _get(conn, key)


def _accepted_fen(
    charge: Charge, *, accept: bool, amount_fen: int | None, note: str | None
) -> int | None:
    if not accept and amount_fen is not None:
        raise WaivedHasNoAmount("what is waived has no amount")
    wanted_fen = charge.amount_fen if amount_fen is None else amount_fen
    if (not accept or wanted_fen != charge.amount_fen) and note is None:
        raise DecisionNoteMissing("say why it is not charged as it was proposed")
    return wanted_fen if accept else None


def _get(conn: Connection[Any], key: UUID) -> Charge:
    found = store.find_charge(conn, key)
    if found is None:
        raise ChargeNotFound(f"there is no charge {key}", key=str(key))
    return found


def _record(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    charge: Charge,
    *,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any],
) -> None:
    audit.record(
        conn,
        actor,
        action,
        object_kind="charge",
        object_key=str(charge.key),
        now=now,
        before=before,
        after=after,
        organisation_id=charge.tenant_id,
    )
