"""Decides whether a text may be published: what it lacks, what nobody can fill in.

Standard terms that burden the other side are highlighted, 民法典 §496–497. Leaves out whether the
clauses are good law: a lawyer reads them.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from fleet.contracts.errors import (
    ClauseNotHighlighted,
    ConcernMissing,
    PlaceholderUnknown,
    TemplateMalformed,
)
from fleet.contracts.model import CONCERNS, Clause, Concern, TemplateDraft
from fleet.contracts.placeholders import PLACEHOLDERS, names_in, stray_brace

HIGHLIGHTED: Final[frozenset[Concern]] = frozenset(
    {"late_fee", "lock", "repossession", "deposit", "early_end"}
)
"""Those a text never hides."""


def check_draft(draft: TemplateDraft) -> None:
    """Let pass what may be published.

    Raises:
        TemplateMalformed, PlaceholderUnknown, ConcernMissing: the clauses cannot be used.
        ClauseNotHighlighted: one has to be, §496.
    """
    wanted = [str(number) for number in range(1, len(draft.clauses) + 1)]
    if [clause.no for clause in draft.clauses] != wanted or not wanted:
        raise TemplateMalformed("clauses are numbered 1, 2, 3 … in their order")
    for clause in draft.clauses:
        _check_words(clause)
    there = {clause.concerns for clause in draft.clauses}
    if missing := [concern for concern in CONCERNS if concern not in there]:
        raise ConcernMissing(
            f"no clause concerns {', '.join(missing)}: terms of a lease may stand on one",
            missing=missing,
        )
    for clause in draft.clauses:
        if clause.concerns in HIGHLIGHTED and not clause.highlighted:
            raise ClauseNotHighlighted(
                f"clause {clause.no} concerns {clause.concerns} and is not highlighted"
                " (民法典 §496)",
                no=clause.no,
                concerns=clause.concerns,
            )


def _check_words(clause: Clause) -> None:
    texts = [clause.heading, *clause.paragraphs]
    if not clause.paragraphs or not all(text.strip() for text in texts):
        raise TemplateMalformed(f"clause {clause.no} says nothing", no=clause.no)
    for text in texts:
        if stray_brace(text):
            raise TemplateMalformed(
                f"clause {clause.no} has a brace that stands alone", no=clause.no
            )
        for name in names_in(text):
            if name not in PLACEHOLDERS:
                raise PlaceholderUnknown(
                    f"clause {clause.no}: nothing stands for {{{name}}}",
                    no=clause.no,
                    placeholder=name,
                    known=sorted(PLACEHOLDERS),
                )


def highlighted_numbers(clauses: Sequence[Clause]) -> list[str]:
    """The clauses that are shown and acknowledged before anybody signs."""
    return [clause.no for clause in clauses if clause.highlighted]


def sha256_of(title: str, clauses: Sequence[Clause]) -> bytes:
    """What a text is known by, to the letter."""
    return hashlib.sha256(
        canonical({"title": title, "clauses": [asdict(clause) for clause in clauses]})
    ).digest()


def canonical(content: object) -> bytes:
    """JSON that is the same for the same content.

    >>> canonical({"b": 1, "a": "押金"}).decode()
    '{"a":"押金","b":1}'
    """
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    ).encode()
