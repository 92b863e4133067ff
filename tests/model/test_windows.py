"""Packing: every line is read once, no window is too long, order is kept."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanline.model.windows import (
    Layout,
    Piece,
    WindowSettings,
    full_pieces,
    line_piece,
    pack,
    plan_windows,
)

LAYOUT = Layout(pad=0, cls=1, sep=2, line=3, blank=4, gap=5, top=6, end=7)
settings_strategy = st.builds(
    WindowSettings,
    tokens=st.integers(40, 128),
    overlap=st.integers(0, 60),
    head=st.integers(1, 20),
    tail=st.integers(0, 12),
    line_types=st.integers(1, 16),
)
documents = st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=60)


def pieces_of(document: list[tuple[int, bool]], settings: WindowSettings) -> list[Piece]:
    return [
        line_piece(number, range(100, 100 + count), after_blank=blank, layout=LAYOUT, settings=settings)
        for number, (count, blank) in enumerate(document)
    ]


@given(documents, settings_strategy)
def test_every_line_is_read_exactly_once_and_in_order(
    document: list[tuple[int, bool]], settings: WindowSettings
) -> None:
    windows = pack(pieces_of(document, settings), layout=LAYOUT, settings=settings)
    read = [i for window in windows for i in range(window.plan.read_start, window.plan.read_stop)]
    assert read == list(range(len(document)))


@given(documents, settings_strategy)
def test_no_window_exceeds_its_tokens_and_each_shows_what_it_reads(
    document: list[tuple[int, bool]], settings: WindowSettings
) -> None:
    for window in pack(pieces_of(document, settings), layout=LAYOUT, settings=settings):
        plan = window.plan
        assert len(window.ids) == len(window.positions) == len(window.types) == len(window.piece)
        assert len(window.ids) <= settings.tokens
        assert plan.start <= plan.read_start < plan.read_stop <= plan.stop
        assert set(range(plan.start, plan.stop)) == {int(i) for i in window.piece if i >= 0}
        assert window.types.max() < settings.line_types


@given(documents, settings_strategy)
def test_windows_share_no_more_than_the_overlap(
    document: list[tuple[int, bool]], settings: WindowSettings
) -> None:
    pieces = pieces_of(document, settings)
    windows = pack(pieces, layout=LAYOUT, settings=settings)
    for left, right in itertools.pairwise(windows):
        shared = range(right.plan.start, left.plan.stop)
        assert sum(len(pieces[index].ids) for index in shared) <= settings.overlap


def test_top_and_end_stand_only_where_the_document_begins_and_ends() -> None:
    settings = WindowSettings(tokens=40, overlap=0, head=20, tail=10, line_types=4)
    windows = pack(pieces_of([(20, False)] * 4, settings), layout=LAYOUT, settings=settings)
    assert [LAYOUT.top in window.ids for window in windows] == [True, False, False, False]
    assert [LAYOUT.end in window.ids for window in windows] == [False, False, False, True]


def test_a_long_line_keeps_head_and_tail_around_a_gap() -> None:
    settings = WindowSettings(tokens=40, overlap=0, head=3, tail=2, line_types=4)
    piece = line_piece(0, range(100, 120), after_blank=True, layout=LAYOUT, settings=settings)
    assert piece.ids == [LAYOUT.blank, LAYOUT.line, 100, 101, 102, LAYOUT.gap, 118, 119]
    assert piece.source == [-1, -1, 0, 1, 2, -1, 18, 19]


@given(st.integers(0, 300), st.integers(4, 40), st.integers(0, 3))
def test_a_line_in_full_shows_every_token(count: int, size: int, overlap: int) -> None:
    pieces = full_pieces(0, range(count), after_blank=False, layout=LAYOUT, size=size, overlap=overlap)
    shown = [source for piece in pieces for source in piece.source if source >= 0]
    assert set(shown) == set(range(count))
    assert len(shown) - count == overlap * (len(pieces) - 1)
    assert all(sum(source >= 0 for source in piece.source) <= size for piece in pieces)


def test_a_piece_that_fits_no_window_is_refused() -> None:
    with pytest.raises(ValueError, match="a piece of 11 tokens does not fit a window of 10"):
        plan_windows([3, 11], capacity=10, overlap=2)


def test_a_clip_that_fits_no_window_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit a window of 64"):
        WindowSettings(tokens=64, overlap=0, head=48, tail=24)
