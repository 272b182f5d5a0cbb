"""The tree of organisations over HTTP."""

from typing import Final

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.organisations import (
    OrganisationChange,
    OrganisationIn,
    OrganisationMove,
    OrganisationOut,
)
from api.models.text import CodePath
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.orgs import service as orgs

operations = Operations("organisations")

EXPORT: Final = Export(
    Words("组织", "organisations"),
    {"parent": Words("上级编码", "Above"), "time_zone": Words("时区", "Time zone")},
)
"""As a table."""


@operations.get("/organisations", exported=EXPORT)
def list_organisations(
    call: Call, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[OrganisationOut]:
    """The organisations you see: your own and all below, by code."""
    rows = orgs.list_organisations(call.conn, call.actor, after=key_of(after), limit=limit + 1)
    page, last = split_page(rows, limit)
    return Page[OrganisationOut](
        items=[OrganisationOut.of(row) for row in page], next=last and cursor_of(last.code)
    )


@operations.post(
    "/organisations", status=201, idempotent="organisation.create", tells=["Location", "ETag"]
)
def create_organisation(call: Call, body: OrganisationIn) -> Answer[OrganisationOut]:
    """Add an organisation below one of yours."""
    created = orgs.create_organisation(
        call.conn,
        call.actor,
        code=body.code,
        name=body.name,
        parent_code=body.parent,
        time_zone=body.time_zone,
        now=call.now,
    )
    headers = {"Location": f"/api/v1/organisations/{created.code}"}
    return Answer(OrganisationOut.of(created), headers, created.version)


@operations.get("/organisations/{code}", tells=["ETag"])
def get_organisation(call: Call, code: CodePath) -> Answer[OrganisationOut]:
    """One organisation; its ETag is what a change asks for."""
    found = orgs.get_organisation(call.conn, call.actor, code=code)
    return Answer(OrganisationOut.of(found), version=found.version)


@operations.patch("/organisations/{code}", tells=["ETag"])
def change_organisation(
    call: Call, code: CodePath, body: OrganisationChange, if_match: IfMatch = None
) -> Answer[OrganisationOut]:
    """Rename an organisation, or change its zone."""
    changed = orgs.change_organisation(
        call.conn,
        call.actor,
        code=code,
        version=version_of(if_match),
        name=body.name,
        time_zone=body.time_zone,
        now=call.now,
    )
    return Answer(OrganisationOut.of(changed), version=changed.version)


@operations.post("/organisations/{code}/move", tells=["ETag"])
def move_organisation(
    call: Call, code: CodePath, body: OrganisationMove
) -> Answer[OrganisationOut]:
    """Put an organisation, with all below it, below another. Asks for a step-up."""
    moved = orgs.move_organisation(
        call.conn, call.actor, code=code, parent_code=body.parent, now=call.now
    )
    return Answer(OrganisationOut.of(moved), version=moved.version)
