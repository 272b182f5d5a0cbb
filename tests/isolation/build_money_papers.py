"""Makes what there are papers of, of one organisation, every text with its mark."""

from typing import Any

from psycopg import Connection

from schemas.access import Actor
from tests.fleet.money_papers.frozen import freeze_bill, freeze_settlement
from tests.isolation.crawl_world import LONG_AGO, NOW, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `paper_bill`, `paper_credit`, `paper_notice`, `paper_settlement`:
    each once more among the spare ones, none with a paper yet.
    """
    spare = known is one.spare
    number = 900_000 + 2 * one.number + spare
    bill_no = freeze_bill(
        conn,
        known["lessee_no"],
        number=number,
        name=f"账{one.mark}",
        on=LONG_AGO.date(),
        at=LONG_AGO,
    )
    known |= {
        "paper_bill": bill_no,
        "paper_credit": bill_no.replace("B", "N", 1),
        "paper_notice": f"D{LONG_AGO:%y%m}-{number:06}",
        "paper_settlement": freeze_settlement(
            conn,
            one.ids["code"],
            f"{one.ids['code']}-{'gate' if spare else 'yard'}",
            name=f"名{one.mark}",
            at=LONG_AGO,
        ),
    }
    one.marks += [known[name] for name in known if name.startswith("paper_")]
    conn.execute(
        "INSERT INTO money_papers (tenant_id, organisation_id, subject_kind, subject_key, sha256,"
        " size_bytes, made_at) SELECT tenant_id, id, 'bill', %s, sha256('x'), 1, %s"
        " FROM organisations WHERE id = %s",
        [f"纸{one.mark}{number}", NOW, one.id],
    )
