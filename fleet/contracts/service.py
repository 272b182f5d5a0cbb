"""Contracts and their vault, as everybody else asks for them.

Each act stands in its own part: `templates` (texts by edition), `making` (from a text), `bringing`
(signed on paper), `telling` (sent, acknowledged, void), `signing`, `verifying`. Here stands what is
only read.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import detail_of, find_contract
from fleet.contracts.bringing.service import upload_signed
from fleet.contracts.defaults import DEFAULT_CODES, DEFAULT_TEMPLATES
from fleet.contracts.esign import ESign, SignedPaper, SigningRequest, SigningState
from fleet.contracts.local_stand_in import LocalStandIn
from fleet.contracts.making.service import make_contract, preview_contract
from fleet.contracts.model import (
    Clause,
    Contract,
    ContractDetail,
    Particulars,
    Template,
    TemplateDraft,
    Verification,
)
from fleet.contracts.signing.service import sign_contract
from fleet.contracts.telling.service import (
    acknowledge,
    note_received,
    note_sent,
    prompt,
    void_contract,
)
from fleet.contracts.templates.service import (
    get_template,
    list_templates,
    publish_samples,
    publish_template,
)
from fleet.contracts.vault import Vault
from fleet.contracts.verifying.service import verify_contract
from fleet.documents import service as documents
from schemas.access import Actor

__all__ = [
    "DEFAULT_CODES",
    "DEFAULT_TEMPLATES",
    "Clause",
    "Contract",
    "ContractDetail",
    "ESign",
    "LocalStandIn",
    "Particulars",
    "SignedPaper",
    "SigningRequest",
    "SigningState",
    "Template",
    "TemplateDraft",
    "Vault",
    "Verification",
    "acknowledge",
    "get_contract",
    "get_template",
    "list_contracts",
    "list_of_lease",
    "list_templates",
    "make_contract",
    "note_received",
    "note_sent",
    "preview_contract",
    "prompt",
    "publish_samples",
    "publish_template",
    "read_contract",
    "sign_contract",
    "upload_signed",
    "verify_contract",
    "void_contract",
]


def list_contracts(
    conn: Connection[Any],
    actor: Actor,
    filters: Mapping[str, Any],
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Contract]:
    """Editions in sight, the last made first. `filters`: lease, state, origin, faulty,
    organisation; `after` is when the last one of the page before was made, and its number.
    """
    actor.require("contract.read")
    return store.list_contracts(conn, filters, after=after, limit=limit)


def get_contract(
    conn: Connection[Any], actor: Actor, *, lease_no: str, edition: int, now: datetime
) -> ContractDetail:
    """An edition with all that belongs to it.

    Raises:
        ContractNotFound: there is none in sight.
    """
    actor.require("contract.read")
    return detail_of(conn, find_contract(conn, lease_no, edition), now=now)


def read_contract(
    conn: Connection[Any], actor: Actor, *, vault: Vault, lease_no: str, edition: int
) -> tuple[Contract, bytes]:
    """An edition with its bytes, verified. Changed ones are never given out.

    Raises:
        ContractNotFound: there is none in sight.
        FileMissing, FileChanged: what is stored is not what was kept.
        FilesUnavailable: it cannot be read now.
    """
    actor.require("contract.read")
    found = find_contract(conn, lease_no, edition)
    where = documents.key_of_bytes(found.tenant_id, found.sha256)
    return found, vault.files.read(where, sha256=found.sha256)


def list_of_lease(conn: Connection[Any], lease_id: int) -> list[Contract]:
    """Every edition of a lease's contract, the first first. Whoever calls decides who may ask."""
    return store.list_contracts(conn, {"lease_id": lease_id}, limit=1_000)[::-1]
