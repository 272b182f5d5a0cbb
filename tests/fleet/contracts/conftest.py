"""A lease that is signed, the sample texts, a vault in two folders, and what a PDF says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from psycopg import Connection

from fleet.contracts.service import (
    ContractDetail,
    LocalStandIn,
    Vault,
    acknowledge,
    make_contract,
    prompt,
    publish_samples,
)
from fleet.customers.service import Address, CustomerFacts, create_customer, list_customers
from fleet.leasing.service import draft_lease, sign_lease
from fleet.leasing.terms import EarlyEndPrice, Mileage, Term, Terms
from kit.files import FileStore
from schemas.access import SYSTEM
from tests.fleet.leasing.conftest import KEY, LONG_AGO, SIGNED, line, office

USCC = "91440300MA5EQXL178"
STAND_IN = LocalStandIn(KEY, zone="Asia/Shanghai")
LATER = SIGNED + timedelta(hours=1)
"""When contracts of these tests are made."""


def text_of(content: bytes) -> str:
    """What a PDF says, without line ends."""
    document = pdfium.PdfDocument(content)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return "".join("\n".join(pages).split())


def pages_of(content: bytes) -> int:
    """How many pages a PDF has."""
    document = pdfium.PdfDocument(content)
    count = len(document)
    document.close()
    return count


def agreed(**given: Any) -> Terms:
    """A long lease of two vehicles for a year, with all that can be agreed."""
    usual: dict[str, Any] = {
        "kind": "long",
        "starts_on": date(2026, 3, 2),
        "term": Term(count=12),
        "lines": (
            line(1, mileage=Mileage(included_km=5_000, extra_fen_per_km=100)),
            line(2, model_code="ec35"),
        ),
        "early_end": EarlyEndPrice(kind="share_of_remaining_rent", pct=30),
        "violation_hold_fen": 200_000,
        "clauses": {"late_fee": "第12条", "lock": "第8条"},
        "remarks": "交车时车辆电量不低于80%。",
    }
    return Terms(**(usual | given))


def customer_of_east(conn: Connection[Any], name: str) -> str:
    """The number of a new company."""
    facts = CustomerFacts(
        "company",
        name,
        id_type="business_licence",
        id_number=USCC,
        phone="13812345678",
        addresses=(Address("notice", "深圳市宝安区西乡街道1号"),),
        legal_person="王龘",
    )
    made = create_customer(
        conn, SYSTEM, facts=facts, organisation_code="east", key=KEY, now=LONG_AGO
    )
    return made.customer_no


def lease_of(
    conn: Connection[Any],
    terms: Terms | None = None,
    *,
    name: str = "顺达物流有限公司",
    sign: bool = True,
) -> str:
    """The number of a lease of a customer of east, whom the first lease makes."""
    known = list_customers(conn, SYSTEM, {"search": name}, after=None, limit=1)
    customer_no = known[0].customer_no if known else customer_of_east(conn, name)
    terms = terms or agreed()
    made = draft_lease(
        conn, SYSTEM, customer_no=customer_no, terms=terms, now=SIGNED
    ).lease.lease_no
    if sign:
        sign_lease(conn, SYSTEM, lease_no=made, now=SIGNED)
    return made


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Two empty folders."""
    return Vault(
        FileStore((tmp_path / "files").as_uri()), FileStore((tmp_path / "second").as_uri())
    )


@pytest.fixture
def desk(office: Connection[Any]) -> Connection[Any]:
    """The office of leases, with the sample texts published."""
    publish_samples(office, SYSTEM, head_code="head", now=LONG_AGO)
    return office


Make = Callable[..., ContractDetail]


@pytest.fixture
def make(desk: Connection[Any], vault: Vault) -> Make:
    """Makes a contract of a new lease, or of the one named."""

    def make(lease_no: str | None = None, *, now: datetime = LATER, **given: Any) -> ContractDetail:
        facts = {"actor": SYSTEM, "vault": vault, "key": KEY, "now": now} | given
        return make_contract(desk, lease_no=lease_no or lease_of(desk), **facts)

    return make


def place_of(detail: ContractDetail) -> dict[str, Any]:
    """What names an edition."""
    return {"lease_no": detail.contract.lease_no, "edition": detail.contract.edition}


def acknowledged(
    conn: Connection[Any], made: ContractDetail, *, now: datetime = LATER
) -> ContractDetail:
    """The contract with its highlighted clauses shown and acknowledged."""
    who = {"party": "王龘", "channel": "in_person", "now": now}
    shown = prompt(conn, SYSTEM, **place_of(made), **who)
    return acknowledge(conn, SYSTEM, **place_of(made), clauses=shown.highlighted, **who)


__all__ = ["KEY", "LATER", "LONG_AGO", "SIGNED", "STAND_IN", "USCC", "desk", "make", "office"]
