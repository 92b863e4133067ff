"""What a document is: lines, their labels, and the segments inside a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

LABELS = ("ad", "header", "salutation", "heading", "body", "truncation")
"""The six labels, in the order of every score column. `docs/LABELS.md` says what they mean."""

LABEL_ID = {label: number for number, label in enumerate(LABELS)}

NOISE_LABELS = frozenset({"ad", "truncation"})
"""The labels of text that is not the author's; `hanline clean` removes them."""


def split_lines(text: str) -> list[str]:
    r"""Split `text` on line feeds and nothing else, so that joining with them restores it.

    `str.splitlines` also splits on form feeds, U+0085 and U+2028, which occur in crawled text.
    A carriage return before the line feed stays at the end of its line here; see `Line.ending`.

    >>> split_lines("\u7532\u2028\u4e59\n\u4e19")
    ['\u7532\u2028\u4e59', '\u4e19']
    """
    return text.split("\n")


def is_blank(text: str) -> bool:
    """Whether a line holds nothing but white space, so that it carries no label."""
    return not text.strip()


def count_characters(text: str) -> int:
    """Number of characters of `text` that are not white space."""
    return len("".join(text.split()))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a line that has one label.

    Attributes:
        start: Offset of its first character in the line's text.
        end: Offset after its last character.
        label: One of `LABELS`.
        score: Probability in [0, 1], or None where nobody gave one.

    Raises:
        ValueError: If the offsets are not 0 <= start < end or the label is unknown.
    """

    start: int
    end: int
    label: str
    score: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a segment needs 0 <= start < end, got start {self.start}, end {self.end}")
        if self.label not in LABEL_ID:
            raise ValueError(f"unknown label {self.label!r}, expected one of {', '.join(LABELS)}")


@dataclass(frozen=True, slots=True)
class Line:
    r"""One line of a document.

    Attributes:
        text: The line without its break.
        label: One of `LABELS`; None for a blank line, or for a line that nobody labelled yet.
        score: Probability of the label in [0, 1], or None.
        segments: The parts of a line that mixes labels, in order, not overlapping, with no outer
            spaces; empty for a line of one label.
        tags: Free marks on the line, such as the pattern family it shows.
        ending: What broke the line: "\n", "\r\n", or "" for a last line without a break.

    Raises:
        ValueError: If the label is unknown, or a blank line has one, or the segments overlap, pass
            the end of the line, or begin or end with white space.
    """

    text: str
    label: str | None = None
    score: float | None = None
    segments: tuple[Segment, ...] = ()
    tags: tuple[str, ...] = ()
    ending: str = "\n"

    def __post_init__(self) -> None:
        if self.label is not None:
            if self.label not in LABEL_ID:
                raise ValueError(f"unknown label {self.label!r}, expected one of {', '.join(LABELS)}")
            if self.blank:
                raise ValueError(f"a blank line carries no label, found {self.label!r}")
        if self.segments:
            _check_segments(self.text, self.segments)

    @property
    def blank(self) -> bool:
        """Whether the line holds nothing but white space."""
        return is_blank(self.text)

    def spans(self) -> tuple[Segment, ...]:
        """The segments of the line, one over its whole stripped text where it has none.

        A blank or unlabelled line has no spans.
        """
        if self.segments or self.label is None:
            return self.segments
        start = len(self.text) - len(self.text.lstrip())
        return (Segment(start, len(self.text.rstrip()), self.label, self.score),)


def _check_segments(text: str, segments: Sequence[Segment]) -> None:
    end = 0
    for segment in segments:
        if segment.start < end:
            raise ValueError(f"segments overlap: one ends at {end}, the next starts at {segment.start}")
        end = segment.end
        if end > len(text):
            raise ValueError(f"a segment ends at {end}, after the end of its line ({len(text)} characters)")
        part = text[segment.start : end]
        if part != part.strip():
            raise ValueError(f"segment {segment.start}-{end} begins or ends with white space")


def bulk_label(text: str, segments: Sequence[Segment]) -> str:
    """The label of most non-space characters of a line; the earlier label wins a tie.

    >>> bulk_label("你好 加微信看全文", [Segment(0, 2, "body"), Segment(3, 9, "ad")])
    'ad'
    """
    count: Counter[str] = Counter()
    for segment in segments:
        count[segment.label] += count_characters(text[segment.start : segment.end])
    return max(count, key=lambda label: count[label])


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its name and its lines.

    Attributes:
        id: What names it in outputs and errors: a path, or the id of its row.
        lines: Its lines, blank ones included.
        source: The site or file that it came from, or None; splits keep a source together.
        genre: What kind of text it is, or None.
        tags: Free marks on the whole document, such as a pattern that no line shows.
        encoding: How its bytes were encoded; a value of `encoding.ENCODINGS`.
    """

    id: str
    lines: tuple[Line, ...]
    source: str | None = None
    genre: str | None = None
    tags: tuple[str, ...] = ()
    encoding: str = field(default="utf-8", compare=False)

    @classmethod
    def from_text(cls, text: str, *, id: str = "-", source: str | None = None) -> Document:
        r"""Make a document of plain text, with no labels.

        >>> [line.text for line in Document.from_text("a\r\nb").lines]
        ['a', 'b']
        """
        parts = split_lines(text)
        lines = []
        for part in parts[:-1]:
            returned = part.endswith("\r")
            lines.append(Line(part[:-1] if returned else part, ending="\r\n" if returned else "\n"))
        lines.append(Line(parts[-1], ending=""))
        return cls(id=id, lines=tuple(lines), source=source)

    @property
    def text(self) -> str:
        """The text, byte for byte what `from_text` got."""
        return "".join(line.text + line.ending for line in self.lines)

    def labels(self) -> list[str | None]:
        """The label of every line, None for blank and unlabelled ones."""
        return [line.label for line in self.lines]

    def relabel(self, lines: Sequence[Line]) -> Document:
        """The same document with other lines of the same number.

        Raises:
            ValueError: If the number of lines differs.
        """
        if len(lines) != len(self.lines):
            raise ValueError(f"expected {len(self.lines)} lines, got {len(lines)}")
        return replace(self, lines=tuple(lines))
