"""`LineClassifier`: from documents to labelled documents."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from hanline.data.document import LABEL_ID, LABELS, Document, Line, Segment, bulk_label
from hanline.model.cache import CACHED_WINDOWS, LogitsCache
from hanline.model.decoding import Scores, mixed_lines, read_lines
from hanline.model.folder import ModelSettings, read_model_settings, resolve_model
from hanline.model.in_full import Lines, read_in_full
from hanline.model.runtime import BATCH_TOKENS, GPU_BATCH_TOKENS, Runtime, load_runtime
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import Piece, Window, line_piece, pack
from hanline.model.workers import label_in_workers

CHUNK_CHARACTERS = 50_000
"""Characters of documents that are read together; bounds the memory and the wait for a first result."""

CHUNKS_BEFORE_WORKERS = 4
"""Chunks that are labelled before workers are started: short inputs do without them."""


class LineClassifier:
    """Labels the lines of documents.

    Args:
        settings: What the model folder says.
        tokenizer: Its tokenizer.
        runtime: What runs its weights.
        batch_tokens: Most tokens of a batch, padding included.
        workers: Processes that share a long stream.
        options: Arguments of `load` for the workers' own classifiers.
        cached_windows: Windows whose logits are kept, if the runtime is repeatable.

    Raises:
        ValueError: If there are to be workers, but nothing says how they load the model.

    Example:
        >>> document = LineClassifier.load().classify("同志们：\\n今天开会，讲三件事。")
        >>> [line.label for line in document.lines]
        ['salutation', 'body']
    """

    def __init__(
        self,
        settings: ModelSettings,
        tokenizer: LineTokenizer,
        runtime: Runtime,
        *,
        batch_tokens: int = BATCH_TOKENS,
        workers: int = 1,
        options: Mapping[str, Any] | None = None,
        cached_windows: int = CACHED_WINDOWS,
    ) -> None:
        self.settings = settings
        self.tokenizer = tokenizer
        self.runtime = runtime
        self.batch_tokens = batch_tokens
        if workers > 1 and options is None:
            raise ValueError("workers load the model themselves: give options, or use LineClassifier.load")
        self.workers, self.options = workers, options or {}
        self.cache = LogitsCache(cached_windows if runtime.repeatable else 0)

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        runtime: str = "auto",
        threads: int | None = None,
        batch_tokens: int | None = None,
        workers: int | None = 1,
    ) -> LineClassifier:
        """Load a model.

        Args:
            model: A model folder or a hub id; the model inside the package if None.
            device: `auto`, `cpu` or `cuda`.
            runtime: `auto`, `onnx` or `torch`.
            threads: Threads of the CPU, of all workers together but at least one each; one a core if None.
            batch_tokens: Most tokens of a batch, padding included; what suits the device if None.
            workers: Processes that share a long stream; one a core, or one for a GPU, if None. They start anew from the main module, so a script that
                asks for more than one needs its `if __name__ == "__main__":`.

        Raises:
            HanlineError: If the model, the device or the runtime is not to be had.
        """
        folder: Path = resolve_model(model)
        settings = read_model_settings(folder)
        tokenizer = LineTokenizer.load(folder)
        loaded = load_runtime(folder, device=device, runtime=runtime, threads=threads)
        cpu = loaded.device == "cpu"
        threads = threads or usable_cores()
        workers = workers or (threads if cpu else 1)
        batch_tokens = batch_tokens or (BATCH_TOKENS if cpu else GPU_BATCH_TOKENS)
        options = {
            "model": folder,
            "device": loaded.device,
            "runtime": loaded.name,
            "threads": max(1, threads // workers),
            "batch_tokens": batch_tokens,
        }
        return cls(settings, tokenizer, loaded, batch_tokens=batch_tokens, workers=workers, options=options)

    def classify(self, text: str | Document, *, segments: bool = True) -> Document:
        """Label a document, given as text or as a `Document`; labels it had are replaced.

        Args:
            segments: Whether to say where the parts of mixed lines begin and end.
        """
        document = text if isinstance(text, Document) else Document.from_text(text)
        return self.classify_chunk([document], segments=segments)[0]

    def classify_many(
        self, documents: Iterable[str | Document], *, segments: bool = True
    ) -> Iterator[Document]:
        """Label a stream of documents in order, in memory that does not grow with their number."""
        return chain.from_iterable(self.classify_chunks(documents, segments=segments))

    def classify_chunks(
        self, documents: Iterable[str | Document], *, segments: bool = True
    ) -> Iterator[list[Document]]:
        """As `classify_many`, in the chunks that are labelled together.

        Where a chunk ends depends on its own documents alone: a stream that goes on at the beginning of a chunk
        gets the same chunks.
        """
        chunks = _chunks(documents)
        for chunk in chunks if self.workers == 1 else islice(chunks, CHUNKS_BEFORE_WORKERS):
            yield self.classify_chunk(chunk, segments=segments)
        yield from label_in_workers(chunks, options=self.options, workers=self.workers, segments=segments)

    def line_scores(self, documents: Sequence[Document]) -> list[Scores]:
        """The line reading alone: probabilities of the non-blank lines, (n_lines, n_labels) a document."""
        return [scores for scores, _ in self._read_lines([Lines.of(doc) for doc in documents])]

    def classify_chunk(self, documents: Sequence[Document], *, segments: bool = True) -> list[Document]:
        """Label documents together."""
        rows = [Lines.of(document) for document in documents]
        read = self._read_lines(rows)
        labelled = [
            _label(document, own, scores)
            for document, own, (scores, _) in zip(documents, rows, read, strict=True)
        ]
        if segments:
            found = read_in_full(self, [(own, mixed) for own, (_, mixed) in zip(rows, read, strict=True)])
            for lines, own, (scores, _), parts in zip(labelled, rows, read, found, strict=True):
                _add_segments(lines, own, scores, parts)
        return [document.relabel(lines) for document, lines in zip(documents, labelled, strict=True)]

    def _read_lines(self, documents: Sequence[Lines]) -> list[tuple[Scores, list[int]]]:
        """Of each document, the probabilities of its lines and the lines to read in full."""
        ids = iter(self.tokenizer.encode_ends([text for rows in documents for text in rows.texts]))
        packed: list[tuple[list[Window], list[Piece]]] = []
        for rows in documents:
            pieces = [
                line_piece(
                    index,
                    next(ids),
                    after_blank=blank,
                    layout=self.tokenizer.layout,
                    settings=self.settings.window,
                )
                for index, blank in enumerate(rows.after_blank)
            ]
            packed.append((self.pack(pieces), pieces))
        logits = iter(self.run([window for windows, _ in packed for window in windows]))
        results = []
        for windows, pieces in packed:
            own = [next(logits) for _ in windows]
            count = len(pieces)
            scores = read_lines(windows, own, n_lines=count, temperature=self.settings.temperature)
            clipped = {piece.line for piece in pieces if -1 in piece.source[2:]}
            mixed = clipped | set(np.flatnonzero(mixed_lines(windows, own, n_lines=count)).tolist())
            results.append((scores, sorted(mixed)))
        return results

    def pack(self, pieces: Sequence[Piece]) -> list[Window]:
        """Pack the pieces of a document into windows."""
        return pack(pieces, layout=self.tokenizer.layout, settings=self.settings.window)

    def run(self, windows: Sequence[Window]) -> list[Scores]:
        """Logits of each window, shape (n_tokens, n_labels); windows seen lately are not run again."""
        pad = self.tokenizer.layout.pad
        return self.cache.run(self.runtime, windows, pad=pad, batch_tokens=self.batch_tokens)


def _label(document: Document, rows: Lines, scores: Scores) -> list[Line]:
    """The lines of a document with the labels of the line reading."""
    lines = list(document.lines)
    for at, row in zip(rows.at, scores, strict=True):
        best = int(row.argmax())
        lines[at] = replace(lines[at], label=LABELS[best], score=float(row[best]), segments=())
    return lines


def _add_segments(
    lines: list[Line], rows: Lines, scores: Scores, found: Mapping[int, tuple[Segment, ...]]
) -> None:
    """Put segments in `lines`; the label of a mixed line is that of its bulk."""
    for index, parts in found.items():
        if parts:
            at, label = rows.at[index], bulk_label(rows.texts[index], parts)
            score = float(scores[index][LABEL_ID[label]])
            lines[at] = replace(lines[at], label=label, score=score, segments=parts)


def usable_cores() -> int:
    """Cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _chunks(documents: Iterable[str | Document]) -> Iterator[list[Document]]:
    chunk: list[Document] = []
    size = 0
    for item in documents:
        document = item if isinstance(item, Document) else Document.from_text(item)
        chunk.append(document)
        size += sum(len(line.text) + 1 for line in document.lines)
        if size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
