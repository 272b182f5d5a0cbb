"""What is not allowed at the door."""

from kit.errors import Invalid, NotFound, Refused


class LoginFailed(Refused):
    """The log-in is unknown, disabled or without a password, or the password is wrong.

    One answer for all of them: it tells nobody who there is.
    """

    code = "login_failed"


class LoginLocked(Refused):
    """The password is right, but there were too many wrong ones before."""

    code = "login_locked"


class TooManyAttempts(Refused):
    """More attempts in a minute than a person makes; `retry_after_s` says when to come again."""

    code = "too_many_attempts"


class PasswordWrong(Invalid):
    """Not the password of the person who is logged in."""

    code = "password_wrong"
    field = "password"


class OldPasswordWrong(PasswordWrong):
    """Not the password that is to be replaced."""

    field = "old_password"


class PasswordTooWeak(Invalid):
    """A password is 10–256 characters, not the log-in, and none that everybody tries first."""

    code = "password_too_weak"
    field = "new_password"


class ResetLinkInvalid(Invalid):
    """The one-time link was used, replaced or taken back, is too old, or never was."""

    code = "reset_link_invalid"
    field = "token"


class SessionNotFound(NotFound):
    """The actor has no running session of this id."""

    code = "session_not_found"
