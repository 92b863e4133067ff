"""Counting."""

from hanline.data.document import LABELS, Document, Line, Segment
from hanline.data.statistics import masked, statistics

DOCUMENTS = [
    Document(
        "a",
        (
            Line("第1页", label="ad", tags=("ad-10", "ad-2")),
            Line("第2页", label="ad"),
            Line(""),
            Line("正文下载", label="body", segments=(Segment(0, 2, "body"), Segment(2, 4, "ad"))),
        ),
        source="s",
        genre="讲话",
    ),
    Document(
        "b",
        (
            Line(
                "未标",
            ),
        ),
        source="s",
    ),
]


def test_lines_that_differ_in_numbers_and_marks_only_are_masked_alike() -> None:
    assert masked("第1页，共20页") == masked("第十页 共三页")
    assert masked("上一页") != masked("下一页")


def test_counts() -> None:
    figures = statistics(DOCUMENTS)
    assert (figures["documents"], figures["lines"], figures["characters"]) == (2, 3, 12)
    assert (figures["sources"], figures["genres"], figures["with_segments"]) == (1, 2, 1)
    assert figures["labels"]["ad"] == {"lines": 2, "share": 2 / 3}
    assert figures["distinct"] == {"ad": 0.5, "body": 1.0}
    assert figures["by_genre"] == {"讲话": 1, "none": 1}


def test_tags_are_in_their_natural_order() -> None:
    assert list(statistics(DOCUMENTS)["tags"]) == ["ad-2", "ad-10"]


def test_nothing_counts_as_nothing() -> None:
    figures = statistics([])
    assert figures["documents"] == 0
    assert figures["labels"] == {label: {"lines": 0, "share": 0.0} for label in LABELS}
