"""Whether the same line gets the same label, whatever else goes through the model with it.

    python benchmarks/invariance.py                   # 100,000 lines
    python benchmarks/invariance.py --lines 5000

The documents, drawn from the corpus by the synthesiser, are labelled once, and again with batches of other sizes, other
numbers of threads, in another order, and by torch. Reported: lines whose label changed, and the largest change of a
score. Exit code 1 if a label changes or a score moves by more than 0.001 under ONNX Runtime, or if torch disagrees on
more than one line in a thousand.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.reading import read_documents
from hanline.data.synthesis.build import BuildSettings, build
from hanline.model.cache import LogitsCache
from hanline.model.classifier import LineClassifier
from hanline.model.speed import count_lines

Told = dict[str, list[tuple[str | None, float]]]
WINDOW = 512


def drawn(lines: int) -> Iterator[Document]:
    """Documents of the corpus, damaged and recombined, up to a number of lines."""
    written = [
        item for file in corpus_files("all") for item in read_documents(file) if isinstance(item, Document)
    ]
    for document in build(written, BuildSettings(documents=lines, seed=5)):
        if lines <= 0:
            return
        lines -= count_lines([document])
        yield document


def told(classifier: LineClassifier, documents: Sequence[Document]) -> Told:
    """Label and score of every line, by document."""
    return {
        document.id: [(line.label, line.score or 0.0) for line in document.lines]
        for document in classifier.classify_many(documents, segments=False)
    }


def compare(name: str, first: Told, second: Told) -> tuple[int, float]:
    """Print and return how many labels differ, and by how much scores do."""
    pairs = [pair for key in first for pair in zip(first[key], second[key], strict=True)]
    changed = sum(a[0] != b[0] for a, b in pairs)
    moved = max(abs(a[1] - b[1]) for a, b in pairs if a[0] == b[0])
    print(f"{name:34} {changed:6} labels of {len(pairs):,} changed, scores by up to {moved:.1e}", flush=True)
    return changed, moved


def main() -> None:
    """Compare, and fail where it matters."""
    parser = argparse.ArgumentParser(description="Labels under other batches, threads, orders and runtimes.")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--model")
    arguments = parser.parse_args()
    documents = list(drawn(arguments.lines))
    lines = count_lines(documents)
    base = told(LineClassifier.load(arguments.model, runtime="onnx"), documents)
    bad = False
    for windows in (1, 7, 64, 1024):
        classifier = LineClassifier.load(arguments.model, runtime="onnx", batch_tokens=windows * WINDOW)
        changed, moved = compare(f"ONNX, {windows} windows a batch", base, told(classifier, documents))
        bad |= changed > 0 or moved > 1e-3
    single = LineClassifier.load(arguments.model, runtime="onnx", threads=1)
    shuffled = random.Random(1).sample(documents, len(documents))
    for name, order in (("ONNX, one thread", documents), ("ONNX, another order", shuffled)):
        single.cache = LogitsCache(0)  # or the second reading would be the first
        changed, moved = compare(name, base, told(single, order))
        bad |= changed > 0 or moved > 1e-3
    torch = LineClassifier.load(arguments.model, runtime="torch", device="cpu")
    changed, _ = compare("torch", base, told(torch, documents))
    sys.exit(int(bad or changed > lines / 1000))


if __name__ == "__main__":
    main()
