"""Decides which customer a row names: by its number here, its number elsewhere, or its ID number.

Of several organisations in sight the sender's own comes first; a number that several others have
names none of them. Leaves out where customers come from (`meaning/service.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from fleet.sheets.importing import ImportKind
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Problem

IDENTIFYING: Final = ("customer_no", "reference", "id_number")
"""By what a customer is known, the surest first."""


class SeenCustomer(NamedTuple):
    """A customer in sight, and by which of IDENTIFYING a text names it."""

    by: str
    customer_no: str
    organisation: str
    reference: str | None


Seen = Mapping[str, Sequence[SeenCustomer]]
"""Customers by the text that names them."""


def take_customer(kind: ImportKind, row: RowFound, name: str, seen: Seen, *, own_code: str) -> None:
    """Replace what names a customer by its number here."""
    text = row.told.get(name)
    if text is None:
        return
    for by in IDENTIFYING:
        found = _meant(seen.get(text, ()), by, own_code)
        if len(found) == 1:
            row.told[name] = found[0].customer_no
            return
        if found:
            row.problems.append(_ambiguous(name))
            break
    else:
        told = kind.kind.shown(name, text)
        en, zh = f"no customer in sight is known as {told}", f"看不到编号或证件号为“{told}”的客户"
        row.problems.append(Problem(name, "customer_unknown", en, zh))
    del row.told[name]


def take_own_customer(row: RowFound, seen: Seen, *, own_code: str) -> None:
    """Put into a row about a customer the number of the one that is there already."""
    told = row.told
    organisation = told.get("organisation", own_code)
    strict = "organisation" in told
    by_number = _one(row, "id_number", seen, organisation, strict=strict)
    if "customer_no" in told:
        found = _one(row, "customer_no", seen, organisation, strict=False)
        if found is None:
            en, zh = "no customer in sight has this number", "看不到该客户编号的客户"
            row.problems.append(Problem("customer_no", "customer_unknown", en, zh))
            del told["customer_no"]
            return
    else:
        found = _one(row, "reference", seen, organisation, strict=strict)
        if found is None and by_number is not None:
            found = _without_other_reference(row, by_number)
    if found is None:
        if not any(told.get(name) for name in IDENTIFYING):
            en, zh = "give a reference, or the ID number", "请填写原编号或证件号，至少一项"
            row.problems.append(Problem("reference", "customer_not_identified", en, zh))
        return
    if by_number is not None and by_number.customer_no != found.customer_no:
        en = f"{by_number.customer_no} has this ID number already"
        zh = f"该证件号已属于客户 {by_number.customer_no}"
        row.problems.append(Problem("id_number", "customer_exists", en, zh))
    told["customer_no"] = found.customer_no


def _one(
    row: RowFound, by: str, seen: Seen, organisation: str, *, strict: bool
) -> SeenCustomer | None:
    text: Any = row.told.get(by)
    if text is None:
        return None
    found = _meant(seen.get(text, ()), by, organisation, strict=strict)
    if len(found) > 1:
        row.problems.append(_ambiguous(by))
        return None
    return found[0] if found else None


def _without_other_reference(row: RowFound, seen: SeenCustomer) -> SeenCustomer:
    reference = row.told.get("reference")
    if reference is not None and seen.reference not in (None, reference):
        en = f"{seen.customer_no} has this ID number, and another reference"
        zh = f"该证件号属于客户 {seen.customer_no}，其原编号不同"
        row.problems.append(Problem("reference", "customer_exists", en, zh))
    return seen


def _meant(
    seen: Sequence[SeenCustomer], by: str, organisation: str, *, strict: bool = False
) -> list[SeenCustomer]:
    """Customers named so: the organisation's or, where it has none, unless strict, of any."""
    found = list({each.customer_no: each for each in seen if each.by == by}.values())
    own = [each for each in found if each.organisation == organisation]
    return own if own or strict else found


def _ambiguous(name: str) -> Problem:
    en = "several organisations in sight have such a customer: name it by its number here"
    zh = "多个组织都有该客户，请填写系统内的客户编号"
    return Problem(name, "customer_ambiguous", en, zh)
