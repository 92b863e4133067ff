"""The corpus holds what docs/CORPUS.md says of it."""

from functools import cache

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.reading import Fault, read_documents
from hanline.data.statistics import masked, statistics
from hanline.data.validation import validate

FAMILIES = {"ad": 31, "header": 27, "salutation": 15, "heading": 25, "body": 25, "truncation": 23}
"""How many pattern families each label has; `ad-3` on a line tags its family."""

ROWS = 38
"""Confusable cases; `row-3a` and `row-3b` tag the two readings of the third."""


@cache
def documents(split: str) -> tuple[Document, ...]:
    read = (item for file in corpus_files(split) for item in read_documents(file))
    return tuple(item for item in read if isinstance(item, Document))


def test_it_is_valid() -> None:
    assert [item for item in validate(corpus_files("all")) if isinstance(item, Fault)] == []


def test_it_is_large_and_various() -> None:
    figures = statistics(documents("all"))
    assert figures["documents"] >= 600
    assert figures["lines"] >= 20_000
    assert figures["sources"] >= 150
    assert figures["genres"] >= 40
    assert figures["with_segments"] >= 120


def test_label_shares_are_near_real_ones() -> None:
    shares = {label: row["share"] for label, row in statistics(documents("all"))["labels"].items()}
    assert 0.15 <= shares["ad"] <= 0.25
    assert 0.08 <= shares["header"] <= 0.13
    assert 0.025 <= shares["salutation"] <= 0.04
    assert 0.08 <= shares["heading"] <= 0.14
    assert 0.48 <= shares["body"] <= 0.60
    assert 0.02 <= shares["truncation"] <= 0.03


def test_every_pattern_family_and_confusable_case_occurs() -> None:
    tags = statistics(documents("all"))["tags"]
    families = [f"{label}-{number}" for label, count in FAMILIES.items() for number in range(1, count + 1)]
    cases = [f"row-{number}{side}" for number in range(1, ROWS + 1) for side in "ab"]
    # Plain paragraphs, family body-1, carry no tag.
    assert [family for family in families if family != "body-1" and tags.get(family, 0) < 20] == []
    assert [case for case in cases if tags.get(case, 0) < 10] == []


def test_ads_and_notices_are_not_repeated() -> None:
    distinct = statistics(documents("all"))["distinct"]
    assert distinct["ad"] >= 0.85
    assert distinct["truncation"] >= 0.85


def test_validation_shares_no_site_with_training() -> None:
    train, validation = (
        {doc.source for doc in documents(split)} - {None} for split in ("train", "validation")
    )
    assert len(validation) >= 25
    assert train & validation == set()


def test_validation_shares_no_sentence_with_training() -> None:
    def long_lines(split: str) -> set[str]:
        lines = (line for document in documents(split) for line in document.lines)
        texts = (line.text for line in lines if line.label == "body")
        return {key for text in texts if len(key := masked(text)) >= 20}

    assert not long_lines("train") & long_lines("validation")
