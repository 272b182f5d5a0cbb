"""Decides which thing a text names: by its code or, where nobody has it for a code, by its name."""

from collections.abc import Iterable


def codes_by_text(texts: Iterable[str], found: Iterable[tuple[str, str]]) -> dict[str, str | None]:
    """The code each text stands for, from (code, name) of what was found.

    >>> codes_by_text(["a", "甲", "乙"], [("a", "甲"), ("b", "乙"), ("c", "乙")])
    {'a': 'a', '甲': 'a', '乙': None}
    """
    pairs = list(found)
    codes = {code for code, _ in pairs}
    by_name: dict[str, list[str]] = {}
    for code, name in pairs:
        by_name.setdefault(name, []).append(code)
    called = {name: owners[0] if len(owners) == 1 else None for name, owners in by_name.items()}
    return {text: text if text in codes else called.get(text) for text in texts}
