"""How the crawl asks: what an operation is given, and how an answer is searched for others' marks.

An operation is described once (`crawl_operations.py`): where in its path, query and body which kind
of identifier stands. From that come the calls with one's own, with others' and with nobody's
identifiers. Leaves out which calls are made and what is expected of them: `test_crawl.py`.
"""

import base64
import binascii
import functools
import itertools
import json
import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tests.isolation.crawl_world import Identifiers, Organisation, plate_of, vin_of

Place = tuple[str, str]
"""Where in a request: ("path", "vin"), ("query", "organisation"), ("body", "owner")."""


class Id(NamedTuple):
    """An identifier of something that exists, by its kind."""

    kind: str


class New(NamedTuple):
    """An identifier of something to be made: own calls make one up, others' calls take theirs.

    Such a number is everybody's: that it is taken may be told, and nothing else.
    """

    kind: str


class Secret(NamedTuple):
    """A secret, which opens what it belongs to for whoever has it, and so is not crawled."""

    kind: str


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation is called. Values are `Id`s, `New`s, `Secret`s, and others as they are."""

    status: int = 200
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    """A file in place of a body."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """What a place gets in one's own call instead: of an `Id` another kind, or None for nothing."""
    shows: bool = True
    """Whether the answer to one's own call bears one's mark: the search is seen to find."""
    counts: bool = False
    """Whether a refused call still writes to what it named, as a wrong password does."""
    finds: bool = False
    """Whether its body is what a list is narrowed by, so that others' finds nothing, with a 200."""
    apart: str = ""
    """Why it is not crawled like the others, and where it is tested instead."""

    def places(self) -> dict[Place, Id | New]:
        """Where identifiers stand."""
        parts = {"path": self.path, "query": self.query, "body": self.body or {}}
        return {
            (part, name): value
            for part, values in parts.items()
            for name, value in values.items()
            if isinstance(value, Id | New)
        }


@dataclass(frozen=True, slots=True)
class Route:
    """An operation and where the document says it is."""

    operation_id: str
    operation: Operation
    method: str
    template: str
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Request:
    """A call ready to be sent."""

    method: str
    url: str
    params: dict[str, Any]
    body: dict[str, Any] | None
    headers: dict[str, str]
    content: bytes | None = None

    def sent(self) -> set[str]:
        """Every text of the request, which an answer may repeat."""
        parts = [self.url, self.url.split("/"), self.params, self.body, self.headers]
        return {text for text in texts_of(parts) if text}


_numbers: Final = itertools.count(1)


def made_up(kind: str, organisation: Organisation) -> str:
    """A number nobody has yet; of VINs and plates there are few."""
    number = next(_numbers)
    if kind == "vin":
        return vin_of(60 + number // 90, number % 90)
    if kind == "plate":
        return plate_of(900, number)
    return {
        "code": f"new-{organisation.mark}-{number}",
        "login": f"new.{organisation.mark}.{number}",
        "serial": f"N-{organisation.mark}-{number}",
    }[kind]


def prepare(
    route: "Route",
    caller: Organisation,
    foreign: Mapping[Place, Identifiers] | None = None,
    *,
    spare: bool = False,
) -> Request:
    """The call with the caller's own identifiers, but for the places of `foreign`.

    `spare` makes it an own call that may change something.
    """
    operation, foreign = route.operation, foreign or {}

    def value(part: str, name: str, given: Any) -> Any:
        if not isinstance(given, Id | New | Secret):
            return operation.own.get(name, given) if spare else given
        taken = foreign.get((part, name))
        if taken is not None:
            return taken[given.kind]
        if isinstance(given, New):
            return made_up(given.kind, caller)
        if not spare:
            return caller.ids[given.kind]
        kind = operation.own.get(name, given.kind)
        return None if kind is None else caller.spare[kind]

    def filled(part: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value(part, name, given) for name, given in values.items()}

    url = route.template
    for name, text in filled("path", operation.path).items():
        url = url.replace(f"{{{name}}}", str(text))
    headers = {**operation.headers}
    if "Idempotency-Key" in route.parameters:
        headers["Idempotency-Key"] = uuid.uuid4().hex
    body = None if operation.body is None else filled("body", operation.body)
    params = {name: text for name, text in filled("query", operation.query).items() if text}
    return Request(route.method, url, params, body, headers, operation.content)


def choices(operation: Operation) -> Iterator[tuple[Place, ...]]:
    """Which places are another's: each alone, and all together."""
    places = tuple(operation.places())
    for place in places:
        yield (place,)
    if len(places) > 1:
        yield places


def texts_of(part: Any) -> Iterator[str]:
    """Every text within; numbers as text."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            yield str(key)
            yield from texts_of(value)
    elif isinstance(part, list | tuple | set):
        for value in part:
            yield from texts_of(value)
    elif part is not None:
        yield str(part)


_AS_A_NUMBER: Final = r"(?<![0-9.]){}(?![0-9])"
"""Not within another number, such as the seconds of a metric."""
_DIGEST: Final = re.compile(r"[0-9a-f]{32,}")
"""A hash or a key of ours. One in some thousands holds any six digits by chance."""
_ENDING: Final = 6
_PACKED: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def unpacked(text: str) -> Iterator[str]:
    """What may be hidden in a text: base64 in either alphabet, hex."""
    for found in dict.fromkeys(_PACKED.findall(text)):  # a list says the same word often
        bare = found.rstrip("=")
        padded = bare + "=" * (-len(bare) % 4)
        for decode in (base64.b64decode, base64.urlsafe_b64decode):
            try:
                yield decode(padded).decode(errors="ignore")
            except (binascii.Error, ValueError):
                continue
        try:
            yield bytes.fromhex(bare).decode(errors="ignore")
        except ValueError:
            continue


def leaks(
    texts: Iterable[str], barred: Iterable[Organisation], sent: Collection[str] = ()
) -> list[str]:
    """Marks of barred organisations in the texts, beyond what the request itself said.

    The bare mark is never excused: it is a part of everything else that is theirs.
    """
    barred = list(barred)
    bare = {organisation.mark for organisation in barred}
    texts = list(texts)
    plain = [each for each in map(plainly, texts) if each not in texts]
    searched = "\n".join(texts)
    searched = "\n".join([searched, *plain, *unpacked(searched)])
    for text in sorted(sent, key=len, reverse=True):
        if len(text) >= 4 and text not in bare:
            searched = searched.replace(text, "")
    lowered = searched.lower()
    without_digests = _DIGEST.sub(lambda digest: "x" * len(digest[0]), lowered)
    endings = {lowered[at : at + _ENDING] for at in range(len(lowered) - _ENDING + 1)}
    found = []
    for organisation in barred:
        for mark, ending in _with_endings(tuple(organisation.marks)):
            if len(ending) == _ENDING and ending not in endings:
                continue
            at = _place_of(mark, without_digests if mark.isdecimal() else lowered)
            if at is not None:
                around = searched[max(0, at - 60) : at + 60]
                found.append(f"{organisation.name}: {mark!r} in …{around}…")
    return found


@functools.cache
def _with_endings(marks: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each mark and how it ends: if that stands nowhere in a text, neither does the mark. To look
    for each of a thousand marks in each long answer took most of the crawl's time.
    """
    return [(mark, mark.lower()[-_ENDING:]) for mark in marks]


def _place_of(mark: str, lowered: str) -> int | None:
    """Where a mark stands. There are thousands of them and hardly one is found: a pattern each
    would be compiled anew each time.
    """
    at = lowered.find(mark.lower())
    if at < 0 or not mark[0].isdigit():
        return None if at < 0 else at
    found = re.search(_AS_A_NUMBER.format(re.escape(mark)), lowered)
    return None if found is None else found.start()


def plainly(text: str) -> str:
    """A JSON text with its escapes resolved, written as the API writes it."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        return ""


def neutral(text: str, named: Iterable[Any]) -> str:
    """A body without the identifiers that were named and without its request's number."""
    for each in sorted({str(each) for each in named}, key=len, reverse=True):
        text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(each)}(?![A-Za-z0-9])", "<named>", text)
    return re.sub(r'"request_id": ?"[^"]*"', "", text)
