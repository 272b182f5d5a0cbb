"""What is done with a contract over HTTP: sent, shown, acknowledged, signed, made void."""

from typing import Any

from api.deps import Call
from api.models.contract_acts import Acknowledgement, Passing, Voiding
from api.models.contracts import ContractDetailOut, EditionPath
from api.models.leases import LeaseNoPath
from api.operation import Answer, Operations
from api.routes.contracts import answered, created, vault_of
from fleet.contracts import service as contracts
from fleet.contracts.service import LocalStandIn
from fleet.local_days import DEFAULT_ZONE

operations = Operations("contracts")


@operations.post(
    "/leases/{lease_no}/contracts/{edition}/send", idempotent="contract.make", tells=["ETag"]
)
def send_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath, body: Passing
) -> Answer[ContractDetailOut]:
    """Write down that it was sent to somebody (电子签名法 §6). Nothing is sent from here."""
    return answered(
        contracts.note_sent(call.conn, call.actor, **_passing(call, lease_no, edition, body))
    )


@operations.post(
    "/leases/{lease_no}/contracts/{edition}/received", idempotent="contract.make", tells=["ETag"]
)
def receive_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath, body: Passing
) -> Answer[ContractDetailOut]:
    """Write down that somebody has it."""
    return answered(
        contracts.note_received(call.conn, call.actor, **_passing(call, lease_no, edition, body))
    )


@operations.post(
    "/leases/{lease_no}/contracts/{edition}/prompt", idempotent="contract.make", tells=["ETag"]
)
def prompt_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath, body: Passing
) -> Answer[ContractDetailOut]:
    """Write down that the highlighted clauses were shown and explained (民法典 §496)."""
    return answered(
        contracts.prompt(call.conn, call.actor, **_passing(call, lease_no, edition, body))
    )


@operations.post(
    "/leases/{lease_no}/contracts/{edition}/acknowledge",
    idempotent="contract.make",
    tells=["ETag"],
)
def acknowledge_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath, body: Acknowledgement
) -> Answer[ContractDetailOut]:
    """Write down that somebody understood them: all of `highlighted`, after they were shown."""
    done = contracts.acknowledge(
        call.conn,
        call.actor,
        clauses=body.clauses,
        **_passing(call, lease_no, edition, body),
    )
    return answered(done)


@operations.post(
    "/leases/{lease_no}/contracts/{edition}/sign",
    status=201,
    idempotent="contract.make",
    tells=["Location", "ETag"],
)
def sign_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath
) -> Answer[ContractDetailOut]:
    """Have it signed; the signed edition is one of its own.

    Here by the **local stand-in**: one key of this installation, which shows that nothing was
    changed since, and is no reliable signature of 电子签名法 §13. Refused before the highlighted
    clauses were acknowledged.
    """
    signed = contracts.sign_contract(
        call.conn,
        call.actor,
        vault=vault_of(call),
        esign=LocalStandIn(call.state.key, zone=DEFAULT_ZONE),
        lease_no=lease_no,
        edition=edition,
        now=call.now,
    )
    return created(signed)


@operations.post("/leases/{lease_no}/contracts/{edition}/void", tells=["ETag"])
def void_contract(
    call: Call, lease_no: LeaseNoPath, edition: EditionPath, body: Voiding
) -> Answer[ContractDetailOut]:
    """Make an edition void; its bytes stay. The reason is kept."""
    voided = contracts.void_contract(
        call.conn,
        call.actor,
        lease_no=lease_no,
        edition=edition,
        reason=body.reason,
        now=call.now,
    )
    return answered(voided)


def _passing(call: Call, lease_no: str, edition: int, body: Passing) -> dict[str, Any]:
    return {
        "lease_no": lease_no,
        "edition": edition,
        "party": body.party,
        "channel": body.channel,
        "at": body.at,
        "now": call.now,
    }
