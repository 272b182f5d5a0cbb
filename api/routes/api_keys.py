"""Keys of machines over HTTP."""

from typing import Annotated

from fastapi import Path

from api.deps import Call
from api.models.users import ApiKeyCreated, ApiKeyIn, ApiKeyOut
from api.operation import Answer, Operations
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.identity import service as identity

operations = Operations("api-keys")

KeyIdPath = Annotated[str, Path(max_length=12, description="The id of the key, not its secret.")]


@operations.get("/api-keys")
def list_api_keys(call: Call, limit: Limit = DEFAULT_LIMIT, after: After = None) -> Page[ApiKeyOut]:
    """The keys of your organisations, revoked ones too."""
    rows = identity.list_api_keys(call.conn, call.actor, after=key_of(after), limit=limit + 1)
    page, last = split_page(rows, limit)
    return Page[ApiKeyOut](
        items=[ApiKeyOut.of(row) for row in page], next=last and cursor_of(last.key_id)
    )


@operations.post(
    "/api-keys", status=201, idempotent="api_key.create", confidential=True, tells=["Location"]
)
def create_api_key(call: Call, body: ApiKeyIn) -> Answer[ApiKeyCreated]:
    """Give a machine a key with some of your own verbs. Its secret is shown this once. Step-up."""
    created, secret = identity.create_api_key(
        call.conn,
        call.actor,
        name=body.name,
        scopes=body.scopes,
        organisation_code=body.organisation,
        expires_at=body.expires_at,
        now=call.now,
    )
    told = ApiKeyCreated(**ApiKeyOut.of(created).model_dump(), key=secret)
    return Answer(told, {"Location": f"/api/v1/api-keys/{created.key_id}"})


@operations.get("/api-keys/{key_id}")
def get_api_key(call: Call, key_id: KeyIdPath) -> ApiKeyOut:
    """One key, without its secret."""
    return ApiKeyOut.of(identity.get_api_key(call.conn, call.actor, key_id=key_id))


@operations.delete("/api-keys/{key_id}", status=200)
def revoke_api_key(call: Call, key_id: KeyIdPath) -> ApiKeyOut:
    """Take a key back, at once and for good."""
    return ApiKeyOut.of(identity.revoke_api_key(call.conn, call.actor, key_id=key_id, now=call.now))
