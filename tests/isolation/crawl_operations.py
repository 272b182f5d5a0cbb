"""Every operation of the API, and where in it which kind of identifier stands.

An operation that is missing here fails the suite, and so does one that is no longer in the
document, and a parameter or a field of a body that nobody has decided about. Own calls are made in
this order.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from tests.isolation import (
    operations_alert_rules,
    operations_alerts,
    operations_assets,
    operations_billing,
    operations_billing_packages,
    operations_contracts,
    operations_customers,
    operations_dunning,
    operations_hand_overs,
    operations_leases,
    operations_ledger,
    operations_money_papers,
    operations_notifications,
    operations_papers,
    operations_payments,
    operations_payments_bank,
    operations_questions,
    operations_service,
    operations_shares,
    operations_sheets,
)
from tests.isolation.crawl import Id, New, Operation, Secret
from tests.isolation.crawl_world import NOW, PASSWORD, Identifiers, nowhere

AREAS: Final = (
    operations_assets,
    operations_papers,
    operations_service,
    operations_sheets,
    operations_customers,
    operations_leases,
    operations_hand_overs,
    operations_contracts,
    operations_billing,
    operations_billing_packages,
    operations_dunning,
    operations_ledger,
    operations_questions,
    operations_payments_bank,
    operations_payments,
    operations_money_papers,
    operations_shares,
    operations_alert_rules,
    operations_alerts,
    operations_notifications,
)
"""Where further operations are described."""

VERSION_1: Final = {"If-Match": '"1"'}
A_DAY: Final[dict[str, Any]] = {
    "from_at": (NOW - timedelta(hours=26)).isoformat(),
    "until_at": (NOW + timedelta(minutes=1)).isoformat(),
}
NEXT_MONTH: Final = (NOW + timedelta(days=20)).isoformat()
NEW_PASSWORD: Final = "Quarry-violin-77"

SESSIONS: Final = {
    "log_in": Operation(
        201,
        body={"login": Id("login"), "password": "not the password", "kind": "bearer"},
        own={"password": PASSWORD},
        counts=True,
    ),
    "list_sessions": Operation(),
    "get_session": Operation(),
    "step_up": Operation(body={"password": PASSWORD}),
    "change_password": Operation(
        204, body={"old_password": PASSWORD, "new_password": NEW_PASSWORD}, shows=False
    ),
    "redeem_reset": Operation(
        204, body={"token": Secret("reset_token"), "new_password": NEW_PASSWORD}, shows=False
    ),
    "log_out": Operation(204, shows=False),
    "log_out_everywhere": Operation(shows=False),
}
PEOPLE: Final = {
    "list_roles": Operation(shows=False),
    "list_users": Operation(
        query={"organisation": Id("code"), "q": Id("text")}, own={"organisation": "top"}
    ),
    "create_user": Operation(
        201,
        body={
            "login": New("login"),
            "name": "新人",
            "organisation": Id("code"),
            "roles": ["viewer"],
            "phone": "13712345678",
            "id_card": None,
        },
    ),
    "get_user": Operation(path={"login": Id("login")}),
    "change_user": Operation(
        path={"login": Id("login")},
        body={"name": "改名", "roles": ["viewer"], "phone": None, "id_card": None},
        own={"phone": "13712345678"},
        headers=VERSION_1,
    ),
    "make_reset_link": Operation(201, path={"login": Id("login")}, shows=False),
    "log_out_user": Operation(path={"login": Id("login")}, shows=False),
    "unlock_user": Operation(path={"login": Id("login")}),
    "unmask_user": Operation(path={"login": Id("login")}, body={"reason": "核对"}, shows=False),
    "list_api_keys": Operation(),
    "create_api_key": Operation(
        201,
        body={
            "name": "新",
            "organisation": Id("code"),
            "scopes": ["vehicle.read"],
            "expires_at": NEXT_MONTH,
        },
    ),
    "get_api_key": Operation(path={"key_id": Id("key_id")}),
    "revoke_api_key": Operation(path={"key_id": Id("key_id")}),
}
ORGANISATIONS: Final = {
    "list_organisations": Operation(),
    "create_organisation": Operation(
        201,
        body={
            "code": New("code"),
            "name": "新",
            "parent": Id("code"),
            "time_zone": "Asia/Shanghai",
        },
    ),
    "get_organisation": Operation(path={"code": Id("code")}),
    "change_organisation": Operation(
        path={"code": Id("code")},
        body={"name": "改名", "time_zone": "Asia/Urumqi"},
        headers=VERSION_1,
    ),
    "move_organisation": Operation(
        path={"code": Id("child")}, body={"parent": Id("code")}, own={"parent": "code_other"}
    ),
    "list_audit_entries": Operation(
        query={"actor": Id("actor"), "object_key": Id("object_key"), "organisation": Id("code")},
        own={"actor": None, "object_key": None, "organisation": "top"},
    ),
}
VEHICLE_FILTERS: Final = {"organisation": Id("code"), "q": Id("text"), "former": "true"}
VEHICLES: Final = {
    "create_vehicle": Operation(
        201,
        body={
            "vin": New("vin"),
            "plate": New("plate"),
            "model": "EC35",
            "owner": Id("code"),
            "operator": Id("code"),
        },
    ),
    "list_vehicles": Operation(query=VEHICLE_FILTERS, own={"organisation": "top"}),
    "count_vehicles": Operation(query=VEHICLE_FILTERS, own={"organisation": "top"}, shows=False),
    "get_vehicle": Operation(path={"vin": Id("vin")}),
    "list_positions": Operation(query={"form": "columns"}),
    "read_track": Operation(path={"vin": Id("vin")}, query=A_DAY, shows=False),
    "read_signals": Operation(
        path={"vin": Id("vin")}, query={**A_DAY, "signals": ["odometer_km", "soc_pct"]}
    ),
    "follow_live": Operation(apart="a stream without end: test_live.py, on a real server"),
    "change_vehicle": Operation(
        path={"vin": Id("vin")}, body={"plate": New("plate"), "model": "EC36"}, headers=VERSION_1
    ),
    "list_operators": Operation(path={"vin": Id("vin")}),
    "list_bindings": Operation(path={"vin": Id("vin")}),
    "transfer_vehicle": Operation(
        201,
        path={"vin": Id("vin")},
        body={"organisation": Id("child"), "at": None},
        own={"organisation": "code_other"},
    ),
    "swap_device": Operation(
        201, path={"vin": Id("vin")}, body={"serial": Id("serial_free"), "at": None}
    ),
}
DEVICES: Final = {
    "list_devices": Operation(query={"q": Id("text")}),
    "create_device": Operation(201, body={"serial": New("serial"), "owner": Id("code")}),
    "get_device": Operation(path={"serial": Id("serial")}),
    "list_device_bindings": Operation(path={"serial": Id("serial")}),
    "bind_device": Operation(
        201,
        path={"serial": Id("serial_free")},
        body={"vin": Id("vin_free"), "at": None},
        own={"serial": "serial_other"},
    ),
    "unbind_device": Operation(path={"serial": Id("serial_bound")}, body={"at": None}),
    "list_refusals": Operation(query={"device": Id("serial")}),
    "get_refusal": Operation(path={"refusal_id": Id("refusal_id")}),
}
OF_NO_TENANT: Final = {
    "list_problems": Operation(shows=False),
    "read_health": Operation(shows=False),
    "read_readiness": Operation(shows=False),
    "read_metrics": Operation(shows=False),
}
OPERATIONS: Final[dict[str, Operation]] = (
    SESSIONS | PEOPLE | ORGANISATIONS | VEHICLES | DEVICES | OF_NO_TENANT
)
for area in AREAS:
    OPERATIONS.update(area.OPERATIONS)

NO_IDENTIFIER: Final[dict[str, str]] = {
    "limit": "a number",
    "after": "a cursor; others' are tried on every list",
    "action": "a verb",
    "object_kind": "a noun",
    "state": "a word",
    "online": "yes or no",
    "bound": "yes or no",
    "soc_min": "a number",
    "soc_max": "a number",
    "alarm_min": "a number",
    "sort": "a word",
    "crs": "a word",
    "bbox": "degrees",
    "from_at": "an instant",
    "until_at": "an instant",
    "at": "an instant",
    "max_points": "a number",
    "tolerance_m": "a number",
    "bucket_s": "a number",
    "reason": "a word",
    "snapshot": "yes or no",
    "disabled": "yes or no",
}
"""Parameters and fields that name nothing of anybody's."""
for area in AREAS:
    NO_IDENTIFIER.update(area.NO_IDENTIFIER)


def nowhere_at_all() -> Iterator[Identifiers]:
    """Identifiers of nothing that exists, of every kind, other ones every time."""
    for number, ids in enumerate(nowhere(), 1):
        yield ids | {kind: make(number) for area in AREAS for kind, make in area.NOWHERE.items()}
