"""Decides whether terms of a lease name the clauses a text really has them in.

Terms say "late_fee: 第8条"; a remedy that stands on another clause than the paper's is a remedy in
dispute. Told with the contract, and no reason to refuse it: amending the terms is the lease's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from fleet.contracts.model import Clause, Mismatch

_DIGITS: Final = {word: digit for digit, word in enumerate("零一二三四五六七八九")}
_NUMBER: Final = re.compile(r"[0-9]+|[零一二三四五六七八九十]+")


def find_mismatches(said: Mapping[str, str], clauses: Sequence[Clause]) -> list[Mismatch]:
    """What the terms say of clauses, and the text does not; what they do not say is no mismatch.

    >>> late_fee = Clause("12", "逾期付款违约金", ("…",), True, "late_fee")
    >>> find_mismatches({"late_fee": "第十二条"}, [late_fee])
    []
    >>> find_mismatches({"late_fee": "第8条"}, [late_fee])
    [Mismatch(concern='late_fee', terms_say='第8条', clause_no='12')]
    """
    there: dict[str, list[str]] = {}
    for clause in clauses:
        if clause.concerns is not None:
            there.setdefault(clause.concerns, []).append(clause.no)
    return [
        Mismatch(concern, words, "、".join(there[concern]))
        for concern, words in sorted(said.items())
        if concern in there and number_in(words) not in there[concern]
    ]


def number_in(words: str) -> str | None:
    """The first number of a reference.

    >>> number_in("第8条第2款"), number_in("合同第二十一条"), number_in("第十条"), number_in("附件")
    ('8', '21', '10', None)
    """
    found = _NUMBER.search(words)
    if found is None:
        return None
    if found[0].isdecimal() and found[0].isascii():
        return str(int(found[0]))
    tens, ten, ones = found[0].rpartition("十")
    value = 10 * (_DIGITS.get(tens, 0) if tens else 1) if ten else 0
    return str(value + sum(_DIGITS[word] for word in ones[-1:]))
