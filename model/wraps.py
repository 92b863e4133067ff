"""Finding lines that were broken at a fixed width."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from hanline.data.document import Line

MIN_WIDTH, MAX_WIDTH = 18, 48
MIN_SHARE = 0.3
"""Share of the body lines that must be as wide as the widest common width."""

SLACK = 2
"""Characters by which a broken line may be narrower or wider: punctuation is pulled to one side."""

_BEGINS = re.compile(
    r"[\s　]|[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十\d]+[）)]|\d+[、.．)]|第.{1,4}[条章节]"
)


def wrapped_lines(lines: Sequence[Line]) -> frozenset[int]:
    """The lines whose break is a wrap: the next line goes on with the same sentence.

    A document is taken as wrapped if many of its body lines have about one width. A line of that width is
    continued by the next one, unless that is indented or numbered.
    """
    widths = [len(line.text.rstrip()) if _is_body(line) else 0 for line in lines]
    width = _wrap_width([width for width in widths if width])
    if width is None:
        return frozenset()
    return frozenset(
        index
        for index in range(len(lines) - 1)
        if abs(widths[index] - width) <= SLACK
        and widths[index + 1]
        and not _BEGINS.match(lines[index + 1].text)
    )


def _is_body(line: Line) -> bool:
    return line.label == "body" and not line.segments


def _wrap_width(widths: Sequence[int]) -> int | None:
    """The width at which lines were broken, or None."""
    count = Counter(widths)
    near = {
        width: sum(count[width + offset] for offset in range(-SLACK, SLACK + 1))
        for width in count
        if MIN_WIDTH <= width <= MAX_WIDTH
    }
    if not near:
        return None
    width = max(near, key=lambda candidate: (near[candidate], count[candidate]))
    longer = sum(n for other, n in count.items() if other > width + SLACK)
    wrapped = near[width] >= max(4, MIN_SHARE * len(widths)) and longer <= 0.1 * len(widths)
    return width if wrapped else None
