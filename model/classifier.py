"""`LineClassifier`: from documents to labelled documents."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hanline.data.document import LABEL_ID, LABELS, Document, Line, bulk_label
from hanline.model.decoding import Scores, mixed_lines, read_lines, read_segments, read_tokens
from hanline.model.folder import ModelSettings, read_model_settings, resolve_model
from hanline.model.runtime import BATCH_TOKENS, Runtime, load_runtime, run_windows
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import Piece, Window, full_pieces, line_piece, pack

CHUNK_CHARACTERS = 100_000
"""Characters of documents that are read together; bounds the memory and the wait for a first result."""

FULL_OVERLAP = 32
"""Tokens that two neighbouring parts of a line in full share."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """The non-blank lines of a document.

    Attributes:
        at: Their positions among all lines.
        texts: Their texts.
        after_blank: Whether blank lines stand before each.
    """

    at: list[int]
    texts: list[str]
    after_blank: list[bool]

    @classmethod
    def of(cls, document: Document) -> _Lines:
        at = [index for index, line in enumerate(document.lines) if not line.blank]
        texts = [document.lines[index].text for index in at]
        return cls(at, texts, [index > 0 and document.lines[index - 1].blank for index in at])


class LineClassifier:
    """Labels the lines of documents.

    Args:
        settings: What the model folder says.
        tokenizer: Its tokenizer.
        runtime: What runs its weights.
        batch_tokens: Most tokens of a batch, padding included.

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
    ) -> None:
        self.settings = settings
        self.tokenizer = tokenizer
        self.runtime = runtime
        self.batch_tokens = batch_tokens

    @classmethod
    def load(
        cls,
        model: str | os.PathLike[str] | None = None,
        *,
        device: str = "auto",
        runtime: str = "auto",
        threads: int | None = None,
        batch_tokens: int = BATCH_TOKENS,
    ) -> LineClassifier:
        """Load a model.

        Args:
            model: A model folder or a hub id; the model inside the package if None.
            device: `auto`, `cpu` or `cuda`.
            runtime: `auto`, `onnx` or `torch`.
            threads: Threads of the CPU; all cores if None.
            batch_tokens: Most tokens of a batch, padding included.

        Raises:
            HanlineError: If the model, the device or the runtime is not to be had.
        """
        folder: Path = resolve_model(model)
        settings = read_model_settings(folder)
        tokenizer = LineTokenizer.load(folder)
        loaded = load_runtime(folder, device=device, runtime=runtime, threads=threads)
        return cls(settings, tokenizer, loaded, batch_tokens=batch_tokens)

    def classify(self, text: str | Document, *, segments: bool = True) -> Document:
        """Label a document, given as text or as a `Document`; labels it had are replaced.

        Args:
            segments: Whether to say where the parts of mixed lines begin and end.
        """
        document = text if isinstance(text, Document) else Document.from_text(text)
        return self._classify([document], segments=segments)[0]

    def classify_many(
        self, documents: Iterable[str | Document], *, segments: bool = True
    ) -> Iterator[Document]:
        """Label a stream of documents in order, in memory that does not grow with their number."""
        for chunk in _chunks(documents):
            yield from self._classify(chunk, segments=segments)

    def line_scores(self, documents: Sequence[Document]) -> list[Scores]:
        """The line reading alone: probabilities of the non-blank lines, (n_lines, n_labels) a document."""
        return [scores for scores, _ in self._read_lines([_Lines.of(doc) for doc in documents])]

    def _classify(self, documents: Sequence[Document], *, segments: bool) -> list[Document]:
        lines = [_Lines.of(document) for document in documents]
        labelled = []
        for document, rows, (scores, mixed) in zip(documents, lines, self._read_lines(lines), strict=True):
            result = list(document.lines)
            for index, at in enumerate(rows.at):
                result[at] = _labelled(document.lines[at], scores[index])
            if segments and mixed:
                self._add_segments(result, rows, mixed, scores)
            labelled.append(document.relabel(result))
        return labelled

    def _read_lines(self, documents: Sequence[_Lines]) -> list[tuple[Scores, list[int]]]:
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
            packed.append((self._pack(pieces), pieces))
        logits = iter(self._run([window for windows, _ in packed for window in windows]))
        results = []
        for windows, pieces in packed:
            own = [next(logits) for _ in windows]
            count = len(pieces)
            scores = read_lines(windows, own, n_lines=count, temperature=self.settings.temperature)
            clipped = {piece.line for piece in pieces if -1 in piece.source[2:]}
            mixed = clipped | set(np.flatnonzero(mixed_lines(windows, own, n_lines=count)).tolist())
            results.append((scores, sorted(mixed)))
        return results

    def _add_segments(self, lines: list[Line], rows: _Lines, mixed: Sequence[int], scores: Scores) -> None:
        """Read the lines `mixed` in full among their neighbours and put their segments in `lines`."""
        encoded = {index: self.tokenizer.encode_offsets(rows.texts[index]) for index in mixed}
        others = [index for index in range(len(rows.texts)) if index not in encoded]
        short = dict(zip(others, self.tokenizer.encode_ends([rows.texts[i] for i in others]), strict=True))
        pieces: list[Piece] = []
        for index, blank in enumerate(rows.after_blank):
            pieces.extend(self._pieces(index, encoded, short, after_blank=blank))
        windows = [
            window
            for window in self._pack(pieces)
            if any(p.line in encoded for p in pieces[window.plan.read_start : window.plan.read_stop])
        ]
        counts = {index: len(ids) for index, (ids, _) in encoded.items()}
        tables = read_tokens(windows, self._run(windows), pieces, counts)
        for index, (_, offsets) in encoded.items():
            text, at = rows.texts[index], rows.at[index]
            parts = read_segments(text, offsets, tables[index], temperature=self.settings.segment_temperature)
            if parts:
                label = bulk_label(text, parts)
                score = float(scores[index][LABEL_ID[label]])
                lines[at] = replace(lines[at], label=label, score=score, segments=parts)

    def _pieces(
        self,
        index: int,
        encoded: dict[int, tuple[list[int], list[tuple[int, int]]]],
        short: dict[int, list[int]],
        *,
        after_blank: bool,
    ) -> list[Piece]:
        layout, window = self.tokenizer.layout, self.settings.window
        if index not in encoded:
            return [line_piece(index, short[index], after_blank=after_blank, layout=layout, settings=window)]
        return full_pieces(
            index,
            encoded[index][0],
            after_blank=after_blank,
            layout=layout,
            size=window.full_size,
            overlap=min(FULL_OVERLAP, window.full_size // 4),
        )

    def _pack(self, pieces: Sequence[Piece]) -> list[Window]:
        return pack(pieces, layout=self.tokenizer.layout, settings=self.settings.window)

    def _run(self, windows: Sequence[Window]) -> list[Scores]:
        pad = self.tokenizer.layout.pad
        return run_windows(self.runtime, windows, pad=pad, batch_tokens=self.batch_tokens)


def _labelled(line: Line, scores: Scores) -> Line:
    best = int(scores.argmax())
    return replace(line, label=LABELS[best], score=float(scores[best]), segments=())


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
