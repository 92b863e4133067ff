"""Mixed documents: every line is accounted for."""

import random

from hypothesis import given
from hypothesis import strategies as st

from hanline.model.windows import Piece
from hanline.training.line_order import FOREIGN, LINES_PER_RUN, LONGEST_RUN, MOVED, OWN, mix


def lines(first: int, count: int) -> list[Piece]:
    return [Piece(number, [number], [0]) for number in range(first, first + count)]


@given(count=st.integers(1, 80), seed=st.integers(0, 999))
def test_own_lines_all_stay_and_others_are_told(count: int, seed: int) -> None:
    own, others = lines(0, count), [lines(1000, 5), lines(2000, 1)]
    mixed, fates = mix(own, others, random.Random(seed))
    kept = [piece.line for piece, fate in zip(mixed, fates, strict=True) if fate != FOREIGN]
    assert sorted(kept) == list(range(count))
    assert [piece.line for piece, fate in zip(mixed, fates, strict=True) if fate == OWN] == [
        number for number in range(count) if fates[[p.line for p in mixed].index(number)] == OWN
    ]
    assert all(piece.line >= 1000 for piece, fate in zip(mixed, fates, strict=True) if fate == FOREIGN)
    assert fates.count(FOREIGN) <= LONGEST_RUN * (1 + count // LINES_PER_RUN)


def test_all_fates_occur() -> None:
    draw = random.Random(1)
    fates = {fate for _ in range(20) for fate in mix(lines(0, 40), [lines(1000, 9)], draw)[1]}
    assert fates == {OWN, FOREIGN, MOVED}


def test_the_pieces_of_a_line_stay_together() -> None:
    long = [Piece(number, [number, part], [0, 1]) for number in range(30) for part in range(3)]
    mixed, _ = mix(long, [long], random.Random(2))
    parts = [piece.ids[1] for piece in mixed]
    assert parts == [0, 1, 2] * (len(mixed) // 3)
