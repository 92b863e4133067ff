"""Reading documents of every format, one at a time; what is broken becomes a fault, not an end."""

from __future__ import annotations

import csv
import glob
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from hanline.data.document import Document
from hanline.data.encoding import decode, decode_lines
from hanline.data.errors import HanlineError
from hanline.data.rows import flat_to_documents, row_to_document
from hanline.data.streams import UNFINISHED, open_binary, plain_name, shown

SUFFIX_FORMAT = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
FORMATS = ("text", "jsonl", "csv", "tsv", "parquet")
DEFAULT_TEXT_FIELD = "text"

READ_ERRORS = (OSError, EOFError, lzma.LZMAError, zlib.error, csv.Error, HanlineError)
"""What a damaged or unreadable file raises, whatever compresses it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read.

    Attributes:
        path: The file.
        problem: What was found and what was expected.
        row: 1-based row of the file, or None where the whole file is meant.
    """

    path: str
    problem: str
    row: int | None = None

    def __str__(self) -> str:
        """One line for stderr: where, then what."""
        where = self.path if self.row is None else f"{self.path}: row {self.row}"
        return f"{where}: {self.problem}"


def file_format(path: Path) -> str:
    """The format of a file after its name; standard input and unknown names are text."""
    return SUFFIX_FORMAT.get(Path(plain_name(path)).suffix.lower(), "text")


def read_documents(
    path: Path, *, input_format: str | None = None, text_field: str = DEFAULT_TEXT_FIELD
) -> Iterator[Document | Fault]:
    """Read a file, or standard input for `-`.

    Args:
        path: Text (one document), JSON Lines or Parquet (documents, flat rows, or rows with one text
            field), CSV or TSV (flat rows); each also with .gz, .zst or .xz.
        input_format: One of `FORMATS`; told from the name if None.
        text_field: Field that holds the text in rows that hold a whole document each.

    Yields:
        Documents in order, and a fault for each row or file that is broken.
    """
    kind = input_format or file_format(path)
    try:
        if kind == "text":
            yield _read_text(path)
        elif kind == "jsonl":
            yield from _from_rows(path, _json_rows(path), text_field)
        elif kind == "parquet":
            yield from _from_rows(path, _parquet_rows(path), text_field)
        else:
            yield from _from_flat(path, _table_rows(path, "\t" if kind == "tsv" else ","))
    except READ_ERRORS as error:
        yield Fault(shown(path), describe(error))


def describe(error: Exception) -> str:
    """An error as one line, without the path that the fault names already."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, EOFError | lzma.LZMAError | zlib.error):
        return f"the compressed file is damaged or cut off ({text})"
    return text


def _read_text(path: Path) -> Document:
    with open_binary(path) as stream:
        text, encoding = decode(stream.read())
    return replace(Document.from_text(text, id=shown(path)), encoding=encoding)


Row = tuple[int, Mapping[str, Any] | Fault]


def _json_rows(path: Path) -> Iterator[Row]:
    with open_binary(path) as stream:
        for number, line in enumerate(decode_lines(stream), start=1):
            if isinstance(line, HanlineError):
                yield number, Fault(shown(path), str(line), number)
            elif line.strip():
                yield number, _json_row(line, path, number)


def _json_row(line: str, path: Path, number: int) -> Mapping[str, Any] | Fault:
    try:
        row = json.loads(line)
        if "\\ud" in line.lower():
            json.dumps(row, ensure_ascii=False).encode()  # fails on half of a surrogate pair
    except (ValueError, RecursionError) as error:
        return Fault(shown(path), f"not valid JSON: {error}", number)
    if not isinstance(row, dict):
        return Fault(shown(path), f"must be a JSON object, got {type(row).__name__}", number)
    return row


def _table_rows(path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    with open_binary(path) as stream:
        # strict, so that a quote that nothing closes is refused and does not swallow the rows after it
        reader = csv.DictReader(_whole_lines(stream), delimiter=delimiter, strict=True)
        found = reader.fieldnames
        missing = {"document", "text"} - set(found or ())
        if found and missing:
            raise HanlineError(f"has no column {', '.join(sorted(missing))}, found {', '.join(found)}")
        yield from enumerate(reader, start=1)


def _whole_lines(stream: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(decode_lines(stream), start=1):
        if isinstance(line, HanlineError):
            raise HanlineError(f"line {number}: {line}")
        yield line


def _parquet_rows(path: Path) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    try:
        source = open_binary(path) if str(path) == "-" or plain_name(path) != path.name else path
        file = pyarrow.parquet.ParquetFile(
            source if isinstance(source, Path) else pyarrow.BufferReader(source.read())
        )
        number = 0
        for batch in file.iter_batches(batch_size=1000):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except pyarrow.ArrowException as error:
        raise HanlineError(f"is not a readable Parquet file: {error}") from error


def _from_rows(path: Path, rows: Iterator[Row], text_field: str) -> Iterator[Document | Fault]:
    without = 0
    for number, row in rows:
        if isinstance(row, Fault):
            yield row
        elif "lines" in row and text_field != "lines":
            yield _row_document(row, path, number)
        elif "document" in row and text_field != "document":
            yield from _from_flat(path, chain([(number, row)], rows))
        elif isinstance(row.get(text_field), str):
            yield _text_document(row, text_field, default_id=f"{shown(path)}:{number}")
        else:
            without += 1
            if without == 1:
                found = ", ".join(map(str, row)) or "nothing"
                problem = f"has neither 'lines' nor text in a field {text_field!r}, found {found}"
                yield Fault(shown(path), f"{problem} (hint: name the field with --text-field)", number)
    if without > 1:
        yield Fault(shown(path), f"{without - 1} more rows without text in a field {text_field!r}")


def _row_document(row: Mapping[str, Any], path: Path, number: int) -> Document | Fault:
    try:
        return row_to_document(row, default_id=f"{shown(path)}:{number}")
    except HanlineError as error:
        return Fault(shown(path), str(error), number)


def _text_document(row: Mapping[str, Any], text_field: str, *, default_id: str) -> Document:
    name, source = row.get("id"), row.get("source")
    return Document.from_text(
        row[text_field],
        id=default_id if name is None else str(name),
        source=source if isinstance(source, str) else None,
    )


def _from_flat(path: Path, rows: Iterable[Row]) -> Iterator[Document | Fault]:
    faults: list[Fault] = []

    def good() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for number, row in rows:
            if isinstance(row, Fault):
                faults.append(row)
            else:
                yield number, row

    for number, document in flat_to_documents(good()):
        yield Fault(shown(path), document, number) if isinstance(document, str) else document
    yield from faults


def find_files(paths: Iterable[Path]) -> Iterator[Path | Fault]:
    """The files that `paths` name: files as they are, folders and globs searched in sorted order.

    A folder is searched with all its subfolders, but for names that begin with a dot and for what a run
    has not finished writing. A name that leads to nothing readable becomes a fault.
    """
    for path in paths:
        try:
            if path.is_dir():
                yield from _folder_files(path) or [Fault(shown(path), "the folder holds no file")]
            elif str(path) == "-" or path.exists() or path.is_symlink():
                yield path
            elif glob.has_magic(str(path)):
                names = map(Path, sorted(glob.glob(str(path), recursive=True)))
                matches: list[Path | Fault] = [name for name in names if name.is_file()]
                yield from matches or [Fault(shown(path), "matches no file")]
            else:
                yield Fault(shown(path), "no such file or folder")
        except OSError as error:
            yield Fault(shown(path), describe(error))


def _folder_files(folder: Path, above: frozenset[Path] = frozenset()) -> list[Path | Fault]:
    try:
        real = folder.resolve()
        if real in above:
            return [Fault(shown(folder), "is a link to a folder that holds it")]
        found: list[Path | Fault] = []
        for entry in sorted(folder.iterdir()):
            if entry.is_dir() and not entry.name.startswith("."):
                found += _folder_files(entry, above | {real})
            elif not entry.name.startswith(".") and not entry.name.endswith(UNFINISHED):
                found.append(entry)
        return found
    except OSError as error:
        return [Fault(shown(folder), describe(error))]
