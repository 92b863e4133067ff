"""Lines per second of hanline against what people would use otherwise, with the same weights.

    python benchmarks/throughput.py                     # documents of the corpus, the bundled model
    python benchmarks/throughput.py --documents FOLDER  # labelled documents or text of your own

Compared: (a) transformers, one line a call; (b) transformers, padded batches of 64 lines as they come; (c) hanline on
ONNX Runtime and on torch, line reading alone and with segments; (d) the rules and TF-IDF (learned from the corpus).

What is timed: tokenizing, the model, and turning logits into labels. Not timed: reading files, importing,
loading the model, and the first pass of each system. hanline's cache of windows is emptied before each pass.

How: the systems alternate within one process, so that none gets the quiet moments to itself; the median of
the passes and a 95 % bootstrap interval are reported, never the best. Speed counts as the ratio to (b).

Before timing, hanline must agree with a plain reading of the same model: one window at a time, no padding, by torch.
A disagreement on more than 1 line in 1,000 stops the benchmark with exit code 1.

Then: hanline's time by stage, the rate at which its model multiplies and adds beside what this machine reaches in a plain
product of matrices of the model's shapes, and the time from an empty process to the first labelled document.

Output: tables, and as the last line one JSON object with the same numbers, the machine and the versions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.reading import Fault, find_files, read_documents
from hanline.model.cache import LogitsCache, window_key
from hanline.model.classifier import LineClassifier
from hanline.model.decoding import Scores
from hanline.model.folder import resolve_model
from hanline.model.speed import stage_seconds
from hanline.model.windows import Window
from hanline.training.systems import Rules, TfidfNeighbours

Labels = list[list[str | None]]
Run = Callable[[Sequence[Document]], Any]


def load(paths: Sequence[Path], characters: int) -> list[Document]:
    """Documents of files and folders, up to a number of characters."""
    chosen: list[Document] = []
    for file in find_files(paths):
        for item in [] if isinstance(file, Fault) else read_documents(file):
            if isinstance(item, Document) and characters > 0:
                chosen.append(item)
                characters -= len(item.text)
    return chosen


def transformers_lines(folder: Path, batch: int) -> Run:
    """Every line on its own through transformers, `batch` lines a call, padded as they come."""
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForTokenClassification.from_pretrained(folder, dtype=torch.float32).eval()

    def run(documents: Sequence[Document]) -> list[int]:
        texts = [line.text for document in documents for line in document.lines if not line.blank]
        labels: list[int] = []
        for start in range(0, len(texts), batch):
            inputs = tokenizer(
                texts[start : start + batch],
                padding=True,
                truncation=True,
                max_length=512,
                return_tensors="pt",
            )
            inputs.pop("token_type_ids", None)
            with torch.inference_mode():
                logits = model(**inputs).logits
            mask = inputs["attention_mask"][..., None]
            means = (logits * mask).sum(1) / mask.sum(1)
            labels += means.argmax(-1).tolist()
        return labels

    return run


def hanline_run(classifier: LineClassifier, *, segments: bool) -> Run:
    """hanline's stream."""

    def run(documents: Sequence[Document]) -> list[Document]:
        classifier.cache = LogitsCache()
        return list(classifier.classify_many(documents, segments=segments))

    return run


def agreement(folder: Path, documents: Sequence[Document]) -> float:
    """Share of lines on which batched ONNX agrees with torch reading one window at a time."""
    plain = LineClassifier.load(folder, runtime="torch", device="cpu", batch_tokens=1)
    batched = LineClassifier.load(folder, runtime="onnx", device="cpu")
    pairs = zip(plain.line_scores(documents), batched.line_scores(documents), strict=True)
    same = np.concatenate([a.argmax(1) == b.argmax(1) for a, b in pairs])
    return float(same.mean())


def time_interleaved(
    systems: dict[str, Run], documents: Sequence[Document], passes: int
) -> dict[str, list[float]]:
    """Seconds of each pass of each system, the systems taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in systems}
    for number in range(passes + 1):
        for name, run in systems.items():
            start = time.perf_counter()
            run(documents)
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of the median."""
    draw = np.random.default_rng(seed)
    medians = np.median(draw.choice(values, (2000, len(values))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Lines per second, hanline against transformers.")
    parser.add_argument("--documents", type=Path, nargs="*", default=corpus_files("validation"))
    parser.add_argument("--model", default=None, help="model folder; the bundled one if left out")
    parser.add_argument("--characters", type=int, default=60_000, help="text of a pass")
    parser.add_argument("--passes", type=int, default=7)
    arguments = parser.parse_args()
    folder, documents = resolve_model(arguments.model), load(arguments.documents, arguments.characters)
    lines = sum(not line.blank for document in documents for line in document.lines)
    agreed = agreement(folder, documents)
    print(f"{len(documents)} documents, {lines} lines; agreement with the plain reading {agreed:.4%}")
    if agreed < 0.999:
        sys.exit("hanline disagrees with the plain reading of the same model")
    onnx, torch = (LineClassifier.load(folder, runtime=name, device="cpu") for name in ("onnx", "torch"))
    written = [
        item for file in corpus_files("train") for item in read_documents(file) if isinstance(item, Document)
    ]
    tfidf = TfidfNeighbours(written)
    systems: dict[str, Run] = {
        "transformers, one line a call": transformers_lines(folder, 1),
        "transformers, batches of 64": transformers_lines(folder, 64),
        "hanline ONNX, lines": hanline_run(onnx, segments=False),
        "hanline ONNX, segments": hanline_run(onnx, segments=True),
        "hanline torch, lines": hanline_run(torch, segments=False),
        "rules": lambda rows: list(Rules().label(rows)),
        "tf-idf": lambda rows: list(tfidf.label(rows)),
    }
    seconds = time_interleaved(systems, documents, arguments.passes)
    facts = report(seconds, lines, agreed)
    facts["stages"] = {
        name: stage_seconds(onnx, documents, segments=segments)
        for name, segments in (("lines", False), ("segments", True))
    }
    facts["arithmetic"] = arithmetic(onnx, documents, folder)
    facts["first_result_seconds"] = first_result(documents[0], arguments.model)
    for name, stages in facts["stages"].items():
        total = sum(stages.values())
        print(f"{name}: " + ", ".join(f"{stage} {spent / total:.1%}" for stage, spent in stages.items()))
    print(", ".join(f"{name} {value:,.2f}" for name, value in facts["arithmetic"].items()))
    print(f"first labelled document after {facts['first_result_seconds']:.2f} s of a new process")
    print(json.dumps(facts))


def arithmetic(classifier: LineClassifier, documents: Sequence[Document], folder: Path) -> dict[str, float]:
    """What the model computes in a second of its own time, and what this machine computes at best.

    The floating-point operations are those of the matrix products of real tokens: projections, feed-forward, and
    attention over the window; padding is not counted as work.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    layers, width, inner = (
        config[name] for name in ("num_hidden_layers", "hidden_size", "intermediate_size")
    )
    sizes: list[int] = []

    class Watched(LineClassifier):
        def run(self, windows: Sequence[Window]) -> list[Scores]:
            sizes.extend(len(window.ids) for window in {window_key(w): w for w in windows}.values())
            return super().run(windows)

    watched = Watched(classifier.settings, classifier.tokenizer, classifier.runtime)
    list(watched.classify_many(documents, segments=False))
    stages = stage_seconds(classifier, documents, segments=False)
    tokens, squares = sum(sizes), sum(size * size for size in sizes)
    work = layers * (tokens * (8 * width * width + 4 * width * inner) + 4 * squares * width)
    return {
        "GFLOP/s of the model": work / stages["model"] / 1e9,
        "GFLOP/s of the machine": matrix_rate(width, inner),
        "tokens": tokens,
    }


def matrix_rate(width: int, inner: int, rows: int = 8192) -> float:
    """Median GFLOP/s of float32 products of (rows, width) by (width, inner), by torch."""
    import torch

    first, second = torch.randn(rows, width), torch.randn(width, inner)
    rates = []
    for _ in range(60):
        start = time.perf_counter()
        torch.mm(first, second)
        rates.append(2 * rows * width * inner / (time.perf_counter() - start) / 1e9)
    return statistics.median(rates[10:])


def first_result(document: Document, model: str | None) -> float:
    """Median seconds that `hanline classify` takes for one short document, all in all."""
    options = ["-m", model] if model else []
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(document.text)
        file.flush()
        command = [sys.executable, "-m", "hanline.cli", "classify", file.name, *options]
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def report(seconds: dict[str, list[float]], lines: int, agreed: float) -> dict[str, Any]:
    """Print the table; returns its numbers with the machine and the versions."""
    base = statistics.median(seconds["transformers, batches of 64"])
    rows = {}
    print(f"{'':32} {'lines/s':>10} {'95 % interval':>17} {'ratio':>7}")
    for name, values in seconds.items():
        middle, (low, high) = statistics.median(values), interval(values)
        ratio = base / middle
        print(f"{name:32} {lines / middle:10,.0f} {lines / high:8,.0f}-{lines / low:8,.0f} {ratio:7.2f}")
        rows[name] = {
            "lines_per_second": lines / middle,
            "interval": [lines / high, lines / low],
            "ratio": ratio,
        }
    return {
        "systems": rows,
        "agreement": agreed,
        "cpus": os.cpu_count(),
        "machine": platform.processor() or platform.machine(),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "versions": {
            name: version(name) for name in ("hanline", "onnxruntime", "torch", "transformers", "tokenizers")
        },
    }


if __name__ == "__main__":
    main()
