"""Makes the bytes of an answer: serialised, with its headers, smaller where the reader can unpack.

Leaves out what is answered (the endpoints) and errors (`errors.py`).
"""

import gzip
import os
import re
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final, Generic, TypeVar
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import TypeAdapter

from kit.errors import DomainError

Model = TypeVar("Model")

GZIP_ABOVE_BYTES: Final = 1_024
GZIP_LEVEL: Final = 3
"""Thrice as fast as the usual 6, for a tenth more bytes."""
PIECE_BYTES: Final = 64 * 1024


@dataclass(slots=True)
class Answer(Generic[Model]):
    """A model with what else the answer carries."""

    body: Model
    headers: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    """Becomes the ETag."""


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is bytes already."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    """In place of the operation's own, as 304 for what the reader has already."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An answer that is a file, sent as it is and closed after it; nobody's to look into."""

    file: IO[bytes]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


AS_IT_IS: Final = (Raw, Filed)
"""Answers that are no models."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A refusal whose traces must be kept, such as a failed log-in: commit, then tell the error."""

    error: DomainError


def respond(result: Any, adapter: TypeAdapter[Any] | None, status: int) -> Response:
    """What an endpoint returned, as a response."""
    headers: dict[str, str] = {}
    if isinstance(result, Raw):
        return Response(
            result.body, result.status or status, dict(result.headers), result.media_type
        )
    if isinstance(result, Filed):
        return _sent(result, status)
    if isinstance(result, Answer):
        headers |= result.headers
        if result.version is not None:
            headers["ETag"] = f'"{result.version}"'
        result = result.body
    if adapter is None:
        return Response(status_code=status, headers=headers)
    return Response(adapter.dump_json(result), status, headers, "application/json")


def _sent(filed: Filed, status: int) -> Response:
    """The file in pieces, which no browser takes for a page of ours."""
    length = filed.file.seek(0, os.SEEK_END)
    filed.file.seek(0)
    headers = {
        **filed.headers,
        "Content-Length": str(length),
        "Content-Security-Policy": "sandbox",
    }

    pieces = _pieces(filed.file)
    weakref.finalize(pieces, filed.file.close)  # also where nobody reads them to the end
    return StreamingResponse(pieces, status, headers, filed.media_type)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece


def disposition(name: str, *, inline: bool = False) -> str:
    """The Content-Disposition of a file of this name, RFC 6266 and 5987.

    >>> print(disposition("车辆.csv"))
    attachment; filename="__.csv"; filename*=UTF-8''%E8%BD%A6%E8%BE%86.csv
    """
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    how = "inline" if inline else "attachment"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def compressed(request: Request, response: Response) -> Response:
    """The response, smaller where the reader can unpack it. Costs this thread, not the loop."""
    if isinstance(response, StreamingResponse):
        return response
    if len(response.body) <= GZIP_ABOVE_BYTES or "content-encoding" in response.headers:
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return response
    response.body = gzip.compress(bytes(response.body), GZIP_LEVEL, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a reader can unpack gzip; one who says nothing cannot.

    >>> takes_gzip("br;q=1.0, gzip;q=0.8"), takes_gzip("gzip;q=0, *"), takes_gzip("*")
    (True, False, True)
    """
    wanted: dict[str, bool] = {}
    for part in accept_encoding.lower().split(",")[:16]:
        coding, _, parameters = part.strip().partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=")
        wanted[coding.strip()] = weight.strip("0.") != "" if parameters else True
    return wanted.get("gzip", wanted.get("*", False))
