"""Files over HTTP."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Input, Line
from fleet.documents.model import Document, DocumentKind, SubjectKind


class DocumentOut(BaseModel):
    """A file: what it is and what it belongs to."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a11",
                "vin": "LSGPC52U6AF102554",
                "organisation": "shenzhen-nanshan",
                "subject_kind": "inspection",
                "subject_key": "LSGPC52U6AF102554/2026-05-12",
                "kind": "certificate",
                "goes_along": True,
                "name": "检验合格标志.jpg",
                "media_type": "image/jpeg",
                "size_bytes": 214_003,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "uploaded_by": "li.na",
                "uploaded_at": "2026-05-12T03:14:00Z",
                "withdrawn_at": None,
            }
        }
    )

    key: UUID
    vin: str | None = Field(description="Null: of no vehicle, such as a sheet.")
    organisation: str | None = Field(description="Whose it is; null where out of your sight.")
    subject_kind: SubjectKind = Field(description="What it belongs to: the vehicle, or …")
    subject_key: str = Field(description="… which of them; of a vehicle its VIN.")
    kind: DocumentKind
    goes_along: bool = Field(
        description="It goes with the vehicle, to whoever operates it next; else it is business."
    )
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_by: str | None = Field(description="Null where out of your sight.")
    uploaded_at: datetime
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, document: Document) -> "DocumentOut":
        """As the service gives it."""
        same = {
            name: getattr(document, name)
            for name in cls.model_fields
            if name not in ("organisation", "sha256")
        }
        return cls(**same, organisation=document.organisation_code, sha256=document.sha256.hex())


class Withdrawal(Input):
    """Why a file is withdrawn."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "传错车辆"}})

    reason: Line
