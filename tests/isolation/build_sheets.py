"""Makes imports and exports of one organisation, every text with its mark."""

from dataclasses import replace
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.sheets import service as sheets
from fleet.sheets import store
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Problem
from kit.files import FileStore
from schemas.access import Actor
from tests.isolation.crawl_client import FILES
from tests.isolation.crawl_world import LONG_AGO, Identifiers, Organisation


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """Beside the vehicles in `known`, which `owner` owns and `one` operates; `by` may do all.

    Called twice for each organisation: for what others ask about, and for its own changes. What it
    makes is named in `known`, and every text that must not leak in `one.marks`.

    The sheet names no vehicle, so that nothing comes of it when it is applied; its rows stand there
    as a worker would have found them.
    """
    own = replace(
        by, name=f"clerk.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    started = sheets.start_import(
        conn,
        own,
        files=FileStore(FILES.as_uri()),
        kind="vehicles",
        file_name=f"表{one.mark}.csv",
        content=f"车架号,车型\n坏{one.mark}{known['vin']},型{one.mark}\n".encode(),
        now=LONG_AGO,
    )
    row = RowFound(2, {}, [Problem("vin", "vin_malformed", f"bad {one.mark}", f"坏{one.mark}")])
    row.key_text, row.changes = f"坏{one.mark}", {"model": [f"旧{one.mark}", f"型{one.mark}"]}
    store.save_rows(conn, started.id, started.tenant_id, [row])
    headers = {
        "sheet": None,
        "sheets": [],
        "first_row": 1,
        "first_data_row": 2,
        "matched": [
            {"field": "vin", "label": "车架号", "place": 0},
            {"field": "model", "label": "车型", "place": 1},
        ],
        "unknown": [f"列{one.mark}"],
        "missing": [],
        "repeated": [],
        "not_allowed": [],
    }
    conn.execute(
        "UPDATE imports SET state = 'checked', rows_total = 1, rows_done = 1, rows_bad = 1,"
        " headers = %s WHERE id = %s",
        [Jsonb(headers), started.id],
    )
    known["import"] = str(started.key)
    one.marks += [str(started.key), started.sha256.hex()]
