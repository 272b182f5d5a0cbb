"""Runs the SQL of the catalogue: one function a query, and the facts its constraints stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, scalar_row
from psycopg.types.json import Jsonb

from fleet.models.errors import ModelCodeMalformed, ModelExists, ModelNameTaken
from fleet.models.model import ModelFacts, SavedModels, VehicleModel
from fleet.models.rows import FIELDS
from kit.constraints import naming
from kit.errors import DomainError
from kit.sql import load_queries

_queries = load_queries(Path(__file__).with_name("queries.sql"))

_SEARCHED = "position(lower(%(search)s) IN lower(code || ' ' || name || ' ' || maker)) > 0"


def insert_model(conn: Connection[Any], *, tenant_id: int, code: str, facts: ModelFacts) -> int:
    """The id of the new model."""
    row = {**_row_of(facts), "tenant_id": tenant_id, "code": code}
    with naming(_facts(code, facts.name)), conn.cursor(row_factory=scalar_row) as cursor:
        model_id: int | None = cursor.execute(_queries.insert_model, row).fetchone()
    assert model_id is not None
    return model_id


def update_model(
    conn: Connection[Any], model: VehicleModel, *, version: int, facts: ModelFacts
) -> bool:
    """Write what the model is; False if the version is not that any more."""
    row = {**_row_of(facts), "id": model.id, "version": version}
    with naming(_facts(model.code, facts.name)):
        return conn.execute(_queries.update_model, row).rowcount == 1


def rename_vehicles(conn: Connection[Any], *, tenant_id: int, codes: Sequence[str]) -> None:
    """Let vehicles of these models bear their names."""
    conn.execute(_queries.rename_vehicles, {"tenant_id": tenant_id, "codes": list(codes)})


def list_models(
    conn: Connection[Any],
    *,
    tenant_id: int | None = None,
    codes: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    search: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[VehicleModel]:
    """Models in sight by code; those after `after`; `search` is a part of code, name or maker."""
    wanted = [
        sql.SQL(text)
        for text, given in (
            ("tenant_id = %(tenant_id)s", tenant_id),
            ("code = ANY (%(codes)s::text[])", codes),
            ("name = ANY (%(names)s::text[])", names),
            (
                "position(lower(%(search)s) IN lower(code || ' ' || name || ' ' || maker)) > 0",
                search,
            ),
            ("code > %(after)s", after),
        )
        if given is not None
    ]
    query: sql.Composable = sql.SQL(_queries.list_models)
    if wanted:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wanted)
    query += sql.SQL(" ORDER BY code LIMIT %(limit)s")
    row = {
        "tenant_id": tenant_id,
        "codes": None if codes is None else list(codes),
        "names": None if names is None else list(names),
        "search": search,
        "after": after,
        "limit": limit,
    }
    with conn.cursor(row_factory=class_row(VehicleModel)) as cursor:
        return cursor.execute(query, row, prepare=False).fetchall()


def save_models(
    conn: Connection[Any], *, tenant_id: int, rows: Sequence[Mapping[str, Any]]
) -> SavedModels:
    """Insert the new models and change the others: one statement each."""
    columns: dict[str, Any] = {
        name: [row.get(name) for row in rows] for name in ("code", *FIELDS)
    } | {"tenant_id": tenant_id}
    facts = _facts("", "")
    with naming(facts):
        changed = conn.execute(_queries.update_models, columns).rowcount
        return SavedModels(conn.execute(_queries.insert_models, columns).rowcount, changed)


def _row_of(facts: ModelFacts) -> dict[str, Any]:
    row = {name: asdict(facts)[name] for name in FIELDS}
    return row | {"care": Jsonb(facts.care)}


def _facts(code: str, name: str) -> dict[str, DomainError]:
    return {
        "vehicle_models_code_key": ModelExists(f"model {code} exists already", model_code=code),
        "vehicle_models_name_key": ModelNameTaken(f"another model is called {name}", name=name),
        "vehicle_models_code_check": ModelCodeMalformed(
            f"{code!r} is not a code of a model", model_code=code
        ),
    }
