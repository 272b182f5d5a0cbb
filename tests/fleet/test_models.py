"""The catalogue of models: kept by the head of the tree, read by all below."""

from decimal import Decimal
from typing import Any, Final

import pytest
from psycopg import Connection

from fleet.figures import IdleCare
from fleet.models import errors
from fleet.models.rows import check_model_row
from fleet.models.service import (
    ModelFacts,
    SavedModels,
    VehicleModel,
    care_of,
    change_model,
    check_models,
    create_model,
    get_model,
    known_models,
    list_models,
    save_models,
)
from fleet.orgs.service import create_organisation, get_organisation
from fleet.registry.service import change_vehicle, get_vehicle
from kit.db import act_for
from kit.errors import DomainError, VersionChanged
from schemas.access import SYSTEM, Actor

from .conftest import NOW, VIN_A, VIN_B, person, refused

EC35: Final = ModelFacts(
    "瑞驰 EC35",
    "重庆瑞驰",
    "微型封闭货车",
    2600,
    Decimal("41.86"),
    "lfp",
    300,
    Decimal("5.20"),
    {"check_every_days": 14},
)
ROW: Final = {"code": "ec35", "name": "瑞驰 EC35", "maker": "重庆瑞驰", "body_type": "微型封闭货车"}


def somebody(conn: Connection[Any], code: str) -> Actor:
    return person(get_organisation(conn, SYSTEM, code=code))


def create(conn: Connection[Any], code: str = "ec35", facts: ModelFacts = EC35) -> VehicleModel:
    return create_model(conn, somebody(conn, "head"), code=code, facts=facts, now=NOW)


def test_a_model_is_kept_as_it_is_written(fleet: Connection[Any]) -> None:
    made = create(fleet)
    assert (made.code, made.version, made.battery_kwh) == ("ec35", 1, Decimal("41.86"))
    assert get_model(fleet, SYSTEM, code="ec35") == made


@pytest.mark.parametrize("code", ["east", "west"])
def test_the_head_keeps_the_catalogue_for_all(fleet: Connection[Any], code: str) -> None:
    made, actor = create(fleet), somebody(fleet, code)
    fleet.execute("SET LOCAL ROLE guanche_app")
    assert actor.organisation_id is not None
    act_for(fleet, [actor.organisation_id])
    assert [model.code for model in list_models(fleet, actor)] == ["ec35"]
    with refused(fleet, errors.ModelsKeptByHead):
        create_model(fleet, actor, code="ec36", facts=EC35, now=NOW)
    with refused(fleet, errors.ModelsKeptByHead):
        change_model(fleet, actor, code="ec35", version=1, facts=EC35, now=NOW)
    with refused(fleet, errors.ModelsKeptByHead):
        save_models(fleet, actor, [ROW], now=NOW)
    assert get_model(fleet, actor, code="ec35") == made


def test_two_tenants_may_use_one_code(fleet: Connection[Any]) -> None:
    create(fleet)
    other = create_organisation(fleet, SYSTEM, code="other", name="别家", now=NOW)
    made = create_model(fleet, SYSTEM, code="ec35", facts=EC35, head_code="other", now=NOW)
    assert made.tenant_id == other.tenant_id
    with refused(fleet, errors.ModelsKeptByHead):
        create_model(fleet, SYSTEM, code="ec36", facts=EC35, now=NOW)


@pytest.mark.parametrize(
    ("code", "name", "fact"),
    [
        pytest.param("ec35", "另一个", errors.ModelExists, id="code"),
        pytest.param("ec36", "瑞驰 EC35", errors.ModelNameTaken, id="name"),
        pytest.param("EC 36", "另一个", errors.ModelCodeMalformed, id="capitals and space"),
    ],
)
def test_what_another_has_is_refused(
    fleet: Connection[Any], code: str, name: str, fact: type[DomainError]
) -> None:
    create(fleet)
    with refused(fleet, fact):
        create(fleet, code, ModelFacts(name, "厂", "货车"))


def test_vehicles_bear_the_name_of_their_model(fleet: Connection[Any]) -> None:
    made, head = create(fleet), somebody(fleet, "head")
    changed = change_vehicle(
        fleet, head, vin=VIN_A, version=1, plate=None, model="x", model_code="ec35", now=NOW
    )
    assert (changed.model, changed.model_code, changed.model_id) == ("瑞驰 EC35", "ec35", made.id)
    facts = ModelFacts("瑞驰 EC35 Pro", "重庆瑞驰", "微型封闭货车")
    now_is = change_model(fleet, head, code="ec35", version=1, facts=facts, now=NOW)
    assert (now_is.name, now_is.version, now_is.gvw_kg) == ("瑞驰 EC35 Pro", 2, None)
    renamed = get_vehicle(fleet, SYSTEM, vin=VIN_A)
    assert (renamed.model, renamed.version) == ("瑞驰 EC35 Pro", 3)
    assert get_vehicle(fleet, SYSTEM, vin=VIN_B).version == 1
    freed = change_vehicle(fleet, head, vin=VIN_A, version=3, plate=None, model="自改装", now=NOW)
    assert (freed.model, freed.model_code) == ("自改装", None)
    assert get_vehicle(fleet, SYSTEM, vin=VIN_A) == freed


def test_a_model_that_is_not_there_is_told(fleet: Connection[Any]) -> None:
    with refused(fleet, errors.ModelNotFound):
        change_vehicle(
            fleet, SYSTEM, vin=VIN_A, version=1, plate=None, model=None, model_code="e", now=NOW
        )


def test_a_model_is_of_the_version_that_was_read(fleet: Connection[Any]) -> None:
    create(fleet)
    with refused(fleet, VersionChanged):
        change_model(fleet, somebody(fleet, "head"), code="ec35", version=2, facts=EC35, now=NOW)


@pytest.mark.parametrize(
    "care",
    [
        pytest.param({"check_every_days": 0}, id="out of range"),
        pytest.param({"check_every_hours": 4}, id="unknown"),
        pytest.param({"target_from_pct": 90, "target_to_pct": 80}, id="ends before it begins"),
        pytest.param({"critical_below_pct": 99}, id="contradicts what is in force"),
    ],
)
def test_a_care_that_does_not_fit_is_refused(fleet: Connection[Any], care: dict[str, int]) -> None:
    with refused(fleet, errors.CareMalformed):
        create(fleet, facts=ModelFacts("x", "厂", "货车", care=care))


def test_a_model_s_care_stands_over_what_is_in_force() -> None:
    base = IdleCare(
        target_from_pct=50,
        target_to_pct=60,
        warn_below_pct=40,
        critical_below_pct=20,
        check_every_days=30,
    )
    own = care_of(base, {"check_every_days": 14, "also": ("12V",)})
    assert (own.check_every_days, own.also, own.warn_below_pct) == (14, ("12V",), 40)


def test_models_are_found_by_part_and_by_page(fleet: Connection[Any]) -> None:
    for code in ("ec35", "ec36", "k01"):
        create(fleet, code, ModelFacts(f"车 {code}", "东风" if code == "k01" else "瑞驰", "货车"))
    assert [m.code for m in list_models(fleet, SYSTEM, limit=2)] == ["ec35", "ec36"]
    assert [m.code for m in list_models(fleet, SYSTEM, after="ec35")] == ["ec36", "k01"]
    assert [m.code for m in list_models(fleet, SYSTEM, search="东风")] == ["k01"]
    assert list_models(fleet, SYSTEM, search="%") == []


def test_a_sheet_of_models_is_saved_once(fleet: Connection[Any]) -> None:
    create(fleet, "k01", ModelFacts("老名", "东风", "货车", gvw_kg=3000))
    head = somebody(fleet, "head")
    rows: list[dict[str, Any]] = [
        {**ROW, "battery_kwh": Decimal("41.86")},
        {"code": "k01", "name": "新名", "gvw_kg": None},
    ]
    assert save_models(fleet, head, rows, now=NOW) == SavedModels(new=1, changed=1)
    assert save_models(fleet, head, rows, now=NOW) == SavedModels(new=0, changed=0)
    known = known_models(fleet, ["ec35", "k01", "none"])
    assert known["k01"] == {
        "code": "k01",
        "name": "新名",
        "maker": "东风",
        "body_type": "货车",
        "gvw_kg": 3000,
        "battery_kwh": None,
        "battery_chemistry": None,
        "rated_range_km": None,
        "box_volume_m3": None,
    }
    assert (sorted(known), known["ec35"]["battery_kwh"]) == (["ec35", "k01"], Decimal("41.86"))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        pytest.param(ROW, [], id="whole"),
        pytest.param({"code": "k01"}, [], id="known, nothing said"),
        pytest.param({**ROW, "maker": None}, [("model_incomplete", "maker")], id="new, no maker"),
        pytest.param({**ROW, "code": "EC"}, [("model_code_malformed", "code")], id="capitals"),
        pytest.param({**ROW, "name": "老名"}, [("model_name_taken", "name")], id="name taken"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(
    fleet: Connection[Any], row: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    create(fleet, "k01", ModelFacts("老名", "东风", "货车"))
    [problems] = check_models(fleet, [row], known_models(fleet, [row["code"]]))
    assert [(problem.code, problem.field) for problem in problems] == told


def test_a_known_model_needs_no_more_than_its_code() -> None:
    assert check_model_row({"code": "k01"}, {"code": "k01"}, {}) == []
