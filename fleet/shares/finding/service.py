"""Finds agreements and settlements, locks an agreement for its owner, notes what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from fleet.audit import service as audit
from fleet.shares import store
from fleet.shares.errors import ShareAgreementNotFound, ShareNotYours, ShareSettlementNotFound
from fleet.shares.model import Agreement, Settlement
from schemas.access import Actor

AGREEMENT: Final = "share_agreement"


def locked(conn: Connection[Any], key: UUID) -> Agreement:
    """The agreement, which nobody else changes or settles until the commit.

    Raises:
        ShareAgreementNotFound: there is none in sight.
        ShareNotYours: it is another owner's.
    """
    locked = store.lock_agreement(conn, key)
    found = agreement_of(conn, key)
    if not locked:
        raise ShareNotYours("the owner does that", key=str(key))
    return found


def agreement_of(conn: Connection[Any], key: UUID) -> Agreement:
    """The agreement with this key.

    Raises:
        ShareAgreementNotFound: there is none in sight.
    """
    found = store.find_agreement(conn, key)
    if found is None:
        raise ShareAgreementNotFound(f"there is no agreement {key}", key=str(key))
    return found


def settlement_of(conn: Connection[Any], key: UUID) -> Settlement:
    """The settlement with this key.

    Raises:
        ShareSettlementNotFound: there is none in sight.
    """
    found = store.list_settlements(conn, {"key": key}, limit=1)
    if not found:
        raise ShareSettlementNotFound(f"there is no settlement {key}", key=str(key))
    return found[0]


def note(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    agreement: Agreement,
    *,
    now: datetime,
    after: Mapping[str, Any],
) -> None:
    """Write down what was done with an agreement."""
    audit.record(
        conn,
        actor,
        action,
        object_kind=AGREEMENT,
        object_key=str(agreement.key),
        now=now,
        after=after,
        organisation_id=agreement.tenant_id,
    )
