"""Decides by what a line of a statement is known again: the bank's number, or one derived.

A row without a number is known by its account (the last four), day, amount and balance, and by its
position among rows that are equal in these: the second of two equal rows is another receipt, in
every file that holds both. Such numbers begin with a mark, so that everybody sees it.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from fleet.masking import mask_account
from fleet.payments.statements.model import Line

DERIVED: Final = "derived:"


def references_of(lines: Sequence[Line], *, organisation_id: int) -> list[str]:
    """The number of each line, its own or derived, in their order. The statement is of this
    organisation: equal rows of two are two receipts.

    >>> from datetime import date
    >>> line = Line(2, date(2026, 11, 1), 300000, None, "张三", "6222021234567890", None, 910000)
    >>> first, second = references_of([line, line], organisation_id=3)
    >>> first == references_of([line], organisation_id=3)[0], first == second, first[:8]
    (True, False, 'derived:')
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for line in lines:
        if line.reference is not None:
            found.append(line.reference)
            continue
        equal = (
            "" if line.payer_account is None else mask_account(line.payer_account)[-4:],
            line.received_on.isoformat(),
            str(line.amount_fen),
            "" if line.balance_fen is None else str(line.balance_fen),
        )
        seen[equal] += 1
        told = "|".join((str(organisation_id), *equal, str(seen[equal])))
        found.append(DERIVED + hashlib.sha256(told.encode()).hexdigest()[:32])
    return found


def is_derived(reference: str | None) -> bool:
    """Whether the number is ours, for want of one of the bank.

    >>> is_derived("derived:0a"), is_derived("C0331"), is_derived(None)
    (True, False, False)
    """
    return reference is not None and reference.startswith(DERIVED)
