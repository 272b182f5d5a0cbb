"""Takes in contracts that were signed on paper, as a PDF or a photo.

Of an edition that was made here, which is signed with it, or of none. Leaves out whether what the
paper says is what was made: people compare that.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import (
    add_edition,
    by_id,
    check_time,
    detail_of,
    find_contract,
    mark,
    note,
    write_audit,
)
from fleet.contracts.errors import (
    ContractTimeAhead,
    ParentNotOpen,
    SignedFileTooLarge,
    SignedFileTypeRefused,
)
from fleet.contracts.facts import parties_of, signatories_of
from fleet.contracts.making.service import find_lease, lessee_of, told_of
from fleet.contracts.model import (
    MOST_BYTES,
    PDF,
    Contract,
    ContractDetail,
    LeaseFacts,
    Particulars,
    Party,
    Signatory,
)
from fleet.contracts.vault import Vault
from fleet.documents import service as documents
from kit.sealed import SealingKey
from schemas.access import Actor


def upload_signed(
    conn: Connection[Any],
    actor: Actor,
    *,
    vault: Vault,
    lease_no: str,
    content: bytes,
    name: str,
    signed_at: datetime,
    key: SealingKey | None,
    of_edition: int | None = None,
    acknowledged: bool = False,
    now: datetime,
) -> ContractDetail:
    """A contract that was signed on paper, as a PDF or photo; of an edition that was made, or of
    none. `acknowledged`: so were its highlighted clauses, on the same paper.

    Raises:
        LeaseNotFound, ContractNotFound: there is none in sight.
        SignedFileTooLarge, SignedFileTypeRefused: it is no PDF or photo.
        ParentNotOpen: that edition is signed, void, or was not made here.
        ContractTimeAhead: it is said to be signed in the future, or before it was made.
        FilesUnavailable: the bytes cannot be kept now.
    """
    actor.require("contract.make")
    lease = find_lease(conn, lease_no)
    media_type = _checked_media_type(content, name)
    store.lock_lease_contracts(conn, lease.id)
    parent = None
    if of_edition is not None:
        parent = find_contract(conn, lease_no, of_edition, locked=True)
        _check_open(parent)
        check_time(parent, signed_at, now)
    elif signed_at > now:
        raise ContractTimeAhead("a contract is not signed in the future", contract_no=lease_no)
    edition, latest_id = store.next_edition(conn, lease.id)
    row = {
        "edition": edition,
        "parent_id": latest_id if parent is None else parent.id,
        "origin": "uploaded",
        "template_id": parent and parent.template_id,
        "template_sha256": parent and parent.template_sha256,
        "terms_sha256": parent and parent.terms_sha256,
        "file_name": name,
        "media_type": media_type,
        "state": "signed",
        "method": "paper",
        "consent_version": _consent_version(parent, acknowledged=acknowledged),
        "signed_at": signed_at,
    }
    signatories = _signed_on_paper(
        conn, lease, parent, lessee_of(conn, lease, key), signed_at=signed_at
    )
    added = add_edition(
        conn,
        actor,
        row,
        lease=lease,
        content=content,
        vault=vault,
        signatories=signatories,
        now=now,
    )
    about = {} if parent is None else {"of": parent.contract_no}
    note(conn, actor, added, "uploaded", at=now, clock="installation", content=about, now=now)
    note(conn, actor, added, "signed", at=signed_at, clock="paper", channel="paper", now=now)
    if acknowledged:
        clauses = list(detail_of(conn, added, now=now).highlighted)
        note(conn, actor, added, "acknowledged", at=signed_at, clock="paper", channel="paper",
             party=signatories[-1].name, content={"clauses": clauses}, now=now)  # fmt: skip
    if parent is not None:
        mark(conn, parent, state="signed", method="paper", signed_at=signed_at)
    write_audit(conn, actor, "contract.upload", added, now=now, after={**about, **told_of(added)})
    return detail_of(conn, by_id(conn, added.id), now=now)


def _consent_version(parent: Contract | None, *, acknowledged: bool) -> str | None:
    """The text whose highlighted clauses were acknowledged, on the paper or before it."""
    if parent is None:
        return None
    on_paper = f"{parent.template_code}/{parent.template_edition}" if acknowledged else None
    return parent.consent_version or on_paper


def _checked_media_type(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise SignedFileTooLarge(
            f"{len(content)} bytes are more than {MOST_BYTES}", most_bytes=MOST_BYTES
        )
    media_type = documents.media_type_of(content, name)
    if media_type != PDF and not media_type.startswith("image/"):
        raise SignedFileTypeRefused(f"{name!r} is neither a PDF nor a photo", name=name)
    return media_type


def _check_open(parent: Contract) -> None:
    if parent.origin != "made" or parent.state not in ("made", "sent"):
        raise ParentNotOpen(
            f"{parent.contract_no} is {parent.state}, or was not made here",
            contract_no=parent.contract_no,
            state=parent.state,
        )


def _signed_on_paper(
    conn: Connection[Any],
    lease: LeaseFacts,
    parent: Contract | None,
    lessee: Party,
    *,
    signed_at: datetime,
) -> Sequence[Signatory]:
    """Who signed: those the edition was made for, else the two sides as they are kept."""
    if parent is not None:
        signatories = store.list_signatories(conn, parent.id)
    else:
        signatories = signatories_of(parties_of(lease, lessee, Particulars()))
    return [replace(one, signed_at=signed_at, signed_clock="paper") for one in signatories]
