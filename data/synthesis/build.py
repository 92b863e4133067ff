"""`hanline data build`: as many training documents as asked, drawn from written and raw ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hanline.data.document import Document
from hanline.data.errors import HanlineError
from hanline.data.raw import raw_files, read_raw
from hanline.data.synthesis import damage, recombine
from hanline.data.synthesis.parts import Operation, Parts, lines_to_document, to_parts
from hanline.data.synthesis.recombine import Pool
from hanline.data.synthesis.structured import label_structured

Recombination = Callable[[list[Parts], Pool, random.Random], list[Parts]]

RECOMBINATIONS: tuple[tuple[float, Recombination], ...] = (
    (0.30, recombine.other_furniture),
    (0.06, recombine.no_furniture),
    (0.25, recombine.exchanged_phrases),
    (0.12, recombine.repeated_title),
    (0.25, recombine.related_links),
    (0.06, recombine.contents),
    (0.12, recombine.stamps),
    (0.22, recombine.notices),
    (0.12, recombine.inline_notice),
)
"""The chance of each recombination of a document; they are tried in this order."""

DAMAGES: tuple[tuple[float, Operation], ...] = (
    (0.06, damage.unnumber),
    (0.10, damage.heading_stops),
    (0.05, damage.silent_cut),
    (0.05, damage.anticopy),
    (0.06, damage.watermark),
    (0.10, damage.masks),
    (0.04, damage.noise_marks),
    (0.25, damage.half_width),
    (0.06, damage.full_width),
    (0.03, damage.traditional),
    (0.03, damage.pinyin),
    (0.03, damage.drop_punctuation),
    (0.04, damage.markup),
    (0.06, damage.break_sentences),
    (0.04, damage.break_clauses),
    (0.08, damage.hard_wrap),
    (0.05, damage.ocr_spaces),
    (0.15, damage.no_blank_lines),
    (0.15, damage.blank_lines),
    (0.20, damage.indents),
    (0.08, damage.glue_some),
    (0.08, damage.glue_all),
)
"""The chance of each damage; text first, then lines, then their gluing."""

UNTOUCHED = 0.25
"""Share of documents drawn that stay as they were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSettings:
    """What to draw.

    Attributes:
        documents: Number of documents.
        raw_share: Share of them that raw text gives, if there is any.
        seed: Seed of every draw.
        longest: Most lines of a document; of a longer one a stretch is drawn.
    """

    documents: int
    raw_share: float = 0.15
    seed: int = 17
    longest: int = 160


def build(
    labelled: Sequence[Document], settings: BuildSettings, *, raw: Sequence[Path] = ()
) -> Iterator[Document]:
    """Draw training documents; the same arguments give the same documents.

    Args:
        labelled: Written and real documents; each is drawn about as often as the others.
        raw: Folders or files of raw text, labelled by their structure.

    Raises:
        HanlineError: If there is nothing to draw from.
    """
    if not labelled:
        raise HanlineError(
            "no labelled documents to build from", hint="give --labelled or install the corpus"
        )
    draw = random.Random(settings.seed)
    structured = _structured(raw, count=round(settings.documents * settings.raw_share), draw=draw)
    pool = Pool.of(labelled)
    order: list[int] = []
    for number in range(settings.documents):
        use_raw = structured and draw.random() < settings.raw_share
        if not order:
            order = draw.sample(range(len(labelled)), len(labelled))
        source = draw.choice(structured) if use_raw else labelled[order.pop()]
        lines = _stretch([to_parts(line) for line in source.lines], settings.longest, draw)
        if draw.random() >= UNTOUCHED or use_raw:
            lines = vary(lines, pool, draw)
        document = lines_to_document(
            lines, id=f"{source.id}~{number}", source=source.source, genre=source.genre
        )
        if document.lines:
            yield document


def vary(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """Recombine and damage a document."""
    for chance, recombination in RECOMBINATIONS:
        if draw.random() < chance:
            lines = recombination(lines, pool, draw)
    for chance, operation in DAMAGES:
        if draw.random() < chance:
            lines = operation(lines, draw)
    return lines


def _stretch(lines: list[Parts], longest: int, draw: random.Random) -> list[Parts]:
    if len(lines) <= longest:
        return lines
    start = draw.choice((0, len(lines) - longest, draw.randrange(len(lines) - longest)))
    return lines[start : start + longest]


def _structured(raw: Sequence[Path], *, count: int, draw: random.Random) -> list[Document]:
    """Up to `count` documents that raw text gives, about as many of each file."""
    if not raw or not count:
        return []
    files = raw_files(raw)
    found: list[Document] = []
    for file in files:
        found += _sample(_label_all(file), count=-(-count // len(files)), draw=draw)
    return found


def _label_all(file: Path) -> Iterator[Document]:
    for number, lines in enumerate(read_raw(file), start=1):
        document = label_structured(lines, id=f"{file.name}:{number}", source=file.name)
        if document is not None:
            yield document


def _sample(documents: Iterable[Document], *, count: int, draw: random.Random) -> list[Document]:
    """Reservoir sampling (Vitter, 1985): `count` of a stream, each with the same chance."""
    chosen: list[Document] = []
    for number, document in enumerate(documents):
        if number < count:
            chosen.append(document)
        elif (at := draw.randrange(number + 1)) < count:
            chosen[at] = document
    return chosen
