"""What scraping, conversion and sloppy sites do to a text; no operation changes a label."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

from hanline.data.synthesis.parts import Part, Parts, label_of, map_text, text_of

_TO_HALF = str.maketrans("，：；！？（）", ",:;!?()")
_TO_FULL = str.maketrans(",:;!?()", "，：；！？（）")
_PUNCTUATION = re.compile(r"[，。、；：！？,;:!?“”‘’（）()《》…—]")
_STOP = re.compile(r"(?<=[。！？!?])(?=[^”』」）)])")
_CLAUSE = re.compile(r"(?<=[；;])")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SYLLABLES = [
    "kāi",
    "huì",
    "shè",
    "bèi",
    "chǎn",
    "fā",
    "jiān",
    "guó",
    "mén",
    "xué",
    "shí",
    "yàn",
    "hòu",
    "lái",
    "diàn",
    "chē",
    "zhōng",
    "měi",
    "lè",
    "qì",
    "wén",
    "jù",
]
_MASKS = ("×", "××", "X", "XX", "*", "**", "__", "某", "xx", "╳╳")


def half_width(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Half-width commas, colons and brackets."""
    return map_text(lines, lambda text: text.translate(_TO_HALF))


def full_width(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Full-width commas, colons and brackets."""
    return map_text(lines, lambda text: text.translate(_TO_FULL))


def traditional(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Traditional script, character by character, by OpenCC."""
    table = _traditional_table()
    return map_text(lines, lambda text: text.translate(table))


@cache
def _traditional_table() -> dict[int, str]:
    import opencc

    converter = opencc.OpenCC("s2t")
    han = [chr(code) for code in range(0x4E00, 0xA000)]
    return {ord(c): t for c in han if len(t := converter.convert(c)) == 1 and t != c}


def masks(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Numbers, and here and there two or three characters, masked in one way a document."""
    mask = draw.choice(_MASKS)

    def change(text: str) -> str:
        text = _NUMBER.sub(lambda match: mask if draw.random() < 0.5 else match[0], text)
        if len(text) > 12 and draw.random() < 0.3:
            at = draw.randrange(2, len(text) - 5)
            if _HAN.match(text[at]):
                text = text[:at] + mask + text[at + draw.choice((1, 2, 2, 3)) :]
        return text

    return map_text(lines, change, labels=("body", "header", "heading", "salutation"))


def drop_punctuation(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """All punctuation lost, in lines that keep some characters then."""
    return map_text(lines, lambda text: _PUNCTUATION.sub("", text) or text)


def noise_marks(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Stray dots, apostrophes and doubled commas inside body text, as rewriting scrapers leave them."""
    mark = draw.choice((".", "'", "，，", "�", "?", "·"))

    def change(text: str) -> str:
        if len(text) < 10 or draw.random() < 0.4:
            return text
        at = draw.randrange(3, len(text) - 3)
        return text[:at] + mark + text[at:]

    return map_text(lines, change, labels=("body",))


def ocr_spaces(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Spaces: between all characters of short lines, every 25 or so in long ones."""
    width = draw.randint(22, 30)

    def change(text: str) -> str:
        if len(text) <= 12 and draw.random() < 0.5:
            return " ".join(text)
        return (
            " ".join(text[at : at + width] for at in range(0, len(text), width)) if len(text) > 60 else text
        )

    return [
        parts
        if label_of(parts) == "ad"
        else [(change(text) if label is not None else text, label) for text, label in parts]
        for parts in lines
    ]


def indents(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Paragraphs, or all lines, indented in one way a document; sometimes spaces behind them too."""
    indent = draw.choice(("　　", "    ", "\u00a0\u00a0\u00a0\u00a0", "  ", "\t", "　"))
    everywhere = draw.random() < 0.35
    tail = draw.choice(("", "", " ", "\u00a0", "  "))

    def add(parts: Parts) -> Parts:
        if not parts:
            return parts
        indented = everywhere or label_of(parts) in ("body", "heading", None)
        start: Parts = [(indent, None)] if indented else []
        return [*start, *_strip(parts), (tail, None)]

    return [add(parts) for parts in lines]


def _strip(parts: Parts) -> Parts:
    first, last = parts[0], parts[-1]
    inner = parts[1:] if first[1] is None else parts
    return inner[:-1] if last[1] is None and len(inner) > 1 else inner


def no_blank_lines(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """No blank lines at all."""
    return [parts for parts in lines if parts]


def blank_lines(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """A blank line between all lines, now and then a run of them."""
    spread: list[Parts] = []
    for parts in no_blank_lines(lines, draw):
        spread.append(parts)
        spread += [[] for _ in range(draw.choice((1, 1, 1, 1, 1, 1, 2, 4)))]
    return spread


def hard_wrap(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Lines broken after a fixed number of characters, 22 to 40; the rest has the label it continues."""
    width = draw.randint(22, 40)
    wrapped: list[Parts] = []
    for parts in lines:
        wrapped += _cut_every(parts, width) if label_of(parts) != "ad" else [parts]
    return wrapped


def _cut_every(parts: Parts, width: int) -> list[Parts]:
    text = text_of(parts)
    return cut_at(parts, range(width, len(text), width)) if len(text) > width else [parts]


def cut_at(parts: Parts, positions: range | list[int]) -> list[Parts]:
    """Break a line at character positions; each new line keeps the labels of its characters."""
    pieces: list[Parts] = [[]]
    at, cuts = 0, list(positions)
    for text, label in parts:
        while cuts and at + len(text) > cuts[0]:
            split = cuts.pop(0) - at
            if split > 0:
                pieces[-1].append((text[:split], label))
            pieces.append([])
            text, at = text[split:], at + split
        pieces[-1].append((text, label))
        at += len(text)
    return [piece for piece in pieces if text_of(piece).strip()]


def _break_after(pattern: re.Pattern[str]) -> Callable[[list[Parts], random.Random], list[Parts]]:
    def operation(lines: list[Parts], draw: random.Random) -> list[Parts]:
        broken: list[Parts] = []
        for parts in lines:
            if label_of(parts) != "body":
                broken.append(parts)
                continue
            broken += cut_at(parts, [match.end() for match in pattern.finditer(text_of(parts))])
        return broken

    return operation


break_sentences = _break_after(_STOP)
break_sentences.__doc__ = "One sentence a line."
break_clauses = _break_after(_CLAUSE)
break_clauses.__doc__ = "A line break after every semicolon."


def glue_all(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """The text on one line, ads at its beginning and end sometimes left on their own."""
    kept = no_blank_lines(lines, draw)
    start, stop = text_range(kept)
    if draw.random() < 0.5:
        start, stop = max(0, start - draw.randint(0, 3)), min(len(kept), stop + draw.randint(0, 3))
    return [*kept[:start], glue(kept[start:stop], draw), *kept[stop:]]


def glue_some(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Here and there two to five lines that follow each other on one line."""
    glued: list[Parts] = []
    rest = no_blank_lines(lines, draw)
    while rest:
        count = draw.randint(2, 5) if draw.random() < 0.12 else 1
        glued.append(glue(rest[:count], draw) if count > 1 else rest[0])
        rest = rest[count:]
    return glued


def glue(lines: list[Parts], draw: random.Random) -> Parts:
    """Join lines to one, with a space, two, a pipe or nothing between them."""
    between = draw.choice(("", " ", " ", " ", "  ", "　", " | "))
    joined: Parts = []
    for parts in lines:
        if joined and between:
            joined.append((between, None))
        joined += [_stripped(part) for part in _strip(parts)] if parts else []
    return joined


def _stripped(part: Part) -> Part:
    text, label = part
    return (text.strip(), label) if label is not None else part


def text_range(lines: list[Parts]) -> tuple[int, int]:
    """The lines from the first to the last that are not all ad."""
    inside = [index for index, parts in enumerate(lines) if parts and label_of(parts) != "ad"]
    return (inside[0], inside[-1] + 1) if inside else (0, len(lines))


def silent_cut(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """The text stops, sometimes in mid-sentence; what the site put below it stays."""
    start, stop = text_range(lines)
    if stop - start < 6:
        return lines
    last = draw.randrange(start + (stop - start) // 3, stop)
    kept = lines[: last + 1]
    if label_of(kept[-1]) == "body" and len(text_of(kept[-1])) > 12:
        kept[-1] = cut_at(kept[-1], [draw.randrange(6, len(text_of(kept[-1])) - 3)])[0]
        if draw.random() < 0.3:
            kept[-1] = [*kept[-1], ("...", "body")]
    return [*kept, *lines[stop:]]


def watermark(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """A site's name inside words of body text, which stays body."""
    name = "".join(draw.sample("青云禾苗墨海星辰远山竹溪书香文笔学林智库", 2)) + draw.choice(
        ("网", "文库", "文秘网", "资料网")
    )

    def change(text: str) -> str:
        if len(text) < 20 or draw.random() < 0.7:
            return text
        at = draw.randrange(5, len(text) - 5)
        return text[:at] + name + text[at:]

    return map_text(lines, change, labels=("body",))


def anticopy_code(draw: random.Random) -> str:
    """A line of random letters, digits and marks such as forums hide between paragraphs."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    words = ("".join(draw.choices(letters, k=draw.choice((1, 1, 2, 2)))) for _ in range(draw.randint(4, 10)))
    return "".join(
        word + draw.choice((" ", " ", "; ", "& ", ", ", ") ", "' ", "! ", "( ", "# ")) for word in words
    ).strip()


def anticopy(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Anti-copy codes between body lines and at their ends."""
    marked: list[Parts] = []
    for parts in lines:
        body = label_of(parts) == "body"
        if body and draw.random() < 0.15:
            parts = [*parts, (anticopy_code(draw), "ad")]
        marked.append(parts)
        if body and draw.random() < 0.35:
            marked += [[(anticopy_code(draw), "ad")] for _ in range(draw.choice((1, 1, 2)))]
    return marked


def markup(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Leaked Markdown or HTML around lines, which keep their label."""
    before, after = draw.choice(
        (("**", "**"), ("## ", ""), ("<p>", "</p>"), ("", "<br/>"), ("&nbsp;", ""), ("| ", " |"))
    )
    chosen = ("heading",) if before in ("**", "## ") else ("heading", "body", "header", "salutation")

    def add(parts: Parts) -> Parts:
        label = label_of(parts)
        if label not in chosen:
            return parts
        return (
            [(before, label), *_strip(parts), (after, label)] if after else [(before, label), *_strip(parts)]
        )

    return [add(parts) for parts in lines]


def heading_stops(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Headings that end like sentences, numbered or not, in one way a document."""
    stop = draw.choice(("。", "。", "。", "：", ":", "！"))

    def close(text: str) -> str:
        return text if _PUNCTUATION.match(text.strip()[-1:]) else text.rstrip() + stop

    return map_text(unnumber(lines, draw) if draw.random() < 0.5 else lines, close, labels=("heading",))


def pinyin(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Syllables in brackets behind characters, as converters between the scripts leave them."""
    share = draw.uniform(0.03, 0.2)

    def change(text: str) -> str:
        return _HAN.sub(
            lambda match: f"{match[0]}({draw.choice(_SYLLABLES)})" if draw.random() < share else match[0],
            text,
        )

    return map_text(lines, change)


def unnumber(lines: list[Parts], draw: random.Random) -> list[Parts]:
    """Headings without their numbers."""
    number = re.compile(
        r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|第[一二三四五六七八九十\d]{1,3}[章节部分篇])\s*"
    )
    return map_text(lines, lambda text: number.sub("", text) or text, labels=("heading",))
