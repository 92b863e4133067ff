"""From labelled documents to clean text, with everything that was taken out on record.

Cleaning is a script of edits: cleaned text and edits together give the document back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hanline.data.document import LABELS, NOISE_LABELS, Document, Line, Segment
from hanline.model.wraps import wrapped_lines

CUT_MARK = "[…]"
"""What `mark_truncation` writes where text is missing."""

KEPT_LABELS = tuple(label for label in LABELS if label not in NOISE_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSettings:
    """How a document is cleaned.

    Attributes:
        keep: The labels whose text is kept.
        min_score: Score below which text of the other labels is kept too.
        markdown: Whether the title becomes `#` and headings `##`.
        mark_truncation: Whether `CUT_MARK` stands where a notice said that text is missing.
        keep_lines: Whether the parts of a mixed line stay on one line.
        join_wraps: Whether lines that were broken at a fixed width are joined again.
    """

    keep: tuple[str, ...] = KEPT_LABELS
    min_score: float = 0.0
    markdown: bool = False
    mark_truncation: bool = False
    keep_lines: bool = False
    join_wraps: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One difference between a document and its cleaned text.

    Attributes:
        at: Offset in the cleaned text.
        over: Characters of the cleaned text from there on that the document does not have.
        text: What the document has there instead.
        label: The label of that text; None for white space and line breaks.
        score: The probability of the label, or None.
        line: 1-based line of the document.
        start: Offset of the text in that line.
    """

    at: int
    over: int = 0
    text: str = ""
    label: str | None = None
    score: float | None = None
    line: int = 0
    start: int = 0


@dataclass(slots=True)
class _Output:
    """The cleaned text as it grows, and the edits that made it."""

    parts: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    size: int = 0
    line: int = 0

    def keep(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self.size += len(text)

    def insert(self, text: str) -> None:
        if text:
            self.edits.append(Edit(self.size, over=len(text), line=self.line))
            self.keep(text)

    def drop(self, text: str, start: int, span: Segment | None = None) -> None:
        if text:
            label, score = (span.label, span.score) if span else (None, None)
            self.edits.append(Edit(self.size, 0, text, label, score, self.line, start))


def clean(document: Document, settings: CleanSettings) -> tuple[str, list[Edit]]:
    """Take out of a labelled document what is not kept.

    The parts of a mixed line stand each on a line of their own; those of one label that only removed text
    parted stay together. Runs of blank lines become one. Text that is kept ends with a line break.

    Returns:
        The cleaned text, and the edits with which `restore` gives the document's text back.
    """
    return _Cleaner(document, settings).run()


def restore(cleaned: str, edits: Iterable[Edit]) -> str:
    """The text of a document, of its cleaned text and the edits of `clean`, in their order."""
    parts, position = [], 0
    for edit in edits:
        parts += [cleaned[position : edit.at], edit.text]
        position = edit.at + edit.over
    return "".join([*parts, cleaned[position:]])


class _Cleaner:
    def __init__(self, document: Document, settings: CleanSettings) -> None:
        self.lines, self.settings = document.lines, settings
        self.shown = [any(self._is_shown(span) for span in line.spans()) for line in self.lines]
        self.joined = wrapped_lines(self.lines) if settings.join_wraps else frozenset()
        self.output = _Output()
        self.titled = False

    def _is_kept(self, span: Segment) -> bool:
        unsure = span.score is not None and span.score < self.settings.min_score
        return unsure or span.label in self.settings.keep

    def _is_shown(self, span: Segment) -> bool:
        return self._is_kept(span) or (span.label == "truncation" and self.settings.mark_truncation)

    def run(self) -> tuple[str, list[Edit]]:
        last = max((index for index, shown in enumerate(self.shown) if shown), default=-1)
        gap = True  # whether a blank line here would be one too many
        for index, line in enumerate(self.lines):
            self.output.line = index + 1
            if self.shown[index]:
                self._line(index, line)
                gap = False
            elif line.blank and not gap and index < last:
                self.output.keep(line.text + line.ending)
                gap = True
            else:
                self._drop_line(line)
        return "".join(self.output.parts), self.output.edits

    def _drop_line(self, line: Line) -> None:
        position = 0
        for span in line.spans():
            self.output.drop(line.text[position : span.start], position)
            self.output.drop(line.text[span.start : span.end], span.start, span)
            position = span.end
        self.output.drop(line.text[position:] + line.ending, position)

    def _line(self, index: int, line: Line) -> None:
        continues = index - 1 in self.joined and self.shown[index - 1]
        if self.settings.keep_lines:
            self._one_line(line)
        else:
            self._paragraphs(line, continues=continues)
        if index in self.joined and index + 1 < len(self.lines) and self.shown[index + 1]:
            self.output.drop(line.ending, len(line.text))
        else:
            self.output.keep(line.ending)
            self.output.insert("" if line.ending else "\n")

    def _one_line(self, line: Line) -> None:
        position = 0
        for span in line.spans():
            self.output.keep(line.text[position : span.start])
            self._span(line, span)
            position = span.end
        self.output.keep(line.text[position:])

    def _span(self, line: Line, span: Segment) -> None:
        text = line.text[span.start : span.end]
        if self._is_kept(span):
            self.output.keep(text)
            return
        self.output.drop(text, span.start, span)
        if self._is_shown(span):
            self.output.insert(CUT_MARK)

    def _paragraphs(self, line: Line, *, continues: bool) -> None:
        """Write the shown spans of a line, a paragraph each where their label changes."""
        position, above = 0, "body" if continues else None
        spans = line.spans()
        for number, span in enumerate(spans):
            space = line.text[position : span.start]
            plain = number == 0 and not continues and not self.settings.markdown
            if plain and self._is_kept(span):
                self.output.keep(space)
            else:
                self.output.drop(space, position)
            if self._is_shown(span):
                label = "body" if span.label == "truncation" else span.label
                if above != label:
                    self._begin(label, line, first=above is None)
                above = label
            self._span(line, span)
            position = span.end
        self.output.drop(line.text[position:], position)

    def _begin(self, label: str, line: Line, *, first: bool) -> None:
        """Begin a paragraph: the breaks above it and its Markdown mark."""
        ending = line.ending or "\n"
        if not first:
            self.output.insert(ending)
        if not self.settings.markdown:
            return
        text = "".join(self.output.parts[-2:])
        if self.output.size and not text.endswith(("\n\n", "\n\r\n")):
            self.output.insert(ending)
        if label == "heading":
            self.output.insert("## ")
        elif label == "header" and not self.titled:
            self.titled = True
            self.output.insert("# ")
