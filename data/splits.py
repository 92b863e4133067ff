"""Splitting documents, so that nothing of one side is known on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from hanline.data.document import Document


def split(
    documents: Iterable[Document], shares: Sequence[float], *, by_source: bool = False, seed: int = 0
) -> list[list[Document]]:
    """Split documents into parts of about the given shares.

    Where a document goes depends on its id (or its source) and the seed alone: adding documents never
    moves others.

    Args:
        shares: Positive numbers; they are scaled to sum to 1.
        by_source: Keep all documents of a source in one part; one without a source stands for itself.

    Returns:
        The documents of each part, in order.
    """
    total = sum(shares)
    bounds = [sum(shares[: number + 1]) / total for number in range(len(shares))]
    parts: list[list[Document]] = [[] for _ in shares]
    for document in documents:
        key = document.source or document.id if by_source else document.id
        place = _fraction(f"{seed}:{key}")
        parts[
            next(number for number, bound in enumerate(bounds) if place < bound or bound == bounds[-1])
        ].append(document)
    return parts


def _fraction(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64
