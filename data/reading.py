"""Reading documents of every format, one at a time; what is broken becomes a fault, not an end."""

from __future__ import annotations

import csv
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from hanline.data.document import Document
from hanline.data.encoding import decode
from hanline.data.errors import HanlineError
from hanline.data.rows import flat_to_documents, row_to_document
from hanline.data.streams import open_binary, open_text, plain_name

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


def read_errors() -> tuple[type[Exception], ...]:
    """What a damaged or unreadable file raises, whatever compresses it."""
    import zstandard

    return (OSError, EOFError, UnicodeError, lzma.LZMAError, zlib.error, zstandard.ZstdError, HanlineError)


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
    except read_errors() as error:
        yield Fault(str(path), describe(error))


def describe(error: Exception) -> str:
    """An error as one line, without the path that the fault names already."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, EOFError | lzma.LZMAError | zlib.error):
        return f"the compressed file is damaged or cut off ({error})"
    return str(error) or type(error).__name__


def _read_text(path: Path) -> Document:
    with open_binary(path) as stream:
        text, encoding = decode(stream.read())
    document = Document.from_text(text, id=str(path))
    return Document(id=document.id, lines=document.lines, encoding=encoding)


Row = tuple[int, Mapping[str, Any] | Fault]


def _json_rows(path: Path) -> Iterator[Row]:
    with open_text(path) as stream:
        number = 0
        while True:
            number += 1
            try:
                line = stream.readline()
            except UnicodeDecodeError as error:
                yield number, Fault(str(path), f"invalid UTF-8 ({error.reason})", number)
                return
            if not line:
                return
            if line.strip():
                yield number, _json_row(line, path, number)


def _json_row(line: str, path: Path, number: int) -> Mapping[str, Any] | Fault:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return Fault(str(path), f"not valid JSON: {error}", number)
    if not isinstance(row, dict):
        return Fault(str(path), f"must be a JSON object, got {type(row).__name__}", number)
    return row


def _table_rows(path: Path, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    with open_text(path) as stream:
        reader = csv.DictReader(stream, delimiter=delimiter)
        missing = {"document", "text"} - set(reader.fieldnames or ())
        if missing:
            raise HanlineError(
                f"has no column {', '.join(sorted(missing))}, found {', '.join(reader.fieldnames or ())}"
            )
        yield from enumerate(reader, start=1)


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
    first = next(rows, None)
    if first is None:
        return
    everything = chain([first], rows)
    if isinstance(first[1], Mapping) and "document" in first[1] and "lines" not in first[1]:
        yield from _from_flat(path, everything)
        return
    for number, row in everything:
        yield row if isinstance(row, Fault) else _row_document(row, path, number, text_field)


def _row_document(row: Mapping[str, Any], path: Path, number: int, text_field: str) -> Document | Fault:
    name = f"{path}:{number}"
    try:
        if "lines" in row:
            return row_to_document(row, default_id=name)
        text = row.get(text_field)
        if not isinstance(text, str):
            found = ", ".join(map(str, row)) or "nothing"
            raise HanlineError(
                f"has neither 'lines' nor a text field {text_field!r}, found {found}",
                hint="name the field with --text-field",
            )
        source = row.get("source")
        document_id = str(row.get("id", name))
        return Document.from_text(text, id=document_id, source=source if isinstance(source, str) else None)
    except HanlineError as error:
        return Fault(str(path), str(error), number)


def _from_flat(path: Path, rows: Iterable[Row]) -> Iterator[Document | Fault]:
    faults: list[Fault] = []

    def good() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for number, row in rows:
            if isinstance(row, Fault):
                faults.append(row)
            else:
                yield number, row

    for number, document in flat_to_documents(good()):
        yield Fault(str(path), document, number) if isinstance(document, str) else document
    yield from faults


def find_files(paths: Iterable[Path]) -> Iterator[Path | Fault]:
    """The files that `paths` name: files as they are, folders and globs searched in sorted order.

    A name that leads to nothing readable becomes a fault.
    """
    for path in paths:
        if str(path) == "-" or path.is_file():
            yield path
        elif path.is_dir():
            yield from _folder_files(path)
        elif any(mark in str(path) for mark in "*?["):
            root = Path(path.anchor) if path.is_absolute() else Path()
            matches = sorted(root.glob(str(path.relative_to(path.anchor) if path.is_absolute() else path)))
            yield from (match for match in matches if match.is_file())
            if not matches:
                yield Fault(str(path), "matches no file")
        else:
            yield Fault(str(path), "no such file or folder")


def _folder_files(folder: Path) -> Iterator[Path | Fault]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield Fault(str(folder), describe(error))
        return
    found = False
    for entry in entries:
        if entry.name.startswith("."):
            continue
        found = True
        if entry.is_dir():
            yield from _folder_files(entry)
        else:
            yield entry
    if not found:
        yield Fault(str(folder), "the folder is empty")
