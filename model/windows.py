"""Packing a document's lines into windows that a BERT reads in one pass.

A window is ``[CLS] [TOP]? piece piece ... [END]? [SEP]``. A piece is a line: ``[BLANK]?`` where blank lines
stand before it, ``[LINE]``, and its tokens. ``[TOP]`` and ``[END]`` stand only where the document really
begins and ends. Position ids restart at every piece and token types count the pieces, so that the
model is told where lines begin and which are neighbours.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]

FULL_SIZE = 126
"""Most tokens of a part of a line that is read in full: longer lines go in several parts."""

FRAME_TOKENS = 4
"""Most tokens of a window that belong to no piece: [CLS], [TOP], [END], [SEP]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSettings:
    """How documents become windows.

    Attributes:
        tokens: Most tokens of a window, all special ones included; at least 32.
        overlap: Most tokens of whole lines that two neighbouring windows share; at least 0.
        head: Tokens kept of the beginning of a line that is clipped.
        tail: Tokens kept of its end.
        line_types: Number of token types that count the lines of a window, at most the model's
            `type_vocab_size`.

    Raises:
        ValueError: If a value is out of range, or a clipped line does not fit into a window.
    """

    tokens: int = 512
    overlap: int = 96
    head: int = 48
    tail: int = 24
    line_types: int = 16

    def __post_init__(self) -> None:
        if self.head < 1 or self.tail < 0 or self.overlap < 0 or self.line_types < 1:
            raise ValueError(
                f"need head >= 1, tail >= 0, overlap >= 0 and line_types >= 1, got head {self.head}, "
                f"tail {self.tail}, overlap {self.overlap}, line_types {self.line_types}"
            )
        if self.tokens < 32:
            raise ValueError(f"tokens must be at least 32, got {self.tokens}")
        longest = self.head + self.tail + 3
        if self.tokens - FRAME_TOKENS < longest:
            raise ValueError(
                f"a clipped line takes up to {longest} tokens and does not fit a window of {self.tokens}; "
                f"raise tokens or lower head and tail"
            )

    @property
    def capacity(self) -> int:
        """Tokens of a window that pieces may take."""
        return self.tokens - FRAME_TOKENS

    @property
    def full_size(self) -> int:
        """Tokens of a part of a line that is read in full, so that some context fits beside it."""
        return min(FULL_SIZE, self.capacity * 3 // 4)


class Layout(NamedTuple):
    """The ids of the special tokens in one tokenizer."""

    pad: int
    cls: int
    sep: int
    line: int
    blank: int
    gap: int
    top: int
    end: int


class Piece(NamedTuple):
    """A line, or a part of one, as tokens.

    Attributes:
        line: Position of the line among the non-blank lines of the document.
        ids: Token ids: [BLANK]?, [LINE], then tokens and gaps.
        source: For each of `ids`, the position of the token in the line's own tokens; -1 for what is
            no token of the line.
    """

    line: int
    ids: list[int]
    source: list[int]


class Plan(NamedTuple):
    """Which pieces a window shows, and which of them are read off in it."""

    start: int
    stop: int
    read_start: int
    read_stop: int


@dataclass(frozen=True, slots=True)
class Window:
    """One window, ready for the model.

    Attributes:
        ids: Token ids, shape (n_tokens,).
        positions: Position in the piece, shape (n_tokens,).
        types: Token types, shape (n_tokens,).
        piece: Index of the piece in the document, -1 outside pieces, shape (n_tokens,).
        plan: What it covers.
    """

    ids: Ids
    positions: Ids
    types: Ids
    piece: Ids
    plan: Plan


def line_piece(
    line: int, tokens: Sequence[int], *, after_blank: bool, layout: Layout, settings: WindowSettings
) -> Piece:
    """The piece of a whole line, clipped to its head and its tail if it is too long."""
    lead = [layout.blank, layout.line] if after_blank else [layout.line]
    count = len(tokens)
    if count <= settings.head + settings.tail:
        return Piece(line, [*lead, *tokens], [-1] * len(lead) + list(range(count)))
    tail = count - settings.tail
    ids = [*lead, *tokens[: settings.head], layout.gap, *tokens[tail:]]
    source = [-1] * len(lead) + list(range(settings.head)) + [-1] + list(range(tail, count))
    return Piece(line, ids, source)


def full_pieces(
    line: int, tokens: Sequence[int], *, after_blank: bool, layout: Layout, size: int, overlap: int = 0
) -> list[Piece]:
    """The pieces of a line in full: parts of at most `size` tokens that share `overlap` of them.

    A gap token stands where a part does not begin or end with its line.
    """
    pieces = []
    count, start = len(tokens), 0
    while True:
        stop = min(start + size, count)
        lead = [layout.blank, layout.line] if after_blank and start == 0 else [layout.line]
        before = [layout.gap] if start else []
        after = [layout.gap] if stop < count else []
        ids = [*lead, *before, *tokens[start:stop], *after]
        source = [-1] * (len(lead) + len(before)) + list(range(start, stop)) + [-1] * len(after)
        pieces.append(Piece(line, ids, source))
        if stop == count:
            return pieces
        start = stop - overlap


def plan_windows(lengths: Sequence[int], *, capacity: int, overlap: int) -> list[Plan]:
    """Cover pieces of the given lengths with windows.

    Every piece is read off in exactly one window, the one that shows more tokens around it; neighbouring
    windows share whole pieces of at most `overlap` tokens.

    Raises:
        ValueError: If a piece is longer than `capacity`.

    >>> plan_windows([4, 4, 4, 4], capacity=10, overlap=4)
    [Plan(start=0, stop=2, read_start=0, read_stop=2), Plan(start=1, stop=3, read_start=2, read_stop=3), \
Plan(start=2, stop=4, read_start=3, read_stop=4)]
    """
    if not lengths:
        return []
    spans: list[tuple[int, int]] = []
    start = stop = used = 0
    while stop < len(lengths):
        while stop < len(lengths) and used + lengths[stop] <= capacity:
            used += lengths[stop]
            stop += 1
        if stop == start:
            raise ValueError(f"a piece of {lengths[stop]} tokens does not fit a window of {capacity}")
        spans.append((start, stop))
        if stop < len(lengths):
            start, used = _next_start(lengths, stop, capacity=capacity, overlap=overlap)
    cuts = [0]
    for (_, end), (begin, _) in pairwise(spans):
        cuts.append(max(cuts[-1], _cut(lengths, begin, end)))
    cuts.append(len(lengths))
    plans = [Plan(*span, *read) for span, read in zip(spans, pairwise(cuts), strict=True)]
    return [plan for plan in plans if plan.read_start < plan.read_stop]


def _next_start(lengths: Sequence[int], stop: int, *, capacity: int, overlap: int) -> tuple[int, int]:
    room = min(overlap, capacity - lengths[stop])
    start, used = stop, 0
    while start > 0 and used + lengths[start - 1] <= room:
        start -= 1
        used += lengths[start]
    return start, used


def _cut(lengths: Sequence[int], start: int, stop: int) -> int:
    """Where in the shared pieces start..stop the reading goes over from one window to the next."""
    half, used = sum(lengths[start:stop]) / 2, 0.0
    for index in range(start, stop):
        if used + lengths[index] / 2 > half:
            return index
        used += lengths[index]
    return stop


def build_window(
    pieces: Sequence[Piece], plan: Plan, *, layout: Layout, settings: WindowSettings, first: int = 0
) -> Window:
    """Lay the pieces of a plan out as one window.

    Args:
        pieces: All pieces of the document.
        first: Token type of the first piece; training draws it so that all types are learned.
    """
    ids, positions, types, owner = [layout.cls], [0], [0], [-1]

    def add(token: int, kind: int) -> None:
        ids.append(token)
        positions.append(0)
        types.append(kind)
        owner.append(-1)

    if plan.start == 0:
        add(layout.top, 0)
    kind = 0
    for index in range(plan.start, plan.stop):
        piece = pieces[index].ids
        kind = (index - plan.start + first) % settings.line_types
        ids.extend(piece)
        positions.extend(range(len(piece)))
        types.extend([kind] * len(piece))
        owner.extend([index] * len(piece))
    if plan.stop == len(pieces):
        add(layout.end, kind)
    add(layout.sep, kind)
    return Window(
        ids=np.asarray(ids, dtype=np.int32),
        positions=np.asarray(positions, dtype=np.int32),
        types=np.asarray(types, dtype=np.int32),
        piece=np.asarray(owner, dtype=np.int32),
        plan=plan,
    )


def pack(
    pieces: Sequence[Piece],
    *,
    layout: Layout,
    settings: WindowSettings,
    draw: random.Random | None = None,
) -> list[Window]:
    """Pack the pieces of a document into windows; no windows for no pieces.

    Args:
        draw: Draws the token type of each window's first piece, for training; 0 if None.
    """
    lengths = [len(piece.ids) for piece in pieces]
    plans = plan_windows(lengths, capacity=settings.capacity, overlap=settings.overlap)
    first = [draw.randrange(settings.line_types) if draw else 0 for _ in plans]
    return [
        build_window(pieces, plan, layout=layout, settings=settings, first=kind)
        for plan, kind in zip(plans, first, strict=True)
    ]
