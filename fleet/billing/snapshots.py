"""Decides what is frozen of a bill and of a credit note: all that is printed, as it was that day.

Canonical JSON (sorted keys, no spaces, UTF-8), told by its SHA-256. Pure; leaves out how it is set
in type (`fleet/money_papers`) and what may change later: what was paid of it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fleet.billing.model import BillLine
from fleet.capitals import in_capitals

BILL_FORMAT: Final = "guanche-bill/1"
CREDIT_NOTE_FORMAT: Final = "guanche-credit-note/1"
Facts = dict[str, Any]


def canonical(facts: Mapping[str, Any]) -> str:
    """The one text of these facts.

    >>> canonical({"b": date(2026, 3, 1), "a": {"d": Decimal("13.00"), "c": "租金"}})
    '{"a":{"c":"租金","d":"13.00"},"b":"2026-03-01"}'
    """
    return json.dumps(
        facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


def digest_of(text: str) -> bytes:
    """SHA-256 of a canonical text."""
    return hashlib.sha256(text.encode()).digest()


def _plain(each: object) -> str:
    if isinstance(each, date | Decimal):
        return str(each)
    raise TypeError(f"{type(each).__name__} is not printed on bills")


def line_facts(line: BillLine, vehicle: Mapping[str, str | None]) -> Facts:
    """A line as it is printed. `vehicle`: its vin and plate, empty without one."""
    days = (line.until_on - line.from_on).days if line.from_on and line.until_on else None
    return {
        "no": line.no,
        "kind": line.kind,
        "class": line.class_,
        "title": line.title,
        "plate": vehicle.get("plate"),
        "vin": vehicle.get("vin"),
        "line_no": line.line_no,
        "from_on": line.from_on,
        "until_on": line.until_on,
        "days": days,
        "amount_fen": line.amount_fen,
        "net_fen": line.net_fen,
        "vat_fen": line.vat_fen,
        "vat_pct": percent(line.vat_pct),
        "basis": dict(line.basis),
    }


def percent(pct: Decimal | None) -> str | None:
    """A rate as it is printed.

    >>> percent(Decimal(13)), percent(None)
    ('13.00', None)
    """
    return None if pct is None else f"{pct:.2f}"


def totals(lines: Iterable[Mapping[str, Any]]) -> Facts:
    """Totals of printed lines, by rate and altogether."""
    by_rate: dict[str | None, Facts] = {}
    for line in lines:
        rate = line["vat_pct"]
        none_yet = {"vat_pct": rate, "net_fen": 0, "vat_fen": 0, "amount_fen": 0}
        sums = by_rate.setdefault(rate, none_yet)
        for name in ("net_fen", "vat_fen", "amount_fen"):
            sums[name] += line[name]
    rates = sorted(by_rate, key=lambda rate: (rate is None, -Decimal(rate or 0)))
    total_fen = sum(each["amount_fen"] for each in by_rate.values())
    return {
        "vat_by_rate": [by_rate[rate] for rate in rates],
        "total_fen": total_fen,
        "net_fen": sum(each["net_fen"] for each in by_rate.values()),
        "vat_fen": sum(each["vat_fen"] for each in by_rate.values()),
        "total_capitals": in_capitals(total_fen),
    }


def customer_facts(customer: Mapping[str, Any]) -> Facts:
    """The buyer as printed: its number, name, and what invoices are made out to; no phone."""
    return {
        "customer_no": customer["customer_no"],
        "name": customer["name"],
        "title": customer["invoice_title"],
        "tax_no": customer["tax_no"],
        "address": customer["invoice_address"],
    }


def clause_facts(clauses: Mapping[str, str]) -> list[Facts]:
    """What of the contract the bill stands on, by what it concerns."""
    return [{"concern": each, "no": clauses[each]} for each in sorted(clauses)]


def bill_facts(
    bill: Mapping[str, Any],
    lines: Sequence[Facts],
    *,
    seller: Mapping[str, Any],
    customer: Mapping[str, Any],
    clauses: Mapping[str, str],
) -> Facts:
    """All that is printed on a bill. `bill` is its row, `lines` are of `line_facts`."""
    same = ("kind", "bill_no", "lease_no", "organisation_code", "issued_on", "due_on", "from_on")
    sums = ("until_on", "principal_fen", "interest_fen", "cost_fen", "late_fee")
    return {
        "format": BILL_FORMAT,
        **{name: bill[name] for name in (*same, *sums)},
        "seller": dict(seller),
        "customer": customer_facts(customer),
        "lines": list(lines),
        **totals(lines),
        "clauses": clause_facts(clauses),
    }


def credit_note_facts(
    note: Mapping[str, Any],
    lines: Sequence[Facts],
    *,
    bill: Mapping[str, Any],
    credited_before_fen: int,
) -> Facts:
    """All that is printed on a credit note. `bill` is the snapshot of the bill it is of."""
    return {
        "format": CREDIT_NOTE_FORMAT,
        "credit_no": note["credit_no"],
        "bill_no": bill["bill_no"],
        "bill_issued_on": bill["issued_on"],
        "bill_total_fen": bill["total_fen"],
        "credited_before_fen": credited_before_fen,
        "lease_no": bill["lease_no"],
        "organisation_code": bill["organisation_code"],
        "issued_on": note["issued_on"],
        "reason": note["reason"],
        "seller": bill["seller"],
        "customer": bill["customer"],
        "lines": list(lines),
        **totals(lines),
    }
