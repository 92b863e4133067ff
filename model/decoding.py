"""From token logits to labels: the line reading and the segment reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from hanline.data.document import LABELS, Segment, count_characters
from hanline.model.windows import Piece, Window

Scores = NDArray[np.float32]

SWITCH_COST = 8.0
"""What a change of label inside a line costs, in nats, where nothing in the text speaks for it."""

PLAUSIBLE_SWITCH_COST = 4.0
"""The same where a segment could begin: after a full stop or a bracket, before a bracket."""

SPACE_SWITCH_COST = 2.0
"""The same at white space."""

MIN_SEGMENT_CHARACTERS = 2
CLOSING = frozenset("。！？!?；;：:…）)】]》」』>|│”’\"'.")
OPENING = frozenset("（(【[《「『<|│“‘·>—-*#★☆●◆■□①②③④⑤⑥⑦⑧⑨⑩❶❷❸❹❺")


def softmax(logits: Scores) -> Scores:
    """Softmax over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Scores = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def read_lines(
    windows: Sequence[Window], logits: Sequence[Scores], *, n_lines: int, temperature: float
) -> Scores:
    """The line reading: a line's logits are the mean of those of its marker and its tokens.

    Args:
        windows: Windows of pieces that are whole lines, one a line.
        logits: Of each window, shape (n_tokens, n_labels).

    Returns:
        Calibrated probabilities, shape (n_lines, n_labels).
    """
    table = np.zeros((n_lines, len(LABELS)), dtype=np.float32)
    for window, row in zip(windows, logits, strict=True):
        start, stop = window.plan.read_start, window.plan.read_stop
        chosen = (window.piece >= start) & (window.piece < stop)
        lines = window.piece[chosen] - start
        count = np.bincount(lines, minlength=stop - start)
        for label in range(len(LABELS)):
            total = np.bincount(lines, weights=row[chosen, label], minlength=stop - start)
            table[start:stop, label] = total / count
    return softmax(table / temperature)


def mixed_lines(
    windows: Sequence[Window], logits: Sequence[Scores], *, n_lines: int, share: float = 0.12
) -> NDArray[np.bool_]:
    """Which lines' tokens disagree: at least `share` of them, and two, say another label than most."""
    votes = np.zeros((n_lines, len(LABELS)), dtype=np.int64)
    for window, row in zip(windows, logits, strict=True):
        start, stop = window.plan.read_start, window.plan.read_stop
        chosen = (window.piece >= start) & (window.piece < stop) & (window.positions > 0)
        np.add.at(votes, (window.piece[chosen], row[chosen].argmax(axis=1)), 1)
    total = votes.sum(axis=1)
    minority = total - votes.max(axis=1)
    result: NDArray[np.bool_] = (minority >= 2) & (minority >= share * total)
    return result


def read_tokens(
    windows: Sequence[Window], logits: Sequence[Scores], pieces: Sequence[Piece], n_tokens: Mapping[int, int]
) -> dict[int, Scores]:
    """The logits of every token of the lines that were packed in full.

    A token that stands in two pieces of its line is read where it is further from a cut.

    Args:
        n_tokens: The number of tokens of each line that is asked for.

    Returns:
        Of each line asked for, shape (n_tokens, n_labels).
    """
    tables = {line: np.zeros((count, len(LABELS)), dtype=np.float32) for line, count in n_tokens.items()}
    depths = {line: np.full(count, -1) for line, count in n_tokens.items()}
    for window, row in zip(windows, logits, strict=True):
        for index in range(window.plan.read_start, window.plan.read_stop):
            line = pieces[index].line
            if line not in tables:
                continue
            source = np.asarray(pieces[index].source)
            at = source[source >= 0]
            here = _distance_to_cut(at, tables[line].shape[0])
            better = here > depths[line][at]
            tables[line][at[better]] = row[window.piece == index][source >= 0][better]
            depths[line][at[better]] = here[better]
    return tables


def _distance_to_cut(at: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Distance of consecutive tokens to the nearer end of their piece; an end of the line is no cut."""
    if not len(at):
        return at
    index = np.arange(len(at))
    left = index + (count if at[0] == 0 else 0)
    right = index[::-1] + (count if at[-1] == count - 1 else 0)
    return np.minimum(left, right)


def switch_costs(text: str, offsets: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """What a change of label before each token costs, in nats, shape (n_tokens,)."""
    costs = np.full(len(offsets), SWITCH_COST, dtype=np.float32)
    for index in range(1, len(offsets)):
        before, start = offsets[index - 1][1], offsets[index][0]
        gap = text[before - 1 : start + 1]
        if any(character.isspace() for character in gap):
            costs[index] = SPACE_SWITCH_COST
        elif gap[:1] in CLOSING or gap[-1:] in OPENING:
            costs[index] = PLAUSIBLE_SWITCH_COST
    return costs


def viterbi(logits: Scores, costs: NDArray[np.float32]) -> NDArray[np.int64]:
    """The best label sequence where each change of label costs something (Viterbi, 1967).

    Args:
        logits: Shape (n_tokens, n_labels).
        costs: Cost of a change before each token, shape (n_tokens,).

    Returns:
        A label number a token, shape (n_tokens,).
    """
    scores = logits - logits.max(axis=1, keepdims=True)
    scores = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    count = len(scores)
    came_from = np.zeros((count, scores.shape[1]), dtype=np.int64)
    best = scores[0].copy()
    stay = np.arange(scores.shape[1])
    for index in range(1, count):
        source = int(best.argmax())
        change = best[source] - costs[index] > best
        came_from[index] = np.where(change, source, stay)
        best = np.where(change, best[source] - costs[index], best) + scores[index]
    path = np.zeros(count, dtype=np.int64)
    path[-1] = best.argmax()
    for index in range(count - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return path


def read_segments(
    text: str,
    offsets: Sequence[tuple[int, int]],
    logits: Scores,
    *,
    temperature: float,
    whole: bool = False,
) -> tuple[Segment, ...]:
    """The segment reading of a line.

    Args:
        text: The line.
        offsets: Characters (start, end) of each token.
        logits: Shape (n_tokens, n_labels).
        whole: Whether a line of one label gets a segment too.

    Returns:
        Segments without outer spaces, each of at least `MIN_SEGMENT_CHARACTERS`; none for a line of
        one label.
    """
    if not offsets or (len(offsets) < 2 and not whole):
        return ()
    path = viterbi(logits / temperature, switch_costs(text, offsets))
    chances = softmax(logits / temperature)
    runs = []
    for label, group in groupby(range(len(path)), key=lambda index: int(path[index])):
        members = list(group)
        start, end = offsets[members[0]][0], offsets[members[-1]][1]
        if count_characters(text[start:end]) >= MIN_SEGMENT_CHARACTERS:
            runs.append(Segment(start, end, LABELS[label], float(chances[members, label].mean())))
    joined = join_segments(runs)
    if not joined or (len(joined) < 2 and not whole):
        return ()
    bounds = [0, *(run.start for run in joined[1:]), len(text)]
    segments = []
    for run, (start, end) in zip(joined, pairwise(bounds), strict=True):
        part = text[start:end]
        left = start + len(part) - len(part.lstrip())
        segments.append(replace(run, start=left, end=start + len(part.rstrip())))
    return tuple(segments)


def join_segments(segments: Sequence[Segment]) -> list[Segment]:
    """Join neighbours of one label; their score is the mean over their characters."""
    joined: list[Segment] = []
    for segment in segments:
        if joined and joined[-1].label == segment.label:
            above = joined.pop()
            sizes = above.end - above.start, segment.end - segment.start
            total = sizes[0] * (above.score or 0.0) + sizes[1] * (segment.score or 0.0)
            segment = Segment(above.start, segment.end, segment.label, total / sum(sizes))
        joined.append(segment)
    return joined
