"""Decides which passwords are allowed.

Length before composition, as NIST SP 800-63B has it: at least 10 characters, at most 256, not the
log-in, and none of those that everybody tries first. Leaves out lists of leaked passwords.
"""

from typing import Final

from fleet.sessions.errors import PasswordTooWeak

SHORTEST: Final = 10
LONGEST: Final = 256
_MOST_COMMON: Final = """
0000000000 0123456789 0987654321 1111111111 1122334455 12345678900 12345678910 1234567890
123456789a 1234567890a 123456789abc 1234567891 1234567899 1313131313 147258369a 1qaz2wsx3edc
1qazxsw23edc 1qaz2wsx3edc4rfv 1q2w3e4r5t 1q2w3e4r5t6y 2222222222 3333333333 5201314520
5555555555 6666666666 7777777777 8888888888 9876543210 9999999999 a123456789 a1234567890
aa123456789 aaaaaaaaaa abc123456789 abc1234567 abcd123456 abcd1234567 abcdefghij admin12345
admin123456 administrator admin@12345 asdfghjkl1 asdfghjkl123 changeme123 guanche123
guanche12345 guanche123456 iloveyou123 letmein123 p@ssw0rd123 pass123456 passw0rd123
password00 password01 password12 password123 password1234 password12345 password@123
q123456789 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv qq123456789 qwer123456 qwerty1234 qwerty12345
qwerty123456 qwertyuiop qwertyuiop123 test123456 welcome123 woaini1314 woaini5201314
woaini5211314 wang123456 zhang123456 zxcvbnm123 zxcvbnm123456
"""
COMMON: Final = frozenset(_MOST_COMMON.split())


def check_password(password: str, *, login: str) -> None:
    """Let pass a password that somebody may have. The errors do not repeat it.

    Raises:
        PasswordTooWeak: too short, too long, the log-in, or one of the common ones; `rule` says.
    """
    folded = password.strip().casefold()
    if len(password) < SHORTEST:
        raise PasswordTooWeak(f"a password has {SHORTEST} characters at least", rule="too_short")
    if len(password) > LONGEST:
        raise PasswordTooWeak(f"a password has {LONGEST} characters at most", rule="too_long")
    if folded == login.casefold():
        raise PasswordTooWeak("a password is not the log-in", rule="is_login")
    if folded in COMMON:
        raise PasswordTooWeak("everybody tries this password first", rule="common")
