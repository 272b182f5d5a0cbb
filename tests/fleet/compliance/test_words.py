"""Each kind of obligation has its name in both languages, and its law."""

from typing import get_args

from fleet.compliance.model import ObligationKind
from fleet.compliance.words import RULES, TITLES


def test_every_kind_has_a_name_and_a_law() -> None:
    assert list(TITLES) == list(get_args(ObligationKind))
    assert list(RULES) == list(get_args(ObligationKind))


def test_names_differ() -> None:
    assert len({title.en for title in TITLES.values()}) == len(TITLES)
    assert len({title.zh for title in TITLES.values()}) == len(TITLES)
