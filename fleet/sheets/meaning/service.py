"""Finds out what the rows of a sheet stand for and what they would do, and writes the good ones.

Decides with `naming.py` and `deciding.py`, of rows that are asked about many at a time. Leaves out
where the rows come from (`jobs.py`) and how the things themselves are kept (`fleet/bulk`).
"""

from collections.abc import Sequence
from dataclasses import replace

from fleet.bulk import service as bulk
from fleet.registry import service as registry
from fleet.sheets.deciding import conclude, propose
from fleet.sheets.grouping import spoil_groups
from fleet.sheets.importing import ImportKind
from fleet.sheets.imports import RowFound
from fleet.sheets.model import Problem
from fleet.sheets.naming import Canonical, Names, SeenVehicle, texts_in, understand
from fleet.sheets.naming_customers import IDENTIFYING, SeenCustomer
from kit.errors import DomainError


def make_sense(asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Find out what the texts of the rows stand for, and what each row is known by."""
    conn = asked.conn
    for row in rows:
        row.told = bulk.SOURCES[kind.name].normalised(row.told)
    vins = {text: _vin(text) for text in texts_in(rows, ("vin",))}
    plates = {text: _plate(text) for text in texts_in(rows, ("plate",))}
    names = Names(vins=vins, plates=plates)
    called = texts_in(rows, kind.organisations)
    if called:
        names.organisations = bulk.organisation_codes(conn, sorted(called))
    if kind.models and (called := texts_in(rows, (*kind.models, "model"))):
        names.models = bulk.model_codes(conn, sorted(called))
    if kind.names_vehicle:
        found = bulk.find_vehicles(
            conn,
            vins=[each.text for each in vins.values() if each.text is not None],
            plates=[each.text for each in plates.values() if each.text is not None],
        )
        for vin, plate, held in found:
            names.vehicles[vin] = SeenVehicle(vin, plate, held)
            if plate is not None:
                names.vehicles[plate] = names.vehicles[vin]
    _find_customers(asked, kind, rows, names)
    for row in rows:
        understand(kind, row, names)


def _find_customers(
    asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound], names: Names
) -> None:
    """The customers in sight that the rows name, or are about."""
    called = texts_in(rows, (*kind.customers, *(IDENTIFYING if kind.is_customer else ())))
    names.own_code = asked.actor.organisation_code or ""
    if not called:
        return
    found: dict[str, list[SeenCustomer]] = {}
    for each in bulk.customers_called(asked, sorted(called)):
        seen = SeenCustomer(each.by, each.customer_no, each.organisation_code, each.reference)
        found.setdefault(each.text, []).append(seen)
    names.customers = found


def _vin(text: str) -> Canonical:
    try:
        vin = registry.parse_vin(text)
    except DomainError as error:
        zh = f"“{text}”不是有效的车架号：应为 17 位字母和数字，不含 I、O、Q"
        return Canonical(None, Problem("vin", error.code, error.message, zh))
    if vin.check_digit != "wrong":
        return Canonical(vin.text)
    en = f"{vin.text}: its check digit does not fit, a typing slip is likely"
    zh = f"{vin.text} 的校验位不符，可能录入有误"
    return Canonical(vin.text, warning=Problem("vin", "vin_check_digit_wrong", en, zh))


def _plate(text: str) -> Canonical:
    try:
        return Canonical(registry.parse_plate(text).text)
    except DomainError as error:
        return Canonical(
            None, Problem("plate", error.code, error.message, f"“{text}”不是有效的号牌")
        )


def decide(asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Compare the rows with what is there now: new, changed, same or bad, and why."""
    source, actor = bulk.SOURCES[kind.name], asked.actor
    assert actor.organisation_code is not None
    known = source.known(asked, [row.key for row in rows if row.key is not None])
    for row in rows:
        propose(kind, row, known.get(row.key), sender_code=actor.organisation_code)
    good = [row for row in rows if row.whole is not None]
    for row, found in zip(good, source.check(_about(asked, kind, good, known)), strict=True):
        row.problems += [Problem(each.field, each.code, each.en, each.zh) for each in found]
    for row in rows:
        conclude(kind, row, known.get(row.key), actor.may)
    if kind.grouped_by is not None:
        spoil_groups(kind, rows)


def save(asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound]) -> None:
    """Write those of the decided rows that are new or changed."""
    good = [row for row in rows if row.outcome in ("new", "changed")]
    if good:
        bulk.SOURCES[kind.name].save(_about(asked, kind, good, {}))


def _about(
    asked: bulk.Asked, kind: ImportKind, rows: Sequence[RowFound], known: bulk.Known
) -> bulk.Asked:
    said = [row.said(kind.key_fields) for row in rows]
    return replace(asked, rows=said, whole=[row.whole or {} for row in rows], known=known)
