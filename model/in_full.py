"""The segment reading: long and mixed lines in full, among their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanline.data.document import Document, Segment
from hanline.model.decoding import Scores, join_segments, read_segments, read_tokens
from hanline.model.windows import Piece, Window, full_pieces, line_piece

if TYPE_CHECKING:
    from hanline.model.classifier import LineClassifier

FULL_OVERLAP = 32
"""Tokens that two neighbouring parts of a line in full share."""

SECTION = 20_000
"""Characters of a line from which it is read section by section, so that a book on one line takes no more memory."""

Encoded = dict[int, tuple[list[int], list[tuple[int, int]]]]
"""Of lines, the token ids and the characters (start, end) of each token."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The non-blank lines of a document.

    Attributes:
        at: Their positions among all lines.
        texts: Their texts.
        after_blank: Whether blank lines stand before each.
    """

    at: list[int]
    texts: list[str]
    after_blank: list[bool]

    @classmethod
    def of(cls, document: Document) -> Lines:
        """Leave the blank lines of a document out."""
        at = [index for index, line in enumerate(document.lines) if not line.blank]
        texts = [document.lines[index].text for index in at]
        return cls(at, texts, [index > 0 and document.lines[index - 1].blank for index in at])


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document packed so that some of its lines stand in full.

    Attributes:
        rows: Its lines.
        encoded: The lines to read in full.
        pieces: All lines as pieces.
        windows: The windows that show lines in full.
    """

    rows: Lines
    encoded: Encoded
    pieces: list[Piece]
    windows: list[Window]

    def segments(
        self, logits: Sequence[Scores], *, temperature: float, whole: bool
    ) -> dict[int, tuple[Segment, ...]]:
        counts = {index: len(ids) for index, (ids, _) in self.encoded.items()}
        tables = read_tokens(self.windows, logits, self.pieces, counts)
        return {
            index: read_segments(
                self.rows.texts[index], offsets, tables[index], temperature=temperature, whole=whole
            )
            for index, (_, offsets) in self.encoded.items()
        }


def read_in_full(
    classifier: LineClassifier, documents: Sequence[tuple[Lines, Sequence[int]]]
) -> list[dict[int, tuple[Segment, ...]]]:
    """The segments of lines of documents; no segments for a line that is of one label after all.

    Args:
        documents: The lines of each document, and which of them to read in full.
    """
    short = [[index for index in chosen if len(rows.texts[index]) <= SECTION] for rows, chosen in documents]
    found = _read(classifier, [(rows, chosen) for (rows, _), chosen in zip(documents, short, strict=True)])
    for segments, (rows, chosen) in zip(found, documents, strict=True):
        for index in chosen:
            if index not in segments:
                segments[index] = _read_by_section(classifier, rows.texts[index])
    return found


def _read_by_section(classifier: LineClassifier, text: str) -> tuple[Segment, ...]:
    """The segments of a very long line, of which each section is read for itself."""
    segments: list[Segment] = []
    for start, end in sections(text):
        section = Lines(at=[0], texts=[text[start:end]], after_blank=[False])
        (parts,) = _read(classifier, [(section, [0])], whole=True)
        segments += [replace(part, start=part.start + start, end=part.end + start) for part in parts[0]]
    joined = join_segments(segments)
    return tuple(joined) if len(joined) > 1 else ()


def sections(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into parts of at most `SECTION` characters, each but the last after a full stop if it has one.

    >>> list(sections("一句话。"))
    [(0, 4)]
    """
    start = 0
    while start < len(text):
        end = min(start + SECTION, len(text))
        if end < len(text):
            end = text.rfind("。", start + SECTION // 2, end) + 1 or end
        yield start, end
        start = end


def _read(
    classifier: LineClassifier, documents: Sequence[tuple[Lines, Sequence[int]]], *, whole: bool = False
) -> list[dict[int, tuple[Segment, ...]]]:
    readings = [_pack(classifier, rows, chosen) for rows, chosen in documents]
    logits = iter(classifier.run([window for reading in readings for window in reading.windows]))
    temperature = classifier.settings.segment_temperature
    return [
        reading.segments([next(logits) for _ in reading.windows], temperature=temperature, whole=whole)
        for reading in readings
    ]


def _pack(classifier: LineClassifier, rows: Lines, chosen: Sequence[int]) -> _Reading:
    if not chosen:
        return _Reading(rows, {}, [], [])
    tokenizer = classifier.tokenizer
    encoded = {index: tokenizer.encode_offsets(rows.texts[index]) for index in chosen}
    others = [index for index in range(len(rows.texts)) if index not in encoded]
    short = dict(zip(others, tokenizer.encode_ends([rows.texts[i] for i in others]), strict=True))
    pieces = [
        piece
        for index, blank in enumerate(rows.after_blank)
        for piece in _pieces(classifier, index, encoded, short, after_blank=blank)
    ]
    windows = [
        window
        for window in classifier.pack(pieces)
        if any(p.line in encoded for p in pieces[window.plan.read_start : window.plan.read_stop])
    ]
    return _Reading(rows, encoded, pieces, windows)


def _pieces(
    classifier: LineClassifier,
    index: int,
    encoded: Encoded,
    short: dict[int, list[int]],
    *,
    after_blank: bool,
) -> list[Piece]:
    layout, window = classifier.tokenizer.layout, classifier.settings.window
    if index not in encoded:
        return [line_piece(index, short[index], after_blank=after_blank, layout=layout, settings=window)]
    return full_pieces(
        index,
        encoded[index][0],
        after_blank=after_blank,
        layout=layout,
        size=window.full_size,
        overlap=min(FULL_OVERLAP, window.full_size // 4),
    )
