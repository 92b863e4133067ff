"""The record of what cleaning took out, as JSON Lines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanline.data.document import Document
from hanline.data.errors import HanlineError
from hanline.model.cleaning import Edit, restore

DOCUMENT_BREAK = "\f\n"
"""What stands between the cleaned texts of several documents in one file."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What was taken out of one document.

    Attributes:
        document: Its id.
        encoding: Its encoding.
        characters: Characters of its cleaned text.
        edits: What leads back to its text.
    """

    document: str
    encoding: str
    characters: int
    edits: tuple[Edit, ...]


def removal_rows(document: Document, cleaned: str, edits: Iterable[Edit]) -> Iterator[str]:
    """JSON rows of a document: one that names it, then one an edit, in order.

    A row of an edit says where its text stood (`line`, 1-based, and the offsets `start` and `end` in it), what
    it was (`text`, `label`, `score`), and where it goes back: `at` offset `at` of the cleaned text, in place of
    `over` characters there. White space and line breaks have no label.
    """
    head = {"document": document.id, "encoding": document.encoding, "characters": len(cleaned)}
    yield json.dumps(head, ensure_ascii=False)
    for edit in edits:
        row = {"document": document.id, **dataclasses.asdict(edit), "end": edit.start + len(edit.text)}
        yield json.dumps(row, ensure_ascii=False)


def read_removals(path: Path) -> list[Removal]:
    """Read what `removal_rows` wrote.

    Raises:
        HanlineError: If a row is not of that form.
    """
    heads: list[dict[str, Any]] = []
    edits: list[list[Edit]] = []
    names = {field.name for field in dataclasses.fields(Edit)}
    with path.open(encoding="utf-8", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                row = json.loads(line)
                if "encoding" in row:
                    heads.append({name: row[name] for name in ("document", "encoding", "characters")})
                    edits.append([])
                else:
                    edits[-1].append(Edit(**{name: row[name] for name in names}))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise HanlineError(
                    f"{path}: row {number} is no record of a removal: {error}",
                    hint="give the --removed file of `clean`",
                ) from error
    return [Removal(**head, edits=tuple(rows)) for head, rows in zip(heads, edits, strict=True)]


def restore_all(cleaned: str, removals: Iterable[Removal]) -> Iterator[tuple[Removal, str]]:
    """The text of every document that one cleaned text holds.

    Raises:
        HanlineError: If the cleaned text has another length than the record says.
    """
    position = 0
    for number, removal in enumerate(removals):
        if number:
            if not cleaned.startswith(DOCUMENT_BREAK, position):
                raise HanlineError(_MISMATCH.format(removal.document))
            position += len(DOCUMENT_BREAK)
        end = position + removal.characters
        if end > len(cleaned):
            raise HanlineError(_MISMATCH.format(removal.document))
        yield removal, restore(cleaned[position:end], removal.edits)
        position = end
    if position != len(cleaned):
        raise HanlineError(
            "the cleaned text is longer than its record says", hint="was it changed after cleaning?"
        )


_MISMATCH = "the cleaned text does not hold {} as its record says; was it changed after cleaning?"
