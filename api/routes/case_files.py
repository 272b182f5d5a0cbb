"""The case file of a lease, over HTTP: one ZIP that proves itself."""

import tempfile
from pathlib import Path as FilePath
from typing import IO, Annotated, Any, Final

from fastapi import Path, Query

from api.answers import disposition
from api.deps import Call
from api.operation import Filed, Operations
from fleet.case_files import service as case_files

operations = Operations("case-files")

LeaseNo = Annotated[
    str, Path(max_length=64, description="Number of the lease.", examples=["L2026-7K3M9Q"])
]
AskedTracks = Annotated[
    case_files.Tracks,
    Query(
        description="Where the vehicles were while they were let: one sample a `minute`, the `full`"
        " record, or `none`. Takes `track.read`; without it tracks are left out, and said so."
    ),
]
MEDIA_TYPE: Final = "application/zip"
READ_ANSWER: Final[dict[str, Any]] = {
    "description": "The archive; `guanche case-file verify` and `sha256sum -c` prove it whole.",
    "content": {MEDIA_TYPE: {}},
}


@operations.get("/leases/{lease_no}/case-file", responses={200: READ_ANSWER})
def get_case_file(call: Call, lease_no: LeaseNo, tracks: AskedTracks = "minute") -> Filed:
    """All that is kept of a lease, with a manifest of digests, as one ZIP.

    Terms and their versions, the book, contracts as kept, hand-overs with photos, charges,
    violations, notices, tracks, the audit trail. Its manifest names what is not in it, and why.
    """
    with tempfile.TemporaryDirectory(prefix="guanche-case-file-") as folder:
        out = FilePath(folder, "case-file.zip")
        case_files.build_case_file(
            call.conn,
            call.actor,
            lease_no=lease_no,
            files=call.state.files,
            key=call.state.key,
            tracks=tracks,
            out=out,
            now=call.now,
        )
        file: IO[bytes] = out.open("rb")  # the answer closes it; its name is gone already
    name = disposition(f"案卷-{lease_no}.zip")
    return Filed(file, MEDIA_TYPE, {"Content-Disposition": name})
