"""What a tenant tries to write across its border, asked of the database itself."""

from typing import Any

import pytest
from psycopg import Connection, errors

from kit.db import act_for
from tests.isolation.crawl import leaks
from tests.isolation.crawl_world import Organisation, World

Conn = Connection[Any]
REFUSED = (
    errors.InsufficientPrivilege,
    errors.ForeignKeyViolation,
    errors.NotNullViolation,
    errors.CheckViolation,
    errors.ObjectNotInPrerequisiteState,  # a view of several tables
)
"""What a statement that points out of sight ends in."""


def ids_of(owner: Conn, one: Organisation) -> dict[str, Any]:
    """The inner ids of an organisation's things, for statements the API would never make."""
    row = owner.execute(
        """
        SELECT (SELECT id FROM vehicles WHERE vin = %(vin)s) AS vehicle,
               (SELECT id FROM vehicles WHERE vin = %(vin_free)s) AS vehicle_free,
               (SELECT id FROM devices WHERE serial = %(serial_free)s) AS device,
               (SELECT id FROM users WHERE login = %(login)s) AS person,
               (SELECT tenant_id FROM organisations WHERE code = %(code)s) AS tenant,
               (SELECT id FROM organisations WHERE code = %(code)s) AS organisation,
               (SELECT id FROM api_keys WHERE key_id = %(key_id)s) AS machine
        """,
        one.ids,
    )
    names = [column.name for column in row.description or ()]
    found = row.fetchone()
    assert found is not None
    return dict(zip(names, found, strict=True))


# What the application could try to write, each with ids of another organisation.
CROSSINGS: dict[str, str] = {
    "a vehicle owned elsewhere": """
        INSERT INTO vehicles (tenant_id, vin, owner_id)
        VALUES (%(other_tenant)s, 'LZX12345600000001', %(other_organisation)s)""",
    "a vehicle of one's own tenant owned elsewhere": """
        INSERT INTO vehicles (tenant_id, vin, owner_id)
        VALUES (%(own_tenant)s, 'LZX12345600000002', %(other_organisation)s)""",
    "one's own vehicle under another tenant": """
        INSERT INTO vehicles (tenant_id, vin, owner_id)
        VALUES (%(other_tenant)s + (%(other_tenant)s = %(own_tenant)s)::int,
                'LZX12345600000003', %(own_organisation)s)""",
    "a device owned elsewhere": """
        INSERT INTO devices (tenant_id, serial, owner_id)
        VALUES (%(other_tenant)s, 'N-1', %(other_organisation)s)""",
    "a foreign device in one's own vehicle": """
        INSERT INTO device_bindings (tenant_id, device_id, vehicle_id, bound_period)
        VALUES (%(own_tenant)s, %(other_device)s, %(own_vehicle_free)s, tstzrange(now(), NULL))""",
    "one's own device in a foreign vehicle": """
        INSERT INTO device_bindings (tenant_id, device_id, vehicle_id, bound_period)
        VALUES (%(own_tenant)s, %(own_device)s, %(other_vehicle_free)s, tstzrange(now(), NULL))""",
    "a binding of foreign things": """
        INSERT INTO device_bindings (tenant_id, device_id, vehicle_id, bound_period)
        VALUES (%(other_tenant)s, %(other_device)s, %(other_vehicle_free)s,
                tstzrange(now(), NULL))""",
    "a foreign operator of one's own vehicle": """
        INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
        VALUES (%(own_tenant)s, %(own_vehicle)s, %(other_organisation)s,
                tstzrange(now() - interval '90 days', now() - interval '80 days'))""",
    "oneself as operator of a foreign vehicle": """
        INSERT INTO vehicle_operators (tenant_id, vehicle_id, organisation_id, operated_period)
        VALUES (%(own_tenant)s, %(other_vehicle)s, %(own_organisation)s,
                tstzrange(now() - interval '90 days', now() - interval '80 days'))""",
    "oneself above another in the closure": """
        INSERT INTO organisation_closure (tenant_id, ancestor_id, descendant_id, depth)
        VALUES (%(own_tenant)s, %(own_organisation)s, %(other_organisation)s, 1)""",
    "a child of a foreign organisation": """
        INSERT INTO organisations (code, name, parent_id)
        VALUES ('x', 'x', %(other_organisation)s)""",
    "a child of one's own under a foreign tenant": """
        INSERT INTO organisations (code, name, parent_id, tenant_id)
        VALUES ('x', 'x', %(other_organisation)s, %(own_tenant)s)""",
    "a new root": "INSERT INTO organisations (code, name) VALUES ('x', 'x')",
    "one's child below a foreign organisation": """
        UPDATE organisations SET parent_id = %(other_organisation)s
        WHERE parent_id = %(own_organisation)s""",
    "oneself below a foreign organisation": """
        UPDATE organisations SET parent_id = %(other_organisation)s
        WHERE id = %(own_organisation)s""",
    "oneself without a parent": """
        UPDATE organisations SET parent_id = NULL WHERE parent_id = %(own_organisation)s""",
    "another tenant written on an organisation": """
        UPDATE organisations SET tenant_id = %(other_tenant)s WHERE id = %(own_organisation)s""",
    "another tenant written on a vehicle": """
        UPDATE vehicles SET tenant_id = %(other_tenant)s WHERE id = %(own_vehicle)s""",
    "another owner of a vehicle": """
        UPDATE vehicles SET owner_id = %(other_organisation)s WHERE id = %(own_vehicle)s""",
    "another owner of a device": """
        UPDATE devices SET owner_id = %(other_organisation)s WHERE id = %(own_device)s""",
    "a person of a foreign organisation": """
        INSERT INTO users (tenant_id, organisation_id, login, name, roles, created_at)
        VALUES (%(other_tenant)s, %(other_organisation)s, 'x.x', 'x', '{owner}', now())""",
    "a person moved to a foreign organisation": """
        UPDATE users SET organisation_id = %(other_organisation)s WHERE id = %(own_person)s""",
    "a session of a foreign person": """
        INSERT INTO sessions (organisation_id, user_id, token_digest, kind, created_at,
            last_seen_at, expires_at)
        VALUES (%(other_organisation)s, %(other_person)s, sha256('x'), 'bearer', now(), now(),
            now() + interval '1 day')""",
    "a session of a foreign person under one's own organisation": """
        INSERT INTO sessions (organisation_id, user_id, token_digest, kind, created_at,
            last_seen_at, expires_at)
        VALUES (%(own_organisation)s, %(other_person)s, sha256('x'), 'bearer', now(), now(),
            now() + interval '1 day')""",
    "a one-time link of a foreign person": """
        INSERT INTO password_resets (organisation_id, user_id, token_digest, created_by,
            created_at, expires_at)
        VALUES (%(own_organisation)s, %(other_person)s, sha256('y'), 'x', now(),
            now() + interval '1 day')""",
    "a key of a foreign organisation": """
        INSERT INTO api_keys (tenant_id, organisation_id, key_id, name, secret_digest, scopes,
            created_by, created_at, expires_at)
        VALUES (%(other_tenant)s, %(other_organisation)s, 'abcdefghijkl', 'x', sha256('x'),
            '{vehicle.read}', 'x', now(), now() + interval '1 day')""",
    "an entry in a foreign audit trail": """
        INSERT INTO audit_entries (organisation_id, no, at, actor_kind, actor_name, action,
            object_kind, object_key, previous_digest, digest)
        VALUES (%(other_organisation)s, 0, now(), 'person', 'x', 'a.b', 'x', 'x', '', '')""",
    "the end of a chain": "UPDATE audit_heads SET no = 0",
    "a changed entry": "UPDATE audit_entries SET actor_name = 'x'",
    "a kept answer of another": """
        INSERT INTO idempotent_answers (organisation_id, actor, idempotency_key, request_digest,
            created_at)
        VALUES (%(other_organisation)s, 'x', 'x', sha256('x'), now())""",
    "telemetry": """
        INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at)
        VALUES (%(own_vehicle)s, now(), 9, 1, %(own_organisation)s, now())""",
    "telemetry by the view": """
        INSERT INTO visible_telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at)
        VALUES (%(own_vehicle)s, now(), 9, 1, %(own_organisation)s, now())""",
    "an operator written on telemetry": """
        UPDATE visible_telemetry SET operator_id = %(own_organisation)s""",
    "an operator written on a state": """
        UPDATE visible_vehicle_state SET operator_id = %(own_organisation)s""",
    "a refusal": "DELETE FROM visible_refusals",
}
OTHERS = {
    "another tenant's root": ("a-south", "b-root"),
    "another tenant's depot": ("a-south", "b-depot"),
    "a sibling": ("a-south", "a-north"),
    "a parent": ("a-south", "a-root"),
}


@pytest.mark.parametrize(
    ("crossing", "other"),
    [
        (crossing, other)
        for crossing in CROSSINGS
        for other in OTHERS
        # Below one's own parent one stands already; that statement changes nothing.
        if (crossing, other) != ("oneself below a foreign organisation", "a parent")
    ],
)
def test_nothing_is_written_across(
    app_role: Conn, owner: Conn, world: World, crossing: str, other: str
) -> None:
    own, foreign = (world.organisations[name] for name in OTHERS[other])
    ids = {f"own_{name}": each for name, each in ids_of(owner, own).items()}
    ids |= {f"other_{name}": each for name, each in ids_of(owner, foreign).items()}
    act_for(app_role, [own.id])
    with pytest.raises(REFUSED) as refused:
        app_role.execute(CROSSINGS[crossing].encode(), ids)
    told = f"{refused.value} {refused.value.diag.message_detail} {refused.value.diag.message_hint}"
    assert leaks([told], world.barred(own)) == []


QUIET_CROSSINGS = {
    "a foreign organisation renamed": "UPDATE organisations SET name = 'x' WHERE id = %(o)s",
    "a foreign vehicle's plate": "UPDATE vehicles SET plate = 'x' WHERE id = %(v)s",
    "a foreign binding ended": """
        UPDATE device_bindings SET bound_period = tstzrange(lower(bound_period), now())
        WHERE vehicle_id = %(v)s""",
    "a foreign period ended": """
        UPDATE vehicle_operators SET operated_period = tstzrange(lower(operated_period), now())
        WHERE vehicle_id = %(v)s""",
    "a foreign person's password": "UPDATE users SET password_hash = 'x' WHERE id = %(p)s",
    "a foreign session ended": "UPDATE sessions SET ended_at = now() WHERE user_id = %(p)s",
    "a foreign link used": "UPDATE password_resets SET used_at = now() WHERE user_id = %(p)s",
    "a foreign key revoked": "UPDATE api_keys SET revoked_at = now() WHERE id = %(m)s",
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("crossing", QUIET_CROSSINGS)
def test_what_is_out_of_sight_is_not_changed(
    app_role: Conn, owner: Conn, world: World, crossing: str, other: str
) -> None:
    own, foreign = (world.organisations[name] for name in OTHERS[other])
    ids = ids_of(owner, foreign)
    named = {"o": ids["organisation"], "v": ids["vehicle"], "p": ids["person"]}
    act_for(app_role, [own.id])
    done = app_role.execute(QUIET_CROSSINGS[crossing].encode(), {**named, "m": ids["machine"]})
    assert done.rowcount == 0

    act_for(app_role, [own.id])
    mine = ids_of(owner, own)
    named = {"o": mine["organisation"], "v": mine["vehicle"], "p": mine["person"]}
    done = app_role.execute(QUIET_CROSSINGS[crossing].encode(), {**named, "m": mine["machine"]})
    assert done.rowcount >= (0 if "session" in crossing else 1)


def test_who_had_a_vehicle_before_changes_nothing_of_it(app_role: Conn, world: World) -> None:
    north = world.organisations["a-north"]
    vin = {"vin": world.handed_over["a"]}
    act_for(app_role, [north.id])
    assert app_role.execute("SELECT vin FROM vehicles WHERE vin = %(vin)s", vin).rowcount == 1
    of_it = "WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %(vin)s)"
    changed = {
        "plate": app_role.execute("UPDATE vehicles SET plate = 'x' WHERE vin = %(vin)s", vin),
        "its own period": app_role.execute(
            f"UPDATE vehicle_operators SET operated_period = tstzrange("
            f"lower(operated_period) - interval '1 year', upper(operated_period)) {of_it}",
            vin,
        ),
        "its own binding": app_role.execute(
            f"UPDATE device_bindings SET bound_period = tstzrange("
            f"lower(bound_period) - interval '1 year', upper(bound_period)) {of_it}",
            vin,
        ),
    }
    assert {name: done.rowcount for name, done in changed.items()} == dict.fromkeys(changed, 0)
