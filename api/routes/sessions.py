"""Logging in and out over HTTP.

A person's session is a random token: in a HttpOnly cookie for a browser, in the answer for a
script.
Leaves out who may do what with it: the services ask.
"""

from fastapi.responses import Response

from api.deps import Call, check_origin, client_ip, csrf_token_of
from api.models.sessions import (
    LogIn,
    PasswordChange,
    PasswordRedeem,
    SessionLineOut,
    SessionOut,
    SessionsEnded,
    SessionStarted,
    StepUp,
)
from api.operation import Answer, Operations, Remembered
from fleet.sessions import service as sessions
from fleet.sessions.model import LoginRefused, LoginRules, Session
from schemas.access import Actor

operations = Operations("sessions")


@operations.post(
    "/sessions", status=201, public=True, confidential=True, hashing=True, tells=["Set-Cookie"]
)
def log_in(call: Call, body: LogIn) -> Answer[SessionStarted] | Remembered:
    """Log in. A wrong password, an unknown log-in and a disabled one are told alike."""
    settings = call.settings
    if body.kind == "cookie":
        check_origin(call.request, settings.api_public_url)
    outcome = sessions.log_in(
        call.conn,
        login=body.login,
        password=body.password,
        kind=body.kind,
        ip=client_ip(call.request, settings.api_trusted_proxies),
        user_agent=call.request.headers.get("user-agent", "")[:200] or None,
        now=call.now,
        rules=LoginRules(session_max_s=settings.session_max_s),
        request_id=call.request.scope.get("guanche.request_id"),
    )
    if isinstance(outcome, LoginRefused):
        return Remembered(outcome.error)
    actor = sessions.actor_of(
        outcome.session, now=call.now, step_up_s=settings.step_up_s, ip=None, request_id=None
    )
    told = _told(outcome.session, actor, outcome.token)
    cookie = body.kind == "cookie"
    started = SessionStarted(**told.model_dump(), token=None if cookie else outcome.token)
    headers = {"Set-Cookie": _cookie(call, outcome.token)} if cookie else {}
    return Answer(started, headers)


@operations.get("/session", confidential=True)
def get_session(call: Call) -> SessionOut:
    """Who you are, what you may do, and until when."""
    return _told(call.require_session(), call.actor, call.token or "")


@operations.delete("/session", tells=["Set-Cookie"])
def log_out(call: Call) -> Answer[None]:
    """Log out: the session ends at once, wherever its token is."""
    session = call.require_session()
    sessions.log_out(call.conn, call.actor, session.id, call.now)
    return Answer(None, _forget_cookie(call))


@operations.post("/session/step-up", confidential=True, hashing=True)
def step_up(call: Call, body: StepUp) -> SessionOut | Remembered:
    """Give the password once more; for some minutes dangerous verbs are open."""
    session = call.require_session()
    outcome = sessions.step_up(call.conn, call.actor, session, password=body.password, now=call.now)
    if isinstance(outcome, LoginRefused):
        return Remembered(outcome.error)
    actor = sessions.actor_of(
        outcome, now=call.now, step_up_s=call.settings.step_up_s, ip=None, request_id=None
    )
    return _told(outcome, actor, call.token or "")


@operations.put("/session/password", hashing=True)
def change_password(call: Call, body: PasswordChange) -> Remembered | None:
    """Change your own password; every other session of yours ends."""
    outcome = sessions.change_password(
        call.conn,
        call.actor,
        call.require_session(),
        body.old_password,
        body.new_password,
        call.now,
    )
    return None if outcome is None else Remembered(outcome.error)


@operations.get("/sessions")
def list_sessions(call: Call) -> list[SessionLineOut]:
    """Your running sessions."""
    session = call.require_session()
    lines = sessions.list_sessions(call.conn, session.user_id, call.now)
    return [SessionLineOut.of(line, current=line.id == session.id) for line in lines]


@operations.delete("/sessions", status=200, tells=["Set-Cookie"])
def log_out_everywhere(call: Call) -> Answer[SessionsEnded]:
    """End all your sessions, this one too."""
    session = call.require_session()
    ended = sessions.log_out_everywhere(call.conn, call.actor, session.user_id, call.now)
    return Answer(SessionsEnded(sessions=ended), _forget_cookie(call))


@operations.post("/password-resets/redeem", public=True, hashing=True)
def redeem_reset(call: Call, body: PasswordRedeem) -> None:
    """Set a password by a one-time link; every session of the person ends."""
    sessions.redeem_reset(
        call.conn,
        token=body.token,
        new_password=body.new_password,
        ip=client_ip(call.request, call.settings.api_trusted_proxies),
        request_id=call.request.scope.get("guanche.request_id"),
        now=call.now,
    )


def _told(session: Session, actor: Actor, token: str) -> SessionOut:
    return SessionOut(
        login=session.login,
        name=session.name,
        organisation=session.organisation_code,
        roles=session.roles,
        permissions=sorted(actor.permissions),
        kind=session.kind,
        expires_at=session.expires_at,
        stepped_up=actor.stepped_up,
        csrf_token=csrf_token_of(token) if session.kind == "cookie" else None,
    )


def _cookie(call: Call, token: str, *, max_age_s: int | None = None) -> str:
    """The session cookie: out of reach of scripts, sent by our own site only."""
    response = Response()
    response.set_cookie(
        call.state.cookie_name,
        token,
        max_age=call.settings.session_max_s if max_age_s is None else max_age_s,
        path="/",
        secure=call.state.over_https,
        httponly=True,
        samesite="strict",
    )
    return response.headers["set-cookie"]


def _forget_cookie(call: Call) -> dict[str, str]:
    return {"Set-Cookie": _cookie(call, "", max_age_s=0)}
