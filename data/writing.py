"""Writing documents so that nothing half-written ever stands under a final name."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol, Self

from hanline.data.document import Document
from hanline.data.rows import FLAT_COLUMNS, document_to_flat, document_to_row
from hanline.data.streams import PART_SUFFIX, PROGRESS_SUFFIX


def part_path(path: Path) -> Path:
    """Where a file is written before it is whole."""
    return path.with_name(path.name + PART_SUFFIX)


@contextmanager
def naming(path: object) -> Iterator[None]:
    """Let an `OSError` say which file it is about where the system does not, as for a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open `path` for writing; it appears under its name only when all of it is written."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = part_path(path)
        try:
            with part.open("wb") as stream:
                yield stream
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


class DocumentWriter(Protocol):
    """Writes documents one after the other."""

    def write(self, document: Document) -> None:
        """Write one document."""

    def close(self) -> None:
        """Write what is still held back."""


class JsonlWriter:
    """One JSON object a document."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def write(self, document: Document) -> None:
        """Write one row."""
        self.stream.write(json.dumps(document_to_row(document), ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


class TableWriter:
    """One row a line: document, line number, label, score and text, with a head row.

    A tab or line break inside a field is quoted as the csv module does.
    """

    def __init__(self, stream: IO[bytes], *, delimiter: str, header: bool = True) -> None:
        self.stream = stream
        self.delimiter = delimiter
        if header:
            self._rows([dict(zip(FLAT_COLUMNS, FLAT_COLUMNS, strict=True))])

    def write(self, document: Document) -> None:
        """Write a row for each line."""
        self._rows(document_to_flat(document))

    def _rows(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            # Only what is in the line terminator is quoted: with a carriage return in it, those are too.
            text = io.StringIO()
            csv.DictWriter(text, FLAT_COLUMNS, delimiter=self.delimiter, lineterminator="\r\n").writerow(row)
            self.stream.write(text.getvalue().removesuffix("\r\n").encode() + b"\n")

    def close(self) -> None:
        """Nothing is held back."""


class ParquetWriter:
    """Flat rows in row groups of at least `group` lines."""

    def __init__(self, stream: IO[bytes], *, group: int = 50_000) -> None:
        import pyarrow
        import pyarrow.parquet

        text, number = pyarrow.string(), pyarrow.int32()
        types = (text, number, text, pyarrow.float32(), text)
        self.schema = pyarrow.schema(list(zip(FLAT_COLUMNS, types, strict=True)))
        self.writer = pyarrow.parquet.ParquetWriter(stream, self.schema)
        self.group = group
        self.rows: list[dict[str, Any]] = []

    def write(self, document: Document) -> None:
        """Keep the rows of a document, and write them once there are enough."""
        self.rows.extend(document_to_flat(document))
        if len(self.rows) >= self.group:
            self._flush()

    def _flush(self) -> None:
        import pyarrow

        self.writer.write_table(pyarrow.Table.from_pylist(self.rows, schema=self.schema))
        self.rows = []

    def close(self) -> None:
        """Write the last rows and the file's footer."""
        if self.rows:
            self._flush()
        self.writer.close()


def document_writer(kind: str, stream: IO[bytes], *, header: bool = True) -> DocumentWriter:
    """A writer of `jsonl`, `tsv`, `csv` or `parquet`."""
    if kind == "jsonl":
        return JsonlWriter(stream)
    if kind == "parquet":
        return ParquetWriter(stream)
    return TableWriter(stream, delimiter="\t" if kind == "tsv" else ",", header=header)


class ResumableFile:
    """A file that is written document by document and survives being killed at any moment.

    The documents go into `NAME.part`; `NAME.part.progress` says how many of them are whole and how many
    bytes they take. Leaving the context without an error gives the file its name; after an error both
    stay, for a run with `resume`, unless nothing was written.

    Args:
        path: The final name.
        resume: Whether to go on from what an earlier run left.

    Attributes:
        stream: Where to write.
        documents: Documents that stand in the file already.
        written: Documents that stand in it now; the writer counts them.
    """

    def __init__(self, path: Path, *, resume: bool) -> None:
        self.path, self.part = path, part_path(path)
        self.journal = self.part.with_name(self.part.name + PROGRESS_SUFFIX)
        self.documents, size = self._progress() if resume else (0, 0)
        self.written = self.documents
        path.parent.mkdir(parents=True, exist_ok=True)
        if not size:
            self.journal.unlink(missing_ok=True)
        self.stream: IO[bytes] = self.part.open("r+b" if size else "wb")
        self.stream.truncate(size)
        self.stream.seek(size)

    def _progress(self) -> tuple[int, int]:
        """Documents and bytes after the last whole entry of the journal."""
        try:
            row = json.loads(self.journal.read_text(encoding="utf-8"))
            documents, size = int(row["documents"]), int(row["bytes"])
            return (documents, size) if self.part.stat().st_size >= size else (0, 0)
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0

    def note(self) -> None:
        """Note that `written` documents stand in the file, for a run that goes on from here."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        fresh = self.journal.with_name(self.journal.name + ".new")
        row = {"documents": self.written, "bytes": self.stream.tell()}
        fresh.write_text(json.dumps(row), encoding="utf-8")
        os.replace(fresh, self.journal)

    def __enter__(self) -> Self:
        """Open already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Give the file its name, or leave what there is for a later run."""
        if kind is not None:
            with suppress(OSError):
                self.stream.close()
            if not self.written:
                self.part.unlink(missing_ok=True)
            return
        self.stream.close()
        os.replace(self.part, self.path)
        self.journal.unlink(missing_ok=True)
