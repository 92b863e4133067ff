"""From a document to labels: windows, runtimes, decoding."""

from hanline.model.classifier import LineClassifier

__all__ = ["LineClassifier"]
