"""Files kept by their content, as everybody else asks for them.

Each act stands in its own part: `keeping` (adding), `reading`, `withdrawing`. Leaves out how bytes
are stored (`kit/files.py`), deleting those that are to go (`jobs.py`) and what a file says.
"""

from fleet.documents.formats import media_type_of
from fleet.documents.keeping.service import add_document, add_file, keep_file, put_bytes
from fleet.documents.model import Document, DocumentKind, OpenedFile, SubjectKind, key_of_bytes
from fleet.documents.reading.service import (
    get_document,
    kept_bytes,
    list_documents,
    open_file,
    read_document,
)
from fleet.documents.withdrawing.service import withdraw_document, withdraw_files_of

__all__ = [
    "Document",
    "DocumentKind",
    "OpenedFile",
    "SubjectKind",
    "add_document",
    "add_file",
    "get_document",
    "keep_file",
    "kept_bytes",
    "key_of_bytes",
    "list_documents",
    "media_type_of",
    "open_file",
    "put_bytes",
    "read_document",
    "withdraw_document",
    "withdraw_files_of",
]
