"""What is not allowed with customers, their drivers and their accounts."""

from kit.errors import Conflict, Invalid, NotFound, Refused


class CustomerNotFound(NotFound):
    """No customer in sight has this number."""

    code = "customer_not_found"


class CustomerExists(Conflict):
    """A customer of the organisation has this ID number already; `customer_no` names it."""

    code = "customer_exists"
    field = "id_number"


class CustomerReferenceTaken(Conflict):
    """Another customer of the organisation has this number elsewhere."""

    code = "customer_reference_taken"
    field = "reference"


class CustomerMerged(Refused):
    """The customer goes on under another number, `merged_into_no`."""

    code = "customer_merged"


class CustomerErased(Refused):
    """The person's data are erased; nothing more is done with the card."""

    code = "customer_erased"


class CustomerBlacklisted(Refused):
    """The customer stands on the blacklist and leases nothing."""

    code = "customer_blacklisted"


class IdTypeMissing(Invalid):
    """A number is of some paper; and a paper without its number says nothing."""

    code = "id_type_missing"
    field = "id_type"


class IdTypeUnfit(Invalid):
    """A person has no business licence, a company no ID card."""

    code = "id_type_unfit"
    field = "id_type"


class IdNumberMalformed(Invalid):
    """The number has not the form of numbers of its paper."""

    code = "id_number_malformed"
    field = "id_number"


class IdNumberCheckWrong(Invalid):
    """The last character does not fit the others: a typing slip."""

    code = "id_number_check_wrong"
    field = "id_number"


class IdNumberInClear(Invalid):
    """The number stands in a text of the card, where it would be kept in clear."""

    code = "id_number_in_clear"


class TelephoneMalformed(Invalid):
    """Neither a mobile, a landline with its area code, nor an international number."""

    code = "telephone_malformed"
    field = "phone"


class TaxNoMalformed(Invalid):
    """A tax number (纳税人识别号) has 15 to 20 letters and digits."""

    code = "tax_no_malformed"
    field = "tax_no"


class TaxNoIsIdNumber(Invalid):
    """A person's tax number is that of their ID card, which is kept sealed only."""

    code = "tax_no_is_id_number"
    field = "tax_no"


class EmailMalformed(Invalid):
    """Not an address of electronic mail."""

    code = "email_malformed"
    field = "email"


class DriverNotFound(NotFound):
    """The customer has no such driver."""

    code = "driver_not_found"


class DriverExists(Conflict):
    """The customer has a driver with this licence; `key` names them."""

    code = "driver_exists"
    field = "licence_no"


class DriverIncomplete(Invalid):
    """A driver who is not the customer itself has a name and a licence number."""

    code = "driver_incomplete"
    field = "licence_no"


class LicenceNoMalformed(Invalid):
    """Not the number of a driving licence."""

    code = "licence_no_malformed"
    field = "licence_no"


class LicenceClassUnknown(Invalid):
    """There is no such class of 准驾车型."""

    code = "licence_class_unknown"
    field = "classes"


class LicenceOverBeforeIssued(Invalid):
    """A licence ends after the day it was first issued."""

    code = "licence_over_before_issued"
    field = "valid_to_on"


class AccountNotFound(NotFound):
    """The customer has no such account."""

    code = "account_not_found"


class AccountExists(Conflict):
    """The customer has this account already."""

    code = "account_exists"
    field = "account_no"


class AccountNoMalformed(Invalid):
    """A bank account has 6 to 34 letters and digits."""

    code = "account_no_malformed"
    field = "account_no"


class BlacklistedAlready(Conflict):
    """The customer is proposed for the blacklist or stands on it."""

    code = "blacklisted_already"


class BlacklistNotProposed(Refused):
    """Nobody has proposed the customer; there is nothing to decide."""

    code = "blacklist_not_proposed"


class BlacklistOwnProposal(Refused):
    """Another person decides than who proposed."""

    code = "blacklist_own_proposal"


class BlacklistedIdKept(Refused):
    """Whoever is on the blacklist, or proposed, keeps the number they are known by."""

    code = "blacklisted_id_kept"
    field = "id_number"


class NotBlacklisted(Refused):
    """The customer does not stand on the blacklist."""

    code = "not_blacklisted"


class MergeIntoItself(Refused):
    """Two customers are made one, not one."""

    code = "merge_into_itself"
    field = "into"


class MergeAcrossOrganisations(Refused):
    """Only customers of one organisation are made one."""

    code = "merge_across_organisations"
    field = "into"
