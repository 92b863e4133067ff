"""Putting the parts of different pages together: furniture, notices, repeated titles, related links."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hanline.data.document import Document, count_characters
from hanline.data.synthesis.damage import text_range
from hanline.data.synthesis.parts import Parts, label_of, text_of, to_parts

_LINK_PREFIXES = (
    "上一篇：", "下一篇：", "上一篇:", "下一篇:", "· ", "•", "[相关]", "相关阅读：", "推荐：", "", "", "", "- ", "热门：", "》",
)  # fmt: skip


_LINK_DATES = (
    "",
    "",
    "",
    "",
    "{}-{:02}-{:02}",
    " {}-{:02}-{:02}",
    "{}.{}.{}",
    " ({1}-{2})",
    "　{1}月{2}日",
    " {1:02}-{2:02} {0}",
)
"""What stands behind the links of a list: mostly nothing, or a date of year, month and day."""


_PHRASE = re.compile(r"[^\s\d：:。；;，,！!|>《【\[（(〔、.·]{4,26}[？?]?")
"""A phrase without a mark of what it is: no number, no colon, no stop, no bracket."""


@dataclass
class Pool:
    """What the documents of a split offer for recombination.

    Attributes:
        heads: Runs of ad lines that stand above a text.
        feet: Runs of ad lines that stand below it.
        stamps: Short ad lines from the middle of texts, and stamps inside lines.
        notices: Truncation notices on their own line.
        inline_notices: Truncation notices inside a line.
        titles: Titles.
        phrases: Short lines without an ending, of titles, headings, links and list items.
    """

    heads: list[list[Parts]] = field(default_factory=list)
    feet: list[list[Parts]] = field(default_factory=list)
    stamps: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    inline_notices: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Pool:
        """Collect what `documents` offer."""
        pool = cls()
        for document in documents:
            pool.add([to_parts(line) for line in document.lines])
        return pool

    def add(self, lines: list[Parts]) -> None:
        """Take in one document."""
        start, stop = text_range(lines)
        if start:
            self.heads.append(lines[:start])
        if stop < len(lines):
            self.feet.append(lines[stop:])
        for parts in lines[start:stop]:
            label, text = label_of(parts), text_of(parts).strip()
            if label == "ad" and len(text) < 60:
                self.stamps.append(text)
            elif label == "truncation":
                self.notices.append(text)
            elif label is None:
                self.stamps += [part.strip() for part, kind in parts if kind == "ad" and len(part) < 60]
                self.inline_notices += [part.strip() for part, kind in parts if kind == "truncation"]
        title = find_title(lines)
        if title:
            self.titles.append(title)
        self.phrases += [text_of(lines[index]).strip() for index in phrase_lines(lines)]


def find_title(lines: Sequence[Parts]) -> str | None:
    """The first header line that could be a title: 6 to 45 characters, no colon, few digits."""
    for parts in lines:
        text = text_of(parts).strip()
        plain = label_of(parts) == "header" and 6 <= len(text) <= 45
        if plain and not any(mark in text for mark in "：:|〔［[【") and sum(c.isdigit() for c in text) < 6:
            return text
    return None


def phrase_lines(lines: Sequence[Parts]) -> list[int]:
    """The lines that another phrase could take the place of: what they are, their surroundings tell.

    A title and a heading stand by themselves; links and list items in a run of their like.
    """
    labels = [label_of(parts) if _PHRASE.fullmatch(text_of(parts).strip()) else None for parts in lines]
    found = []
    for index, label in enumerate(labels):
        run = sum(labels[near] == label for near in range(max(0, index - 2), min(len(labels), index + 3)))
        if label in ("header", "heading") or (label in ("ad", "body") and run >= 3):
            found.append(index)
    return found


def exchanged_phrases(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """Other phrases in the places of titles, headings, links and list items, of whatever label they were."""
    if not pool.phrases:
        return lines
    changed = list(lines)
    for index in phrase_lines(lines):
        if draw.random() < 0.6:
            label = label_of(lines[index])
            changed[index] = [(draw.choice(pool.phrases), label)]
    return changed


def other_furniture(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """The text of a page inside the furniture of another one."""
    start, stop = text_range(lines)
    head = draw.choice(pool.heads) if pool.heads and draw.random() < 0.8 else []
    foot = draw.choice(pool.feet) if pool.feet and draw.random() < 0.8 else []
    return [*head, *lines[start:stop], *foot]


def no_furniture(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """The text alone."""
    start, stop = text_range(lines)
    return lines[start:stop]


def repeated_title(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """The title once more: below itself, or above what stands before the text."""
    title = find_title(lines)
    if title is None:
        return lines
    start, _ = text_range(lines)
    at = draw.choice((0, start, start + 1, start + 1))
    return [*lines[:at], [(title, "header")], *lines[at:]]


def related_links(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """Titles of other documents as links, below the text or above it: ads, not headers."""
    own = find_title(lines)
    others = [title for title in pool.titles if title != own]
    if not others:
        return lines
    titles = draw.choices(others, k=draw.choice((1, 2, 2, 3, 5, 8, 15, 25)))
    prefix = draw.choice(_LINK_PREFIXES)
    date = draw.choice(_LINK_DATES)
    links: list[Parts] = [
        [
            (
                prefix
                + title
                + date.format(draw.randint(2009, 2024), draw.randint(1, 12), draw.randint(1, 28)),
                "ad",
            )
        ]
        for title in titles
    ]
    if draw.random() < 0.3:
        links = [[(draw.choice((" ", "　", " | ")).join(prefix + title for title in titles), "ad")]]
    start, stop = text_range(lines)
    at = draw.choice((stop, stop, stop, len(lines), start, 0) if prefix else (stop, len(lines)))
    return [*lines[:at], *links, *lines[at:]]


def contents(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """A table of contents made of the headings, above the text."""
    headings = [text_of(parts).strip() for parts in lines if label_of(parts) == "heading"]
    if not 3 <= len(headings) <= 30:
        return lines
    start, _ = text_range(lines)
    tail = draw.choice(("", "", "……{}", "\t{}", " {}"))
    entries: list[Parts] = [[(text + tail.format(n + 1), "heading")] for n, text in enumerate(headings)]
    name = draw.choice(("目录", "目 录", "提纲/目录：", "本文目录", "内容提要：", ""))
    at = min(len(lines), start + draw.choice((0, 1, 1, 2)))
    return [*lines[:at], *(_heading(name) if name else []), *entries, *lines[at:]]


def _heading(text: str) -> list[Parts]:
    return [[(text, "heading")]]


def stamps(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """Stamps of other sites between lines and glued to the ends of body lines."""
    if not pool.stamps:
        return lines
    stamp = draw.choice(pool.stamps)
    start, stop = text_range(lines)
    marked: list[Parts] = lines[:start]
    for parts in lines[start:stop]:
        glued = label_of(parts) == "body" and count_characters(text_of(parts)) > 15 and draw.random() < 0.12
        marked.append([*parts, ("", None), (stamp, "ad")] if glued else parts)
        if draw.random() < 0.05:
            marked.append([(stamp, "ad")])
        if draw.random() < 0.5:
            stamp = draw.choice(pool.stamps)
    return [*marked, *lines[stop:]]


def notices(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """A notice of missing text: below the text, which then ends early, or between two paragraphs."""
    start, stop = text_range(lines)
    if not pool.notices or stop - start < 4:
        return lines
    at = draw.randrange(start + 2, stop + 1)
    ends = draw.random() < 0.6
    number = draw.choice((1, 1, 1, 2))
    made: list[Parts] = [[(text, "truncation")] for text in draw.choices(pool.notices, k=number)]
    return [*lines[:at], *made, *(lines[stop:] if ends else lines[at:])]


def inline_notice(lines: list[Parts], pool: Pool, draw: random.Random) -> list[Parts]:
    """A notice of missing text inside a body line."""
    bodies = [
        index
        for index, parts in enumerate(lines)
        if label_of(parts) == "body" and len(text_of(parts).strip()) > 20
    ]
    if not pool.inline_notices or not bodies:
        return lines
    at = draw.choice(bodies)
    text = text_of(lines[at]).strip()
    cut = draw.randrange(6, len(text) - 5)
    notice = draw.choice(pool.inline_notices)
    rest = text[cut + draw.randint(0, 4) :]
    return [*lines[:at], [(text[:cut], "body"), (notice, "truncation"), (rest, "body")], *lines[at + 1 :]]
