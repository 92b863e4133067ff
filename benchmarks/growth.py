"""Whether time per line and memory stay flat as input grows.

    python benchmarks/growth.py            # a table, and docs/growth.png with --plot docs/growth.png
    python benchmarks/growth.py --most 1000

Two rows of measurements, each point `hanline classify FILE -o OUT.jsonl` as a process of its own, imports, loading and
writing included:

- a stream of 10 to 100,000 documents, drawn by the synthesiser from the corpus so that hardly two are alike,
- one document of a single line of 10 to 2,000,000 characters.

What start-up costs is measured on a line of one character and taken off. Peak memory is that of the largest process of the run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.reading import read_documents
from hanline.data.synthesis.build import BuildSettings, build
from hanline.data.writing import document_writer

STREAMS = (10, 100, 1_000, 10_000, 100_000)
LENGTHS = (10, 1_000, 10_000, 100_000, 500_000, 2_000_000)


def written(documents: Sequence[Document], count: int, file: Path) -> int:
    """Write `count` drawn documents; returns their non-blank lines."""
    lines = 0
    with file.open("wb") as stream:
        writer = document_writer("jsonl", stream)
        for document in build(documents, BuildSettings(documents=count, seed=count)):
            writer.write(document)
            lines += sum(not line.blank for line in document.lines)
        writer.close()
    return lines


def classify(file: Path, options: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak MiB of a run of the command."""
    out = file.with_suffix(".out.jsonl")
    command = [sys.executable, "-m", "hanline.cli", "classify", str(file), "-o", str(out), *options]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    out.unlink()
    return seconds, usage.ru_maxrss / 1024


def main() -> None:
    """Measure, print a table and the same as JSON."""
    parser = argparse.ArgumentParser(description="Time per line as input grows.")
    parser.add_argument("--most", type=int, default=STREAMS[-1], help="documents of the longest stream")
    parser.add_argument("--plot", type=Path, help="file for a picture of both curves")
    arguments, options = parser.parse_known_args()
    documents = [
        item for file in corpus_files("all") for item in read_documents(file) if isinstance(item, Document)
    ]
    body = "".join(line.text for doc in documents for line in doc.lines if line.label == "body")
    rows: list[dict[str, float | str]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "input.jsonl"
        file.write_text('{"text": "。"}\n', encoding="utf-8")
        startup = min(classify(file, options)[0] for _ in range(3))
        print(f"start-up {startup:.2f} s", flush=True)
        for length in LENGTHS:
            text = (body * (length // len(body) + 1))[:length]
            file.write_text(json.dumps({"text": text}, ensure_ascii=False), encoding="utf-8")
            seconds, memory = classify(file, options)
            rows.append(row("characters on one line", length, seconds - startup, length, memory))
        for count in (number for number in STREAMS if number <= arguments.most):
            lines = written(documents, count, file)
            seconds, memory = classify(file, options)
            rows.append(row("documents", count, seconds - startup, lines, memory))
    print(json.dumps(rows, ensure_ascii=False))
    if arguments.plot:
        plot(rows, arguments.plot)


def row(kind: str, size: int, seconds: float, units: int, memory: float) -> dict[str, float | str]:
    """One measurement, printed on the way."""
    micros = 1e6 * seconds / units
    print(f"{size:>11,} {kind:24} {seconds:9.2f} s {micros:9.1f} µs each {memory:7.0f} MiB", flush=True)
    return {"kind": kind, "size": size, "seconds": seconds, "units": units, "peak_mib": memory}


def plot(rows: Sequence[dict[str, float | str]], file: Path) -> None:
    """Draw microseconds a unit over size."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for panel, kind, unit in zip(
        panels, ("documents", "characters on one line"), ("line", "character"), strict=True
    ):
        chosen = [item for item in rows if item["kind"] == kind]
        micros = [1e6 * float(item["seconds"]) / float(item["units"]) for item in chosen]
        panel.loglog([float(item["size"]) for item in chosen], micros, "o-")
        panel.set(xlabel=kind, ylabel=f"microseconds a {unit}")
        panel.grid(alpha=0.3)
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
