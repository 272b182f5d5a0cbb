"""Makes statements of banks, their formats and deposits of one organisation, with its mark."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

from psycopg import Connection

from fleet.deposits.service import apply_deposit, hold_back, open_deposit, release_block
from fleet.leasing.service import Line, Terms, draft_lease, sign_lease
from fleet.local_days import local_day
from fleet.payments.service import BankColumns, add_format, import_statement
from schemas.access import Actor
from tests.fleet.receivables.owed import owe
from tests.isolation.crawl_world import KEY, NOW, Identifiers, Organisation

COLUMNS = {"date": ["日期"], "amount": {"kind": "signed", "amount": ["金额"]}}


def build(
    conn: Connection[Any], one: Organisation, known: Identifiers, *, owner: Organisation, by: Actor
) -> None:
    """As in `build_service.py`. `deposit_lease` is signed and holds a deposit, of which a part
    settled a bill (`deposit_movement`) and a part is held back (`deposit_block`); nothing else
    stands against a refund but `deposit_bill`, which is open.
    """
    own = replace(
        by, name=f"teller.{one.mark}", organisation_id=one.id, organisation_code=one.ids["code"]
    )
    which = "spare" if known is one.spare else "asked"
    known["bank_format"] = f"f-{one.mark}-{which}"
    columns = BankColumns.model_validate({**COLUMNS, "remark": [f"注{one.mark}"]})
    add_format(
        conn, own, code=known["bank_format"], title=f"式{one.mark}", columns=columns, now=NOW
    )
    day = local_day(NOW).isoformat()
    reference = f"REF-{one.mark}-{which}"
    statement = import_statement(
        conn,
        own,
        rows=[
            (1, ["日期", "金额", "流水号", "付款人", "备注"]),
            (2, [day, f"{71_000 + one.number}.00", reference, f"付{one.mark}", f"备{one.mark}"]),
            (3, [f"坏{one.mark}", "1.00", None, None, None]),
        ],
        file_name=f"流水{one.mark}.csv",
        sha256=sha256(one.mark.encode()).digest(),
        format_code="plain",
        key=KEY,
        now=NOW,
    )
    known["bank_statement"] = str(statement.key)
    one.marks += [known["bank_format"], reference, str(statement.key)]
    _deposit(conn, one, known, own)


def _deposit(conn: Connection[Any], one: Organisation, known: Identifiers, own: Actor) -> None:
    terms = Terms(
        kind="long",
        starts_on=local_day(NOW),
        term={"count": 12},
        lines=(Line(no=1, rent_fen=250_000, deposit_fen=250_000),),
    )
    draft = draft_lease(conn, own, customer_no=known["lessee_no"], terms=terms, now=NOW).lease
    lease = sign_lease(conn, own, lease_no=draft.lease_no, now=NOW).lease
    about: dict[str, Any] = {"lease_no": lease.lease_no, "reason": f"因{one.mark}", "now": NOW}
    open_deposit(conn, own, amount_fen=6_100_000 + 1_000 * one.number, **about)
    today = local_day(NOW)
    first = 700_000 + 2 * (known is one.spare)
    settled, still_open = (
        owe(
            conn,
            known["lessee_no"],
            100,
            lease_id=lease.id,
            due_on=today,
            issued_on=today,
            number=first + place,
        )
        for place in (1, 2)
    )
    applied = apply_deposit(conn, own, bill_no=settled.bill_no, **about)
    held = hold_back(conn, own, amount_fen=100, **about)
    release_block(conn, own, block="lease_running", **about)
    hold = next(each.key for each in held.blocks if each.code == "hold")
    known |= {
        "deposit_lease": lease.lease_no,
        "deposit_bill": still_open.bill_no,
        "deposit_movement": str(applied.movements[-1].key),
        "deposit_block": hold,
    }
    one.marks += [
        *(lease.lease_no, still_open.bill_no, settled.bill_no, hold),
        *(known["deposit_movement"], str(6_100_000 + 1_000 * one.number)),
    ]
