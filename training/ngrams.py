"""Unigram and bigram models of the tokens: the floor that an encoder's perplexity stands on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

DISCOUNT = 0.75


def ngram_perplexities(
    train: NDArray[np.int16], held_out: NDArray[np.int16], *, vocabulary: int, special: Sequence[int]
) -> dict[str, float]:
    """Perplexity of held-out tokens under models that see nothing, or the token before.

    The unigram model has one count added to every token; the bigram model is smoothed by absolute discounting
    (Ney et al., 1994), interpolated with the unigram model.

    Args:
        train: Token ids, shape (n_windows, n_tokens).
        held_out: The same, to measure on.
        special: Ids of tokens that are not predicted: padding and layout.

    Returns:
        `unigram` and `bigram`.
    """
    count = np.bincount(train.ravel(), minlength=vocabulary).astype(np.float64)
    count[list(special)] = 0
    unigram = (count + 1) / (count.sum() + vocabulary)
    text = ~np.isin(np.arange(vocabulary), special)

    before, after = _pairs(train)
    kept = text[after]
    codes, pair_count = np.unique(before[kept] * vocabulary + after[kept], return_counts=True)
    context = np.bincount(codes // vocabulary, weights=pair_count, minlength=vocabulary)
    kinds = np.bincount(codes // vocabulary, minlength=vocabulary)

    before, after = _pairs(held_out)
    before, after = before[text[after]], after[text[after]]
    wanted = before * vocabulary + after
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    seen = np.where(codes[at] == wanted, pair_count[at], 0)
    total = np.maximum(context[before], 1)
    rest = np.where(context[before] > 0, DISCOUNT * kinds[before] / total, 1.0)
    bigram = np.maximum(seen - DISCOUNT, 0) / total + rest * unigram[after]
    return {
        "unigram": float(np.exp(-np.log(unigram[after]).mean())),
        "bigram": float(np.exp(-np.log(bigram).mean())),
    }


def _pairs(ids: NDArray[np.int16]) -> tuple[Ids, Ids]:
    """Neighbouring tokens of windows, flat."""
    wide = ids.astype(np.int64)
    return wide[:, :-1].ravel(), wide[:, 1:].ravel()
