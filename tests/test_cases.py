"""Documents kept because they are hard: minimal pairs, where only the surroundings decide a label."""

from collections import defaultdict
from pathlib import Path

from hanline.data.document import Document, Line
from hanline.data.reading import read_documents
from hanline.model.classifier import LineClassifier
from hanline.training.systems import without_labels

PAIRS = Path(__file__).parent / "cases" / "pairs.jsonl"
FLOOR = 0.52
"""Share of target lines that the bundled model must label right; it only goes up. 0.5 is chance: little merit."""


def pairs() -> dict[str, list[tuple[Document, int]]]:
    """The two documents of each pair, with the position of the line that both have."""
    found: dict[str, list[tuple[Document, int]]] = defaultdict(list)
    for document in read_documents(PAIRS):
        assert isinstance(document, Document)
        target = next(number for number, line in enumerate(document.lines) if "target" in line.tags)
        found[document.id.rpartition("-")[0]].append((document, target))
    return found


def target_line(pair: tuple[Document, int]) -> Line:
    document, at = pair
    return document.lines[at]


def test_pairs_differ_in_their_surroundings_only() -> None:
    assert len(pairs()) >= 100
    for first, second in pairs().values():
        assert target_line(first).text == target_line(second).text
        assert target_line(first).label != target_line(second).label


def test_the_bundled_model_gets_no_worse_on_pairs() -> None:
    classifier = LineClassifier.load()
    both = [pair for two in pairs().values() for pair in two]
    told = classifier.classify_many(without_labels(document) for document, _ in both)
    right = sum(
        answer.lines[at].label == document.lines[at].label
        for (document, at), answer in zip(both, told, strict=True)
    )
    assert right / len(both) >= FLOOR
