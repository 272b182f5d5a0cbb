"""Bodies that are files: which operations take them, how large they may be, and their bytes.

A file is the whole body, not a part of a form: what is sent is what is kept, byte for byte. Leaves
out what a file may be (`fleet/documents`, `fleet/sheets`).
"""

import re
from typing import Annotated, Final

from fastapi import Body, Query
from pydantic import AfterValidator, Field

from api.models.text import plain_text

MAX_UPLOAD_BYTES: Final = 32 * 1024 * 1024
UPLOAD_PATHS: Final = re.compile(
    r"/api/v1/((vehicles|hand-overs|dunning-notices)/[^/]+/documents"
    r"|leases/[^/]+/contracts/upload|imports|bank-statements|invoice-requests/numbers)"
)
"""POST to these takes a file."""

FileBody = Annotated[
    bytes,
    Body(
        media_type="application/octet-stream",
        description=f"The file itself, up to {MAX_UPLOAD_BYTES // 1024 // 1024} MiB; its type is"
        " told by its first bytes.",
        min_length=1,
        max_length=MAX_UPLOAD_BYTES,
    ),
]
FileName = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(plain_text),
    Query(description="What the file is called.", examples=["front.jpg"]),
]


def max_body_bytes(method: str, path: str, otherwise: int) -> int:
    """How large the body of this request may be.

    >>> max_body_bytes("POST", "/api/v1/imports", 1), max_body_bytes("PUT", "/api/v1/imports", 1)
    (33554432, 1)
    """
    takes_file = method == "POST" and UPLOAD_PATHS.fullmatch(path) is not None
    return MAX_UPLOAD_BYTES if takes_file else otherwise
