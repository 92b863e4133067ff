"""Checking labelled documents: every fault with its file, its row or document, and its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from hanline.data.document import Document, bulk_label
from hanline.data.reading import Fault, find_files, read_documents
from hanline.data.streams import shown


def validate(paths: Iterable[Path]) -> Iterator[Fault | Document]:
    """Read labelled documents and check them.

    Beyond what reading refuses, a document must have an id of its own, a label on every non-blank line,
    and on mixed lines the label of their bulk.

    Yields:
        Every fault, and every document whether or not it has some.
    """
    seen: dict[str, str] = {}
    for file in find_files(paths):
        if isinstance(file, Fault):
            yield file
            continue
        for item in read_documents(file):
            if isinstance(item, Fault):
                yield item
                continue
            for problem in _problems(item):
                yield Fault(shown(file), f"document {item.id}: {problem}")
            if item.id in seen:
                yield Fault(shown(file), f"the id {item.id} stands in {seen[item.id]} already")
            seen[item.id] = shown(file)
            yield item


def _problems(document: Document) -> Iterator[str]:
    for number, line in enumerate(document.lines, start=1):
        if line.blank:
            continue
        if line.label is None:
            yield f"line {number} has no label"
        elif line.segments:
            bulk = bulk_label(line.text, line.segments)
            if line.label != bulk:
                yield f"line {number} is labelled {line.label}, but most of its characters are {bulk}"
            for left, right in pairwise(line.segments):
                if left.label == right.label and not line.text[left.end : right.start].strip():
                    yield f"line {number} has two neighbouring segments of one label, {left.label}"
