"""Who is calling: finds the session or the key behind a request and opens its transaction's view.

Decides where a credential is looked for, which client address is believed, and that a request by
cookie that changes something must prove that it comes from our own pages. Leaves out what the
caller may do: services ask the actor.
"""

import base64
import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request
from psycopg import Connection
from psycopg_pool import ConnectionPool

from api.errors import ApiError, not_authenticated
from api.gate import SESSION_COOKIES
from api.metrics import ApiMetrics
from api.turns import Turns
from fleet.sessions import service as sessions
from fleet.sessions.model import Session
from kit import clock, db
from kit.files import FileStore
from kit.sealed import SealingKey
from kit.settings import Settings
from kit.tokens import parse_key
from schemas.access import Actor

CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY: Final = Actor("person", "nobody", None, None, frozenset())


@dataclass(frozen=True, slots=True)
class AppState:
    """What the application holds for its whole life."""

    settings: Settings
    pool: ConnectionPool[Connection[Any]]
    key: SealingKey
    metrics: ApiMetrics
    hash_turns: Turns
    files: FileStore
    vault_copy: FileStore | None = None
    """Where contracts lie a second time."""

    @property
    def over_https(self) -> bool:
        """Whether people reach us over https; then cookies never travel otherwise."""
        return self.settings.api_public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """`__Host-` binds a cookie to this host and to https."""
        return SESSION_COOKIES[0] if self.over_https else SESSION_COOKIES[1]


@dataclass(slots=True)
class Call:
    """One request while it is being answered: its transaction, who asks, and when."""

    request: Request
    state: AppState
    conn: Connection[Any]
    now: datetime
    actor: Actor
    session: Session | None = None
    token: str | None = None

    @property
    def settings(self) -> Settings:
        return self.state.settings

    def require_session(self) -> Session:
        """The person's session.

        Raises:
            ApiError: 403, a machine has none.
        """
        if self.session is None:
            raise ApiError(403, "session_required")
        return self.session


def open_call(conn: Connection[Any], request: Request, *, public: bool) -> Call:
    """The call with its actor; rows of the actor's organisation and below are in sight from here.

    Raises:
        ApiError: 401, no credential that holds; 403, a forged request.
    """
    state: AppState = request.app.state.guanche
    call = Call(request, state, conn, clock.now(), NOBODY)
    if not public:
        authenticate(call)
        assert call.actor.organisation_id is not None
        request.scope["guanche.actor"] = call.actor.name
        db.act_for(conn, [call.actor.organisation_id])
        if touch(call):
            # At once: held until the end, the row's lock would meet those of whoever ends sessions.
            conn.commit()
            db.act_for(conn, [call.actor.organisation_id])
    return call


def authenticate(call: Call) -> None:
    """Find out who asks.

    Raises:
        ApiError: as `open_call`.
    """
    request, now = call.request, call.now
    about = {
        "ip": client_ip(request, call.settings.api_trusted_proxies),
        "request_id": request.scope.get("guanche.request_id"),
    }
    bearer = bearer_of(request)
    if bearer is not None and parse_key(bearer) is not None:
        machine = sessions.find_machine(call.conn, bearer, now=now)
        if machine is None:
            raise not_authenticated("credential_invalid")
        call.actor = sessions.actor_of_machine(machine, **about)
        call.request.scope["guanche.machine"] = machine
        return
    token = bearer or cookie_of(call)
    session = token and sessions.find_session(
        call.conn, token, now=now, idle_s=call.settings.session_idle_s
    )
    if not session or not token or session.kind != ("bearer" if bearer else "cookie"):
        raise not_authenticated("credential_invalid")
    if session.kind == "cookie" and request.method not in _SAFE_METHODS:
        check_own_page(request, token, call.settings.api_public_url)
    call.session, call.token = session, token
    call.actor = sessions.actor_of(session, now=now, step_up_s=call.settings.step_up_s, **about)


def touch(call: Call) -> bool:
    """Note that the credential was used, at most once a minute; whether it was noted."""
    if call.session is not None:
        stale = sessions.is_stale(call.session.last_seen_at, call.now)
        if stale:
            sessions.touch_session(call.conn, call.session.id, call.now)
        return stale
    machine = call.request.scope["guanche.machine"]
    stale = sessions.is_stale(machine.last_used_at, call.now)
    if stale:
        sessions.touch_machine(call.conn, machine.id, call.now)
    return stale


def bearer_of(request: Request) -> str | None:
    """The token of the Authorization header.

    Raises:
        ApiError: 401, another scheme than Bearer.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise not_authenticated("credential_invalid")
    return token.strip()


def cookie_of(call: Call) -> str | None:
    """The session token of the cookie."""
    return call.request.cookies.get(call.state.cookie_name)


def csrf_token_of(token: str) -> str:
    """What our own pages send along; nobody without the session's token can know it."""
    digest = hmac.new(token.encode(), b"guanche csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_own_page(request: Request, token: str, public_url: str) -> None:
    """Refuse a request that another site made the browser send.

    Raises:
        ApiError: 403.
    """
    check_origin(request, public_url)
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), csrf_token_of(token).encode()):
        raise ApiError(403, "csrf_failed")


def check_origin(request: Request, public_url: str) -> None:
    """Refuse a request that a browser says comes from another site's page.

    Our own pages are those at the address people reach us at, or the one this request went to.

    Raises:
        ApiError: 403.
    """
    origin = request.headers.get("origin")
    scheme = public_url.partition("://")[0]
    ours = {public_url.lower(), f"{scheme}://{request.headers.get('host', '')}".lower()}
    if origin is not None and origin.lower() not in ours:
        raise ApiError(403, "csrf_failed")


def client_ip(request: Request, trusted_proxies: str) -> str:
    """Where the request came from; X-Forwarded-For is believed only of a trusted proxy.

    A proxy adds whom it heard from at the end, in the last line of several: what stands before was
    sent by that one, and is believed only if that one is trusted, too.
    """
    peer = request.client.host if request.client else "unknown"
    trusted = {each.strip() for each in trusted_proxies.split(",") if each.strip()}
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while peer in trusted and hops:
        if (hop := address_of(hops.pop())) is None:
            break
        peer = hop
    return peer


def address_of(hop: str) -> str | None:
    """The address in a part of X-Forwarded-For, as a proxy writes it; None for anything else.

    >>> address_of(" 203.0.113.7"), address_of("203.0.113.7:4711"), address_of("[2001:DB8::1]:80")
    ('203.0.113.7', '203.0.113.7', '2001:db8::1')
    >>> address_of("unknown") is None
    True
    """
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
