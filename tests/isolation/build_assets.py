"""Makes models, lives, files and figures of law of one organisation, every text with its mark."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from psycopg import Connection

from fleet.documents import service as documents
from fleet.lives import service as lives
from fleet.models import service as models
from fleet.registry import service as registry
from kit.files import FileStore
from schemas.access import Actor
from tests.fixtures.sample_files import JPEG
from tests.isolation.crawl_client import FILES
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """Beside the vehicles in `known`, which `owner` owns and `one` operates; `by` may do all.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.
    """
    if one is owner and one.part == "root" and known is one.ids:
        models.create_model(
            conn,
            by,
            code=f"model-of-{one.tenant}",
            facts=models.ModelFacts(f"车型 {one.tenant}", "厂", "微型封闭货车"),
            now=LONG_AGO,
        )
    known["model_code"] = f"model-of-{one.tenant}"
    _life(conn, one, known, owner=owner, by=by)
    _documents(conn, one, known, by=by)


def _documents(conn: Connection[Any], one: Organisation, known: Identifiers, *, by: Actor) -> None:
    """An invoice that is business, and a photo that goes with the vehicle, of one's own clerk."""
    own = replace(
        by, name=f"clerk.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    kinds: tuple[documents.DocumentKind, ...] = ("invoice", "photo")
    for kind in kinds:
        added = documents.add_document(
            conn,
            own,
            files=FileStore(FILES.as_uri()),
            vin=known["vin"],
            kind=kind,
            name=f"照{one.mark}.jpg",
            content=JPEG + f"{kind} {one.mark} {known['vin']}".encode(),
            now=LONG_AGO,
        )
        known["document"] = str(added.key)
        one.marks += [str(added.key), added.sha256.hex()]


def _life(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """A stage with its reason, an odometer with its note, a purchase of the owner's, a place."""
    vin = known["vin"]
    own = replace(  # who did it stands on what goes with a vehicle
        by, name=f"maker.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    vehicle = registry.get_vehicle(conn, own, vin=vin)
    reason = f"因{one.mark}"
    registry.change_stage(
        conn, own, vehicle=vehicle, stage="in_service", reason=reason, at=NOW, now=NOW
    )
    lives.record_odometer(
        conn,
        own,
        vin=vin,
        odometer_km=Decimal(310_000 + one.number),
        read_at=LONG_AGO,
        note=f"表{one.mark}",
        now=NOW,
    )
    facts = lives.PurchaseFacts(date(2025, 3, 1), 9_000_000 + owner.number, f"商{owner.mark}")
    lives.record_purchase(conn, by, vin=vin, version=0, facts=facts, now=NOW)
    leaf = one.part in ("north", "depot") and owner is one
    lives.change_placing(
        conn,
        by,
        vin=known["vin_other"],
        version=1,
        depot_code=f"{one.ids['code']}-yard",
        tags=[f"签{one.mark}"],
        pooled=leaf,  # what stands at the end of the tree is offered to nobody below
        now=NOW,
    )
    one.marks.append(str(310_000 + one.number))
    conn.execute(
        """
        INSERT INTO vehicle_transfers (tenant_id, vehicle_id, organisation_id, transferred_at,
            remarks, recorded_by)
        SELECT tenant_id, id, %s, %s, %s, 'guanche' FROM vehicles WHERE vin = %s
        """,
        [one.id, LONG_AGO, f"备{one.mark}", vin],
    )
