"""What cleaning may lose: a threshold that keeps a promise (conformal risk control, Angelopoulos et al., 2022)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from hanline.data.errors import HanlineError


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskCurve:
    """What is lost on calibration documents where only noise of a certain score is removed.

    Attributes:
        documents: Number of calibration documents.
        thresholds: Scores from which ads and notices are removed, rising.
        losses: At each, the mean over the documents of the share of their other characters that is removed
            with them; falling.
    """

    documents: int = 0
    thresholds: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.thresholds) != len(self.losses):
            raise ValueError(f"{len(self.thresholds)} thresholds, but {len(self.losses)} losses")

    def bound(self, loss: float) -> float:
        """What a mean loss on these documents says of the next one: its expected loss is at most this."""
        return (self.documents * loss + 1) / (self.documents + 1)

    def threshold(self, max_loss: float) -> float:
        """The lowest threshold at which a document is expected to lose at most a share `max_loss`.

        The promise holds for documents drawn like those of the calibration.

        Raises:
            HanlineError: If these documents are too few, or the model too bad, for such a promise.
        """
        if not self.documents:
            raise HanlineError(
                "this model was not calibrated for --max-loss",
                hint="train it with development documents (--dev)",
            )
        bounds = [-self.bound(loss) for loss in self.losses]
        at = bisect_left(bounds, -max_loss)
        if at == len(bounds):
            raise HanlineError(
                f"--max-loss {max_loss:g} is more than {self.documents} calibration documents can promise; "
                f"the least is {-bounds[-1]:.4f}",
                hint="allow more, or train with more development documents (--dev)",
            )
        return self.thresholds[at]


def risk_curve(losses: Sequence[Sequence[tuple[float, float]]]) -> RiskCurve:
    """The curve of calibration documents.

    Args:
        losses: Of each document, the score of every part that was taken for noise and the share of the
            document's other characters that stands in it.
    """
    thresholds = sorted({0.0, *(score for document in losses for score, lost in document if lost)})
    thresholds.append(min(1.0, thresholds[-1] + 1e-6))
    means = [
        sum(lost for document in losses for score, lost in document if score >= threshold)
        / max(1, len(losses))
        for threshold in thresholds
    ]
    return RiskCurve(documents=len(losses), thresholds=tuple(thresholds), losses=tuple(means))
