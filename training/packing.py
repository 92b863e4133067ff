"""Raw text as windows of token ids: what pretraining reads."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hanline.data.document import is_blank
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import (
    Layout,
    Piece,
    WindowSettings,
    build_window,
    full_pieces,
    line_piece,
    plan_windows,
)
from hanline.training.line_order import UNKNOWN, mix

Packed = NDArray[np.int16]

KEPT_DOCUMENTS = 200
"""Documents of the same file whose lines may be mixed into the next one."""


def pack_documents(
    documents: Iterable[list[str]],
    tokenizer: LineTokenizer,
    *,
    settings: WindowSettings,
    clipped_share: float,
    mixed_share: float = 0.0,
    seed: int,
) -> Packed:
    """Pack raw documents the way the labeller packs them.

    Args:
        clipped_share: Share of documents whose long lines are clipped to head and tail; the others are
            shown in full, long lines as several pieces.
        mixed_share: Share of documents whose lines are mixed with lines of others (`line_order.mix`).

    Returns:
        int16, shape (n_windows, 4, settings.tokens): ids (padded with the pad token), positions, types,
        and what became of the line of each token, `UNKNOWN` in documents that were not mixed.
    """
    draw = random.Random(seed)
    others: deque[list[Piece]] = deque(maxlen=KEPT_DOCUMENTS)
    rows: list[Packed] = []
    for lines in documents:
        clip = draw.random() < clipped_share
        pieces = list(_pieces(lines, tokenizer, settings, clip=clip))
        if others and draw.random() < mixed_share:
            mixed, fates = mix(pieces, others, draw)
        else:
            mixed, fates = pieces, [UNKNOWN] * len(pieces)
        rows += _windows(mixed, fates, tokenizer.layout, settings, draw)
        if pieces:
            others.append(pieces)
    return np.stack(rows) if rows else np.zeros((0, 4, settings.tokens), dtype=np.int16)


def _windows(
    pieces: list[Piece], fates: list[int], layout: Layout, settings: WindowSettings, draw: random.Random
) -> Iterator[Packed]:
    lengths = [len(piece.ids) for piece in pieces]
    fate_of = np.array([*fates, UNKNOWN], dtype=np.int16)  # the last one for what is in no piece, -1
    for plan in plan_windows(lengths, capacity=settings.capacity, overlap=0):
        first = draw.randrange(settings.line_types)
        window = build_window(pieces, plan, layout=layout, settings=settings, first=first)
        row = np.zeros((4, settings.tokens), dtype=np.int16)
        row[0], row[3] = layout.pad, UNKNOWN
        row[:, : len(window.ids)] = (window.ids, window.positions, window.types, fate_of[window.piece])
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
            yield from full_pieces(
                number, tokens, after_blank=blank, layout=tokenizer.layout, size=settings.full_size
            )
        blank, number = False, number + 1
