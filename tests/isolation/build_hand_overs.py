"""Makes hand-overs and charges of one organisation, every text with its mark."""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from psycopg import Connection

from fleet.customers.service import CustomerFacts, DriverFacts, add_driver, create_customer
from fleet.hand_overs.service import (
    Finding,
    Override,
    Record,
    add_charge,
    add_photo,
    hand_out,
)
from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.registry.service import add_vehicle
from fleet.violations.service import NewViolation, record_violations
from kit.files import FileStore
from schemas.access import Actor
from tests.fixtures.sample_files import JPEG
from tests.fleet.customers.numbers import id_card
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation, vin_of

SIGNED = NOW - timedelta(days=2)
OUT_AT = NOW - timedelta(days=1)


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `lease_out` has `vin_out` out in line 1, with a photo and a charge;
    `lease_to_begin` is signed; `vin_to_let` and `vin_instead` stand in stock.
    """
    own = replace(
        by, name=f"smith.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    _vehicles(conn, one, known, owner=owner, by=by)
    driver = _lessee(conn, one, known, own)
    for kind in ("lease_out", "lease_to_begin"):
        terms = Terms(
            kind="long",
            starts_on=SIGNED.date(),
            term={"count": 12},
            lines=(Line(no=1, rent_fen=250_000, deposit_fen=250_000),),
            remarks=f"约{one.mark}",
        )
        draft = draft_lease(
            conn, own, customer_no=known["lessee_no"], terms=terms, now=SIGNED
        ).lease
        sign_lease(conn, own, lease_no=draft.lease_no, now=SIGNED)
        known[kind] = draft.lease_no
        one.marks.append(draft.lease_no)
    record = Record(
        driver=driver,
        odometer_km=Decimal("1000.0"),
        soc_pct=Decimal(80),
        place=f"地{one.mark}",
        findings=[Finding("wear", f"件{one.mark}", f"况{one.mark}")],
        received_by=f"收{one.mark}",
        remarks=f"备{one.mark}",
    )
    key = hand_out(
        conn,
        own,
        lease_no=known["lease_out"],
        line_no=1,
        vin=known["vin_out"],
        record=record,
        override=Override(f"因{one.mark}"),
        now=OUT_AT,
    )
    conn.execute(  # by no checklist: the calls of the crawl would have to answer its steps
        "INSERT INTO hand_over_checks"
        " SELECT id, 1, tenant_id, organisation_id, 'ok', %s FROM hand_overs WHERE key = %s",
        [f"检{one.mark}", key],
    )
    with tempfile.TemporaryDirectory() as folder:
        files = FileStore(Path(folder).as_uri())
        facts: dict[str, Any] = {"kind": "photo", "name": f"片{one.mark}.jpg", "content": JPEG}
        add_photo(conn, own, files=files, key=key, now=OUT_AT, **facts)
    charge = add_charge(
        conn,
        own,
        lease_no=known["lease_out"],
        kind="other",
        title=f"费{one.mark}",
        amount_fen=8_100_000 + one.number,
        incurred_on=date(2026, 2, 1),
        note=f"据{one.mark}",
        now=OUT_AT,
    )
    known |= {"hand_over_key": str(key), "charge_key": str(charge.key)}
    _violations(conn, one, known, own)
    one.marks += [str(key), str(charge.key), str(8_100_000 + one.number)]


def _violations(conn: Connection[Any], one: Organisation, known: Identifiers, own: Actor) -> None:
    entries = []
    for kind in ("violation_no", "violation_dropped"):
        known[kind] = f"{kind[10:12]}{one.mark}{known['vin_out']}".replace("_", "-")
        one.marks.append(known[kind])
        entries.append(
            NewViolation(
                known[kind],
                known["vin_out"],
                OUT_AT + timedelta(hours=1),
                f"违{one.mark}",
                place=f"路{one.mark}",
                fine_fen=9_100_000 + one.number,
            )
        )
    record_violations(conn, own, entries=entries, now=NOW)


def _vehicles(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    place = 70 if known is one.ids else 80
    for kind in ("vin_out", "vin_to_let", "vin_instead"):
        known[kind] = vin_of(one.number, place)
        add_vehicle(
            conn,
            by,
            vin=known[kind],
            plate=None,
            model=f"型{one.mark}",
            owner_code=owner.ids["code"],
            operator_code=one.ids["code"],
            now=LONG_AGO,
        )
        one.marks.append(known[kind])
        place += 1


def _lessee(conn: Connection[Any], one: Organisation, known: Identifiers, own: Actor) -> Any:
    """The key of the driver of a customer of its own, which other calls leave as it is."""
    facts = CustomerFacts("company", f"租{one.mark}")
    made = create_customer(conn, own, facts=facts, key=KEY, now=LONG_AGO)
    number = 700 + 2 * one.number + (known is one.spare)
    licence = DriverFacts(("C1",), None, f"司{one.mark}", id_card(number))
    driver = add_driver(
        conn, own, customer_no=made.customer_no, facts=licence, key=KEY, now=LONG_AGO
    )
    known |= {"lessee_no": made.customer_no, "lessee_driver": str(driver.key)}
    one.marks += [made.customer_no, str(driver.key)]
    return driver.key
