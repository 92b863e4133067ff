"""Making scores mean what they say, on development documents."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from hanline.data.document import LABEL_ID, NOISE_LABELS, Document
from hanline.model.classifier import LineClassifier
from hanline.model.folder import ModelSettings
from hanline.model.risk import RiskCurve, risk_curve
from hanline.training.metrics import NOISE_IDS, fit_temperature
from hanline.training.segment_metrics import BETWEEN, character_labels
from hanline.training.systems import without_labels


def read_gold(
    reader: LineClassifier, documents: Sequence[Document]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Probabilities of the labelled lines of documents, (n_lines, n_labels), and their gold labels."""
    scores, gold = [], []
    for document, table in zip(documents, reader.line_scores(documents), strict=True):
        lines = [line for line in document.lines if not line.blank]
        known = [index for index, line in enumerate(lines) if line.label is not None]
        scores.append(table[known])
        gold += [LABEL_ID[str(lines[index].label)] for index in known]
    return np.concatenate(scores), np.asarray(gold, dtype=np.int64)


def calibrate(
    settings: ModelSettings, reader: LineClassifier, documents: Sequence[Document]
) -> ModelSettings:
    """Fit the temperature and the risk of cleaning; without documents both stay as they are."""
    if not documents:
        return settings
    probabilities, gold = read_gold(reader, documents)
    temperature = fit_temperature(np.log(np.maximum(probabilities, 1e-12)), gold)
    calibrated = dataclasses.replace(settings, temperature=temperature * reader.settings.temperature)
    calibrated_reader = LineClassifier(calibrated, reader.tokenizer, reader.runtime)
    return dataclasses.replace(calibrated, risk=measure_risk(calibrated_reader, documents))


def measure_risk(reader: LineClassifier, documents: Sequence[Document]) -> RiskCurve:
    """What cleaning would lose of documents with gold labels, by score."""
    told = reader.classify_many(without_labels(document) for document in documents)
    found = [_losses(*pair) for pair in zip(documents, told, strict=True)]
    return risk_curve([losses for losses in found if losses is not None])


def _losses(gold: Document, told: Document) -> list[tuple[float, float]] | None:
    """Score of each part that is taken for noise, and the share of the characters to keep that is in it.

    None for a document that says of no character whether it is to be kept.
    """
    kept, found = 0, []
    for line, answer in zip(gold.lines, told.lines, strict=True):
        if line.label is None:
            continue
        labels = character_labels(line)
        wanted = (labels != BETWEEN) & ~np.isin(labels, NOISE_IDS)
        kept += int(wanted.sum())
        for span in answer.spans():
            if span.label in NOISE_LABELS:
                found.append((float(span.score or 0.0), int(wanted[span.start : span.end].sum())))
    return [(score, lost / kept) for score, lost in found] if kept else None
