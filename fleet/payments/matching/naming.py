"""Decides what a remark names, and whether two names are of the same one.

Numbers of ours are found however they were typed: any width and case, with blanks or without
hyphens. Names are compared without blanks and brackets; alike are those that are equal without the
forms of companies, that a wallet masked, or that one slip parts.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from kit.numbers import ALPHABET

Likeness = Literal["equal", "alike"]
_BILL: Final = re.compile(r"(?<![A-Z0-9])B(2[01]\d{2})[-/]?(\d+)[-/](\d{6,})(?!\d)|"
                          r"(?<![A-Z0-9])B(2[01]\d{2})-?(\d{7,})(?!\d)")  # fmt: skip
_LEASE: Final = re.compile(rf"(?<![A-Z0-9])L(\d{{4}})-?([{ALPHABET}]{{6}})(?![A-Z0-9])")
_CUSTOMER: Final = re.compile(rf"(?<![A-Z0-9])C(\d{{4}})-?([{ALPHABET}]{{6}})(?![A-Z0-9])")
_PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE: Final = re.compile(
    rf"([{_PROVINCES}][A-HJ-NP-Z])[·.\-]?([A-HJ-NP-Z0-9]{{5,6}})(?![A-Z0-9])"
)
_DASHES: Final = re.compile(r"[‐‑‒–—―−_]")
_BRACKETED: Final = re.compile(r"\([^()]*\)")
_FORMS: Final = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|分公司|个体工商户|合伙企业|经营部|集团|公司)"
)
_NO_LETTER: Final = re.compile(r"[\W_]+")
ALIKE_FROM: Final = 0.88
SHORTEST_ALIKE: Final = 4
"""Shorter names that differ by one character are of different people."""
LONGEST_MASKED: Final = 4


@dataclass(frozen=True, slots=True)
class Named:
    """Numbers that stand in a text, as they are kept."""

    bill_nos: frozenset[str]
    lease_nos: frozenset[str]
    customer_nos: frozenset[str]
    plates: frozenset[str]


def named_in(text: str | None) -> Named:
    """The numbers of ours, and plates, that a text names.

    >>> named = named_in("付 b2026-3-000012 租金，粤B·D12345")
    >>> sorted(named.bill_nos), sorted(named.plates)
    (['B2026-3-000012'], ['粤BD12345'])
    >>> sorted(named_in("B20263000012").bill_nos), sorted(named_in("Ｌ2611 7KQ4MX").lease_nos)
    (['B2026-3-000012'], ['L2611-7KQ4MX'])
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text or "").upper())
    tight = re.sub(r"(?<=[A-Z0-9-])\s+(?=[A-Z0-9-])", "", plain)
    texts = (plain, tight)
    return Named(
        frozenset(_bill_no(found) for each in texts for found in _BILL.finditer(each)),
        frozenset(f"L{f[1]}-{f[2]}" for each in texts for f in _LEASE.finditer(each)),
        frozenset(f"C{f[1]}-{f[2]}" for each in texts for f in _CUSTOMER.finditer(each)),
        frozenset(f"{f[1]}{f[2]}" for each in texts for f in _PLATE.finditer(each)),
    )


def _bill_no(found: re.Match[str]) -> str:
    """A number without hyphens ends in six digits that count; before stands the organisation."""
    if found[1]:
        return f"B{found[1]}-{found[2]}-{found[3]}"
    return f"B{found[4]}-{found[5][:-6]}-{found[5][-6:]}"


def plain_name(name: str) -> str:
    """A name as names are compared.

    >>> plain_name("深圳市（南山）顺达 物流有限公司")
    '深圳市南山顺达物流有限公司'
    """
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", name).casefold())


def core_name(name: str) -> str:
    """What is left of a company's name without its form and what stands in brackets.

    >>> core_name("顺达物流（深圳）有限责任公司"), core_name("张三")
    ('顺达物流', '张三')
    """
    bare = _BRACKETED.sub("", unicodedata.normalize("NFKC", name).casefold())
    return _NO_LETTER.sub("", _FORMS.sub("", bare)) or plain_name(name)


def likeness_of(payer: str, name: str) -> Likeness | None:
    """Whether the payer's name is the other one, or like it.

    >>> likeness_of("顺达物流(深圳)有限公司", "顺达物流（深圳）有限公司")
    'equal'
    >>> likeness_of("顺达物流有限公司", "顺达物流有限责任公司"), likeness_of("*三", "张三")
    ('alike', 'alike')
    >>> likeness_of("张三", "李三"), likeness_of("深圳市顺达物流", "深圳市腾达物流")
    (None, None)
    """
    if "*" in payer:
        return "alike" if _fits_masked(payer, name) else None
    mine, theirs = plain_name(payer), plain_name(name)
    if not mine or not theirs:
        return None
    if mine == theirs:
        return "equal"
    core, other = core_name(payer), core_name(name)
    if core == other and len(core) >= SHORTEST_ALIKE - 1:
        return "alike"
    if min(len(mine), len(theirs)) < 2 * SHORTEST_ALIKE:
        return None
    return "alike" if min(_ratio(mine, theirs), _ratio(core, other)) >= ALIKE_FROM else None


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _fits_masked(payer: str, name: str) -> bool:
    """Whether a wallet would show the name of a person so: *三, 张**."""
    shown = "".join(unicodedata.normalize("NFKC", payer).split())
    whole = "".join(unicodedata.normalize("NFKC", name).split())
    if len(shown) != len(whole) or len(whole) > LONGEST_MASKED or not shown.strip("*"):
        return False
    return all(mark in ("*", letter) for mark, letter in zip(shown, whole, strict=True))
