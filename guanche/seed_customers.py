"""The customers of the demo: couriers, shops and people with one van, none of whom exists.

Decided from the depot and a number alone, so that they are the same every time. Their papers have
right check characters and regions that no paper bears. Leaves out what they lease
(`seed_leases.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

FIRMS: Final = (
    "速达同城配送", "鲜到家冷链物流", "顺风车队运输", "捷安城配科技", "百果源社区配送", "联动快运",
    "粤食通供应链", "小蜂即时配送", "众邦仓配", "美家送装服务", "宏图电商物流", "绿源生鲜",
)  # fmt: skip
SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN: Final = (
    "建军",
    "秀英",
    "伟",
    "敏",
    "志强",
    "丽",
    "海涛",
    "晓燕",
    "国庆",
    "文杰",
    "雪梅",
    "磊",
)
BANKS: Final = ("招商银行", "工商银行", "建设银行", "农业银行", "平安银行")
CITIES: Final = {"shenzhen": "深圳市", "guangzhou": "广州市", "hangzhou": "杭州市"}
TIERS: Final = ("standard", "standard", "preferred", "standard", "key", "watched")
_CREDIT_CODE: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class SeedDriver:
    """Somebody who drives, with a licence."""

    name: str
    phone: str
    licence_no: str
    classes: tuple[str, ...]
    first_issued_on: date
    valid_to_on: date


@dataclass(frozen=True, slots=True)
class SeedCustomer:
    """A customer of a depot, known there by its reference."""

    depot: str
    reference: str
    kind: str
    name: str
    id_type: str
    id_number: str
    phone: str
    contact: str
    address: str
    bank: str
    account: str
    tier: str
    drivers: tuple[SeedDriver, ...]


def customers_of(depot: str, today: date, *, count: int = 8) -> list[SeedCustomer]:
    """The customers of this depot: every third of them a person."""
    return list(_customers(depot, today, count))


def _customers(depot: str, today: date, count: int) -> Iterator[SeedCustomer]:
    city = CITIES[depot.split("-", maxsplit=1)[0]]
    for place in range(count):
        rng = Random(f"{depot} {place}")
        person = place % 3 == 2
        people = [_driver(rng, today) for _ in range(1 if person else 3)]
        name = people[0].name if person else f"{city}{_firm(depot, place)}有限公司"
        yield SeedCustomer(
            depot=depot,
            reference=f"KH-{depot.split('-')[1][:2].upper()}{place + 1:03d}",
            kind="person" if person else "company",
            name=name,
            id_type="id_card" if person else "business_licence",
            id_number=people[0].licence_no if person else credit_code(rng),
            phone=people[0].phone if person else _phone(rng),
            contact=people[0].name,
            address=f"{city}物流园{rng.randrange(1, 40)}号",
            bank=rng.choice(BANKS),
            account=f"62{rng.randrange(10**15):015d}",
            tier=TIERS[place % len(TIERS)],
            drivers=tuple(people),
        )


def _firm(depot: str, place: int) -> str:
    shift = sum(depot.encode())
    return FIRMS[(place + shift) % len(FIRMS)]


def _driver(rng: Random, today: date) -> SeedDriver:
    issued = date(rng.randrange(2006, 2022), rng.randrange(1, 13), rng.randrange(1, 28))
    valid_to = date(today.year + rng.randrange(1, 8), issued.month, issued.day)
    return SeedDriver(
        name=rng.choice(SURNAMES) + rng.choice(GIVEN),
        phone=_phone(rng),
        licence_no=id_card(rng),
        classes=(rng.choice(("C1", "C1", "C1", "C2", "B2")),),
        first_issued_on=issued,
        valid_to_on=valid_to - timedelta(days=1),
    )


def _phone(rng: Random) -> str:
    return f"1390000{rng.randrange(10**4):04d}"


def id_card(rng: Random) -> str:
    """A number of the right form and check character, of a region that no card names.

    >>> len(id_card(Random(1)))
    18
    """
    born = date(1970, 1, 1) + timedelta(days=rng.randrange(365 * 32))
    body = f"440300{born:%Y%m%d}{rng.randrange(1000):03d}"
    total = sum(int(c) * weight for c, weight in zip(body, _ID_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def credit_code(rng: Random) -> str:
    """A 统一社会信用代码 of the right form, GB 32100-2015, of a region that no firm has.

    >>> len(credit_code(Random(1)))
    18
    """
    body = f"91440000MA9{''.join(rng.choices(_CREDIT_CODE, k=6))}"
    total = sum(_CREDIT_CODE.index(c) * pow(3, place, 31) for place, c in enumerate(body))
    return body + _CREDIT_CODE[(31 - total % 31) % 31]
