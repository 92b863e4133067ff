"""Evaluating labellers on gold documents, side by side and paired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanline.data.document import LABEL_ID, Document, Line
from hanline.training.metrics import (
    bootstrap,
    calibration,
    confusion,
    interval,
    macro_f1,
    noise_f1,
    per_label,
    selective_accuracy,
)
from hanline.training.segment_metrics import cleaning_figures, segment_figures
from hanline.training.systems import System, without_labels

LENGTH_BOUNDS = (10, 30, 100, 300)
"""Characters at which the table by line length breaks."""

CONTEXT_LINES = 2
WORST_ERRORS = 40
SOURCES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """How one system labels the documents of one set.

    Attributes:
        gold: The documents with gold labels.
        told: The same documents as the system labels them.
    """

    gold: tuple[Document, ...]
    told: tuple[Document, ...]

    def pairs(self) -> list[tuple[Line, Line]]:
        """Every line with a gold label and the same line as the system labels it."""
        return [
            (gold, told)
            for document, answer in zip(self.gold, self.told, strict=True)
            for gold, told in zip(document.lines, answer.lines, strict=True)
            if gold.label is not None
        ]

    def confusions(self) -> NDArray[np.int64]:
        """The confusion of each document, shape (n_documents, n_labels, n_labels)."""
        tables = []
        for document, answer in zip(self.gold, self.told, strict=True):
            tables.append(confusion(*_ids(Reading((document,), (answer,)).pairs())))
        return np.stack(tables)


def _ids(pairs: Sequence[tuple[Line, Line]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    gold = np.array([LABEL_ID[str(line.label)] for line, _ in pairs], dtype=np.int64)
    told = np.array([LABEL_ID[str(line.label)] for _, line in pairs], dtype=np.int64)
    return gold, told


def evaluate(sets: Mapping[str, Sequence[Document]], systems: Iterable[System]) -> dict[str, Any]:
    """Evaluate systems on sets of gold documents.

    Args:
        sets: Documents by the name of their set; with more than one, all together are a set too.
        systems: What to compare; the first is the one that others are compared with.

    Returns:
        By set: its size, the figures of each system, and the paired differences between systems.
    """
    everything = {name: tuple(documents) for name, documents in sets.items()}
    if len(everything) > 1:
        everything["all"] = tuple(document for documents in sets.values() for document in documents)
    readings: dict[str, dict[str, Reading]] = {name: {} for name in everything}
    for system in systems:
        told = {name: tuple(system.label([without_labels(d) for d in sets[name]])) for name in sets}
        for name, documents in everything.items():
            answers = told[name] if name in told else tuple(d for part in told.values() for d in part)
            readings[name][system.name] = Reading(documents, answers)
    return {name: _set_figures(documents, readings[name]) for name, documents in everything.items()}


def _set_figures(documents: Sequence[Document], readings: Mapping[str, Reading]) -> dict[str, Any]:
    return {
        "documents": len(documents),
        "lines": sum(line.label is not None for document in documents for line in document.lines),
        "systems": {name: system_figures(reading) for name, reading in readings.items()},
        "comparisons": compare(readings),
    }


def system_figures(reading: Reading) -> dict[str, Any]:
    """All figures of a system on a set."""
    pairs = reading.pairs()
    gold, told = _ids(pairs)
    scores = np.array([line.score or 0.0 for _, line in pairs], dtype=np.float32)
    confusions = reading.confusions()
    total, samples = confusions.sum(axis=0), bootstrap(confusions)
    return {
        "macro_f1": float(macro_f1(total)),
        "macro_f1_interval": interval(macro_f1(samples)),
        "noise_f1": float(noise_f1(total)),
        "noise_f1_interval": interval(noise_f1(samples)),
        "accuracy": float((gold == told).mean()),
        "labels": per_label(gold, told),
        "confusion": total.tolist(),
        "calibration": calibration(gold == told, scores),
        "accuracy_without_5_percent": selective_accuracy(gold == told, scores),
        "segments": segment_figures(pairs),
        "cleaning": cleaning_figures(pairs),
        "by_source": by_source(reading),
        "by_length": by_length(pairs),
        "errors": worst_errors(reading),
    }


def by_source(reading: Reading) -> list[dict[str, Any]]:
    """Lines, accuracy and macro-F1 of each source, most errors first."""
    groups: dict[str, list[tuple[Line, Line]]] = defaultdict(list)
    for document, told in zip(reading.gold, reading.told, strict=True):
        groups[document.source or "none"] += Reading((document,), (told,)).pairs()
    rows = [{"source": name, **_short(pairs)} for name, pairs in groups.items() if pairs]
    return sorted(rows, key=lambda row: -row["errors"])[:SOURCES_SHOWN]


def by_length(pairs: Sequence[tuple[Line, Line]]) -> list[dict[str, Any]]:
    """Lines, accuracy and macro-F1 by the length of lines in characters."""
    bounds = (0, *LENGTH_BOUNDS, 10**9)
    rows = []
    for low, high in pairwise(bounds):
        inside = [pair for pair in pairs if low < len(pair[0].text.strip()) <= high]
        if inside:
            name = f"over {low}" if high == bounds[-1] else f"{low + 1} to {high}"
            rows.append({"length": name, **_short(inside)})
    return rows


def _short(pairs: Sequence[tuple[Line, Line]]) -> dict[str, Any]:
    gold, told = _ids(pairs)
    errors = int((gold != told).sum())
    return {
        "lines": len(pairs),
        "errors": errors,
        "accuracy": 1 - errors / len(pairs),
        "macro_f1": float(macro_f1(confusion(gold, told))),
    }


def worst_errors(reading: Reading) -> list[dict[str, Any]]:
    """The wrong lines of the highest score, with their neighbours."""
    found = []
    for document, answer in zip(reading.gold, reading.told, strict=True):
        for at, (gold, told) in enumerate(zip(document.lines, answer.lines, strict=True)):
            if gold.label is not None and gold.label != told.label:
                found.append((told.score or 0.0, document, answer, at))
    found.sort(key=lambda row: -row[0])
    return [_error(document, answer, at) for _, document, answer, at in found[:WORST_ERRORS]]


def _error(document: Document, answer: Document, at: int) -> dict[str, Any]:
    shown = range(max(0, at - CONTEXT_LINES), min(len(document.lines), at + CONTEXT_LINES + 1))
    told = answer.lines[at]
    return {
        "document": document.id,
        "source": document.source,
        "line": at + 1,
        "gold": document.lines[at].label,
        "predicted": told.label,
        "score": told.score,
        "context": [
            {
                "line": index + 1,
                "text": document.lines[index].text,
                "gold": document.lines[index].label,
                "predicted": answer.lines[index].label,
            }
            for index in shown
        ],
    }


def compare(readings: Mapping[str, Reading]) -> list[dict[str, Any]]:
    """Paired bootstrap over documents between any two systems (Efron and Tibshirani, 1993).

    Returns:
        Of each pair: the difference of macro-F1 (first minus second), its 95 % interval, and twice the share
        of resamples in which the sign is another (at most 1, never 0).
    """
    samples = {name: macro_f1(bootstrap(reading.confusions())) for name, reading in readings.items()}
    values = {name: float(macro_f1(reading.confusions().sum(axis=0))) for name, reading in readings.items()}
    rows = []
    for first, second in combinations(readings, 2):
        differences = samples[first] - samples[second]
        wrong = (1 + min((differences <= 0).sum(), (differences >= 0).sum())) / (1 + len(differences))
        rows.append(
            {
                "first": first,
                "second": second,
                "difference": values[first] - values[second],
                "interval": interval(differences),
                "p": min(1.0, float(2 * wrong)),
            }
        )
    return rows
