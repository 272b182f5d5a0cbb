"""Each kind of obligation has its name in both languages, and its law."""

from typing import get_args

from fleet.compliance.model import ObligationKind
from fleet.compliance.words import RULES
from fleet.due_titles import PAPER_TITLES


def test_every_kind_has_a_name_and_a_law() -> None:
    assert list(PAPER_TITLES) == list(get_args(ObligationKind))
    assert list(RULES) == list(get_args(ObligationKind))


def test_names_differ() -> None:
    assert len({title.en for title in PAPER_TITLES.values()}) == len(PAPER_TITLES)
    assert len({title.zh for title in PAPER_TITLES.values()}) == len(PAPER_TITLES)
