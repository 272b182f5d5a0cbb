"""Decides what the rows of a sheet change of vehicles: which rows of which table are written.

A field that is absent or None leaves what is there. Leaves out whether a row may be taken
(`rows.py`) and how it is written (`store.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from fleet.registry.rows import PURCHASE, Row

BETWEEN_TAGS: Final = "\x1f"
Columns = dict[str, list[Any]]


class Place(NamedTuple):
    """An organisation that a row may name."""

    id: int
    tenant_id: int


class NamedModel(NamedTuple):
    """A model that a row may name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """What rows name by code: organisations, and models by tenant and code."""

    places: Mapping[str, Place]
    models: Mapping[tuple[int, str], NamedModel]

    def place_id(self, code: str | None) -> int | None:
        """The id of an organisation; None for none."""
        return None if code is None else self.places[code].id

    def model(self, tenant_id: int, code: str | None) -> NamedModel | None:
        """A model of the tenant; None for none."""
        return None if code is None else self.models[tenant_id, code]


@dataclass(frozen=True, slots=True)
class Written:
    """Rows to be written, by table; each a table of columns."""

    changed: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    bought: list[dict[str, Any]] = field(default_factory=list)
    corrected: list[dict[str, Any]] = field(default_factory=list)
    odometers: list[dict[str, Any]] = field(default_factory=list)


def newcomers(rows: Sequence[Row], named: Named) -> list[dict[str, Any]]:
    """The vehicles of new rows as they are inserted."""
    return [_newcomer(row, named) for row in rows]


def of_newcomers(rows: Sequence[Row], ids: Mapping[str, int], named: Named) -> Written:
    """What stands beside new vehicles, once they have their ids; `moved` is their first stage."""
    written = Written()
    for row in rows:
        owner = named.places[row["owner"]]
        holder = named.places[row.get("operator") or row["owner"]]
        whose = {"vehicle_id": ids[row["vin"]], "tenant_id": owner.tenant_id}
        held = whose | {"organisation_id": holder.id}
        written.moved.append(held | {"stage": row.get("stage") or "in_stock"})
        _purchase(written, row, None, whose | {"organisation_id": owner.id})
        if row.get("odometer_km") is not None:
            written.odometers.append(held | {"odometer_km": row["odometer_km"]})
    return written


def of_known(rows: Sequence[Row], known: Mapping[str, Row], named: Named) -> Written:
    """What differs of vehicles that are known."""
    written = Written()
    for row in rows:
        was = known[row["vin"]]
        if (changed := _change(row, was, named)) is not None:
            written.changed.append(changed)
        whose = {"vehicle_id": was["id"], "tenant_id": was["tenant_id"]}
        held = whose | {"organisation_id": was["holder_id"]}
        if row.get("stage") not in (None, was["stage"]):
            written.moved.append(held | {"stage": row["stage"], "vin": row["vin"]})
        _purchase(written, row, was, whose | {"organisation_id": was["owner_id"]})
        if row.get("odometer_km") not in (None, was["odometer_km"]):
            written.odometers.append(held | {"odometer_km": row["odometer_km"]})
    return written


def columns(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Columns:
    """Rows as columns, as one statement takes them.

    >>> columns([{"a": 1, "b": 2}, {"a": 3, "b": 4}], ["a", "b"])
    {'a': [1, 3], 'b': [2, 4]}
    """
    listed = list(rows)
    return {name: [row[name] for row in listed] for name in names}


def _newcomer(row: Row, named: Named) -> dict[str, Any]:
    owner = named.places[row["owner"]]
    model = named.model(owner.tenant_id, row.get("model_code"))
    return {
        "tenant_id": owner.tenant_id,
        "vin": row["vin"],
        "plate": row.get("plate"),
        "model": row.get("model") if model is None else model.name,
        "model_id": None if model is None else model.id,
        "owner_id": owner.id,
        "depot_id": named.place_id(row.get("depot")),
        "tags": BETWEEN_TAGS.join(row.get("tags") or ()),
    }


def _change(row: Row, was: Row, named: Named) -> dict[str, Any] | None:
    """The vehicle as it is to be; None where it is. Another name sets it free of its model."""
    model = named.model(was["tenant_id"], row.get("model_code"))
    name, model_id = was["model"], was["model_id"]
    if model is not None:
        name, model_id = model.name, model.id
    elif row.get("model") not in (None, was["model"]):
        name, model_id = row["model"], None
    depot = row.get("depot")
    is_now = {
        "plate": was["plate"] if row.get("plate") is None else row["plate"],
        "model": name,
        "model_id": model_id,
        "depot_id": was["depot_id"] if depot is None else named.place_id(depot),
        "tags": was["tags"] if row.get("tags") is None else row["tags"],
    }
    if all(is_now[field] == was[field] for field in is_now):
        return None
    return is_now | {"id": was["id"], "tags": BETWEEN_TAGS.join(is_now["tags"])}


def _purchase(written: Written, row: Row, was: Row | None, whose: dict[str, Any]) -> None:
    said = {name: row[name] for name in PURCHASE if row.get(name) is not None}
    before = {name: None if was is None else was[name] for name in PURCHASE}
    is_now = before | said
    is_now["depreciation_method"] = is_now["depreciation_method"] or "none"
    if not said or is_now == before:
        return
    into = written.bought if before["price_fen"] is None else written.corrected
    into.append(whose | is_now)
