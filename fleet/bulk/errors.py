"""What keeps sheets from being read or written as a whole."""

from kit.errors import Refused


class SealingKeyMissing(Refused):
    """Numbers of people are sealed, and this process has no key to do it with."""

    code = "sealing_key_missing"
