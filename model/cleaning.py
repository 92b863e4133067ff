"""From labelled documents to clean text: what is kept, and how it is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hanline.data.document import LABELS, NOISE_LABELS, Document, Line, Segment

CUT_MARK = "[…]"
"""What `mark_truncation` writes where text is missing."""

KEPT_LABELS = tuple(label for label in LABELS if label not in NOISE_LABELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanSettings:
    """How a document is cleaned.

    Attributes:
        keep: The labels whose text is kept.
        markdown: Whether the title becomes `#` and headings `##`.
        mark_truncation: Whether `CUT_MARK` stands where a notice said that text is missing.
        keep_lines: Whether a mixed line stays one line.
    """

    keep: tuple[str, ...] = KEPT_LABELS
    markdown: bool = False
    mark_truncation: bool = False
    keep_lines: bool = False


@dataclass(slots=True)
class _Paragraph:
    text: str
    label: str


def clean_text(document: Document, settings: CleanSettings) -> str:
    """The text of a labelled document without what is not kept.

    The parts of a mixed line stand each on a line of their own, those of one label that only removed text
    parted stay together. Runs of blank lines become one; the text ends with a line feed.
    """
    blocks: list[_Paragraph | None] = []
    for line in document.lines:
        if line.blank:
            blocks.append(None)
        elif settings.keep_lines:
            blocks += [_Paragraph(text, line.label or "body")] if (text := _one_line(line, settings)) else []
        else:
            blocks += _paragraphs(line, settings)
    return _lay_out(blocks, settings)


def _parts(line: Line, settings: CleanSettings) -> Iterator[tuple[Segment, str]]:
    """The kept spans of a line in order; a notice becomes the cut mark if asked."""
    for span in line.spans():
        if span.label in settings.keep:
            yield span, line.text[span.start : span.end]
        elif span.label == "truncation" and settings.mark_truncation:
            yield span, CUT_MARK


def _paragraphs(line: Line, settings: CleanSettings) -> list[_Paragraph]:
    made: list[_Paragraph] = []
    for span, text in _parts(line, settings):
        inside = made and (
            made[-1].label == span.label or text == CUT_MARK or made[-1].text.endswith(CUT_MARK)
        )
        if inside:
            made[-1].text += text
            if text != CUT_MARK:
                made[-1].label = span.label
        else:
            made.append(_Paragraph(text, span.label))
    return made


def _one_line(line: Line, settings: CleanSettings) -> str:
    end, text = 0, ""
    for span, part in _parts(line, settings):
        gap = line.text[end : span.start]
        text += (gap if not gap.strip() else "") + part
        end = span.end
    return text


def _lay_out(blocks: list[_Paragraph | None], settings: CleanSettings) -> str:
    lines: list[str] = []
    titled = False
    for block in blocks:
        if block is None:
            if lines and lines[-1]:
                lines.append("")
        elif not settings.markdown:
            lines.append(block.text)
        else:
            title = block.label == "header" and not titled
            titled = titled or title
            marked = (
                f"# {block.text}" if title else f"## {block.text}" if block.label == "heading" else block.text
            )
            if lines and lines[-1]:
                lines.append("")
            lines.append(marked)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines) + "\n" if lines else ""
