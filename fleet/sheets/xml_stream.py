"""Reads XML as it streams by, and refuses what no sheet needs and attackers do.

No document type (so no entities and nothing from elsewhere: XXE, billion laughs), no deep nesting,
no mark-up or text of unbounded length. Holds no tree: memory stays with what the handler keeps.
Leaves out what the elements mean.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any, Final
from xml.parsers import expat

from fleet.sheets.errors import SheetUnreadable

CHUNK_BYTES: Final = 64 * 1024
LONGEST_MARKUP_BYTES: Final = 1024 * 1024
"""One tag with its attributes, or one comment."""
LONGEST_TEXT: Final = 100_000
"""Characters in one element; Excel holds 32,767 in a cell."""
DEEPEST: Final = 60
MOST_NAMES: Final = 1000
MOST_ELEMENTS: Final = 20_000_000
"""A full sheet within the limit of bytes has some 15 million."""

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str, str], None]


class XmlStream:
    """One XML part. `start(name, attributes)` and `end(name, text)` are called with names
    without prefix;
    `text` is what stands in the element itself, up to its first child or after its last."""

    def __init__(self, part: str, start: Start, end: End) -> None:
        self._part = part
        self._start = start
        self._end = end
        self._depth = self._elements = 0
        self._text: list[str] = []
        self._text_length = 0
        self._silent_bytes = 0
        self._names: dict[str, str] = {}
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = self._on_text
        parser.CommentHandler = self._on_other
        parser.ProcessingInstructionHandler = self._on_other
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.EntityDeclHandler = self._on_doctype
        self._parser = parser

    def walk(self, source: IO[bytes]) -> Iterator[None]:
        """Read to the end; yields after each piece, so that the handler's finds can be taken.

        Raises:
            SheetUnreadable: it is no XML, or XML of a kind no sheet has.
        """
        while chunk := self._next(source):
            self._silent_bytes += len(chunk)
            self._feed(chunk, False)
            if self._silent_bytes > LONGEST_MARKUP_BYTES:
                raise self._refused("markup_too_long", "a tag without an end", "标签过长")
            yield
        self._feed(b"", True)
        yield

    def read(self, source: IO[bytes]) -> None:
        """Read to the end. Raises: SheetUnreadable."""
        for _ in self.walk(source):
            pass

    def _next(self, source: IO[bytes]) -> bytes:
        try:
            return source.read(CHUNK_BYTES)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise self._refused("broken", "the file is damaged", "文件已损坏") from error

    def _feed(self, chunk: bytes, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except (expat.ExpatError, ValueError, LookupError) as error:  # or an unknown encoding
            line = self._parser.CurrentLineNumber
            raise self._refused(
                "not_xml", f"broken at line {line}", f"第 {line} 行处损坏"
            ) from error

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        self._silent_bytes = 0
        self._depth += 1
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise self._refused("too_many_elements", "too many elements", "元素过多")
        if self._depth > DEEPEST:
            raise self._refused("too_deep", "elements nested too deeply", "嵌套过深")
        if self._text_length:
            self._text.clear()
            self._text_length = 0
        self._start(self._names.get(name) or self._local(name), attributes)

    def _on_end(self, name: str) -> None:
        self._silent_bytes = 0
        self._depth -= 1
        text = ""
        if self._text_length:
            text = "".join(self._text)
            self._text.clear()
            self._text_length = 0
        self._end(self._names.get(name) or self._local(name), text)

    def _on_text(self, text: str) -> None:
        self._silent_bytes = 0
        self._text_length += len(text)
        if self._text_length > LONGEST_TEXT:
            raise self._refused("text_too_long", "a text is too long", "文本过长")
        self._text.append(text)

    def _on_other(self, *_: Any) -> None:
        self._silent_bytes = 0

    def _on_doctype(self, *_: Any) -> None:
        raise self._refused(
            "document_type", "it declares a document type or entities", "含有文档类型或实体声明"
        )

    def _local(self, name: str) -> str:
        """The name without its prefix, remembered: there are few, and millions of elements."""
        local = name.rpartition(":")[2]
        if len(self._names) < MOST_NAMES:
            self._names[name] = local
        return local

    def _refused(self, reason: str, en: str, zh: str) -> SheetUnreadable:
        return SheetUnreadable(
            f"{self._part}: {en}", f"{self._part}：{zh}", reason=reason, part=self._part
        )
