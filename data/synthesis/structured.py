"""Labels of raw text from its structure, where the structure leaves no doubt.

A rule that is not sure of a line leaves its label out; a document with too many such lines is not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from hanline.data.document import Document, Line, is_blank

_MARKDOWN_HEADING = re.compile(r"^(#{1,6})\s+(\S.*)$")
LONGEST_HEADING = 60
_ARTICLE = re.compile(r"^第[一二三四五六七八九十百零〇\d]+条(?:之[一二三四五六七八九十]+)?[\s　]+\S")
_CHAPTER = re.compile(r"^第[一二三四五六七八九十百]+[编章节][\s　]*(?:\S{0,25}|\S(?:[\s　]+\S){1,4})$")
_ENACTED = re.compile(
    r"^[（(]?\d{4}年\d{1,2}月\d{1,2}日.*(?:通过|公布|发布|修正|修订|批准|施行|决定》.*)[)）]?$"
)
_NUMBERED = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）)\S{2,28}$")
_RECIPIENT = re.compile(r"^(?:各|国务院各|市政府各|省政府各|全国人民代表大会|各位代表)[^。；]{1,120}[:：]$")
_DATE = re.compile(r"^[（(]?\d{4}年\d{1,2}月\d{1,2}日[）)]?$")
_NUMBER = re.compile(r"^\S{1,12}[〔\[［(（]\d{4}[〕\]］)）]\S{0,3}\d+号$")
_SENTENCE = re.compile(r"[。；;！!？?：:，,]")
_CODE = re.compile(r"^\s*(?:```|~~~)")
MAX_UNSURE = 0.1


def label_structured(lines: Sequence[str], *, id: str, source: str) -> Document | None:
    """Label a raw document by its structure.

    Args:
        lines: Its lines: a law, an official document, or Markdown.

    Returns:
        The document, unsure lines without a label; None if more than `MAX_UNSURE` of them are unsure or
        its structure shows nothing.
    """
    lines = [line.strip("\u200b\ufeff") for line in lines]
    text = [line for line in lines if not is_blank(line)]
    if len(text) < 4:
        return None
    if sum(bool(_ARTICLE.match(line.strip())) for line in text) >= 3:
        labelled = _law(lines)
    elif any(_MARKDOWN_HEADING.match(line) for line in text):
        labelled = _markdown(lines)
    else:
        labelled = _official(lines)
    known = [line for line in labelled if not line.blank]
    unsure = sum(line.label is None for line in known)
    kinds = {line.label for line in known} - {None}
    if unsure > MAX_UNSURE * len(known) or len(kinds) < 2:
        return None
    return Document(id=id, lines=tuple(labelled), source=source)


def _line(text: str, label: str | None) -> Line:
    return Line(text, label=None if is_blank(text) else label)


def _law(lines: Sequence[str]) -> list[Line]:
    """Title and enactment lines above the first chapter or article, chapters, articles and what follows."""
    labelled: list[Line] = []
    begun = False
    for line in lines:
        text = re.sub(r"^#+\s*", "", line)
        bare = text.strip()
        if _CHAPTER.match(bare):
            begun = True
            labelled.append(_line(text, "heading"))
        elif begun or _ARTICLE.match(bare):
            begun = True
            labelled.append(_line(text, "header" if _DATE.match(bare) else "body"))
        elif line.startswith("# ") or _ENACTED.match(bare):
            labelled.append(_line(text, "header"))
        elif bare in ("目录", "目　录", "目 录"):
            labelled.append(_line(text, "heading"))
        else:
            repeats = labelled and any(bare.replace(" ", "") == row.text.replace(" ", "") for row in labelled)
            labelled.append(_line(text, "header" if repeats else None))
    return labelled


def _markdown(lines: Sequence[str]) -> list[Line]:
    """The first `#` heading is the title, the others head their parts, all else is body, code too."""
    labelled: list[Line] = []
    inside_code = False
    titled = False
    for line in lines:
        match = None if inside_code else _MARKDOWN_HEADING.match(line)
        if _CODE.match(line):
            inside_code = not inside_code
            continue
        if line.strip() in ("---", "***", "===") or line.startswith(("<!--", "[//]:")):
            continue
        if match:
            title = match[1] == "#" and not titled
            titled = titled or title
            name = match[2].strip(" #")
            sure = "header" if title else "heading"
            labelled.append(_line(name, sure if len(name) <= LONGEST_HEADING else None))
        else:
            seen = any(row.label for row in labelled)
            labelled.append(_line(line, "body" if seen else None))
    return labelled


def _official(lines: Sequence[str]) -> list[Line]:
    """Number, title above the recipients, recipients, numbered headings, paragraphs, date at the end."""
    labelled: list[Line] = []
    begun = False
    count = len(lines)
    for index, line in enumerate(lines):
        bare = line.strip()
        label: str | None = None
        if not bare:
            pass
        elif _RECIPIENT.match(bare) and index < 12:
            label, begun = "salutation", True
        elif _NUMBERED.match(bare) and not _SENTENCE.search(bare.split("、", 1)[-1]):
            label = "heading"
        elif (_DATE.match(bare) and (not begun or index > count - 12)) or (
            not begun and (_NUMBER.match(bare) or (len(bare) <= 45 and not _SENTENCE.search(bare)))
        ):
            label = "header"
        elif len(bare) > 30 and _SENTENCE.search(bare):
            label, begun = "body", True
        elif begun and bare.endswith(("。", "；", "！")):
            label = "body"
        labelled.append(_line(line, label))
    return labelled
