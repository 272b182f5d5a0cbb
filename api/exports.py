"""Every list as a table: the rows of all its pages, with its filters, as .xlsx or .csv.

`Operations.get(…, exported=Export(…))` registers `<path of the list>/export` beside a list. It asks
the list itself, page by page, so that it shows what the list shows, to whom the list shows it.
Decides columns from the model of an item, and how a field becomes a cell. Leaves out how a table is
written: `kit/table_files.py`.
"""

import inspect
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from api.answers import Answer, Filed, disposition
from api.deps import Call
from api.errors import ApiError
from api.labels import LABELS, NO, YES, Words
from api.languages import Language, language_of, tag_of
from fleet.local_days import DEFAULT_ZONE, local_day
from fleet.orgs import service as orgs
from kit.table_files import MEDIA_TYPES, Cell, Form, Kind, TableColumn, write_table

MOST_ROWS: Final = 100_000
ROWS_A_PAGE: Final = 200
PAGING: Final = ("limit", "after")
LEFT_OUT: Final = frozenset({"version"})
"""Of use to programs only."""
MONEY: Final = Words("（元）", " (yuan)")

AskedForm = Annotated[
    Form, Query(description="`xlsx` for Excel; `csv` in UTF-8, which Excel reads as well.")
]
DOCUMENTED: Final[dict[str, Any]] = {
    "description": "The file.",
    "content": {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()},
}


@dataclass(frozen=True, slots=True)
class Export:
    """How a list is exported: what its file is called and what stands above its columns.

    `labels` are of its fields, `latest.ts` of those within another; `api/labels.py` has those that
    many lists share. `words` are what stands for the words of a field.
    """

    name: Words
    labels: Mapping[str, Words] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Column:
    """A field of an item, the model's names to it, and what its cells are."""

    path: tuple[str, ...]
    kind: Kind
    label: Words

    @property
    def name(self) -> str:
        return ".".join(self.path)


def columns_of(model: type[BaseModel], spec: Export) -> list[Column]:
    """A column for every field, also of models within it, in their order."""
    return list(_columns(model, spec, ()))


def _columns(model: type[BaseModel], spec: Export, above: tuple[str, ...]) -> Iterator[Column]:
    for name, info in model.model_fields.items():
        path = (*above, name)
        dotted = ".".join(path)
        if name in LEFT_OUT or dotted in spec.left_out:
            continue
        inner = model_within(info)
        if inner is not None:
            yield from _columns(inner, spec, path)
            continue
        label = spec.labels.get(dotted) or LABELS.get(name)
        if label is None:
            raise LookupError(f"{model.__name__}.{dotted} has no label for its export")
        if name.endswith("_fen") and "元" not in label.zh:
            label = Words(label.zh + MONEY.zh, label.en + MONEY.en)
        yield Column(path, kind_of(name, info), label)


def model_within(info: FieldInfo) -> type[BaseModel] | None:
    """The model that a field holds one of, or None."""
    for kind in _kinds(info.annotation):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def kind_of(name: str, info: FieldInfo) -> Kind:
    """What the cells of a field are."""
    kinds = _kinds(info.annotation)
    if name.endswith("_fen"):
        return "money"
    if datetime in kinds:
        return "instant"
    if date in kinds:
        return "date"
    if bool not in kinds and {int, float, Decimal} & kinds:
        return "number"
    return "text"


def _kinds(annotation: Any) -> set[Any]:
    """What a type may be, None apart."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return {kind for part in get_args(annotation) for kind in _kinds(part)}
    return {annotation} - {type(None)}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom cells are written: their language, and the zone of their days."""

    language: Language
    zone: ZoneInfo

    def said(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def cell(self, item: Any, column: Column, spec: Export) -> Cell:
        """What stands in the cell of an item."""
        for name in column.path:
            item = None if item is None else getattr(item, name)
        if item is None:
            return None
        if column.kind == "money":
            return Decimal(cast(int, item)) / 100
        if isinstance(item, bool):
            return self.said(YES if item else NO)
        if isinstance(item, datetime):
            return item.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        if isinstance(item, date | int | float | Decimal):
            return item
        return self._text(item, spec.words.get(column.name, {}))

    def _text(self, item: Any, words: Mapping[str, Words]) -> str:
        if isinstance(item, str):
            return self.said(words[item]) if item in words else str(item)
        if isinstance(item, list | tuple | set | frozenset):
            parts = [self._text(part, words) for part in item]
            return ("、" if self.language == "zh" else ", ").join(parts)
        if isinstance(item, BaseModel):
            item = item.model_dump(mode="json")
        if isinstance(item, dict):
            return json.dumps(item, ensure_ascii=False, default=str)
        return str(item)


def item_of(endpoint: Callable[..., Any]) -> type[BaseModel]:
    """The model of the items that a list answers, with pages or without."""
    returned = inspect.signature(endpoint).return_annotation
    if get_origin(returned) is Answer:
        [returned] = get_args(returned)
    if get_origin(returned) is not list:
        returned = returned.model_fields["items"].annotation
    [item] = get_args(returned)
    return cast(type[BaseModel], item)


def exporting(endpoint: Callable[..., Any], spec: Export) -> Callable[..., Filed]:
    """An endpoint that answers all of a list as a file; it takes what the list takes."""
    columns = columns_of(item_of(endpoint), spec)
    call_, *asked = inspect.signature(endpoint).parameters.values()
    paged = {each.name for each in asked} >= set(PAGING)

    def export(call: Call, form: Form = "xlsx", **filters: Any) -> Filed:
        reader = Reader(language_of(call.request.headers.get("accept-language")), zone_of(call))
        named = [TableColumn(reader.said(column.label), column.kind) for column in columns]
        rows = (
            [reader.cell(item, column, spec) for column in columns]
            for item in _items(endpoint, call, filters, paged=paged)
        )
        file = tempfile.TemporaryFile()  # noqa: SIM115  (the answer closes it)
        try:
            write_table(named, rows, form, file)
        except BaseException:
            file.close()
            raise
        day = local_day(call.now, str(reader.zone))
        headers = {
            "Content-Disposition": disposition(f"{reader.said(spec.name)}-{day}.{form}"),
            "Content-Language": tag_of(reader.language),
        }
        return Filed(file, MEDIA_TYPES[form], headers)

    form = inspect.Parameter(
        "form", inspect.Parameter.KEYWORD_ONLY, default="xlsx", annotation=AskedForm
    )
    kept = [each for each in asked if each.name not in PAGING]
    assert "form" not in {each.name for each in kept}
    keyword = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in kept]
    export.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [call_, *keyword, form], return_annotation=Filed
    )
    export.__name__ = "export_" + endpoint.__name__.removeprefix("list_")
    export.__doc__ = (
        f"The whole list as a table: {_sentence(endpoint)}\n\n"
        f"With the same filters, {MOST_ROWS:,} rows at most; headers are Chinese or English by"
        " Accept-Language, instants are of your organisation's zone."
    )
    return export


def _sentence(endpoint: Callable[..., Any]) -> str:
    told = (inspect.getdoc(endpoint) or "").partition("\n\n")[0].replace("\n", " ")
    return told[:1].lower() + told[1:]


def _items(
    endpoint: Callable[..., Any], call: Call, filters: Mapping[str, Any], *, paged: bool
) -> Iterator[Any]:
    """Every item of the list.

    Raises:
        ApiError: 422, they are too many.
    """
    told, after = 0, None
    while True:
        pages = {"limit": ROWS_A_PAGE, "after": after} if paged else {}
        answer = endpoint(call, **filters, **pages)
        page = answer.body if isinstance(answer, Answer) else answer
        items: Sequence[Any] = page if isinstance(page, list) else page.items
        told += len(items)
        if told > MOST_ROWS:
            raise ApiError(422, "export_too_long", rows=MOST_ROWS)
        yield from items
        after = page.next if paged else None
        if after is None:
            return


def zone_of(call: Call) -> ZoneInfo:
    """The zone of the organisation that is asked for."""
    code = call.actor.organisation_code
    if code is None or not call.actor.may("organisation.read"):
        return ZoneInfo(DEFAULT_ZONE)
    found = orgs.find_organisation(call.conn, call.actor, code=code)
    return ZoneInfo(DEFAULT_ZONE if found is None else found.time_zone)
