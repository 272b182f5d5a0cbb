"""Takes a contract on: sent, received, its highlighted clauses shown and acknowledged, void.

Who was sent what when is written down with whose clock it was (电子签名法 §6). Leaves out the
signing: `signing`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.contracts.acts.service import (
    by_id,
    check_time,
    detail_of,
    find_contract,
    mark,
    note,
    write_audit,
)
from fleet.contracts.errors import (
    ClausesNotTheHighlighted,
    ContractNotMade,
    ContractNotPrompted,
    ContractSigned,
    ContractVoid,
)
from fleet.contracts.model import Channel, Clock, Contract, ContractDetail, EventKind
from schemas.access import Actor


def note_sent(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    edition: int,
    party: str,
    channel: Channel,
    at: datetime | None = None,
    now: datetime,
) -> ContractDetail:
    """The contract went to somebody, on a way, at an instant; now unless told.

    Raises:
        ContractNotFound: there is none in sight.
        ContractVoid: it is void.
        ContractTimeAhead: it is said to be sent in the future, or before it was made.
    """
    return _passed_on(
        conn, actor, "sent", lease_no, edition, party=party, channel=channel, at=at, now=now
    )


def note_received(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    edition: int,
    party: str,
    channel: Channel,
    at: datetime | None = None,
    now: datetime,
) -> ContractDetail:
    """Somebody has the contract, since an instant; now unless told.

    Raises:
        As `note_sent`.
    """
    return _passed_on(
        conn, actor, "received", lease_no, edition, party=party, channel=channel, at=at, now=now
    )


def prompt(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    edition: int,
    party: str,
    channel: Channel,
    at: datetime | None = None,
    now: datetime,
) -> ContractDetail:
    """The highlighted clauses were shown, and explained on request; which ones is written down.

    Raises:
        ContractNotFound: there is none in sight.
        ContractNotMade, ContractSigned, ContractVoid: there is nothing to show any more.
        ContractTimeAhead: it is said of the future, or of a time before it was made.
    """
    actor.require("contract.make")
    contract = find_open(conn, lease_no, edition)
    when, clock = _when(contract, at, now)
    clauses = detail_of(conn, contract, now=now).highlighted
    about = {"clauses": list(clauses)}
    note(conn, actor, contract, "prompted", at=when, clock=clock, party=party, channel=channel,
         content=about, now=now)  # fmt: skip
    write_audit(conn, actor, "contract.prompt", contract, now=now, after=about)
    return detail_of(conn, contract, now=now)


def acknowledge(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    edition: int,
    party: str,
    channel: Channel,
    clauses: Sequence[str],
    at: datetime | None = None,
    now: datetime,
) -> ContractDetail:
    """Somebody understood the highlighted clauses, all of them, after they were shown.

    Raises:
        ContractNotFound: there is none in sight.
        ContractNotMade, ContractSigned, ContractVoid: there is nothing to acknowledge any more.
        ContractNotPrompted: they were not shown before.
        ClausesNotTheHighlighted: others are named, or not all.
        ContractTimeAhead: it is said of the future, or of a time before it was made.
    """
    actor.require("contract.make")
    contract = find_open(conn, lease_no, edition)
    when, clock = _when(contract, at, now)
    detail = detail_of(conn, contract, now=now)
    if not any(one.kind == "prompted" and one.happened_at <= when for one in detail.events):
        raise ContractNotPrompted(
            "the highlighted clauses were not shown before", contract_no=contract.contract_no
        )
    if sorted(clauses) != sorted(detail.highlighted):
        raise ClausesNotTheHighlighted(
            f"acknowledged are clauses {', '.join(detail.highlighted)}, all of them",
            highlighted=list(detail.highlighted),
        )
    about = {"clauses": list(detail.highlighted)}
    note(conn, actor, contract, "acknowledged", at=when, clock=clock, party=party,
         channel=channel, content=about, now=now)  # fmt: skip
    mark(conn, contract, consent_version=f"{contract.template_code}/{contract.template_edition}")
    write_audit(conn, actor, "contract.acknowledge", contract, now=now, after=about)
    return detail_of(conn, by_id(conn, contract.id), now=now)


def void_contract(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    edition: int,
    reason: str,
    now: datetime,
) -> ContractDetail:
    """The edition counts no more; its bytes stay.

    Raises:
        ContractNotFound: there is none in sight.
        ContractVoid: it is void already.
    """
    actor.require("contract.make")
    contract = find_contract(conn, lease_no, edition, locked=True)
    _check_not_void(contract)
    mark(conn, contract, state="void")
    note(conn, actor, contract, "void", at=now, clock="installation", content={"reason": reason},
         now=now)  # fmt: skip
    about = {"was": contract.state, "reason": reason}
    write_audit(conn, actor, "contract.void", contract, now=now, after=about)
    return detail_of(conn, by_id(conn, contract.id), now=now)


def _passed_on(
    conn: Connection[Any],
    actor: Actor,
    kind: EventKind,
    lease_no: str,
    edition: int,
    *,
    party: str,
    channel: Channel,
    at: datetime | None,
    now: datetime,
) -> ContractDetail:
    actor.require("contract.make")
    contract = find_contract(conn, lease_no, edition, locked=True)
    _check_not_void(contract)
    when, clock = _when(contract, at, now)
    note(conn, actor, contract, kind, at=when, clock=clock, party=party, channel=channel, now=now)
    if kind == "sent" and contract.state == "made":
        mark(conn, contract, state="sent")
    about = {"channel": channel, "at": when.isoformat()}
    write_audit(conn, actor, f"contract.{kind}", contract, now=now, after=about)
    return detail_of(conn, by_id(conn, contract.id), now=now)


def find_open(conn: Connection[Any], lease_no: str, edition: int) -> Contract:
    """An edition that was made here and is neither signed nor void, locked."""
    contract = find_contract(conn, lease_no, edition, locked=True)
    _check_not_void(contract)
    if contract.origin != "made":
        raise ContractNotMade(
            f"{contract.contract_no} was not made here", contract_no=contract.contract_no
        )
    if contract.state == "signed":
        raise ContractSigned(f"{contract.contract_no} is signed", contract_no=contract.contract_no)
    return contract


def _check_not_void(contract: Contract) -> None:
    if contract.state == "void":
        raise ContractVoid(f"{contract.contract_no} is void", contract_no=contract.contract_no)


def _when(contract: Contract, at: datetime | None, now: datetime) -> tuple[datetime, Clock]:
    """The instant, and whose clock it is of: what somebody tells is not ours."""
    if at is None:
        return now, "installation"
    check_time(contract, at, now)
    return at, "told"
