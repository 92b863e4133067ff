"""Documents as JSON rows, and as flat rows of one line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hanline.data.document import Document, Line, Segment
from hanline.data.errors import HanlineError

FLAT_COLUMNS = ("document", "line", "label", "score", "text")
"""The columns of flat rows; `document`, `text` and, to train on, `label` are what reading needs."""


def document_to_row(document: Document) -> dict[str, Any]:
    """A document as a JSON object; what nobody said is left out."""
    row: dict[str, Any] = {"id": document.id}
    if document.source is not None:
        row["source"] = document.source
    if document.genre is not None:
        row["genre"] = document.genre
    if document.tags:
        row["tags"] = list(document.tags)
    row["lines"] = [_line_to_row(line) for line in document.lines]
    return row


def _line_to_row(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {"text": line.text, "label": line.label}
    if line.score is not None:
        row["score"] = round(line.score, 4)
    if line.segments:
        row["segments"] = [_segment_to_row(segment) for segment in line.segments]
    if line.tags:
        row["tags"] = list(line.tags)
    return row


def _segment_to_row(segment: Segment) -> dict[str, Any]:
    row: dict[str, Any] = {"start": segment.start, "end": segment.end, "label": segment.label}
    if segment.score is not None:
        row["score"] = round(segment.score, 4)
    return row


def row_to_document(row: Mapping[str, Any], *, default_id: str) -> Document:
    """Read a labelled document.

    Raises:
        HanlineError: With the 1-based line, if the row is not as the format says.
    """
    rows = row.get("lines")
    if not isinstance(rows, list) or not rows:
        raise HanlineError(f"'lines' must be a list of at least one line, got {_show(rows)}")
    lines = []
    for number, line in enumerate(rows, start=1):
        try:
            lines.append(_row_to_line(line, ending="" if number == len(rows) else "\n"))
        except (ValueError, HanlineError) as error:
            raise HanlineError(f"line {number}: {error}") from error
    source, genre = (_optional(row, name, str) for name in ("source", "genre"))
    return Document(
        id=default_id if row.get("id") is None else str(row["id"]),
        lines=tuple(lines),
        source=source,
        genre=genre,
        tags=_tags(row),
    )


def _row_to_line(row: Any, *, ending: str) -> Line:
    if not isinstance(row, Mapping) or not isinstance(row.get("text"), str):
        raise HanlineError(f"must be an object with a 'text', got {_show(row)}")
    if "\n" in row["text"]:
        raise HanlineError("the text of a line holds a line break, expected one line")
    segments = tuple(_row_to_segment(part) for part in _optional(row, "segments", list) or ())
    tags = _tags(row)
    label, score = _optional(row, "label", str), _optional(row, "score", (int, float))
    return Line(row["text"], label=label, score=score, segments=segments, tags=tags, ending=ending)


def _tags(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(tag) for tag in _optional(row, "tags", list) or ())


def _row_to_segment(row: Any) -> Segment:
    try:
        start, end, label = row["start"], row["end"], row["label"]
    except (TypeError, KeyError) as error:
        raise HanlineError(f"a segment needs start, end and label, got {_show(row)}") from error
    if not isinstance(start, int) or not isinstance(end, int) or not isinstance(label, str):
        raise HanlineError(f"a segment needs whole start and end and a label, got {_show(row)}")
    return Segment(start, end, label, _optional(row, "score", (int, float)))


def _optional(row: Mapping[str, Any], name: str, kind: Any) -> Any:
    value = row.get(name)
    if value is not None and not isinstance(value, kind):
        raise HanlineError(f"{name!r} has the wrong type: {_show(value)}")
    return value


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def document_to_flat(document: Document) -> Iterator[dict[str, Any]]:
    """A document as rows of one line each, blank lines included; see `FLAT_COLUMNS`."""
    for number, line in enumerate(document.lines, start=1):
        yield {
            "document": document.id,
            "line": number,
            "label": line.label,
            "score": None if line.score is None else round(line.score, 4),
            "text": line.text,
        }


def flat_to_documents(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[tuple[int, Document | str]]:
    """Group flat rows of one document that follow each other, order kept.

    Args:
        rows: The number of each row and the row.

    Yields:
        The number of a document's first row, and the document or, in words, what is wrong with it.
    """
    current: str | None = None
    first, lines, problem = 0, list[Line](), ""

    def finish() -> tuple[int, Document | str]:
        if problem:
            return first, problem
        return first, Document(id=str(current), lines=(*lines[:-1], _last(lines[-1])))

    for number, row in rows:
        name = row.get("document")
        name = None if name is None else str(name)
        if name != current or current is None:
            if lines or problem:
                yield finish()
            current, first, lines, problem = name, number, [], ""
        try:
            if name is None:
                raise HanlineError("has no 'document'")
            lines.append(_flat_to_line(row))
        except (ValueError, HanlineError) as error:
            problem = problem or (str(error) if number == first else f"row {number}: {error}")
    if lines or problem:
        yield finish()


def _flat_to_line(row: Mapping[str, Any]) -> Line:
    """A line of a row whose every value may be text, and empty where there is none."""
    score = row.get("score")
    try:
        score = None if score in (None, "") else float(score)
    except (TypeError, ValueError):
        raise HanlineError(f"'score' is not a number: {_show(score)}") from None
    return _row_to_line(
        {"text": row.get("text"), "label": row.get("label") or None, "score": score}, ending="\n"
    )


def _last(line: Line) -> Line:
    return replace(line, ending="")
