"""What files are not taken, and which are not there."""

from kit.errors import Invalid, NotFound


class DocumentNotFound(NotFound):
    """There is no such file in sight."""

    code = "document_not_found"


class DocumentWithdrawn(NotFound):
    """It was withdrawn; nobody reads it any more."""

    code = "document_withdrawn"


class DocumentTypeRefused(Invalid):
    """Not a kind of file that is kept, or not what its name says it is."""

    code = "document_type_refused"
    field = "query.name"


class DocumentTooLarge(Invalid):
    """Larger than a photo or a paper needs to be."""

    code = "document_too_large"
    field = "body"


class DocumentSubjectInvalid(Invalid):
    """What it belongs to is not named, or is another vehicle."""

    code = "document_subject_invalid"
    field = "query.subject_key"
