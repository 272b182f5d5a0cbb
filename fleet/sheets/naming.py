"""Decides what the texts of a row stand for: an organisation, a model, a vehicle that is there.

Leaves out how a cell is read (`cells.py`), and where the names come from (`service.py`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fleet.sheets.importing import ImportKind
from fleet.sheets.imports import RowFound
from fleet.sheets.model import ParsedRow, Problem
from fleet.sheets.naming_customers import Seen, take_customer, take_own_customer


class SeenVehicle(NamedTuple):
    """A vehicle in sight. `held`: what is written about it now is for the asker to write."""

    vin: str
    plate: str | None
    held: bool


class Canonical(NamedTuple):
    """A VIN or a plate as it is written, or why it is none; a warning leaves it one."""

    text: str | None
    problem: Problem | None = None
    warning: Problem | None = None


@dataclass(slots=True)
class Names:
    """What the texts of some rows stand for.

    An organisation or model is found by its code or, where nobody has the text for a code, by its
    name; a name borne by several stands for none of them.
    """

    organisations: dict[str, str | None] = field(default_factory=dict)
    models: dict[str, str | None] = field(default_factory=dict)
    vehicles: dict[str, SeenVehicle] = field(default_factory=dict)
    """By VIN and by plate, which are never alike."""
    vins: dict[str, Canonical] = field(default_factory=dict)
    plates: dict[str, Canonical] = field(default_factory=dict)
    customers: Seen = field(default_factory=dict)
    own_code: str = ""
    """Of the organisation that sends the sheet."""


def begin(kind: ImportKind, parsed: ParsedRow, left_out: frozenset[str]) -> RowFound:
    """The row with what its cells tell; blank cells and columns that are left out tell nothing."""
    told = {
        name: value
        for name, value in parsed.values.items()
        if value is not None and name not in left_out
    }
    for name, value in kind.assumed.items():
        told.setdefault(name, value)
    problems = [each for each in parsed.problems if each.field not in left_out]
    return RowFound(parsed.row_no, told, problems)


def texts_in(rows: Iterable[RowFound], fields: Iterable[str]) -> set[str]:
    """Every text that stands in some fields of the rows."""
    names = tuple(fields)
    return {row.told[name] for row in rows for name in names if name in row.told}


def understand(kind: ImportKind, row: RowFound, names: Names) -> None:
    """Put what its names stand for into the row, and what it is known by."""
    _take_canonical(row, "vin", names.vins)
    _take_canonical(row, "plate", names.plates)
    for name in kind.organisations:
        _take_code(row, name, names.organisations, _no_organisation)
    for name in kind.models:
        _take_code(row, name, names.models, _no_model)
    if kind.models and "model" in row.told:
        _take_model_by_name(row, names)
    if kind.names_vehicle:
        _take_vehicle(row, names)
    for name in kind.customers:
        take_customer(kind, row, name, names.customers, own_code=names.own_code)
    if kind.is_customer:
        take_own_customer(row, names.customers, own_code=names.own_code)
    row.key = kind.key_of(row.told)
    row.key_text = None if row.key is None else kind.key_text(row.key)


def _take_canonical(row: RowFound, name: str, known: Mapping[str, Canonical]) -> None:
    text = row.told.get(name)
    if text is None:
        return
    found = known[text]
    if found.warning is not None:
        row.warnings.append(found.warning)
    if found.problem is not None:
        row.problems.append(found.problem)
    if found.text is None:
        del row.told[name]
    else:
        row.told[name] = found.text


def _take_code(
    row: RowFound,
    name: str,
    codes: Mapping[str, str | None],
    unknown: Callable[[str, str], Problem],
) -> None:
    text = row.told.get(name)
    if text is None:
        return
    code = codes[text]
    if code is None:
        row.problems.append(unknown(name, text))
        del row.told[name]
    else:
        row.told[name] = code


def _take_model_by_name(row: RowFound, names: Names) -> None:
    """A model of the catalogue says what the card says; the name of one stands for it."""
    code = names.models.get(row.told["model"])
    if "model_code" not in row.told and code is not None:
        row.told["model_code"] = code
    if "model_code" in row.told:
        del row.told["model"]


def _take_vehicle(row: RowFound, names: Names) -> None:
    """Replace VIN and plate by the VIN of the vehicle they name."""
    vin, plate = row.told.get("vin"), row.told.pop("plate", None)
    if vin is None and plate is None:
        if not any(problem.field in ("vin", "plate") for problem in row.problems):
            en, zh = "neither VIN nor plate is given", "车架号和车牌号至少填一项"
            row.problems.append(Problem("vin", "vehicle_missing", en, zh))
        return
    name = "vin" if vin is not None else "plate"
    seen = names.vehicles.get(vin or plate)
    if seen is None:
        en = f"no vehicle in sight has the {'VIN' if vin else 'plate'} {vin or plate}"
        zh = f"看不到{'车架号' if vin else '车牌号'}为 {vin or plate} 的车辆"
        row.problems.append(Problem(name, "vehicle_not_in_sight", en, zh))
        return
    if not seen.held:
        en, zh = f"{seen.vin} is not yours any more", f"车辆 {seen.vin} 已不归您使用"
        row.problems.append(Problem(name, "vehicle_not_yours", en, zh))
    if vin is not None and plate is not None and seen.plate != plate:
        en = f"{vin} bears {seen.plate or 'no plate'}, not {plate}"
        zh = f"{vin} 的车牌号是 {seen.plate or '（无）'}，不是 {plate}"
        row.problems.append(Problem("plate", "plate_of_another_vehicle", en, zh))
    row.told["vin"] = seen.vin


def _no_organisation(name: str, text: str) -> Problem:
    en, zh = f"no organisation in sight is called {text!r}", f"看不到编码或名称为“{text}”的组织"
    return Problem(name, "organisation_unknown", en, zh)


def _no_model(name: str, text: str) -> Problem:
    en, zh = f"no model is called {text!r}", f"车型库中没有编码或名称为“{text}”的车型"
    return Problem(name, "model_unknown", en, zh)
