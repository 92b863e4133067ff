"""Counting labelled documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hanline.data.document import LABELS, Document

_NUMBERS = re.compile(r"[0-9０-９一二三四五六七八九十百千]+")
_MARKS = re.compile(r"[\W_]+")


def masked(text: str) -> str:
    """A line without its digits, numerals and punctuation, to tell lines that say the same."""
    return _MARKS.sub("", _NUMBERS.sub("0", text))


def statistics(documents: Iterable[Document]) -> dict[str, Any]:
    """Counts of labelled documents.

    Returns:
        `documents`, `lines`, `characters`, `sources`, `genres` (how many), `with_segments` (documents with
        mixed lines), `labels` (lines and share of each), `distinct` (of each label, the share of lines
        that differ when numbers and punctuation are masked, lines of nothing else left out), `tags` (lines or documents a tag), `by_genre` and `by_source` (documents).
    """
    labels: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    genres: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    distinct: dict[str, set[str]] = {label: set() for label in LABELS}
    worded: Counter[str] = Counter()
    count = characters = with_segments = 0
    for document in documents:
        count += 1
        genres[document.genre or "none"] += 1
        sources[document.source or "none"] += 1
        tags.update(document.tags)
        with_segments += any(line.segments for line in document.lines)
        for line in document.lines:
            characters += len(line.text)
            tags.update(line.tags)
            if line.label is not None:
                labels[line.label] += 1
                wording = masked(line.text)
                if wording.strip("0"):
                    worded[line.label] += 1
                    distinct[line.label].add(wording)
    lines = labels.total()
    return {
        "documents": count,
        "lines": lines,
        "characters": characters,
        "sources": len(sources),
        "genres": len(genres),
        "with_segments": with_segments,
        "labels": {
            label: {"lines": labels[label], "share": labels[label] / max(1, lines)} for label in LABELS
        },
        "distinct": {label: len(distinct[label]) / worded[label] for label in LABELS if worded[label]},
        "tags": dict(sorted(tags.items(), key=lambda item: _natural(item[0]))),
        "by_genre": dict(genres.most_common()),
        "by_source": dict(sources.most_common()),
    }


def _natural(tag: str) -> tuple[str, int, str]:
    name, _, number = tag.partition("-")
    digits = "".join(filter(str.isdigit, number))
    return name, int(digits or 0), number
