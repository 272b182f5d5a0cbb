"""People over HTTP."""

from typing import Annotated, Final, cast

from fastapi import Path, Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.users import (
    LoggedOut,
    PersonalDataOut,
    ResetLink,
    RoleOut,
    Unmask,
    UserChange,
    UserIn,
    UserOut,
)
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.identity import service as identity
from fleet.identity.model import UserChanges

operations = Operations("users")

EXPORT: Final = Export(
    Words("人员", "people"),
    {
        "login": Words("登录名", "Log-in"),
        "name": Words("姓名", "Name"),
        "roles": Words("角色", "Roles"),
        "phone": Words("手机（脱敏）", "Phone (masked)"),
        "id_card": Words("身份证（脱敏）", "ID card (masked)"),
        "has_password": Words("已设密码", "Has a password"),
        "locked_until": Words("锁定至", "Locked until"),
        "last_login_at": Words("最近登录", "Last log-in"),
        "disabled": Words("已停用", "Disabled"),
    },
)
"""As a table."""

LoginPath = Annotated[str, Path(max_length=63, description="Log-in of the person.")]
Organisation = Annotated[
    str | None, Query(max_length=63, description="Only this organisation's and those below.")
]
Search = Annotated[str | None, Query(max_length=64, description="A part of log-in or name.")]


@operations.get("/roles")
def list_roles(call: Call) -> list[RoleOut]:  # noqa: ARG001  (whoever is logged in may know)
    """Roles, and the verbs each allows."""
    return [RoleOut.of(grants) for grants in identity.list_roles()]


@operations.get("/users", exported=EXPORT)
def list_users(
    call: Call,
    organisation: Organisation = None,
    q: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    after: After = None,
) -> Page[UserOut]:
    """People of your organisations, by log-in."""
    rows = identity.list_users(
        call.conn,
        call.actor,
        organisation_code=organisation,
        search=q,
        after=key_of(after),
        limit=limit + 1,
        key=call.state.key,
    )
    page, last = split_page(rows, limit)
    return Page[UserOut](
        items=[UserOut.of(row) for row in page], next=last and cursor_of(last.login)
    )


@operations.post("/users", status=201, idempotent="user.create", tells=["Location", "ETag"])
def create_user(call: Call, body: UserIn) -> Answer[UserOut]:
    """Add a person. They cannot log in before a one-time link was made and used. Step-up."""
    created = identity.create_user(
        call.conn,
        call.actor,
        login=body.login,
        name=body.name,
        organisation_code=body.organisation,
        roles=body.roles,
        phone=body.phone,
        id_card=body.id_card,
        key=call.state.key,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/users/{created.login}"}
    return Answer(UserOut.of(created), headers, created.version)


@operations.get("/users/{login}", tells=["ETag"])
def get_user(call: Call, login: LoginPath) -> Answer[UserOut]:
    """One person, masked."""
    user = identity.get_user(call.conn, call.actor, login=login, key=call.state.key)
    return Answer(UserOut.of(user), version=user.version)


@operations.patch("/users/{login}", tells=["ETag"])
def change_user(
    call: Call, login: LoginPath, body: UserChange, if_match: IfMatch = None
) -> Answer[UserOut]:
    """Change a person's name, roles, phone or ID card, or disable them. Step-up."""
    given = body.model_dump(exclude_unset=True)
    for required in ("name", "roles", "disabled"):
        if given.get(required, ...) is None:
            del given[required]
    changed = identity.change_user(
        call.conn,
        call.actor,
        login=login,
        version=version_of(if_match),
        changes=cast(UserChanges, given),
        key=call.state.key,
        now=call.now,
    )
    return Answer(UserOut.of(changed), version=changed.version)


@operations.post(
    "/users/{login}/password-reset",
    status=201,
    idempotent="user.reset_password",
    confidential=True,
)
def make_reset_link(call: Call, login: LoginPath) -> ResetLink:
    """Make a one-time link by which the person sets their password; ends older ones. Step-up."""
    token, expires_at = identity.make_reset_link_token(
        call.conn, call.actor, login=login, now=call.now, valid_s=call.settings.reset_link_s
    )
    url = f"{call.settings.api_public_url}/reset#token={token}"
    return ResetLink(url=url, token=token, expires_at=expires_at)


@operations.post("/users/{login}/log-out")
def log_out_user(call: Call, login: LoginPath) -> LoggedOut:
    """End every session of a person. Step-up."""
    ended = identity.log_out_user(call.conn, call.actor, login=login, now=call.now)
    return LoggedOut(sessions=ended)


@operations.post("/users/{login}/unlock", tells=["ETag"])
def unlock_user(call: Call, login: LoginPath) -> Answer[UserOut]:
    """Let a person try again who is locked out. Step-up."""
    user = identity.unlock_user(
        call.conn, call.actor, login=login, now=call.now, key=call.state.key
    )
    return Answer(UserOut.of(user), version=user.version)


@operations.post("/users/{login}/unmask", confidential=True)
def unmask_user(call: Call, login: LoginPath, body: Unmask) -> PersonalDataOut:
    """A person's phone and ID card in full. Audited with the reason. Step-up."""
    shown = identity.unmask_user(
        call.conn,
        call.actor,
        login=login,
        reason=body.reason,
        key=call.state.key,
        now=call.now,
    )
    return PersonalDataOut(phone=shown.phone, id_card=shown.id_card)
