"""The catalogue of models over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from api.deps import Call
from api.exports import Export
from api.labels import Words
from api.models.catalogue import ModelChange, ModelCodePath, ModelIn, ModelOut
from api.operation import Answer, IfMatch, Operations, version_of
from api.pages import DEFAULT_LIMIT, After, Limit, Page, cursor_of, key_of, split_page
from fleet.models import service as models

operations = Operations("models")
EXPORT: Final = Export(Words("车型", "models"), {"care": Words("养护特例", "Care that differs")})

Search = Annotated[str | None, Query(max_length=100, description="A part of code, name or maker.")]


@operations.get("/models", exported=EXPORT)
def list_models(
    call: Call, q: Search = None, limit: Limit = DEFAULT_LIMIT, after: After = None
) -> Page[ModelOut]:
    """The catalogue of your tenant, by code."""
    rows = models.list_models(call.conn, call.actor, search=q, after=key_of(after), limit=limit + 1)
    page, last = split_page(rows, limit)
    return Page[ModelOut](
        items=[ModelOut.of(row) for row in page], next=last and cursor_of(last.code)
    )


@operations.post("/models", status=201, idempotent="model.change", tells=["Location", "ETag"])
def create_model(call: Call, body: ModelIn) -> Answer[ModelOut]:
    """Add a model. The head of the tree keeps the catalogue, for all below."""
    created = models.create_model(
        call.conn, call.actor, code=body.code, facts=body.facts(), now=call.now
    )
    headers = {"Location": f"/api/v1/models/{created.code}"}
    return Answer(ModelOut.of(created), headers, created.version)


@operations.get("/models/{code}", tells=["ETag"])
def get_model(call: Call, code: ModelCodePath) -> Answer[ModelOut]:
    """One model of the catalogue."""
    model = models.get_model(call.conn, call.actor, code=code)
    return Answer(ModelOut.of(model), version=model.version)


@operations.put("/models/{code}", tells=["ETag"])
def change_model(
    call: Call, code: ModelCodePath, body: ModelChange, if_match: IfMatch = None
) -> Answer[ModelOut]:
    """Write what a model is. Its vehicles bear its name. If-Match: the ETag of the model."""
    changed = models.change_model(
        call.conn,
        call.actor,
        code=code,
        version=version_of(if_match),
        facts=body.facts(),
        now=call.now,
    )
    return Answer(ModelOut.of(changed), version=changed.version)
