"""The figures of an evaluation: plain functions from labels and scores to numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from hanline.data.document import LABEL_ID, LABELS, NOISE_LABELS

Ids = NDArray[np.int64]

NOISE_IDS = sorted(LABEL_ID[label] for label in NOISE_LABELS)


def macro_f1(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """Macro-F1 over the labels that occur in the gold labels.

    Args:
        confusion: Counts, rows gold and columns predicted, shape (..., n_labels, n_labels).

    Returns:
        Shape (...): of each matrix, the mean F1 of the labels with gold lines; 0 where there are none.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    gold, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    f1 = 2 * hits / np.maximum(gold + predicted, 1)
    occurs = gold > 0
    result: NDArray[np.float64] = (f1 * occurs).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)
    return result


def noise_f1(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """F1 of `ad` or `truncation` against the rest; shapes as in `macro_f1`."""
    noise = np.isin(np.arange(len(LABELS)), NOISE_IDS)
    hits = confusion[..., noise, :][..., noise].sum(axis=(-1, -2))
    gold = confusion[..., noise, :].sum(axis=(-1, -2))
    predicted = confusion[..., :, noise].sum(axis=(-1, -2))
    result: NDArray[np.float64] = 2 * hits / np.maximum(gold + predicted, 1)
    return result


def confusion(gold: Ids, predicted: Ids) -> NDArray[np.int64]:
    """Counts of lines, rows gold and columns predicted, shape (n_labels, n_labels)."""
    result: NDArray[np.int64] = confusion_matrix(gold, predicted, labels=range(len(LABELS)))
    return result


def per_label(gold: Ids, predicted: Ids) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of gold lines of each label."""
    columns = precision_recall_fscore_support(gold, predicted, labels=range(len(LABELS)), zero_division=0.0)
    names = ("precision", "recall", "f1", "lines")
    return {
        label: {name: float(column[index]) for name, column in zip(names, columns, strict=True)}
        for index, label in enumerate(LABELS)
    }


def bootstrap(confusions: NDArray[np.int64], *, samples: int = 2000, seed: int = 0) -> NDArray[np.int64]:
    """Resample documents with replacement (Efron, 1979).

    Args:
        confusions: Of each document, shape (..., n_documents, n_labels, n_labels).

    Returns:
        Summed confusions of each sample, shape (samples, ..., n_labels, n_labels); the draws depend
        on the number of documents and the seed only, so that systems can be paired.
    """
    count = confusions.shape[-3]
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=samples)
    result: NDArray[np.int64] = np.einsum("sd,...dij->s...ij", draws, confusions)
    return result


def interval(values: NDArray[np.float64], level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of bootstrap values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def calibration(correct: NDArray[np.bool_], scores: NDArray[np.float32], *, bins: int = 15) -> dict[str, Any]:
    """Expected calibration error (Guo et al., 2017) and the bins of a reliability diagram.

    Args:
        correct: Whether each line's label is right.
        scores: The probability it was given.

    Returns:
        `error`, and `bins`: for each that holds lines its mean score, its accuracy and its lines.
    """
    index = np.minimum((scores * bins).astype(int), bins - 1)
    rows = []
    for number in range(bins):
        inside = index == number
        if inside.any():
            rows.append(
                {
                    "score": float(scores[inside].mean()),
                    "accuracy": float(correct[inside].mean()),
                    "lines": int(inside.sum()),
                }
            )
    total = max(1, len(scores))
    error = sum(row["lines"] * abs(row["score"] - row["accuracy"]) for row in rows) / total
    return {"error": error, "bins": rows}


def selective_accuracy(
    correct: NDArray[np.bool_], scores: NDArray[np.float32], *, unanswered: float = 0.05
) -> float:
    """Accuracy of the lines that remain when the least certain share is left unanswered."""
    kept = np.argsort(-scores, kind="stable")[: len(scores) - round(unanswered * len(scores))]
    return float(correct[kept].mean()) if len(kept) else 0.0


def fit_temperature(logits: NDArray[np.float32], gold: Ids) -> float:
    """The temperature that minimises the negative log-likelihood of `gold` (Guo et al., 2017).

    Args:
        logits: Shape (n_lines, n_labels).
        gold: Label numbers, shape (n_lines,).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    rows = np.arange(len(gold))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(logits / np.exp(log_temperature), axis=1)[rows, gold].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2.0, 3.0), method="bounded").x))
