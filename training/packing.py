"""Raw text as windows of token ids: what pretraining reads."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hanline.data.document import is_blank
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import Piece, WindowSettings, build_window, full_pieces, line_piece, plan_windows

Packed = NDArray[np.int16]


def pack_documents(
    documents: Iterable[list[str]],
    tokenizer: LineTokenizer,
    *,
    settings: WindowSettings,
    clipped_share: float,
    seed: int,
) -> Packed:
    """Pack raw documents the way the labeller packs them.

    Args:
        clipped_share: Share of documents whose long lines are clipped to head and tail; the others are
            shown in full, long lines as several pieces.

    Returns:
        int16, shape (n_windows, 3, settings.tokens): ids, positions, types; padded with the pad token.
    """
    draw = random.Random(seed)
    rows = [
        row
        for lines in documents
        for row in _windows(lines, tokenizer, settings, clip=draw.random() < clipped_share, draw=draw)
    ]
    return np.stack(rows) if rows else np.zeros((0, 3, settings.tokens), dtype=np.int16)


def _windows(
    lines: list[str], tokenizer: LineTokenizer, settings: WindowSettings, *, clip: bool, draw: random.Random
) -> Iterator[Packed]:
    layout = tokenizer.layout
    pieces = list(_pieces(lines, tokenizer, settings, clip=clip))
    lengths = [len(piece.ids) for piece in pieces]
    for plan in plan_windows(lengths, capacity=settings.capacity, overlap=0):
        first = draw.randrange(settings.line_types)
        window = build_window(pieces, plan, layout=layout, settings=settings, first=first)
        row = np.zeros((3, settings.tokens), dtype=np.int16)
        row[0] = layout.pad
        row[:, : len(window.ids)] = (window.ids, window.positions, window.types)
        yield row


def _pieces(
    lines: list[str], tokenizer: LineTokenizer, settings: WindowSettings, *, clip: bool
) -> Iterator[Piece]:
    ids = tokenizer.encode(lines)
    blank, number = False, 0
    for line, tokens in zip(lines, ids, strict=True):
        if is_blank(line):
            blank = True
            continue
        if clip:
            yield line_piece(number, tokens, after_blank=blank, layout=tokenizer.layout, settings=settings)
        else:
            size = settings.capacity // 2
            yield from full_pieces(number, tokens, after_blank=blank, layout=tokenizer.layout, size=size)
        blank, number = False, number + 1
