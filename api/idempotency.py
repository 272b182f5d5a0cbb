"""Idempotency-Key: the same request sent again gets the first answer, and nothing happens twice.

The key is taken in the transaction that does the work, and the answer kept in it: both are there or
neither. A second request waits for the first to end. Only what succeeded is kept; a refusal changed
nothing and may be tried again.

A kept answer is told to whoever made the request, who is authenticated anew and must still have the
permission (and the step-up) of the operation. It is sealed, for it may show a secret that is shown
once; the request is known again by a digest under the installation's key, for it may hold an ID
card, which a plain digest would give away to whoever tries them all.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from fastapi.responses import Response
from pydantic_core import to_jsonable_python

from api import store
from api.deps import Call
from api.errors import ApiError

PURPOSE: Final = "idempotent_answers.answer"
_NOT_KEPT: Final = frozenset({"content-length"})


class _Kept(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A key taken for this request, or the answer that was given to it before."""

    place: store.KeyPlace
    answer: Response | None


def claim(call: Call, key: str, arguments: dict[str, Any], permission: str | None = None) -> Claim:
    """Take the key.

    Raises:
        ApiError: 409, it was used for another request.
        PermissionMissing, StepUpRequired: there is an answer, but the actor lost `permission`.
    """
    assert call.actor.organisation_id is not None
    place = store.KeyPlace(call.actor.organisation_id, call.actor.name, key)
    digest = digest_of(call, arguments)
    if store.claim_key(call.conn, place, request_digest=digest, now=call.now):
        return Claim(place, None)
    kept = store.find_answer(call.conn, place)
    if kept is None or kept.request_digest != digest or kept.answer_sealed is None:
        raise ApiError(409, "idempotency_key_reused", field="header.Idempotency-Key")
    if permission is not None:
        call.actor.require(permission)
    unsealed = call.state.key.unseal(kept.answer_sealed, purpose=purpose_of(place))
    first = msgspec.msgpack.decode(unsealed, type=_Kept)
    headers = {**first.headers, "Idempotent-Replayed": "true"}
    return Claim(place, Response(first.body, first.status, headers))


def keep(call: Call, taken: Claim, response: Response) -> None:
    """Keep the answer beside its key."""
    headers = {name: text for name, text in response.headers.items() if name not in _NOT_KEPT}
    packed = msgspec.msgpack.encode(_Kept(response.status_code, headers, bytes(response.body)))
    sealed = call.state.key.seal(packed, purpose=purpose_of(taken.place))
    store.keep_answer(call.conn, taken.place, sealed)


def purpose_of(place: store.KeyPlace) -> str:
    """What the seal is bound to: an answer cannot be put beside another's key."""
    return f"{PURPOSE}/{place.organisation_id}/{place.actor}/{place.key}"


def digest_of(call: Call, arguments: dict[str, Any]) -> bytes:
    """What makes two requests the same: method, path and what was understood of them."""
    files_by_digest = {
        name: hashlib.sha256(given).hexdigest() if isinstance(given, bytes) else given
        for name, given in arguments.items()
    }
    understood = to_jsonable_python(files_by_digest, fallback=repr)
    packed = msgspec.json.encode(
        [call.request.method, call.request.scope["path"], understood], order="sorted"
    )
    return call.state.key.digest(packed, purpose="idempotent_answers.request")
