"""Whether a chain is whole, decided without a database."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet.audit.chain import FIRST_DIGEST, digest_of, find_faults
from fleet.audit.model import ChainEntry, ChainFault, ChainHead

Entries = list[ChainEntry]


def chain_of(organisation_id: int, *texts: str | None) -> Entries:
    """Entries that follow one another."""
    entries: Entries = []
    previous = FIRST_DIGEST
    for no, text in enumerate(texts, start=1):
        fields = [str(organisation_id), str(no), text]
        digest = digest_of(previous, fields)
        entries.append(ChainEntry(organisation_id, no, fields, previous, digest))
        previous = digest
    return entries


def head_of(entries: Entries) -> ChainHead:
    return ChainHead(entries[-1].organisation_id, entries[-1].no, entries[-1].digest)


SEVEN = chain_of(7, "a", "b", None, "管车")
NINE = chain_of(9, "x")
HEADS = [head_of(SEVEN), head_of(NINE)]


def test_whole_chains_have_no_fault() -> None:
    assert list(find_faults(SEVEN + NINE, HEADS)) == []
    assert list(find_faults(SEVEN + NINE, HEADS, exported=[head_of(SEVEN[:2]), HEADS[1]])) == []
    assert list(find_faults([], [])) == []
    assert list(find_faults([], [ChainHead(7, 0, FIRST_DIGEST)])) == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        pytest.param(
            lambda e: [e[0], replace(e[1], fields=["7", "2", "B"]), *e[2:]], [(2, "altered")],
            id="a field altered",
        ),
        pytest.param(
            lambda e: [e[0], rewritten(e[1], "B"), *e[2:]],
            [(3, "does not follow the one before")],
            id="altered with its digest",
        ),
        pytest.param(
            lambda e: [e[0], *e[2:]],
            [(2, "missing before entry 3")],
            id="taken out of the middle",
        ),
        pytest.param(
            lambda e: e[1:], [(1, "missing before entry 2")], id="the first taken out"
        ),
        pytest.param(
            lambda e: e[:-1],
            [(3, "is the last here, but not the recorded end")],
            id="the last taken out",
        ),
        pytest.param(
            lambda _: [], [(0, "is the last here, but not the recorded end")], id="all taken out"
        ),
        pytest.param(
            lambda e: [*e, *chain_of(7, *"abcde")[4:]],
            [
                (5, "does not follow the one before"),
                (5, "is the last here, but not the recorded end"),
            ],
            id="one added at the end",
        ),
        pytest.param(
            lambda e: [e[0], replace(e[2], no=2), replace(e[1], no=3), e[3]],
            [
                (2, "does not follow the one before"),
                (3, "does not follow the one before"),
                (4, "does not follow the one before"),
            ],
            id="two exchanged",
        ),
    ],
)  # fmt: skip
def test_what_was_done_to_a_chain_is_told(
    change: Callable[[Entries], Entries], faults: list[tuple[int, str]]
) -> None:
    told = list(find_faults(change(list(SEVEN)) + NINE, HEADS))
    assert told == [ChainFault(7, no, fault) for no, fault in faults]


def rewritten(entry: ChainEntry, text: str) -> ChainEntry:
    """The entry with another text and the digest that fits it."""
    fields = [*entry.fields[:2], text]
    return replace(entry, fields=fields, digest=digest_of(entry.previous_digest, fields))


def test_a_chain_rewritten_from_the_start_shows_against_its_exported_end() -> None:
    forged = chain_of(7, "a", "B", None, "管车")
    heads = [head_of(forged), head_of(NINE)]
    assert list(find_faults(forged + NINE, heads)) == []
    assert list(find_faults(forged + NINE, heads, exported=HEADS)) == [
        ChainFault(7, 4, "not the one that was exported")
    ]


def test_an_end_cut_off_everywhere_shows_against_its_exported_end() -> None:
    heads = [head_of(SEVEN[:2]), head_of(NINE)]
    assert list(find_faults(SEVEN[:2] + NINE, heads)) == []
    assert list(find_faults(SEVEN[:2] + NINE, heads, exported=HEADS)) == [
        ChainFault(7, 4, "was exported and is gone")
    ]
    assert list(find_faults([], [], exported=HEADS)) == [
        ChainFault(7, 4, "was exported and is gone"),
        ChainFault(9, 1, "was exported and is gone"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(["ab", ""], ["a", "b"], id="moved across a border"),
        pytest.param(["a", None], ["a", "-"], id="null and a hyphen"),
        pytest.param([None], [""], id="null and nothing"),
        pytest.param(["1:a"], ["1", ":a"], id="what looks like a length"),
        pytest.param(["管"], ["\u7ba1\u0000"], id="a NUL more"),
    ],
)
def test_no_two_entries_read_alike(one: list[str | None], other: list[str | None]) -> None:
    assert digest_of(FIRST_DIGEST, one) != digest_of(FIRST_DIGEST, other)
