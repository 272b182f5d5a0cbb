"""Every kind is told in both languages, with each thing that can be set of it."""

import re

from alerts.rules.chinese import MEANINGS, PARAMETERS
from alerts.rules.kinds import KINDS
from schemas.access import PERMISSIONS


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    assert KINDS.keys() == MEANINGS.keys()
    for name, kind in KINDS.items():
        assert kind.meaning.endswith("."), name
        assert MEANINGS[name].endswith("。"), name
        assert re.search(r"[一-鿿]", kind.chinese), name


def test_every_parameter_has_words_in_both_languages() -> None:
    fields = {
        field: info.description
        for kind in KINDS.values()
        for field, info in type(kind.parameters).model_fields.items()
    }
    assert fields.keys() == PARAMETERS.keys()
    assert [field for field, words in fields.items() if not words] == []


def test_who_inhibits_and_who_may_see_is_there() -> None:
    for kind in KINDS.values():
        assert kind.inhibited_by <= KINDS.keys()
        assert kind.name not in kind.inhibited_by
        assert kind.verb in PERMISSIONS
