"""Makes contracts of one organisation, every text with its mark."""

from dataclasses import replace
from typing import Any

from psycopg import Connection

from fleet.contracts.service import Particulars, Vault, make_contract, note_sent, publish_samples
from kit.files import FileStore
from schemas.access import Actor
from tests.isolation.crawl_client import FILES
from tests.isolation.crawl_world import KEY, LONG_AGO, NOW, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`, for the lease with a vehicle out: edition 1 of its contract, sent.
    The texts are of each tenant, which all of its members see: they bear nobody's mark.
    """
    if one.part == "root" and known is one.ids:
        publish_samples(conn, by, now=LONG_AGO)
    own = replace(
        by, name=one.ids["login"], organisation_id=one.id, organisation_code=one.ids["code"]
    )
    make_contract(
        conn,
        own,
        vault=Vault(FileStore(FILES.as_uri())),
        lease_no=known["lease_out"],
        key=KEY,
        particulars=Particulars(lessee_representative=f"代{one.mark}"),
        now=NOW,
    )
    note_sent(
        conn,
        own,
        lease_no=known["lease_out"],
        edition=1,
        party=f"收{one.mark}",
        channel="email",
        now=NOW,
    )
