"""Makes the world of the crawl in a database: people, vehicles, terminals, what they sent.

Through the services where they do it, else by SQL as ingest and the API write it. Leaves out what
the marks are: `crawl_world.py`.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from fleet.audit import service as audit
from fleet.devices.service import bind_device, register_device
from fleet.identity.service import create_api_key, create_user, make_reset_link_token
from fleet.orgs.service import create_organisation
from fleet.registry.service import add_vehicle, assign_operator
from fleet.sessions.passwords import hash_password
from kit.tokens import digest_of
from schemas.access import MACHINE_PERMISSIONS, PERMISSIONS, SYSTEM, Actor
from tests.isolation import (
    build_alert_rules,
    build_alerts,
    build_assets,
    build_billing,
    build_billing_packages,
    build_contracts,
    build_customers,
    build_dunning,
    build_hand_overs,
    build_leases,
    build_ledger,
    build_money_papers,
    build_notifications,
    build_papers,
    build_payments,
    build_payments_bank,
    build_questions,
    build_service,
    build_shares,
    build_sheets,
)
from tests.isolation.crawl_world import (
    HANDED_OVER,
    KEY,
    LONG_AGO,
    NOW,
    PARTS,
    PASSWORD,
    ROLES,
    TENANTS,
    Identifiers,
    Organisation,
    World,
    plate_of,
    vin_of,
)

Conn = Connection[Any]
AREAS = (
    build_assets,
    build_papers,
    build_service,
    build_sheets,
    build_customers,
    build_leases,
    build_hand_overs,
    build_contracts,
    build_billing,
    build_billing_packages,
    build_dunning,
    build_ledger,
    build_questions,
    build_payments_bank,
    build_payments,
    build_money_papers,
    build_shares,
    build_alert_rules,
    build_alerts,
    build_notifications,
)
"""Where further things are made, in this order."""


def head_of(root: Organisation) -> Actor:
    """Somebody at the head of a tenant, in whose audit trail what they do below is written."""
    permissions = frozenset(PERMISSIONS)
    return Actor("person", f"head.{root.mark}", root.id, root.ids["code"], permissions, True)


def build(conn: Conn) -> World:
    """Make it all; `conn` is the owner's, and commits."""
    organisations: dict[str, Organisation] = {}
    for tenant in TENANTS:
        for part, above in PARTS:
            one = Organisation(tenant, part, len(organisations) + 1)
            organisations[one.name] = one
            parent = None if above is None else organisations[f"{tenant}-{above}"]
            _found(conn, one, parent, organisations[f"{tenant}-root"])
    for one in organisations.values():
        root = organisations[f"{one.tenant}-root"]
        _people(conn, one)
        _fleet(conn, one, one.ids, place=0, owner=root, by=head_of(root))
        _fleet(conn, one, one.spare, place=10, owner=one, by=head_of(root))
        for area in AREAS:
            area.build(conn, one, one.ids, owner=root, by=head_of(root))
            area.build(conn, one, one.spare, owner=one, by=head_of(root))
        _machines(conn, one)
        _refusals(conn, one)
    conn.execute("UPDATE users SET password_hash = %s", [hash_password(PASSWORD)])
    handed_over = {tenant: _hand_over(conn, organisations, tenant) for tenant in TENANTS}
    conn.commit()
    conn.execute("ANALYZE")
    conn.commit()
    return World(organisations, handed_over)


def _found(conn: Conn, one: Organisation, above: Organisation | None, root: Organisation) -> None:
    code = f"op-{one.mark}"
    one.marks.append(one.mark)
    parent_code = None if above is None else above.ids["code"]
    one.ids["code"] = code
    for own, name, parent in (
        (code, f"名{one.mark}", parent_code),
        (f"{code}-yard", f"场{one.mark}", code),
        (f"{code}-gate", f"门{one.mark}", code),
    ):
        actor = SYSTEM if root.id == 0 else head_of(root)
        made = create_organisation(
            conn, actor, code=own, name=name, parent_code=parent, now=LONG_AGO
        )
        one.id = one.id or made.id
    audit.record(
        conn,
        SYSTEM,
        "organisation.change",
        object_kind="organisation",
        object_key=code,
        now=LONG_AGO,
        before={"note": f"前{one.mark}"},
        after={"note": f"后{one.mark}"},
        organisation_id=one.id,
    )
    one.ids |= {"text": one.mark, "object_key": code, "child": f"{code}-yard"}
    one.spare |= {"top": code, "code": f"{code}-yard", "child": f"{code}-yard"}
    one.spare |= {"code_other": f"{code}-gate", "text": one.mark}


def _people(conn: Conn, one: Organisation) -> None:
    def person(name: str, role: str) -> str:
        login = f"{name}.{one.mark}"
        create_user(
            conn,
            SYSTEM,
            login=login,
            name=f"人{login}",
            organisation_code=one.ids["code"],
            roles=[role],
            phone=f"1390000{one.number:04d}",
            id_card="11010519491231002X",
            key=KEY,
            now=LONG_AGO,
        )
        return login

    for role in ROLES:
        one.tokens[role] = start_session(conn, person(role, role), stepped_up=True)
    one.ids["login"] = one.ids["actor"] = person("asked", "viewer")
    one.spare["login"] = one.spare["actor"] = person("spare", "viewer")
    one.spare["own_login"] = person("self", "owner")
    one.marks.append(f"1390000{one.number:04d}")


def start_session(conn: Conn, login: str, *, stepped_up: bool) -> str:
    """A session as a log-in makes it, without the 40 ms of its password; its token."""
    token = hashlib.sha256(f"{login} {datetime.now(UTC).timestamp()}".encode()).hexdigest()
    conn.execute(
        """
        INSERT INTO sessions (organisation_id, user_id, token_digest, kind, created_at,
            last_seen_at, expires_at, stepped_up_at, ip, user_agent)
        SELECT organisation_id, id, %(digest)s, 'bearer', now(), now(), now() + interval '1 day',
            CASE WHEN %(stepped_up)s THEN now() END, '192.0.2.1', 'agent of ' || login
        FROM users WHERE login = %(login)s
        """,
        {"digest": digest_of(token), "stepped_up": stepped_up, "login": login},
    )
    return token


def start_anew(conn: Conn) -> None:
    """Sessions of a world that has been copied, as if everybody had logged in just now."""
    conn.execute(
        """
        UPDATE sessions SET created_at = now(), last_seen_at = now(),
            expires_at = now() + interval '1 day',
            stepped_up_at = CASE WHEN stepped_up_at IS NOT NULL THEN now() END
        """
    )
    conn.commit()


def _fleet(
    conn: Conn, one: Organisation, known: Identifiers, *, place: int, owner: Organisation, by: Actor
) -> None:
    """Vehicles of the owner, with and without a terminal; terminals of its own, two in none."""
    vins = [vin_of(one.number, place + each) for each in range(3)]
    plates = [plate_of(one.number, place + each) for each in range(3)]
    for vin, plate in zip(vins, plates, strict=True):
        add_vehicle(
            conn,
            by,
            vin=vin,
            plate=plate,
            model=f"型{one.mark}",
            owner_code=owner.ids["code"],
            operator_code=one.ids["code"],
            now=LONG_AGO,
        )
    serials = [f"T-{one.mark}-{place + each}" for each in range(4)]
    for serial in serials:
        register_device(conn, SYSTEM, serial=serial, owner_code=one.ids["code"], now=LONG_AGO)
    for serial, vin in ((serials[0], vins[0]), (serials[1], vins[2])):
        bind_device(conn, SYSTEM, serial=serial, vin=vin, at=LONG_AGO, now=LONG_AGO)
    known |= {"vin": vins[0], "vin_free": vins[1], "vin_other": vins[2], "plate": plates[0]}
    known |= {"serial": serials[0], "serial_free": serials[2], "serial_bound": serials[1]}
    known["serial_other"] = serials[3]
    one.marks += [*vins, *plates, str(one.odometer_km)]
    report(conn, one, vins[0], since=NOW - timedelta(hours=26))


def report(conn: Conn, one: Organisation, vin: str, *, since: datetime) -> None:
    """Samples of a vehicle every hour until its operator is another, and its latest state."""
    for hours in range(0, 27, 2):
        conn.execute(
            """
            INSERT INTO telemetry (vehicle_id, ts, seq, device_id, operator_id, received_at, lat,
                lon, fix, speed_kmh, odometer_km, soc_pct, vehicle_state, extra)
            SELECT v.id, %(at)s, 1, b.device_id, %(operator_id)s, %(at)s, 22.5 + %(number)s / 100.0,
                114.0, true, 0, %(odometer_km)s, 50 + %(number)s, 'stopped', %(extra)s
            FROM vehicles v JOIN device_bindings b
              ON b.vehicle_id = v.id AND b.bound_period @> %(at)s::timestamptz
            WHERE v.vin = %(vin)s
            """,
            {
                "at": since + timedelta(hours=hours, minutes=-1),
                "vin": vin,
                "operator_id": one.id,
                "number": one.number,
                "odometer_km": one.odometer_km,
                "extra": Jsonb({"note": f"外{one.mark}"}),
            },
        )
    conn.execute(
        """
        INSERT INTO vehicle_state (vehicle_id, ts, seq, device_id, operator_id, received_at, lat,
            lon, fix, speed_kmh, odometer_km, soc_pct, vehicle_state, online, last_heard_at)
        SELECT vehicle_id, ts, seq, device_id, operator_id, received_at, lat, lon, fix, speed_kmh,
            odometer_km, soc_pct, vehicle_state, true, now()
        FROM telemetry WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)
        ORDER BY ts DESC LIMIT 1
        ON CONFLICT (vehicle_id) DO UPDATE SET operator_id = excluded.operator_id,
            ts = excluded.ts, odometer_km = excluded.odometer_km, lat = excluded.lat
        """,
        [vin],
    )


def _machines(conn: Conn, one: Organisation) -> None:
    for known in (one.ids, one.spare):
        key, _ = _machine(conn, one)
        known["key_id"] = key
        one.marks.append(key)
        known["reset_token"], _ = make_reset_link_token(
            conn, SYSTEM, login=known["login"], now=NOW, valid_s=86_400
        )
    _, one.tokens["machine"] = _machine(conn, one)
    conn.execute(
        """
        INSERT INTO idempotent_answers (organisation_id, actor, idempotency_key, request_digest,
            created_at, answer_sealed)
        VALUES (%(id)s, %(actor)s, %(key)s, sha256('x'), now(), 'x')
        """,
        {"id": one.id, "actor": one.ids["login"], "key": f"钥{one.mark}"},
    )


def _machine(conn: Conn, one: Organisation) -> tuple[str, str]:
    created, text = create_api_key(
        conn,
        SYSTEM,
        name=f"机{one.mark}",
        scopes=sorted(MACHINE_PERMISSIONS),
        organisation_code=one.ids["code"],
        expires_at=NOW + timedelta(days=30),
        now=NOW,
    )
    return created.key_id, text


def _refusals(conn: Conn, one: Organisation) -> None:
    """Two refusals of each of its terminals; of the bytes only the mark is text."""
    for known in (one.ids, one.spare):
        for number in range(2):
            row = conn.execute(
                """
                INSERT INTO ingest_rejects (digest, reason, detail, topic, device_serial, raw,
                    received_at, last_received_at)
                VALUES (sha256(%(raw)s), 'bad_schema', %(detail)s, %(topic)s, %(serial)s, %(raw)s,
                    now(), now())
                RETURNING id
                """,
                {
                    "raw": f"\x00\xff生{one.mark} {known['serial']} {number}".encode(),
                    "detail": f"拒{one.mark}",
                    "topic": f"v1/{known['serial']}/telemetry/{one.mark}",
                    "serial": known["serial"],
                },
            ).fetchone()
            assert row is not None
            known["refusal_id"] = row[0]


def _hand_over(conn: Conn, organisations: dict[str, Organisation], tenant: str) -> str:
    """A vehicle of the root that north had until three days ago and south has had since."""
    root, north, south = (organisations[f"{tenant}-{part}"] for part in ("root", "north", "south"))
    vin = vin_of(root.number, 50)
    add_vehicle(
        conn,
        head_of(root),
        vin=vin,
        plate=None,
        model="EC35",
        owner_code=root.ids["code"],
        operator_code=north.ids["code"],
        now=LONG_AGO,
    )
    for serial, at in ((f"T-{north.mark}-50", LONG_AGO), (f"T-{south.mark}-50", HANDED_OVER)):
        register_device(conn, SYSTEM, serial=serial, owner_code=root.ids["code"], now=LONG_AGO)
        if at == HANDED_OVER:
            conn.execute(
                "UPDATE device_bindings SET bound_period = tstzrange(lower(bound_period), %s)"
                " WHERE vehicle_id = (SELECT id FROM vehicles WHERE vin = %s)",
                [at, vin],
            )
        bind_device(conn, SYSTEM, serial=serial, vin=vin, at=at, now=NOW)
        if at == LONG_AGO:
            report(conn, north, vin, since=HANDED_OVER - timedelta(days=2))
    assign_operator(
        conn, head_of(root), vin=vin, organisation_code=south.ids["code"], at=HANDED_OVER, now=NOW
    )
    report(conn, south, vin, since=NOW - timedelta(hours=26))
    return vin
