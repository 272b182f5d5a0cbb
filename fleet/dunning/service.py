"""Dunning, as everybody else asks for it.

Notices are made (`making`), and taken on (`following`); this product records and renders them, and
locks nothing. Who sends them is the alert engine, or a person.
"""

from fleet.dunning.following.service import (
    add_proof,
    get_notice,
    list_notices,
    record_delivery,
    withdraw_notice,
)
from fleet.dunning.making.service import make_by_hand, make_due, organisations_of
from fleet.dunning.model import Lacking, Listed, Notice, NoticeDetail, RunCounts

__all__ = [
    "Lacking",
    "Listed",
    "Notice",
    "NoticeDetail",
    "RunCounts",
    "add_proof",
    "get_notice",
    "list_notices",
    "make_by_hand",
    "make_due",
    "organisations_of",
    "record_delivery",
    "withdraw_notice",
]
