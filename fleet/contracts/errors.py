"""What contracts, their texts and their signatures do not allow."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class TemplateNotFound(NotFound):
    """The tenant has no text of a contract with this code."""

    code = "contract_template_not_found"


class TemplateUnknown(Invalid):
    """No text with this code is for leases of this kind."""

    code = "contract_template_unknown"
    field = "template"


class TemplateNotYours(Refused):
    """Only the head of the tenant publishes texts."""

    code = "contract_template_not_yours"


class TemplatePublishedMeanwhile(Conflict):
    """Somebody else published an edition of it at the same time."""

    code = "contract_template_published_meanwhile"


class TemplateMalformed(Invalid):
    """Clauses are not numbered 1, 2, 3 …, or one says nothing."""

    code = "contract_template_malformed"
    field = "clauses"


class PlaceholderUnknown(Invalid):
    """A clause names something that no contract can fill in."""

    code = "contract_placeholder_unknown"
    field = "clauses"


class ConcernMissing(Invalid):
    """Terms of a lease may stand on a clause that the text has not."""

    code = "contract_concern_missing"
    field = "clauses"


class ClauseNotHighlighted(Refused):
    """A clause that burdens the other side has to be highlighted, 民法典 §496."""

    code = "contract_clause_not_highlighted"


class ContractNotFound(NotFound):
    """There is no such edition of the lease's contract in sight."""

    code = "contract_not_found"


class LeaseHasNoContract(Refused):
    """A lease that was cancelled gets no contract."""

    code = "contract_lease_cancelled"


class ContractVoid(Refused):
    """It is void; another edition is made."""

    code = "contract_void"


class ContractSigned(Refused):
    """It is signed; what is signed is neither signed again nor acknowledged any more."""

    code = "contract_signed"


class ContractNotMade(Refused):
    """It was brought signed from elsewhere: there is nothing to acknowledge or to sign."""

    code = "contract_not_made"


class ContractNotAcknowledged(Refused):
    """The highlighted clauses were not acknowledged: unsaid, they may not bind, 民法典 §496."""

    code = "contract_not_acknowledged"


class ContractNotPrompted(Refused):
    """What was never shown cannot have been acknowledged."""

    code = "contract_not_prompted"


class ClausesNotTheHighlighted(Invalid):
    """Acknowledged are all highlighted clauses, and no others."""

    code = "contract_clauses_differ"
    field = "clauses"


class ContractTimeAhead(Invalid):
    """Nothing is sent, received or signed in the future, or before there was a contract."""

    code = "contract_time_ahead"
    field = "at"


class ContractOutdated(Refused):
    """The terms of the lease were changed since it was made; another edition is made."""

    code = "contract_outdated"


class ContractFaulty(Refused):
    """Its bytes are not those that were kept; it is not signed before that is cleared up."""

    code = "contract_faulty"


class SignedFileTypeRefused(Invalid):
    """Neither a PDF nor a photo."""

    code = "contract_file_type_refused"
    field = "query.name"


class ParentNotOpen(Refused):
    """What was signed on paper is an edition that was made, and neither signed nor void."""

    code = "contract_parent_not_open"


class SigningRefused(Refused):
    """A side declined to sign, or let the time go by."""

    code = "contract_signing_refused"


class SignedFileTooLarge(Invalid):
    """Larger than a signed contract needs to be."""

    code = "contract_file_too_large"
    field = "body"
