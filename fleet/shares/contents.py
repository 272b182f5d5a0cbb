"""Decides what a settlement says for good: one canonical text, and its digest."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fleet.capitals import in_capitals
from fleet.shares.model import Statement

FORMAT = "guanche-settlement/1"


def content_of(statement: Statement, *, key: UUID, settled_on: date) -> dict[str, Any]:
    """All that is printed of a settlement, ready for JSON; amounts in fen."""
    agreed = statement.agreement
    vehicles = [
        {
            "vin": each.vin,
            "plate": each.plate,
            "days": each.days,
            "of_days": each.of_days,
            "basis_fen": each.basis_fen,
            "share_fen": each.due.share_fen,
            "floor_fen": each.due.floor_fen,
            "amount_fen": each.due.amount_fen,
        }
        for each in statement.vehicles
    ]
    corrections = [
        {
            "month_on": each.month_on.isoformat(),
            "vin": each.vin,
            "was_fen": each.was_fen,
            "is_fen": each.is_fen,
            "amount_fen": each.amount_fen,
        }
        for each in statement.corrections
    ]
    return {
        "format": FORMAT,
        "key": str(key),
        "agreement": str(agreed.key),
        "month_on": statement.month_on.isoformat(),
        "owner": {"code": agreed.owner_code, "name": agreed.owner_name},
        "operator": {"code": agreed.operator_code, "name": agreed.operator_name},
        "basis": agreed.basis,
        "share_pct": f"{agreed.share_pct:.2f}",
        "floor_fen": agreed.floor_fen,
        "settled_on": settled_on.isoformat(),
        "vehicles": vehicles,
        "corrections": corrections,
        "basis_fen": sum(each.basis_fen for each in statement.vehicles),
        "carried_in_fen": statement.carried_in_fen,
        "carried_out_fen": statement.carried_out_fen,
        "amount_fen": statement.amount_fen,
        "capitals": in_capitals(statement.amount_fen),
    }


def canonical(content: Mapping[str, Any]) -> str:
    """The one text of a content: keys in order, no space.

    >>> canonical({"b": 1, "a": "分"})
    '{"a":"分","b":1}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> bytes:
    """SHA-256 of a canonical text.

    >>> digest_of("{}").hex()[:8]
    '44136fa3'
    """
    return hashlib.sha256(text.encode()).digest()
