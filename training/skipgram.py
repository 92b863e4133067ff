"""Token embeddings by skip-gram with negative sampling (Mikolov et al., 2013), to start a BERT from."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

SCALE = 0.04
"""Standard deviation that the embeddings are brought to: twice that of BERT's own initialisation."""


def skipgram_embeddings(
    ids: NDArray[np.int16], *, vocabulary: int, width: int, epochs: int, seed: int
) -> NDArray[np.float32]:
    """Learn an embedding of every token that occurs.

    Args:
        ids: Token ids, shape (n_windows, n_tokens); 0 is padding.

    Returns:
        float32, shape (vocabulary, width), centred, of standard deviation `SCALE`; tokens that do not
        occur get normal noise of that size.
    """
    from gensim.models import Word2Vec

    sentences = [[str(token) for token in row if token] for row in ids]
    model = Word2Vec(
        sentences,
        vector_size=width,
        sg=1,
        window=5,
        negative=8,
        min_count=2,
        epochs=epochs,
        workers=os.cpu_count() or 1,
        seed=seed,
    )
    draw = np.random.default_rng(seed)
    table = draw.normal(0.0, SCALE, (vocabulary, width)).astype(np.float32)
    known = [int(word) for word in model.wv.index_to_key]
    vectors: NDArray[np.float32] = model.wv.vectors - model.wv.vectors.mean(0)
    table[known] = vectors * (SCALE / vectors.std())
    table[0] = 0.0
    return table
