"""Decides what the operator owes for one vehicle and month: its share, at least the floor.

The share is so many per cent of what the vehicle brought in (net of VAT); the floor 保底 is by the
days the operator had it. What was taken off earlier income (below zero) is given back at the same
rate, and no floor covers it. Rounded once each, half up. Leaves out which days and what income.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kit.money import round_fen


@dataclass(frozen=True, slots=True)
class Rule:
    """What was agreed on: per cent, and a floor in fen a vehicle and whole month."""

    share_pct: Decimal
    floor_fen: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed for a vehicle and month, in fen, and how it comes about."""

    share_fen: int
    floor_fen: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Total:
    """What is to be paid now, and what (below zero) waits for the next month, in fen."""

    amount_fen: int
    carried_out_fen: int


def due_of(rule: Rule, *, basis_fen: int, days: int, of_days: int) -> Due:
    """What is owed for a vehicle that brought in `basis_fen` and was there `days` of `of_days`.

    30 % of 2,654.87 are 796.46; the floor of 900.00 is more, for 20 of 30 days (600.00) less:

    >>> rule = Rule(Decimal(30), 90_000)
    >>> due_of(rule, basis_fen=265_487, days=30, of_days=30).amount_fen
    90000
    >>> due_of(rule, basis_fen=265_487, days=20, of_days=30)
    Due(share_fen=79646, floor_fen=60000, amount_fen=79646)

    A credit note of 500.00 for an earlier month: the floor, less 150.00.

    >>> due_of(rule, basis_fen=-50_000, days=30, of_days=30)
    Due(share_fen=-15000, floor_fen=90000, amount_fen=75000)
    """
    share_fen = round_fen(Fraction(basis_fen) * Fraction(rule.share_pct) / 100)
    floor_fen = round_fen(Fraction(rule.floor_fen * days, of_days))
    amount_fen = max(share_fen, 0, floor_fen) + min(share_fen, 0)
    return Due(share_fen, floor_fen, amount_fen)


def differences(was: Mapping[str, int], now_is: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """What was settled otherwise than it is now, by vehicle: its VIN, then and now.

    >>> differences({"A": 100, "B": 50}, {"A": 100, "B": 80, "C": 10})
    [('B', 50, 80), ('C', 0, 10)]
    """
    vins = sorted({*was, *now_is})
    pairs = [(vin, was.get(vin, 0), now_is.get(vin, 0)) for vin in vins]
    return [(vin, before, after) for vin, before, after in pairs if before != after]


def total_of(due_fen: int, corrections_fen: int, carried_in_fen: int) -> Total:
    """What is paid of all of it: never less than nothing; the rest is carried on.

    >>> total_of(90_000, -20_000, 0), total_of(5_000, -20_000, -1_000)
    (Total(amount_fen=70000, carried_out_fen=0), Total(amount_fen=0, carried_out_fen=-16000))
    """
    whole = due_fen + corrections_fen + carried_in_fen
    return Total(max(0, whole), min(0, whole))
