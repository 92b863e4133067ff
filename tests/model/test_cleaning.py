"""Cleaning loses nothing that is kept, and can be undone."""

from hypothesis import given
from hypothesis import strategies as st

from hanline.data.document import LABELS, Document, Line, Segment
from hanline.model.cleaning import CUT_MARK, KEPT_LABELS, CleanSettings, clean, restore

TITLE, SENTENCE = "春训开班讲话", "今天开班，讲三件事。"


def lines(*rows: tuple[str, str | None]) -> Document:
    return Document("a", tuple(Line(text, label=label) for text, label in rows))


def run_on() -> Document:
    text = f"{TITLE} 同志们：{SENTENCE}（省略900字）散会。 微信号hx01"
    marks = [(0, 6, "header"), (7, 11, "salutation"), (11, 21, "body"), (21, 29, "truncation")]
    marks += [(29, 32, "body"), (33, 40, "ad")]
    return Document("a", (Line(text, label="body", segments=tuple(Segment(*mark) for mark in marks)),))


def test_ads_and_notices_go_and_blank_lines_are_kept_apart() -> None:
    document = lines(
        ("首页", "ad"), ("", None), (TITLE, "header"), ("", None), ("", None), (SENTENCE, "body"), ("", None)
    )
    assert clean(document, CleanSettings())[0] == f"{TITLE}\n\n{SENTENCE}\n"


def test_a_run_on_line_becomes_a_document() -> None:
    assert clean(run_on(), CleanSettings())[0] == f"{TITLE}\n同志们：\n{SENTENCE}散会。\n"


def test_missing_text_is_marked() -> None:
    cleaned = clean(run_on(), CleanSettings(mark_truncation=True))[0]
    assert cleaned == f"{TITLE}\n同志们：\n{SENTENCE}{CUT_MARK}散会。\n"


def test_markdown_marks_the_first_title_and_the_headings() -> None:
    document = lines((TITLE, "header"), ("市长", "header"), ("  一、讲学习", "heading"), (SENTENCE, "body"))
    assert (
        clean(document, CleanSettings(markdown=True))[0]
        == f"# {TITLE}\n\n市长\n\n## 一、讲学习\n\n{SENTENCE}\n"
    )


def test_keeping_lines_leaves_a_mixed_line_in_one() -> None:
    cleaned = clean(run_on(), CleanSettings(keep_lines=True))[0]
    assert cleaned == f"{TITLE} 同志们：{SENTENCE}散会。 \n"


def test_wrapped_lines_are_joined_up_to_the_end_of_the_paragraph() -> None:
    text = "各村要在月底以前把渠道清完把闸门修好把泵站的电线换成新的并且把值班的名单贴到村口。"
    rows = [text[at : at + 20] for at in range(0, len(text), 20)] * 3
    document = lines(*[(row, "body") for row in rows])
    joined = clean(document, CleanSettings(join_wraps=True))[0]
    assert joined == f"{text}\n" * 3
    assert clean(document, CleanSettings())[0].count("\n") == len(rows)


def test_ordinary_paragraphs_are_not_joined() -> None:
    document = lines(*[(SENTENCE * n, "body") for n in (1, 4, 2, 6, 3)])
    assert clean(document, CleanSettings(join_wraps=True)) == clean(document, CleanSettings())


words = st.text(alphabet="甲乙 丙\u3000丁。\t", max_size=12)


@st.composite
def labelled_lines(draw: st.DrawFn) -> Line:
    parts = draw(st.lists(st.tuples(words, st.sampled_from(LABELS)), max_size=4))
    text, segments = "", []
    for word, label in parts:
        start, end = len(text) + len(word) - len(word.lstrip()), len(text) + len(word.rstrip())
        text += word
        if start < end:
            segments.append(Segment(start, end, label))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    if not segments:
        return Line(text, ending=ending)
    if len(segments) == 1:
        return Line(text, label=segments[0].label, ending=ending)
    return Line(text, label=segments[0].label, segments=tuple(segments), ending=ending)


settings = st.builds(
    CleanSettings,
    keep=st.sampled_from([KEPT_LABELS, ("body",), LABELS]),
    markdown=st.booleans(),
    mark_truncation=st.booleans(),
    keep_lines=st.booleans(),
    join_wraps=st.booleans(),
)


@given(st.lists(labelled_lines(), max_size=8), settings)
def test_cleaning_can_be_undone(rows: list[Line], how: CleanSettings) -> None:
    document = Document("a", tuple(rows))
    cleaned, edits = clean(document, how)
    assert restore(cleaned, edits) == document.text


@given(st.lists(labelled_lines(), max_size=8), settings)
def test_nothing_of_the_kept_labels_is_lost(rows: list[Line], how: CleanSettings) -> None:
    document = Document("a", tuple(rows))
    kept = "".join(
        line.text[span.start : span.end] for line in rows for span in line.spans() if span.label in how.keep
    )
    cleaned, edits = clean(document, how)
    assert not any(edit.label in how.keep for edit in edits)
    bare = "".join(cleaned.replace(CUT_MARK, "").replace("#", "").split())
    assert bare == "".join(kept.split())
