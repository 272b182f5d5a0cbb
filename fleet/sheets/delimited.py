"""Reads a .csv file: decides its encoding and delimiter, and gives its rows.

The encoding is decided strictly: by a byte order mark, else UTF-8 if the whole file is, else
GB 18030 (which contains GBK and GB 2312) if the whole file is. Nothing is replaced.
An apostrophe before = + - @ is what `writing.py` puts there against formulas; it is taken off.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from fleet.sheets.errors import SheetTooLarge, SheetUnreadable
from fleet.sheets.limits import MOST_COLUMNS, MOST_ROWS, too_many_columns, too_many_rows

CHUNK_BYTES: Final = 256 * 1024
LONGEST_LINE: Final = 256 * 1024
"""Characters."""
MOST_BYTES: Final = 300 * 1024 * 1024
DELIMITERS: Final = ",;\t"
SNIFFED_LINES: Final = 20
_QUOTED: Final = re.compile(r'"[^"]*"')
_GUARDED: Final = re.compile(r"''*[=+\-@＝＋－＠\t\r]")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def walk_csv(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Rows in which something stands: row number from 1 as Excel counts, texts, None for nothing.

    Raises:
        SheetTooLarge: as soon as a row or cell beyond the limits comes by.
        SheetUnreadable: binary, in no known encoding, or broken.
    """
    encoding = find_encoding(path)
    with path.open("r", encoding=encoding, newline="") as file:
        delimiter, first = _open_table(file)
        filled = 0
        reader = csv.reader(_lines(file, first), delimiter=delimiter)
        try:
            for row_no, texts in enumerate(reader, start=1):
                values = _values(texts)
                if not values:
                    continue
                filled += 1
                if filled > MOST_ROWS:
                    raise too_many_rows(row_no)
                if len(values) > MOST_COLUMNS:
                    raise too_many_columns(row_no, len(values) - 1)
                yield row_no, values
        except csv.Error as error:
            raise _unreadable(
                "csv",
                f"line {reader.line_num}: {error}; is a quote missing?",
                f"第 {reader.line_num} 行无法解析，可能缺少引号",
            ) from error


def _values(texts: list[str]) -> list[Any]:
    values: list[Any] = [
        (text[1:] if _GUARDED.match(text) else text) if text and not text.isspace() else None
        for text in texts
    ]
    while values and values[-1] is None:
        values.pop()
    return values


def find_encoding(path: Path) -> str:
    """The encoding in which every byte of the file has a meaning.

    Raises:
        SheetTooLarge: more bytes than are read.
        SheetUnreadable: there is none, or the file holds NUL characters.
    """
    if path.stat().st_size > MOST_BYTES:
        raise SheetTooLarge(
            f"More than {MOST_BYTES // 1024 // 1024} MiB",
            f"超过 {MOST_BYTES // 1024 // 1024} MiB",
            reason="bytes",
            limit=MOST_BYTES,
        )
    with path.open("rb") as file:
        opening = file.read(4)
    for mark, encoding in _MARKS:
        if opening.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            break
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise _unreadable(
        "encoding",
        "the text is neither UTF-8, UTF-16 nor GB 18030; save it as UTF-8",
        "文本编码不是 UTF-8、UTF-16 或 GB 18030，请另存为 UTF-8",
    )


def _decodes(path: Path, encoding: str) -> bool:
    """Whether all of it decodes. Raises: SheetUnreadable where a NUL stands in it."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                return False
            if "\0" in text:
                raise _unreadable(
                    "binary", "it holds NUL characters and is no text", "含有空字符，不是文本文件"
                )
            if not chunk:
                return True


def _open_table(file: IO[str]) -> tuple[str, list[str]]:
    """The delimiter and the lines looked at to find it; a first line `sep=;` says it."""
    lines: list[str] = []
    while len(lines) < SNIFFED_LINES and (line := _line(file, len(lines) + 1)):
        lines.append(line)
    if lines and (said := re.fullmatch(r"sep=([,;\t])\r?\n?", lines[0])):
        return said[1], ["\n", *lines[1:]]
    return find_delimiter(lines), lines


def find_delimiter(lines: list[str]) -> str:
    """The delimiter that stands most often outside quotes; a comma where none does.

    >>> find_delimiter(["车架号;价格", 'L1;"1,5"'])
    ';'
    """
    bare = _QUOTED.sub("", "".join(lines))
    return max(DELIMITERS, key=bare.count)


def _lines(file: IO[str], first: list[str]) -> Iterator[str]:
    yield from first
    number = len(first)
    while line := _line(file, number := number + 1):
        yield line


def _line(file: IO[str], number: int) -> str:
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise _unreadable(
            "line_too_long",
            f"line {number} has more than {LONGEST_LINE} characters",
            f"第 {number} 行超过 {LONGEST_LINE} 个字符",
        )
    return line


def _unreadable(reason: str, en: str, zh: str) -> SheetUnreadable:
    return SheetUnreadable(
        f"The .csv file cannot be read: {en}", f"无法读取 CSV 文件：{zh}", reason=reason
    )
