"""What is not allowed with people and keys."""

from kit.errors import Conflict, Invalid, NotFound, Refused
from schemas.access import PermissionMissing


class UserNotFound(NotFound):
    """Nobody in sight has this log-in."""

    code = "user_not_found"


class LoginTaken(Conflict):
    """Somebody has this log-in already."""

    code = "login_taken"
    field = "login"


class LoginMalformed(Invalid):
    """A log-in is 2–63 of a–z, 0–9, dot, underscore, @ and hyphen; first a letter or a digit."""

    code = "login_malformed"
    field = "login"


class NameMalformed(Invalid):
    """A name is 1–100 printable characters."""

    code = "name_malformed"
    field = "name"


class PhoneMalformed(Invalid):
    """Neither a Chinese mobile number nor an international one with its plus."""

    code = "phone_malformed"
    field = "phone"


class RolesMissing(Invalid):
    """Everybody has a role at least."""

    code = "roles_missing"
    field = "roles"


class RolesUnknown(Invalid):
    """There is no such role."""

    code = "roles_unknown"
    field = "roles"


class RolesExceedOwn(PermissionMissing):
    """Nobody gives or takes a role that allows what they may not do themselves."""

    code = "roles_exceed_own"
    field = "roles"


class UserOutranks(PermissionMissing):
    """Nobody acts on somebody who may do more than they."""

    code = "user_outranks"


class UserIsYourself(Refused):
    """Nobody disables themselves or changes their own roles."""

    code = "user_is_yourself"


class UserDisabled(Refused):
    """The person is disabled."""

    code = "user_disabled"


class ReasonMissing(Invalid):
    """Whoever unmasks personal data says why, in 1–200 characters."""

    code = "reason_missing"
    field = "reason"


class ApiKeyNotFound(NotFound):
    """No key in sight has this id."""

    code = "api_key_not_found"


class ScopesMissing(Invalid):
    """A key is for something."""

    code = "scopes_missing"
    field = "scopes"


class ScopesUnknown(Invalid):
    """There is no such verb."""

    code = "scopes_unknown"
    field = "scopes"


class ScopesExceedOwn(PermissionMissing):
    """A key is given no verb that its maker lacks or that is dangerous."""

    code = "scopes_exceed_own"
    field = "scopes"


class KeyExpiryOutOfRange(Invalid):
    """A key expires, in the future and within two years."""

    code = "key_expiry_out_of_range"
    field = "expires_at"
