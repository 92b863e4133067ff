"""Documents whose lines are mixed with others': does this line belong here, at this place?

A second task of pretraining. What a labeller must see is that a line is foreign to its document, as a link to
another page is, or that it stands where it was not written. Sentence-level relatives are next-sentence
prediction (Devlin et al., 2019) and sentence-order prediction (Lan et al., 2020).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import groupby

from hanline.model.windows import Piece

UNKNOWN, OWN, FOREIGN, MOVED = -1, 0, 1, 2
FATES = 3
"""What may become of a line: it stands where it stood, comes from elsewhere, or was moved."""

LINES_PER_RUN = 16
"""A document gets a foreign or moved run of lines for about so many lines of its own."""

LONGEST_RUN = 6


def mix(
    pieces: Sequence[Piece], others: Sequence[Sequence[Piece]], draw: random.Random
) -> tuple[list[Piece], list[int]]:
    """Insert runs of other documents' lines, and move runs of the document's own.

    A line that takes several pieces stays together.

    Args:
        pieces: The pieces of a document.
        others: The pieces of other documents, none of them empty.

    Returns:
        The new pieces, and the fate of each.
    """
    lines = [(line, OWN) for line in _lines(pieces)]
    for _ in range(1 + len(lines) // LINES_PER_RUN):
        if len(lines) > 8 and draw.random() < 0.4:
            start = draw.randrange(len(lines) - 3)
            size = draw.randint(1, 3)
            run = [(line, MOVED if fate == OWN else fate) for line, fate in lines[start : start + size]]
            rest = lines[:start] + lines[start + size :]
            far = [at for at in range(len(rest) + 1) if abs(at - start) >= 3]
            at = draw.choice(far)
            lines = rest[:at] + run + rest[at:]
        else:
            at = draw.randint(0, len(lines))
            lines[at:at] = [(line, FOREIGN) for line in _foreign(others, draw)]
    return [piece for line, _ in lines for piece in line], [fate for line, fate in lines for _ in line]


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    return [list(line) for _, line in groupby(pieces, key=lambda piece: piece.line)]


def _foreign(others: Sequence[Sequence[Piece]], draw: random.Random) -> list[list[Piece]]:
    """A run of one other document, or single lines of several."""
    size = draw.randint(1, LONGEST_RUN)
    if draw.random() < 0.5:
        source = _lines(draw.choice(others))
        start = draw.randrange(len(source))
        return source[start : start + size]
    return [draw.choice(_lines(draw.choice(others))) for _ in range(size)]
