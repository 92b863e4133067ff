"""From logits to labels and segments."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hanline.data.document import LABEL_ID, LABELS, Segment
from hanline.model.decoding import join_segments, read_lines, read_segments, read_tokens, softmax, viterbi
from hanline.model.windows import Layout, WindowSettings, full_pieces, line_piece, pack

LAYOUT = Layout(pad=0, cls=1, sep=2, line=3, blank=4, gap=5, top=6, end=7)
SETTINGS = WindowSettings(tokens=40, overlap=10, head=8, tail=4, line_types=4)


def said(labels: str, strength: float = 6.0) -> np.ndarray:
    """Logits of one token a letter: a ad, h header, b body."""
    names = {"a": "ad", "h": "header", "b": "body"}
    table = np.zeros((len(labels), len(LABELS)), dtype=np.float32)
    for index, letter in enumerate(labels):
        table[index, LABEL_ID[names[letter]]] = strength
    return table


def characters(text: str) -> list[tuple[int, int]]:
    return [(index, index + 1) for index in range(len(text))]


def test_a_line_is_the_mean_of_its_tokens_and_marker() -> None:
    pieces = [
        line_piece(n, range(10, 13), after_blank=False, layout=LAYOUT, settings=SETTINGS) for n in range(2)
    ]
    windows = pack(pieces, layout=LAYOUT, settings=SETTINGS)
    logits = np.zeros((len(windows[0].ids), len(LABELS)), dtype=np.float32)
    logits[windows[0].piece == 1, LABEL_ID["ad"]] = [4.0, 0.0, 0.0, 0.0]
    scores = read_lines(windows, [logits], n_lines=2, temperature=1.0)
    expected = softmax(np.array([1.0, 0, 0, 0, 0, 0], dtype=np.float32))
    np.testing.assert_allclose(scores[1], expected, rtol=1e-6)
    np.testing.assert_allclose(scores[0], 1 / 6, rtol=1e-6)


def test_a_title_and_its_text_on_one_line_become_two_segments() -> None:
    text = "春训讲话 同志们好。今天开会"
    segments = read_segments(text, characters(text), said("hhhhb" + "b" * 9), temperature=1.0)
    assert [(text[s.start : s.end], s.label) for s in segments] == [
        ("春训讲话", "header"),
        ("同志们好。今天开会", "body"),
    ]


def test_a_stray_token_is_no_segment() -> None:
    text = "今天开会讲三件事情"
    assert read_segments(text, characters(text), said("bbbbabbbb", strength=3.0), temperature=1.0) == ()


def test_a_line_of_one_label_has_no_segments() -> None:
    assert read_segments("今天开会", characters("今天开会"), said("bbbb"), temperature=1.0) == ()


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(2, 40), st.just(6)), elements=st.floats(-5, 5, width=32)),
    st.text(alphabet="甲乙。 ,（", min_size=40, max_size=40),
)
def test_segments_cover_the_line_in_order_without_outer_spaces(logits: np.ndarray, text: str) -> None:
    text = text[: len(logits)]
    segments = read_segments(text, characters(text), logits, temperature=0.2)
    for segment in segments:
        part = text[segment.start : segment.end]
        assert part == part.strip() != ""
    for left, right in itertools.pairwise(segments):
        assert left.label != right.label
        assert not text[left.end : right.start].strip()
    if segments:
        assert not text[: segments[0].start].strip()
        assert not text[segments[-1].end :].strip()


def test_viterbi_finds_the_best_path() -> None:
    draw = np.random.default_rng(1)
    logits = draw.normal(size=(5, 3)).astype(np.float32)
    costs = np.full(5, 0.7, dtype=np.float32)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def value(path: tuple[int, ...]) -> float:
        changes = sum(a != b for a, b in itertools.pairwise(path))
        return float(sum(log_p[i, label] for i, label in enumerate(path)) - 0.7 * changes)

    best = max(np.ndindex(3, 3, 3, 3, 3), key=value)
    assert tuple(viterbi(logits, costs)) == best


def test_tokens_of_a_split_line_are_read_away_from_the_cuts() -> None:
    pieces = full_pieces(0, range(10, 40), after_blank=False, layout=LAYOUT, size=12, overlap=4)
    windows = pack(pieces, layout=LAYOUT, settings=SETTINGS)
    logits = []
    for window in windows:
        row = np.zeros((len(window.ids), len(LABELS)), dtype=np.float32)
        row[:, 0] = window.piece
        logits.append(row)
    table = read_tokens(windows, logits, pieces, {0: 30})[0]
    assert table[:, 0].tolist() == [0] * 10 + [1] * 8 + [2] * 8 + [3] * 4


def test_neighbours_of_one_label_become_one_segment() -> None:
    parts = [Segment(0, 2, "body", 1.0), Segment(2, 8, "body", 0.6), Segment(9, 10, "ad", 0.5)]
    first, second = join_segments(parts)
    assert (first.start, first.end, first.label, second) == (0, 8, "body", parts[2])
    assert first.score == pytest.approx(0.7)
