"""Decides which of our two languages a reader wants."""

from typing import Final, Literal

Language = Literal["en", "zh"]
_PARTS: Final = 16


def tag_of(language: Language) -> str:
    """The language as HTTP names it."""
    return "zh-CN" if language == "zh" else "en"


def language_of(accept_language: str | None) -> Language:
    """The language a reader prefers, English where they do not say.

    >>> language_of("zh-CN,zh;q=0.9,en;q=0.8"), language_of("de, en;q=0.5"), language_of(None)
    ('zh', 'en', 'en')
    """
    best: tuple[float, Language] = (0.0, "en")
    for part in (accept_language or "").split(",")[:_PARTS]:
        tag, _, parameters = part.strip().partition(";")
        language: Language | None = (
            "zh" if tag.lower().startswith("zh") else "en" if tag.lower().startswith("en") else None
        )
        if language is None:
            continue
        weight = _weight(parameters)
        if weight > best[0]:
            best = (weight, language)
    return best[1]


def _weight(parameters: str) -> float:
    name, _, number = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(number), 0.0), 1.0)
    except ValueError:
        return 0.0
