"""Evaluations as tables for a terminal."""

from __future__ import annotations

from typing import Any

from hanline.data.document import LABELS


def evaluation_tables(figures: dict[str, Any]) -> str:
    """All sets: systems side by side, then the labels and the confusion of the first system."""
    return "\n\n".join(_set_table(name, row) for name, row in figures.items())


def _set_table(name: str, row: dict[str, Any]) -> str:
    width = max(12, *(len(system) for system in row["systems"]))
    lines = [
        f"{name}: {row['documents']} documents, {row['lines']} lines",
        f"{'':{width}}  macro-F1  95 % interval   noise-F1  accuracy  calibration  char. lost  noise out",
    ]
    for system, figure in row["systems"].items():
        low, high = figure["macro_f1_interval"]
        cleaning = figure["cleaning"]
        lines.append(
            f"{system:{width}}  {figure['macro_f1']:8.4f}  {low:.4f}-{high:.4f}  {figure['noise_f1']:9.4f}"
            f"  {figure['accuracy']:8.4f}  {figure['calibration']['error']:11.4f}"
            f"  {cleaning['characters_lost']:10.2%}  {cleaning['noise_lines_removed']:9.1%}"
        )
    first = next(iter(row["systems"]))
    lines += ["", *_label_table(first, row["systems"][first])]
    others = [c for c in row["comparisons"] if c["first"] == first]
    for comparison in others:
        low, high = comparison["interval"]
        lines.append(
            f"{first} - {comparison['second']}: {100 * comparison['difference']:+.1f} points of macro-F1 "
            f"({100 * low:+.1f} to {100 * high:+.1f}, p {comparison['p']:.3f})"
        )
    return "\n".join(lines)


def _label_table(name: str, figure: dict[str, Any]) -> list[str]:
    head = f"{name:12}  precision  recall      F1  lines   " + " ".join(f"{label[:6]:>6}" for label in LABELS)
    lines = [head]
    for label, counts in zip(LABELS, figure["confusion"], strict=True):
        row = figure["labels"][label]
        numbers = f"{row['precision']:9.3f}  {row['recall']:6.3f}  {row['f1']:6.3f}  {row['lines']:5.0f}"
        lines.append(f"{label:12}  {numbers}   " + " ".join(f"{count:6}" for count in counts))
    segments = figure["segments"]
    if segments["mixed_lines"]:
        lines.append(
            f"{segments['mixed_lines']} mixed lines: characters right {segments['character_accuracy']:.4f}, "
            f"boundary F1 {segments['boundary_f1_2']:.3f} (within 2), recognised {segments['recognised']:.1%}, "
            f"other lines split {segments['wrongly_split']:.1%}"
        )
    return lines
