"""Lines as parts that carry their labels, so that whatever is done to a text keeps its labels right.

A line is a list of parts, a part is a text and its label; the label is None for the white space between
two segments. A blank line is a list of no parts. Every operation of the synthesiser maps such lines to
such lines.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from hanline.data.document import Document, Line, Segment, bulk_label

Part = tuple[str, str | None]
Parts = list[Part]
Operation = Callable[[list[Parts], random.Random], list[Parts]]


def to_parts(line: Line) -> Parts:
    """A line as parts; a blank one, and one that nobody labelled, has none."""
    if line.blank or line.label is None:
        return []
    parts: Parts = []
    at = 0
    for span in line.spans():
        if span.start > at:
            parts.append((line.text[at : span.start], None))
        parts.append((line.text[span.start : span.end], span.label))
        at = span.end
    if at < len(line.text):
        parts.append((line.text[at:], None))
    return parts


def to_line(parts: Sequence[Part]) -> Line:
    """Parts as a line: neighbours of one label become one segment, a line of one label has none."""
    segments: list[Segment] = []
    at = 0
    for text, label in parts:
        start = at + len(text) - len(text.lstrip())
        end = at + len(text.rstrip())
        at += len(text)
        if label is None or start >= end:
            continue
        if segments and segments[-1].label == label:
            segments[-1] = Segment(segments[-1].start, end, label)
        else:
            segments.append(Segment(start, end, label))
    whole = "".join(text for text, _ in parts)
    if not segments:
        return Line(whole if not whole.strip() else "")
    if len(segments) == 1:
        return Line(whole, label=segments[0].label)
    return Line(whole, label=bulk_label(whole, segments), segments=tuple(segments))


def lines_to_document(lines: Iterable[Parts], *, id: str, source: str | None, genre: str | None) -> Document:
    """A document of lines; blank ones at its ends are left out."""
    made = [to_line(parts) for parts in lines]
    while made and made[0].blank:
        made.pop(0)
    while made and made[-1].blank:
        made.pop()
    return Document(id=id, lines=tuple(made), source=source, genre=genre)


def text_of(parts: Sequence[Part]) -> str:
    """The text of a line."""
    return "".join(text for text, _ in parts)


def label_of(parts: Sequence[Part]) -> str | None:
    """The label of a line of one label; None for a mixed or a blank one."""
    labels = {label for _, label in parts if label is not None}
    return labels.pop() if len(labels) == 1 else None


def map_text(lines: list[Parts], change: Callable[[str], str], *, labels: Iterable[str] = ()) -> list[Parts]:
    """Change the text of every labelled part, or of those of some labels."""
    chosen = set(labels)
    return [
        [
            (change(text) if label is not None and (not chosen or label in chosen) else text, label)
            for text, label in parts
        ]
        for parts in lines
    ]
