"""Makes the contract of a lease from a text, as a PDF.

What is made is data, set once: its bytes and the data they were set from are kept by their digest.
Leaves out the words (`phrases.py`, texts) and the layout (`typesetting.py`).
"""

import json
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from psycopg import Connection

from fleet.contracts import store
from fleet.contracts.acts.service import (
    add_edition,
    detail_of,
    keep_bytes,
    keeping_of,
    note,
    write_audit,
)
from fleet.contracts.errors import (
    LeaseHasNoContract,
)
from fleet.contracts.facts import MOST_PERIODS, Facts, facts_of, parties_of, signatories_of
from fleet.contracts.mismatches import find_mismatches
from fleet.contracts.model import (
    PDF,
    Contract,
    ContractDetail,
    LeaseFacts,
    Particulars,
    Party,
    RentPeriod,
    Signatory,
    Template,
)
from fleet.contracts.template_rules import canonical, highlighted_numbers
from fleet.contracts.templates.service import text_for
from fleet.contracts.typesetting import typeset
from fleet.contracts.vault import Vault
from fleet.customers import service as customers
from fleet.lease_figures import LeaseRescission
from fleet.leasing import service as leasing
from fleet.local_days import local_day
from fleet.parameters import service as parameters
from kit.sealed import SealingKey
from schemas.access import Actor


def make_contract(
    conn: Connection[Any],
    actor: Actor,
    *,
    vault: Vault,
    lease_no: str,
    key: SealingKey | None,
    template: str | None = None,
    particulars: Particulars | None = None,
    now: datetime,
) -> ContractDetail:
    """The next edition of the lease's contract, made of the latest text of that code.

    The same lease, text, particulars and instant give the same bytes.

    Raises:
        LeaseNotFound: there is none in sight.
        LeaseHasNoContract: it was cancelled.
        TemplateUnknown: the tenant has no text for it.
        FilesUnavailable: the bytes cannot be kept now.
    """
    actor.require("contract.make")
    lease = find_lease(conn, lease_no)
    if lease.state == "cancelled":
        raise LeaseHasNoContract(f"lease {lease_no} was cancelled", lease_no=lease_no)
    text = text_for(conn, tenant_id=lease.tenant_id, lease_kind=lease.kind, code=template)
    store.lock_lease_contracts(conn, lease.id)
    edition, parent_id = store.next_edition(conn, lease.id)
    contract_no = f"{lease_no}/{edition}"
    facts, signatories = _facts(
        conn, lease, text, particulars or Particulars(), contract_no=contract_no, key=key, now=now
    )
    row = {
        "edition": edition,
        "parent_id": parent_id,
        "origin": "made",
        "template_id": text.id,
        "template_sha256": text.sha256,
        "terms_sha256": terms_digest(lease),
        "file_name": f"{text.title}-{lease_no}-{edition}.pdf",
        "media_type": PDF,
        "state": "made",
    }
    made = add_edition(
        conn,
        actor,
        row,
        lease=lease,
        content=typeset(facts, at=now),
        vault=vault,
        signatories=signatories,
        now=now,
    )
    content = {
        "facts_sha256": keep_bytes(conn, vault, lease.tenant_id, as_json(facts)).hex(),
        "highlighted": highlighted_numbers(text.clauses),
        "mismatches": [
            asdict(one) for one in find_mismatches(lease.terms["clauses"], text.clauses)
        ],
    }
    note(conn, actor, made, "made", at=now, clock="installation", content=content, now=now)
    told = {"edition": edition, "template": f"{text.code}/{text.edition}", **told_of(made)}
    write_audit(conn, actor, "contract.make", made, now=now, after=told)
    return detail_of(conn, made, now=now)


def preview_contract(
    conn: Connection[Any],
    actor: Actor,
    *,
    lease_no: str,
    template: str | None,
    key: SealingKey | None,
    now: datetime,
) -> bytes:
    """What the contract of the lease would look like, as a PDF; nothing is kept.

    Raises:
        LeaseNotFound, TemplateUnknown: as `make_contract`.
    """
    actor.require("contract.read")
    lease = find_lease(conn, lease_no)
    text = text_for(conn, tenant_id=lease.tenant_id, lease_kind=lease.kind, code=template)
    shown = f"{lease_no}（预览，未编号）"
    facts, _ = _facts(conn, lease, text, Particulars(), contract_no=shown, key=key, now=now)
    return typeset(facts, at=now)


def find_lease(conn: Connection[Any], lease_no: str) -> LeaseFacts:
    """The lease a contract is of.

    Raises:
        LeaseNotFound: there is none in sight.
    """
    found = store.find_lease(conn, lease_no)
    if found is None:
        raise leasing.LeaseNotFound(f"there is no lease {lease_no}", lease_no=lease_no[:40])
    return found


def terms_digest(lease: LeaseFacts) -> bytes:
    """What the terms of a lease are known by, to the letter."""
    return sha256(canonical(lease.terms)).digest()


def lessee_of(conn: Connection[Any], lease: LeaseFacts, key: SealingKey | None) -> Party:
    """The lessee, with the number masked, and the address for notices before others."""
    who = customers.find_customer_by_id(conn, lease.customer_id, key=key)
    places = {one.kind: one.text for one in who.addresses}
    told = [places[kind] for kind in ("notice", "registered", "delivery") if kind in places]
    return Party(
        name=who.name,
        kind=who.kind,
        id_type=who.id_type,
        id_masked=who.id_masked,
        phone=who.phone_masked,
        email=who.email,
        address=next(iter(told), None),
        representative=who.legal_person,
    )


def periods_of(lease: LeaseFacts) -> list[RentPeriod]:
    """The rents to be paid, one too many where they do not fit an annex; none of an open end."""
    if lease.ends_on is None:
        return []
    terms = leasing.Terms.model_validate(lease.terms)
    periods = leasing.rent_periods(
        leasing.rhythm_of(terms), last_on=lease.ends_on, until_on=date.max
    )
    return [
        RentPeriod(
            no=one.no,
            from_on=one.from_on,
            last_on=one.last_on,
            due_on=one.from_on - timedelta(days=terms.pays_ahead_days),
            rent_fen=sum(
                leasing.rent_of(line.rent_fen, line.per, one, terms.proration)
                for line in terms.lines
            ),
        )
        for one in islice(periods, MOST_PERIODS + 1)
    ]


def as_json(facts: Facts) -> bytes:
    """The data of a contract as they are kept."""
    return canonical(facts)


def read_facts(content: bytes) -> Facts:
    """The data of a contract that were kept."""
    facts: Facts = json.loads(content)
    return facts


def _facts(
    conn: Connection[Any],
    lease: LeaseFacts,
    text: Template,
    particulars: Particulars,
    *,
    contract_no: str,
    key: SealingKey | None,
    now: datetime,
) -> tuple[Facts, list[Signatory]]:
    """The data of the contract, and who is to sign it."""
    today = local_day(now, lease.zone)
    lessee = lessee_of(conn, lease, key)
    if particulars.lessee_representative is not None:
        lessee = replace(lessee, representative=particulars.lessee_representative)
    parties = parties_of(lease, lessee, particulars)
    named = {line["no"]: line["vin"] for line in lease.terms["lines"] if line["vin"]}
    rescission = parameters.figures(conn, LeaseRescission, tenant_id=lease.tenant_id, on=today)
    facts = facts_of(
        lease,
        contract_no=contract_no,
        template=text,
        parties=parties,
        vehicles=store.list_lease_vehicles(conn, lease.id, named),
        particulars=particulars,
        periods=periods_of(lease),
        rescission=rescission.model_dump(include={"unpaid_periods", "unpaid_share_pct"}),
        keeping_years=keeping_of(conn, lease.tenant_id, lease.zone, now).years_after_end,
        made_on=today,
    )
    return facts, signatories_of(parties)


def told_of(contract: Contract) -> dict[str, Any]:
    """What the trail tells of its bytes."""
    return {"size_bytes": contract.size_bytes, "sha256": contract.sha256.hex()}
