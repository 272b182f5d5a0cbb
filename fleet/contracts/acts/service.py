"""Finds contracts and their leases, keeps their bytes, writes what happened to them.

Leaves out the acts themselves: `making`, `signing`, `verifying`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from fleet.audit import service as audit
from fleet.contracts import store
from fleet.contracts.errors import ContractNotFound, ContractTimeAhead
from fleet.contracts.keeping import retain_until
from fleet.contracts.model import (
    Clock,
    Contract,
    ContractDetail,
    EventKind,
    LeaseFacts,
    Mismatch,
    Signatory,
)
from fleet.contracts.vault import Vault
from fleet.documents import service as documents
from fleet.lease_figures import ContractKeeping
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from schemas.access import Actor


def find_contract(
    conn: Connection[Any], lease_no: str, edition: int, *, locked: bool = False
) -> Contract:
    """The edition of the lease's contract.

    Raises:
        ContractNotFound: there is none in sight.
    """
    contract_no = f"{lease_no}/{edition}"
    if locked:
        store.lock_contract(conn, contract_no)
    found = store.find_contract(conn, {"lease": lease_no, "edition": edition})
    if found is None:
        raise ContractNotFound(f"there is no contract {contract_no}", contract_no=contract_no[:40])
    return found


def keeping_of(conn: Connection[Any], tenant_id: int, zone: str, now: datetime) -> ContractKeeping:
    """The figures of keeping in force."""
    on = local_day(now, zone)
    return parameters.figures(conn, ContractKeeping, tenant_id=tenant_id, on=on)


def keep_bytes(conn: Connection[Any], vault: Vault, tenant_id: int, content: bytes) -> bytes:
    """The digest of the bytes, which lie in every store now and stay until the commit.

    Raises:
        FilesUnavailable: one of them cannot take them now.
    """
    kept = {
        documents.put_bytes(conn, files=files, tenant_id=tenant_id, content=content)
        for files in vault.stores().values()
    }
    return kept.pop()


def add_edition(
    conn: Connection[Any],
    actor: Actor,
    row: Mapping[str, Any],
    *,
    lease: LeaseFacts,
    content: bytes,
    vault: Vault,
    signatories: Sequence[Signatory],
    now: datetime,
) -> Contract:
    """A further edition of the lease's contract, its bytes kept. `row` says what it is."""
    keeping = keeping_of(conn, lease.tenant_id, lease.zone, now)
    sha256 = keep_bytes(conn, vault, lease.tenant_id, content)
    retained = retain_until(
        ends_on=lease.ends_on,
        ended_at=lease.ended_at,
        zone=lease.zone,
        years=keeping.years_after_end,
    )
    contract_id = store.insert_contract(
        conn,
        {
            **_NOTHING,
            **row,
            "tenant_id": lease.tenant_id,
            "organisation_id": lease.organisation_id,
            "lease_id": lease.id,
            "contract_no": f"{lease.lease_no}/{row['edition']}",
            "size_bytes": len(content),
            "sha256": sha256,
            "retain_until_on": retained,
            "created_by": actor.name,
            "created_at": now,
            "verify_next_at": now + timedelta(days=keeping.verify_every_days),
        },
    )
    added = by_id(conn, contract_id)
    for signatory in signatories:
        store.insert_signatory(conn, added, signatory)
    for name in vault.stores():
        store.insert_copy(conn, added, name, now=now)
    return added


_NOTHING = dict.fromkeys(
    (
        "template_id",
        "template_sha256",
        "terms_sha256",
        "method",
        "provider_ref",
        "certificate",
        "timestamp_token",
        "consent_version",
        "signed_at",
    )
)


def by_id(conn: Connection[Any], contract_id: int) -> Contract:
    """The contract with this id, which was just read or written."""
    found = store.find_contract(conn, {"id": contract_id})
    assert found is not None
    return found


def note(
    conn: Connection[Any],
    actor: Actor,
    contract: Contract,
    kind: EventKind,
    *,
    at: datetime,
    clock: Clock,
    now: datetime,
    party: str | None = None,
    channel: str | None = None,
    content: Mapping[str, Any] | None = None,
) -> None:
    """Write how a contract went on."""
    row = {
        "kind": kind,
        "happened_at": at,
        "clock": clock,
        "party": party,
        "channel": channel,
        "content": dict(content or {}),
        "recorded_by": actor.name,
        "recorded_at": now,
    }
    store.insert_event(conn, contract, row)


def check_time(contract: Contract, at: datetime, now: datetime) -> None:
    """Let pass an instant between the making of the contract and now.

    Raises:
        ContractTimeAhead: it is not.
    """
    if not contract.created_at <= at <= now:
        raise ContractTimeAhead(
            f"{at.isoformat()} is not between the making of the contract and now",
            contract_no=contract.contract_no,
        )


def mark(conn: Connection[Any], contract: Contract, **changes: Any) -> None:
    """Write how a contract stands now, where it is said."""
    row = {
        "id": contract.id,
        "state": contract.state,
        "method": contract.method,
        "provider_ref": contract.provider_ref,
        "consent_version": contract.consent_version,
        "signed_at": contract.signed_at,
    }
    store.mark_contract(conn, row | changes)


def write_audit(
    conn: Connection[Any],
    actor: Actor,
    action: str,
    contract: Contract,
    *,
    now: datetime,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an act into the trail, without names of people."""
    audit.record(
        conn,
        actor,
        action,
        object_kind="contract",
        object_key=contract.contract_no,
        now=now,
        after=after,
        organisation_id=contract.tenant_id,
    )


def detail_of(conn: Connection[Any], contract: Contract, *, now: datetime) -> ContractDetail:
    """The contract with all that belongs to it; of one that was signed, as it was shown before."""
    events = store.list_events(conn, contract.id)
    shown = list(events)
    if contract.origin != "made" and contract.template_id is not None and contract.parent_id:
        shown += store.list_events(conn, contract.parent_id)
    made = next((one.content for one in shown if one.kind == "made"), {})
    keeping = keeping_of(conn, contract.tenant_id, contract.zone, now)
    signed = contract.signed_at if contract.origin != "made" else None
    return ContractDetail(
        contract=contract,
        signatories=store.list_signatories(conn, contract.id),
        events=events,
        copies=store.list_copies(conn, contract.id),
        highlighted=made.get("highlighted", ()),
        acknowledged=any(one.kind == "acknowledged" for one in shown),
        mismatches=[Mismatch(**one) for one in made.get("mismatches", ())],
        upload_until_at=signed and signed + timedelta(hours=keeping.upload_within_hours),
    )
