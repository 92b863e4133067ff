"""Labelled documents as windows to train on."""

from __future__ import annotations

import bisect
import random
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from datasets import Dataset, Features, List, Value, concatenate_datasets
from torch import Tensor

from hanline.data.document import LABEL_ID, Document, Line
from hanline.model.tokenization import LineTokenizer
from hanline.model.windows import Piece, Window, WindowSettings, full_pieces, line_piece, pack
from hanline.training.settings import NoiseSettings

IGNORED = -100
"""The label of what the loss leaves out."""

ROWS_AT_ONCE = 2000
_COLUMNS = ("input_ids", "position_ids", "token_type_ids", "labels", "owner", "line_labels")
FEATURES = Features({name: List(Value("int32")) for name in _COLUMNS} | {"length": Value("int32")})


def training_examples(
    documents: Iterable[Document], tokenizer: LineTokenizer, settings: WindowSettings, *, seed: int
) -> Dataset:
    """Pack labelled documents into windows.

    The token types of a window's lines are counted from one drawn by `seed`: were it always the first, the model
    would learn what stands in the third line of a window, not what stands beside what.

    A document with long or mixed lines is packed twice: for the line reading, and with those lines in
    full for the segment reading, where only the windows with such lines are kept. Lines without a label
    give context and no loss.

    Returns:
        A dataset with a row a window: `input_ids`, `position_ids`, `token_type_ids`, `labels` (of tokens)
        and `owner` (index in `line_labels`, -1 outside lines) of n_tokens each, `line_labels` of n_pieces,
        and `length`.
    """
    draw = random.Random(seed)
    rows = (row for document in documents for row in _examples(document, tokenizer, settings, draw))
    parts = []
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        parts.append(Dataset.from_list(chunk, features=FEATURES))
    return concatenate_datasets(parts)


def _examples(
    document: Document, tokenizer: LineTokenizer, settings: WindowSettings, draw: random.Random
) -> Iterator[dict[str, Any]]:
    clipped: list[Piece] = []
    full: list[Piece] = []
    in_full: set[int] = set()
    token_labels: list[list[int]] = []
    line_labels: list[int] = []
    blank = False
    for line in document.lines:
        if line.blank:
            blank = True
            continue
        number = len(token_labels)
        ids, offsets = tokenizer.encode_offsets(line.text)
        token_labels.append(label_tokens(line, offsets))
        line_labels.append(IGNORED if line.label is None else LABEL_ID[line.label])
        whole = line_piece(number, ids, after_blank=blank, layout=tokenizer.layout, settings=settings)
        clipped.append(whole)
        if line.segments or -1 in whole.source[2:]:
            in_full.add(number)
            full += full_pieces(
                number, ids, after_blank=blank, layout=tokenizer.layout, size=settings.full_size
            )
        else:
            full.append(whole)
        blank = False
    for window in pack(clipped, layout=tokenizer.layout, settings=settings, draw=draw):
        yield _row(window, clipped, token_labels, line_labels)
    ignored = [IGNORED] * len(line_labels)
    for window in pack(full, layout=tokenizer.layout, settings=settings, draw=draw) if in_full else []:
        if any(piece.line in in_full for piece in full[window.plan.start : window.plan.stop]):
            yield _row(window, full, token_labels, ignored)


def label_tokens(line: Line, offsets: Sequence[tuple[int, int]]) -> list[int]:
    """The label of each token of a line; `IGNORED` between segments and in unlabelled lines."""
    spans = line.spans()
    starts = [span.start for span in spans]
    labels = []
    for start, end in offsets:
        index = bisect.bisect_right(starts, max(start, end - 1)) - 1
        inside = index >= 0 and start < spans[index].end
        labels.append(LABEL_ID[spans[index].label] if inside else IGNORED)
    return labels


def _row(
    window: Window,
    pieces: Sequence[Piece],
    token_labels: Sequence[Sequence[int]],
    line_labels: Sequence[int],
) -> dict[str, Any]:
    labels = [IGNORED] * len(window.ids)
    at = 2 if window.plan.start == 0 else 1
    for piece in pieces[window.plan.start : window.plan.stop]:
        for source in piece.source:
            if source >= 0:
                labels[at] = token_labels[piece.line][source]
            at += 1
    owner = window.piece - window.plan.start
    owner[window.piece < 0] = -1
    shown = pieces[window.plan.start : window.plan.stop]
    return {
        "input_ids": window.ids,
        "position_ids": window.positions,
        "token_type_ids": window.types,
        "labels": labels,
        "owner": owner,
        "line_labels": [line_labels[piece.line] for piece in shown],
        "length": len(window.ids),
    }


class WindowCollator:
    """Pads windows to the longest of a batch; owners count the lines of the whole batch.

    Args:
        pad: Id of the padding token.
        mask: Id of the token that hides others.
        noise: How much is hidden.
    """

    def __init__(self, pad: int, mask: int, noise: NoiseSettings) -> None:
        self.mask, self.noise = mask, noise
        self.padding = {
            "input_ids": pad,
            "position_ids": 0,
            "token_type_ids": 0,
            "labels": IGNORED,
            "owner": -1,
        }

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Stack windows into tensors (n_windows, n_tokens), and `line_labels` into one (n_lines,)."""
        longest = max(len(row["input_ids"]) for row in rows)
        batch = {
            name: torch.tensor([list(row[name]) + [value] * (longest - len(row[name])) for row in rows])
            for name, value in self.padding.items()
        }
        sizes = torch.tensor([len(row["input_ids"]) for row in rows])
        batch["attention_mask"] = (torch.arange(longest)[None] < sizes[:, None]).long()
        lines = torch.tensor([0] + [len(row["line_labels"]) for row in rows]).cumsum(0)
        batch["owner"] = torch.where(batch["owner"] >= 0, batch["owner"] + lines[:-1, None], -1)
        batch["line_labels"] = torch.tensor([label for row in rows for label in row["line_labels"]])
        batch["input_ids"] = self._hide(batch)
        return batch

    def _hide(self, batch: dict[str, Tensor]) -> Tensor:
        """The ids with some tokens of the text masked; markers stay.

        What is hidden depends on the batch alone, so that a run that was resumed hides the same.
        """
        owner, ids = batch["owner"], batch["input_ids"]
        draw = torch.Generator().manual_seed(zlib.crc32(ids.numpy().tobytes()))
        lines = torch.rand(len(batch["line_labels"]) + 1, generator=draw) < self.noise.lines
        lines[-1] = False  # where owner is -1
        hidden = (torch.rand(owner.shape, generator=draw) < self.noise.tokens) | lines[owner]
        return torch.where(hidden & (batch["labels"] != IGNORED), self.mask, ids)
