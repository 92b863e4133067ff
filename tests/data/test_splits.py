"""Splitting without leaks."""

import pytest

from hanline.data.document import Document
from hanline.data.splits import split

DOCUMENTS = [Document.from_text("甲", id=f"d{number}", source=f"s{number % 40}") for number in range(600)]


def names(parts: list[list[Document]]) -> list[set[str]]:
    return [{document.id for document in part} for part in parts]


def test_every_document_is_in_one_part_and_order_is_kept() -> None:
    parts = split(DOCUMENTS, (8, 1, 1))
    assert sorted(document.id for part in parts for document in part) == sorted(d.id for d in DOCUMENTS)
    assert all([d for d in DOCUMENTS if d in part] == part for part in parts)


@pytest.mark.parametrize("shares", [(8, 1, 1), (0.8, 0.1, 0.1), (3,), (1, 1)])
def test_parts_have_about_their_shares(shares: tuple[float, ...]) -> None:
    sizes = [len(part) / len(DOCUMENTS) for part in split(DOCUMENTS, shares)]
    assert sizes == pytest.approx([share / sum(shares) for share in shares], abs=0.05)


def test_a_source_stays_together() -> None:
    parts = split(DOCUMENTS, (1, 1), by_source=True)
    first, second = ({document.source for document in part} for part in parts)
    assert first
    assert second
    assert not first & second


@pytest.mark.parametrize("by_source", [False, True])
def test_more_documents_move_none(by_source: bool) -> None:
    few = names(split(DOCUMENTS[::3], (8, 1, 1), by_source=by_source))
    many = names(split(DOCUMENTS, (8, 1, 1), by_source=by_source))
    assert all(small <= large for small, large in zip(few, many, strict=True))


def test_another_seed_is_another_split() -> None:
    assert names(split(DOCUMENTS, (1, 1), seed=1)) != names(split(DOCUMENTS, (1, 1), seed=2))


def test_documents_without_a_source_stand_for_themselves() -> None:
    alone = [Document.from_text("甲", id=f"d{number}") for number in range(100)]
    assert all(part for part in split(alone, (1, 1), by_source=True))
