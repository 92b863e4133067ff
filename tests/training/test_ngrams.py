"""The floors of perplexity."""

import numpy as np
import pytest

from hanline.training.ngrams import ngram_perplexities


def test_a_chain_is_known_from_the_token_before_and_not_without() -> None:
    chain = np.tile(np.arange(1, 5, dtype=np.int16), (50, 8))
    found = ngram_perplexities(chain, chain[:2], vocabulary=5, special=[0])
    assert found["unigram"] == pytest.approx(4, rel=0.05)
    assert found["bigram"] == pytest.approx(1, rel=0.05)


def test_what_was_never_seen_has_a_chance() -> None:
    train, held_out = np.array([[1, 2, 1, 2]], np.int16), np.array([[3, 3, 0]], np.int16)
    found = ngram_perplexities(train, held_out, vocabulary=5, special=[0])
    assert found["unigram"] == found["bigram"] == pytest.approx(9)


def test_bigram_probabilities_sum_to_one() -> None:
    draw = np.random.default_rng(0)
    train = draw.integers(0, 6, (20, 30)).astype(np.int16)
    every = np.array([[2, token] for token in range(1, 6)], np.int16)
    chances = [1 / ngram_perplexities(train, row[None], vocabulary=6, special=[0])["bigram"] for row in every]
    assert sum(chances) == pytest.approx(1, abs=0.01)
