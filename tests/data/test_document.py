"""Lines, segments and documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanline.data.document import LABELS, Document, Line, Segment, bulk_label, count_characters, split_lines

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n\f\x85\u2028 　"))


@given(TEXT)
def test_a_document_gives_back_its_text(text: str) -> None:
    assert Document.from_text(text).text == text


@given(TEXT)
def test_lines_break_at_line_feeds_alone(text: str) -> None:
    assert len(Document.from_text(text).lines) == text.count("\n") + 1 == len(split_lines(text))


@given(TEXT)
def test_breaks_are_no_part_of_a_line(text: str) -> None:
    lines = Document.from_text(text).lines
    assert all("\n" not in line.text and line.ending in ("\n", "\r\n") for line in lines[:-1])
    assert lines[-1].ending == ""


def test_each_line_keeps_its_own_break() -> None:
    assert [line.ending for line in Document.from_text("甲\r\n乙\n丙\r丁\r\r\n").lines] == [
        "\r\n",
        "\n",
        "\r\n",
        "",
    ]
    assert Document.from_text("丙\r丁\r\r\n").lines[0].text == "丙\r丁\r"


@pytest.mark.parametrize("text", ["", " ", "　", "\t", "\u2003"])
def test_white_space_alone_is_blank_and_takes_no_label(text: str) -> None:
    assert Line(text).blank
    with pytest.raises(ValueError, match="a blank line carries no label"):
        Line(text, label="body")


def test_the_six_labels_are_known_and_no_other() -> None:
    assert [Line("甲", label=label).label for label in LABELS] == list(LABELS)
    with pytest.raises(ValueError, match="unknown label 'title'"):
        Line("甲", label="title")
    with pytest.raises(ValueError, match="unknown label 'title'"):
        Segment(0, 1, "title")


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (1, 1), (2, 1)])
def test_a_segment_needs_characters(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="0 <= start < end"):
        Segment(start, end, "ad")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([(0, 2), (1, 3)], "overlap"),
        ([(2, 3), (0, 1)], "overlap"),
        ([(0, 9)], "after the end"),
        ([(0, 4)], "white space"),
        ([(3, 5)], "white space"),
    ],
)
def test_segments_that_do_not_fit_their_line_are_refused(parts: list[tuple[int, int]], problem: str) -> None:
    segments = tuple(Segment(start, end, "ad") for start, end in parts)
    with pytest.raises(ValueError, match=problem):
        Line("甲乙丙 丁戊", label="ad", segments=segments)


def test_a_line_of_one_label_is_one_span_without_its_outer_spaces() -> None:
    assert Line("　甲乙 ", label="body", score=0.5).spans() == (Segment(1, 3, "body", 0.5),)
    assert Line("").spans() == ()
    assert Line("甲").spans() == ()


def test_the_bulk_counts_characters_and_not_spaces() -> None:
    assert bulk_label("甲        乙丙丁", [Segment(0, 1, "body"), Segment(9, 12, "ad")]) == "ad"
    assert bulk_label("甲乙", [Segment(0, 1, "body"), Segment(1, 2, "ad")]) == "body"
    assert count_characters(" 甲　乙\t") == 2


def test_relabelling_needs_as_many_lines() -> None:
    document = Document.from_text("甲\n乙", id="a", source="b")
    assert document.relabel([Line("甲", label="ad"), Line("乙", label="body")]).labels() == ["ad", "body"]
    with pytest.raises(ValueError, match="expected 2 lines, got 1"):
        document.relabel([Line("甲")])
