"""The figures of an evaluation as a page for people, beside the same figures as JSON."""

from __future__ import annotations

import io
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hanline.data.document import LABELS
from hanline.data.writing import whole_file

ERRORS_OPEN = 8
"""Errors that the page shows before a click."""

WRONG_LINE_LIMIT, CONTEXT_LINE_LIMIT, TAIL = 400, 160, 40
"""Characters of a line that the page shows, and how many of them are its end; the JSON holds all."""

BINS = 15
INK, ACCENT = "#010203", "#040506"
"""Stand-ins in the drawings for the colours of the page, which differ between light and dark."""


def write_report(figures: dict[str, Any], folder: Path) -> Path:
    """Write `report.json` and `report.html`, which loads nothing from elsewhere.

    Args:
        figures: What `hanline.training.evaluation.evaluate` returns.
        folder: Where to write; made if it is not there.

    Returns:
        The path of the page.
    """
    with whole_file(folder / "report.json") as stream:
        # A lone surrogate comes out as the escape that JSON reads back.
        text = json.dumps(figures, ensure_ascii=False, indent=1) + "\n"
        stream.write(text.encode(errors="backslashreplace"))
    page = folder / "report.html"
    with whole_file(page) as stream:
        stream.write(render(figures).encode(errors="xmlcharrefreplace"))
    return page


def render(figures: dict[str, Any]) -> str:
    """The page as HTML."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        count=count,
        fixed=fixed,
        percent=percent,
        shorten=shorten,
        in_words=in_words,
        cells=cells,
        wrong=wrong,
    )
    environment.globals.update(
        labels=LABELS,
        reliability=reliability_diagram,
        errors_open=ERRORS_OPEN,
        wrong_limit=WRONG_LINE_LIMIT,
        context_limit=CONTEXT_LINE_LIMIT,
    )
    source = files("hanline.training").joinpath("report.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(figures=figures)


def count(number: float, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "line"), count(1367, "line")
    ('1 line', '1,367 lines')
    """
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def fixed(value: float) -> str:
    """A figure between 0 and 1 with three places."""
    return f"{value:.3f}"


def percent(value: float) -> str:
    """A share as a percentage with one place."""
    return f"{100 * value:.1f} %"


def shorten(text: str, limit: int) -> str:
    """The beginning and the end of a long text, and how much lies between."""
    text = text.strip()
    hidden = len(text) - limit
    if hidden <= 0:
        return text
    return f"{text[: limit - TAIL]} [… {count(hidden, 'character')} …] {text[-TAIL:]}"


def in_words(comparison: dict[str, Any]) -> str:
    """What a paired difference says, as two sentences."""
    points = 100 * comparison["difference"]
    low, high = (_signed(100 * bound) for bound in comparison["interval"])
    side = "above" if points >= 0 else "below"
    p = "p < 0.001" if comparison["p"] < 0.001 else f"p = {comparison['p']:.3f}"
    told_apart = comparison["interval"][0] > 0 or comparison["interval"][1] < 0
    verdict = (
        "The interval leaves out zero: other documents of this kind would very likely show the same order."
        if told_apart
        else "The interval holds zero: these documents cannot tell the two apart."
    )
    return (
        f"{comparison['first']} is {abs(points):.1f} points of macro-F1 {side} {comparison['second']} "
        f"(95 % interval {low} to {high}, {p}). {verdict}"
    )


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def cells(counts: list[int], gold: int) -> list[dict[str, Any]]:
    """The cells of a row of a confusion matrix, each with its share of the row.

    Args:
        counts: Lines by predicted label.
        gold: Position of the row's own label.
    """
    total = max(1, sum(counts))
    return [
        {"lines": lines, "share": round(lines / total, 4), "right": at == gold}
        for at, lines in enumerate(counts)
    ]


def wrong(figure: dict[str, Any]) -> int:
    """Lines that a system labels wrongly, of its confusion matrix."""
    table: list[list[int]] = figure["confusion"]
    return sum(map(sum, table)) - sum(row[at] for at, row in enumerate(table))


def reliability_diagram(bins: list[dict[str, float]], salt: str) -> Markup:
    """Accuracy against score, and below it how many lines have such scores, as inline SVG.

    Args:
        bins: The bins of `hanline.training.metrics.calibration`.
        salt: What makes the ids of this drawing differ from those of others on the page.
    """
    style: Any = {
        "svg.hashsalt": salt, "svg.fonttype": "none", "font.size": 9,
        "text.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
    }  # fmt: skip
    with rc_context(style):
        figure = Figure(figsize=(4, 4.2), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        _draw_accuracy(upper, bins)
        _draw_lines(lower, bins)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return inline_svg(stream.getvalue())


def _draw_accuracy(axes: Axes, bins: list[dict[str, float]]) -> None:
    scores, accuracies = [row["score"] for row in bins], [row["accuracy"] for row in bins]
    most = max((row["lines"] for row in bins), default=1)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(scores, accuracies, color=ACCENT, linewidth=1.2)
    axes.scatter(scores, accuracies, [12 + 80 * row["lines"] / most for row in bins], color=ACCENT, zorder=3)
    axes.set(xlim=(0, 1.03), ylim=(0, 1.05), ylabel="accuracy")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_lines(axes: Axes, bins: list[dict[str, float]]) -> None:
    middles = [(min(int(row["score"] * BINS), BINS - 1) + 0.5) / BINS for row in bins]
    axes.bar(middles, [row["lines"] for row in bins], 0.8 / BINS, color=ACCENT)
    axes.set(xlabel="score", ylabel="lines")
    axes.spines[["top", "right"]].set_visible(False)


def inline_svg(document: str) -> Markup:
    """An SVG document of matplotlib as an element of the page, in the page's colours."""
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    # Groups have the same ids in every drawing, and nothing refers to them.
    svg = re.sub(r' xmlns(:\w+)?="[^"]*"|(?<=<g) id="[^"]*"', "", svg)
    svg = svg.replace(INK, "currentColor").replace(ACCENT, "var(--accent)")
    return Markup(svg.replace("<svg", '<svg role="img" aria-label="Reliability diagram"', 1))
