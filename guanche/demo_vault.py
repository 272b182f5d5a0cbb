"""The demo's contracts on paper, and what the police wrote: of a few of its leases.

Made and signed the way people do it; the signature is the local stand-in's and says so.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from fleet.contracts import service as contracts
from fleet.documents.model import key_of_bytes
from fleet.leasing import service as leasing
from fleet.local_days import DEFAULT_ZONE
from fleet.violations import service as violations
from guanche.seed import PLATFORM
from guanche.seed_money import SELLERS
from kit.files import FileStore
from kit.sealed import SealingKey
from schemas.access import SYSTEM

SIGNED: Final = 3
SHOWN_AT: Final = "shenzhen-qianxing"
"""Whose sales may log in to the demo, and see the contracts of its depots."""
OFFENCES: Final[tuple[dict[str, Any], ...]] = (
    {"code": "1344", "description": "违反禁令标志指示", "fine_fen": 30_000, "points": 1},
    {"code": "1039", "description": "违规停放", "fine_fen": 20_000, "points": 0},
    {"code": "1208", "description": "不按导向车道行驶", "fine_fen": 20_000, "points": 2},
)
LESSOR: Final = contracts.Particulars(
    lessor_name=SELLERS[SHOWN_AT]["name"],
    lessor_credit_code=SELLERS[SHOWN_AT]["tax_no"],
    lessor_address=SELLERS[SHOWN_AT]["address"],
    lessor_phone=SELLERS[SHOWN_AT]["phone"],
    lessor_representative="周丽华",
    lessor_account=f"{SELLERS[SHOWN_AT]['bank']} {SELLERS[SHOWN_AT]['account']}",
    signed_in="深圳市南山区",
    jurisdiction="深圳市南山区人民法院",
)


def seed_contracts(
    conn: Connection[Any], *, files: FileStore, key: SealingKey, now: datetime
) -> int:
    """Contracts of the first running leases, the first few signed; how many. In one transaction."""
    contracts.publish_samples(conn, SYSTEM, head_code=PLATFORM, now=now)
    vault = contracts.Vault(files)
    running = leasing.list_leases(
        conn,
        SYSTEM,
        {"state": "active", "organisation": SHOWN_AT},
        after=None,
        limit=SIGNED + 1,
        now=now,
    )
    for place, lease in enumerate(running):
        made = contracts.make_contract(
            conn, SYSTEM, vault=vault, lease_no=lease.lease_no, key=key, particulars=LESSOR, now=now
        )
        if place == SIGNED:  # the last one waits for its signature
            continue
        at: dict[str, Any] = {
            "lease_no": lease.lease_no,
            "edition": made.contract.edition,
            "party": lease.customer_name,
            "channel": "in_person",
            "now": now,
        }
        contracts.prompt(conn, SYSTEM, **at)
        contracts.acknowledge(conn, SYSTEM, clauses=made.highlighted, **at)
        contracts.sign_contract(
            conn,
            SYSTEM,
            vault=vault,
            esign=contracts.LocalStandIn(key, zone=DEFAULT_ZONE),
            lease_no=lease.lease_no,
            edition=made.contract.edition,
            now=now,
        )
    _spoil(conn, vault, running[SIGNED - 1].lease_no if len(running) >= SIGNED else None, now)
    return len(running)


def _spoil(
    conn: Connection[Any], vault: contracts.Vault, lease_no: str | None, now: datetime
) -> None:
    """One byte of a signed contract changes on the disk, and the next reading finds it."""
    if lease_no is None:
        return
    signed, *_ = contracts.list_contracts(conn, SYSTEM, {"lease": lease_no, "state": "signed"})
    path = vault.files.path_of(key_of_bytes(signed.tenant_id, signed.sha256))
    if path is not None:
        content = bytearray(path.read_bytes())
        content[-2] ^= 1
        path.chmod(0o600)
        path.write_bytes(content)
        given: dict[str, Any] = {"lease_no": lease_no, "edition": signed.edition, "now": now}
        contracts.verify_contract(conn, SYSTEM, vault=vault, **given)


def seed_violations(conn: Connection[Any], vins: list[str], now: datetime) -> int:
    """Violations of these vehicles, one or two each; how many. In one transaction."""
    entries = [
        violations.NewViolation(
            violation_no=f"4403{place:011d}",
            vin=vin,
            occurred_at=now - timedelta(days=9 * (place + 1), hours=3),
            description=(
                "违反禁令标志指示",
                "违规停放",
                "机动车通过有灯控路口时，不按导向车道行驶",
            )[place % 3],
            place="深南大道科苑路口",
            code=("1344", "1039", "1208")[place % 3],
            fine_fen=(30_000, 20_000, 20_000)[place % 3],
            points=(1, 0, 2)[place % 3],
        )
        for place, vin in enumerate(vins)
    ]
    violations.record_violations(conn, SYSTEM, entries=entries, now=now)
    return len(entries)
