"""What checklists do not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class ChecklistNotFound(NotFound):
    """The tenant has no such checklist, or no such edition of it."""

    code = "checklist_not_found"


class ChecklistUnknown(Invalid):
    """No checklist for this kind of work has this code."""

    code = "checklist_unknown"
    field = "checklist"


class ChecklistNotYours(Refused):
    """Checklists bind a whole tenant: its head publishes them."""

    code = "checklist_not_yours"


class ChecklistPublishedMeanwhile(Conflict):
    """Somebody else published an edition at the same moment."""

    code = "checklist_published_meanwhile"


class ChecklistCodeMalformed(Invalid):
    """A code is 1–63 of a–z, 0–9 and hyphen."""

    code = "checklist_code_malformed"
    field = "code"
