"""Promises about what cleaning loses."""

import random

import pytest

from hanline.data.document import Document, Line
from hanline.data.errors import HanlineError
from hanline.model.cleaning import CleanSettings, clean
from hanline.model.risk import RiskCurve, risk_curve


def test_a_stricter_promise_needs_surer_removals() -> None:
    losses = [[(0.9, 0.0), (0.6, 0.2)], [(0.4, 0.5)], *([[]] * 97)]
    curve = risk_curve(losses)
    assert curve.threshold(0.02) == 0.0
    assert 0.4 < curve.threshold(0.0125) <= 0.6
    assert 0.6 < curve.threshold(0.0101) < 0.9
    with pytest.raises(HanlineError, match=r"99 calibration documents can promise; the least is 0\.0100"):
        curve.threshold(0.005)


def test_what_was_not_calibrated_promises_nothing() -> None:
    with pytest.raises(HanlineError, match="not calibrated"):
        RiskCurve().threshold(0.5)


def test_the_promise_is_kept_for_new_documents() -> None:
    """The expected loss of a document drawn like the others stays below what was promised."""
    draw = random.Random(3)

    def document() -> list[tuple[float, float]]:
        return [(score, 0.3 * draw.random() * (1 - score)) for score in (draw.random(), draw.random())]

    promised, lost = 0.06, []
    for _ in range(300):
        threshold = risk_curve([document() for _ in range(60)]).threshold(promised)
        lost.append(sum(share for score, share in document() if score >= threshold))
    assert 0.02 < sum(lost) / len(lost) <= promised + 0.005


def test_unsure_removals_are_left_in() -> None:
    lines = (Line("加微信", "ad", 0.99), Line("今天开会", "ad", 0.5), Line("讲三件事", "body", 0.4))
    cleaned, _ = clean(Document("x", lines), CleanSettings(min_score=0.8))
    assert cleaned == "今天开会\n讲三件事\n"
