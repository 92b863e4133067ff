"""Figures of the segment reading: characters, boundaries, and which lines are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hanline.data.document import LABEL_ID, LABELS, Line
from hanline.training.metrics import confusion

BETWEEN = -1
"""The label of white space and of what lies between segments."""


def character_labels(line: Line) -> NDArray[np.int64]:
    """The label number of every character of a line, `BETWEEN` for white space, shape (n_characters,)."""
    labels = np.full(len(line.text), BETWEEN, dtype=np.int64)
    for span in line.spans():
        labels[span.start : span.end] = LABEL_ID[span.label]
    labels[[character.isspace() for character in line.text]] = BETWEEN
    return labels


def boundaries(line: Line) -> list[int]:
    """Offsets at which one segment goes over into another: the middle of the space between them."""
    return [(a.end + b.start) // 2 for a, b in pairwise(line.segments)]


def matched(gold: Sequence[int], predicted: Sequence[int], tolerance: int) -> int:
    """How many boundaries agree within a tolerance, each used once, in order."""
    hits = at = 0
    for position in gold:
        while at < len(predicted) and predicted[at] < position - tolerance:
            at += 1
        if at < len(predicted) and abs(predicted[at] - position) <= tolerance:
            hits, at = hits + 1, at + 1
    return hits


def segment_figures(pairs: Sequence[tuple[Line, Line]]) -> dict[str, Any]:
    """Figures over pairs of a gold line and the same line as a system labels it.

    Returns:
        `mixed_lines` (gold), and on them `character_accuracy`, `character_f1` by label, `boundary_f1_0`
        and `boundary_f1_2` (tolerance in characters), `recognised` (share that the system splits); and of the
        other lines `wrongly_split`.
    """
    mixed = [(gold, told) for gold, told in pairs if gold.segments]
    plain = [told for gold, told in pairs if not gold.segments]
    split = sum(bool(told.segments) for told in plain) / max(1, len(plain))
    figures: dict[str, Any] = {"mixed_lines": len(mixed), "wrongly_split": split}
    if not mixed:
        return figures
    gold = np.concatenate([character_labels(line) for line, _ in mixed])
    told = np.concatenate([character_labels(line) for _, line in mixed])
    told = np.where(told == BETWEEN, LABEL_ID["body"], told)[gold != BETWEEN]
    gold = gold[gold != BETWEEN]
    table = confusion(gold, told)
    totals = table.sum(axis=0) + table.sum(axis=1)
    figures["character_accuracy"] = float((gold == told).mean())
    figures["character_f1"] = {
        label: float(2 * table[number, number] / totals[number])
        for number, label in enumerate(LABELS)
        if totals[number]
    }
    for tolerance in (0, 2):
        figures[f"boundary_f1_{tolerance}"] = _boundary_f1(mixed, tolerance)
    figures["recognised"] = sum(bool(line.segments) for _, line in mixed) / len(mixed)
    return figures


def _boundary_f1(pairs: Sequence[tuple[Line, Line]], tolerance: int) -> float:
    hits = gold_count = told_count = 0
    for gold, told in pairs:
        expected, found = boundaries(gold), boundaries(told)
        hits += matched(expected, found, tolerance)
        gold_count, told_count = gold_count + len(expected), told_count + len(found)
    return 2 * hits / max(1, gold_count + told_count)


def cleaning_figures(pairs: Sequence[tuple[Line, Line]]) -> dict[str, float]:
    """What `clean` would do: share of noise lines removed, share of other characters lost with them."""
    noise = {LABEL_ID["ad"], LABEL_ID["truncation"]}
    kept = lost = noise_lines = removed = 0
    for gold, told in pairs:
        expected, found = character_labels(gold), character_labels(told)
        is_noise, called_noise = np.isin(expected, list(noise)), np.isin(found, list(noise))
        wanted = (expected != BETWEEN) & ~is_noise
        kept += int(wanted.sum())
        lost += int((wanted & called_noise).sum())
        if gold.label in ("ad", "truncation"):
            noise_lines += 1
            removed += told.label in ("ad", "truncation")
    return {"noise_lines_removed": removed / max(1, noise_lines), "characters_lost": lost / max(1, kept)}
