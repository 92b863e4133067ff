"""How fast a classifier is on this machine, and where its time goes."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from hanline.data.document import Document
from hanline.model.cache import LogitsCache
from hanline.model.classifier import LineClassifier


def count_lines(documents: Sequence[Document]) -> int:
    """Non-blank lines."""
    return sum(not line.blank for document in documents for line in document.lines)


def seconds_per_pass(
    classifier: LineClassifier, documents: Sequence[Document], *, segments: bool, passes: int
) -> float:
    """Median seconds that labelling the documents takes in this process, after one pass to warm up."""
    seconds = []
    for _ in range(passes + 1):
        classifier.cache = LogitsCache()  # the second pass would cost nothing
        start = time.perf_counter()
        for _ in classifier.classify_many(documents, segments=segments):
            pass
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def stage_seconds(
    classifier: LineClassifier, documents: Sequence[Document], *, segments: bool
) -> dict[str, float]:
    """Seconds by stage of one pass: `tokenizing`, `packing`, `model`, and `decoding` for the rest."""
    spent: defaultdict[str, float] = defaultdict(float)

    def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                spent[stage] += time.perf_counter() - start

        return run

    tokenizer, runtime = classifier.tokenizer, classifier.runtime
    watched = LineClassifier(classifier.settings, tokenizer, runtime, batch_tokens=classifier.batch_tokens)
    changes: dict[str, tuple[Any, str]] = {
        "encode_ends": (tokenizer, "tokenizing"),
        "encode_offsets": (tokenizer, "tokenizing"),
        "pack": (watched, "packing"),
        "run": (watched, "model"),
    }
    for name, (owner, stage) in changes.items():
        setattr(owner, name, timed(stage, getattr(owner, name)))
    try:
        start = time.perf_counter()
        for _ in watched.classify_many(documents, segments=segments):
            pass
        total = time.perf_counter() - start
    finally:
        del tokenizer.encode_ends, tokenizer.encode_offsets
    return {**spent, "decoding": total - sum(spent.values())}
