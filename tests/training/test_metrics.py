"""Figures against values worked out by hand."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from hanline.data.document import LABEL_ID, Line, Segment
from hanline.training.metrics import (
    bootstrap,
    calibration,
    confusion,
    fit_temperature,
    interval,
    macro_f1,
    noise_f1,
    per_label,
    selective_accuracy,
)
from hanline.training.segment_metrics import boundaries, cleaning_figures, matched, segment_figures

GOLD = np.array([0, 0, 0, 4, 4, 4, 4, 3, 5])
TOLD = np.array([0, 0, 4, 4, 4, 4, 0, 3, 0])


def test_macro_f1_is_over_the_labels_that_occur() -> None:
    occurring = sorted(set(GOLD.tolist()))
    expected = f1_score(GOLD, TOLD, labels=occurring, average="macro", zero_division=0)
    assert float(macro_f1(confusion(GOLD, TOLD))) == pytest.approx(expected)


def test_noise_f1_takes_ads_and_notices_together() -> None:
    noise = [0, 5]
    expected = f1_score(np.isin(GOLD, noise), np.isin(TOLD, noise))
    assert float(noise_f1(confusion(GOLD, TOLD))) == pytest.approx(expected)


def test_per_label_counts_gold_lines() -> None:
    table = per_label(GOLD, TOLD)
    assert table["ad"] == pytest.approx({"precision": 0.5, "recall": 2 / 3, "f1": 4 / 7, "lines": 3})
    assert table["salutation"]["f1"] == 0


def test_the_bootstrap_is_paired_and_centred() -> None:
    tables = np.stack([confusion(GOLD, TOLD), confusion(GOLD, GOLD), confusion(TOLD, TOLD)])
    first, second = bootstrap(tables, seed=1), bootstrap(tables, seed=1)
    np.testing.assert_array_equal(first, second)
    assert first.shape == (2000, 6, 6)
    low, high = interval(macro_f1(first))
    assert low <= float(macro_f1(tables.sum(axis=0))) <= high
    assert low < high


def test_calibration_error_of_a_confident_coin() -> None:
    correct = np.array([True, False] * 50)
    found = calibration(correct, np.full(100, 0.9, dtype=np.float32))
    assert found["error"] == pytest.approx(0.4)
    assert found["bins"] == [{"score": pytest.approx(0.9), "accuracy": 0.5, "lines": 100}]


def test_leaving_the_least_certain_out() -> None:
    correct = np.array([True] * 19 + [False])
    scores = np.linspace(1.0, 0.1, 20, dtype=np.float32)
    assert selective_accuracy(correct, scores, unanswered=0.05) == 1.0
    assert selective_accuracy(correct, scores, unanswered=0.0) == pytest.approx(0.95)


def test_the_temperature_of_overconfident_logits_is_found() -> None:
    draw = np.random.default_rng(0)
    logits = draw.normal(size=(4000, 6))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    gold = np.array([draw.choice(6, p=row) for row in chances])
    assert fit_temperature((3 * logits).astype(np.float32), gold) == pytest.approx(3.0, rel=0.1)


def mixed(*parts: tuple[int, int, str]) -> Line:
    segments = tuple(Segment(*part) for part in parts)
    longest = max(segments, key=lambda segment: segment.end - segment.start)
    return Line("甲乙丙丁 戊己庚辛壬癸", label=longest.label, segments=segments)


def test_boundaries_match_within_their_tolerance_and_once() -> None:
    assert matched([4, 20], [5, 6, 19], 2) == 2
    assert matched([4, 20], [5, 6, 19], 0) == 0
    assert matched([4, 5], [4], 2) == 1


def test_segments_are_measured_by_character_and_boundary() -> None:
    gold = mixed((0, 4, "header"), (5, 11, "body"))
    told = mixed((0, 3, "header"), (3, 11, "body"))
    plain = Line("今天", label="body")
    assert boundaries(gold) == [4]
    found = segment_figures([(gold, told), (plain, plain)])
    assert found["character_accuracy"] == pytest.approx(0.9)
    assert found["boundary_f1_0"] == 0.0
    assert found["boundary_f1_2"] == 1.0
    assert (found["recognised"], found["wrongly_split"], found["mixed_lines"]) == (1.0, 0.0, 1)


def test_cleaning_counts_what_is_removed_and_what_is_lost() -> None:
    ad, body = Line("关注我们", label="ad"), Line("今天下雨了", label="body")
    assert cleaning_figures([(ad, ad), (body, body)]) == {"noise_lines_removed": 1.0, "characters_lost": 0.0}
    wrong = cleaning_figures([(ad, Line("关注我们", label="body")), (body, Line("今天下雨了", label="ad"))])
    assert wrong == {"noise_lines_removed": 0.0, "characters_lost": 1.0}
    assert LABEL_ID["ad"] == 0
