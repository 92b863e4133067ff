"""Every operation of the synthesiser keeps labels and segments right."""

import random
from pathlib import Path

import pytest

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document, Line, Segment
from hanline.data.errors import HanlineError
from hanline.data.raw import raw_files, read_raw
from hanline.data.reading import read_documents
from hanline.data.synthesis import damage
from hanline.data.synthesis.build import DAMAGES, RECOMBINATIONS, BuildSettings, build
from hanline.data.synthesis.parts import Operation, Parts, label_of, text_of, to_line, to_parts
from hanline.data.synthesis.recombine import Pool, exchanged_phrases, phrase_lines
from hanline.data.synthesis.structured import label_structured

CHARACTERS = {
    "ad": "ABCDE",
    "header": "甲乙丙丁",
    "salutation": "各位老",
    "heading": "一二三",
    "body": "风雨山川",
    "truncation": "未完全",
}


def page() -> list[Parts]:
    """A page whose every character tells its label."""
    draw = random.Random(3)

    def text(label: str, count: int) -> str:
        return "".join(draw.choices(CHARACTERS[label], k=count))

    lines: list[Parts] = [[(text("ad", 9), "ad")], [], [(text("header", 12), "header")]]
    lines += [[(text("salutation", 5), "salutation")]]
    for _ in range(5):
        lines += [
            [(text("heading", 8), "heading")],
            [(text("body", 90) + "，" + text("body", 20) + "。", "body")],
            [],
        ]
    lines += [[(text("body", 30), "body"), (" ", None), (text("ad", 9), "ad")]]
    lines += [[(text("truncation", 9), "truncation")], [(text("ad", 6), "ad")]]
    return lines


def wrong_characters(lines: list[Parts]) -> list[tuple[str, str | None]]:
    """Characters whose label is another one than they tell."""
    told = {character: label for label, row in CHARACTERS.items() for character in row}
    return [
        (character, label)
        for parts in lines
        for text, label in parts
        for character in text
        if character in told and told[character] != label and label != "ad"
    ]


@pytest.mark.parametrize("operation", [operation for _, operation in DAMAGES], ids=lambda o: o.__name__)
def test_no_damage_gives_a_character_another_label(operation: Operation) -> None:
    for seed in range(20):
        lines = operation(page(), random.Random(seed))
        assert wrong_characters(lines) == []
        for parts in lines:
            assert to_line(parts).text == text_of(parts) or not text_of(parts).strip()


KEEPING = [change for _, change in RECOMBINATIONS if change is not exchanged_phrases]
"""All recombinations but the one that gives a phrase the label of its place on purpose."""


@pytest.mark.parametrize("recombination", KEEPING, ids=lambda r: r.__name__)
def test_no_recombination_gives_a_character_another_label(recombination) -> None:  # type: ignore[no-untyped-def]
    pool = Pool.of([])
    for _ in range(3):
        pool.add(page())
    for seed in range(20):
        lines = recombination(page(), pool, random.Random(seed))
        assert wrong_characters(lines) == []


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        (damage.half_width, "，"),
        (damage.drop_punctuation, "。"),
    ],
)
def test_punctuation_goes(operation: Operation, changes: str) -> None:
    lines = operation(page(), random.Random(0))
    assert not any(changes in text_of(parts) for parts in lines)


def test_wrapping_breaks_and_loses_nothing() -> None:
    lines = damage.hard_wrap(page(), random.Random(0))
    assert "".join(map(text_of, lines)) == "".join(map(text_of, page()))
    assert max(len(text_of(parts)) for parts in lines) <= 40
    assert len(lines) > len(page())


def test_gluing_makes_one_line_with_segments() -> None:
    lines = [parts for parts in damage.glue_all(page(), random.Random(1)) if parts]
    longest = max((to_line(parts) for parts in lines), key=lambda line: len(line.text))
    assert {segment.label for segment in longest.segments} >= {"header", "salutation", "heading", "body"}


def test_traditional_script_changes_characters_one_by_one() -> None:
    lines: list[Parts] = [[("县里发出通知", "body")]]
    assert text_of(damage.traditional(lines, random.Random(0))[0]) == "縣裏發出通知"


def test_a_silent_cut_leaves_the_footer() -> None:
    lines = damage.silent_cut(page(), random.Random(2))
    assert text_of(lines[-1]) == text_of(page()[-1])
    assert sum(map(len, map(text_of, lines))) < sum(map(len, map(text_of, page())))


def test_parts_and_lines_are_two_forms_of_one_thing() -> None:
    line = Line(
        "题目 同志们：", label="salutation", segments=(Segment(0, 2, "header"), Segment(3, 7, "salutation"))
    )
    assert to_line(to_parts(line)) == line


def test_cutting_keeps_the_labels_of_both_sides() -> None:
    pieces = damage.cut_at([("甲乙", "header"), ("风雨", "body")], [1, 3])
    assert pieces == [[("甲", "header")], [("乙", "header"), ("风", "body")], [("雨", "body")]]


def test_the_same_seed_builds_the_same_documents() -> None:
    documents = [item for item in read_documents(corpus_files("validation")[0]) if isinstance(item, Document)]
    first, second = (list(build(documents[:20], BuildSettings(documents=30, seed=5))) for _ in range(2))
    other = list(build(documents[:20], BuildSettings(documents=30, seed=6)))
    assert first == second != other
    assert len(first) == 30


def test_raw_text_takes_part(tmp_path: Path) -> None:
    law = ["# 竹溪市渡口管理办法", "2019年3月1日竹溪市人民政府令第3号公布", "", "## 第一章 总则"]
    law += [f"第{n}条 渡口的船只应当每月检修一次，记录保存三年。" for n in "一二三四"]
    file = tmp_path / "laws.txt"
    file.write_text("\n".join([*law, "\f", ""]), encoding="utf-8")
    written = [Document("a", (Line("云里看花", label="header"), Line("今天下雨。", label="body")))]
    built = list(build(written, BuildSettings(documents=20, raw_share=0.5), raw=[file]))
    assert {document.source for document in built} == {None, "laws.txt"}


def test_a_law_is_labelled_by_its_structure() -> None:
    lines = [
        "# 竹溪市渡口管理办法",
        "",
        "（2019年3月1日通过）",
        "## 第一章　总则",
        "第一条 为了过河，制定本办法。",
    ]
    lines += ["第二条 渡口归村里管。", "第三条 夜里不开船。"]
    document = label_structured(lines, id="x", source="laws")
    assert document is not None
    assert [line.label for line in document.lines if not line.blank] == [
        "header",
        "header",
        "heading",
        *["body"] * 3,
    ]


def test_markdown_is_labelled_by_its_structure() -> None:
    lines = ["# 编竹篮", "", "先把竹子劈开。", "", "## 选竹", "- 三年以上的竹子", "```", "# 不是标题", "```"]
    document = label_structured(lines, id="x", source="blog")
    assert document is not None
    labels = [line.label for line in document.lines if not line.blank]
    assert labels == ["header", "body", "heading", "body", "body"]


def test_text_without_structure_is_not_used() -> None:
    assert label_structured(["今天下雨", "明天也许", "后天再看", "晴了就好"], id="x", source="y") is None


def test_spaced_chapter_names_and_early_headings_are_headings() -> None:
    law = ["# 渡口办法", "第六章　附　　则", "第一条 过河。", "第二条 不过河。", "第三条 夜里不开船。"]
    notice = [
        "竹政发〔2019〕3号",
        "关于渡口的通知",
        "各村民委员会：",
        "一、总体要求",
        "今天把渡口的船检修一次，" * 4,
    ]
    for lines in (law, notice):
        document = label_structured(lines, id="x", source="y")
        assert document is not None
        labels = {line.text: line.label for line in document.lines}
        assert labels.get("第六章　附　　则", labels.get("一、总体要求")) == "heading"


def test_damaged_raw_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xe5\xbc\x80\xff\n")
    with pytest.raises(HanlineError, match=r"a\.txt: 'utf-8' codec"):
        list(read_raw(file))
    with pytest.raises(HanlineError, match="no such file or folder"):
        raw_files([tmp_path / "nowhere", tmp_path])


def test_phrases_change_places_but_labels_stay() -> None:
    lines: list[Parts] = [
        [("在全县动员会上的讲话", "header")],
        [("各位代表：", "salutation")],
        [("今天开会，讲三件事。", "body")],
        [("修路的三种办法", "ad")],
        [("老街的早晨", "ad")],
        [("一条河的故事", "ad")],
    ]
    pool = Pool(phrases=["换上的话题"])
    changed = exchanged_phrases(lines, pool, random.Random(1))
    assert [label_of(parts) for parts in changed] == [label_of(parts) for parts in lines]
    assert phrase_lines(lines) == [0, 3, 4, 5]
    assert changed[1:3] == lines[1:3]
    assert 0 < sum(text_of(parts) == "换上的话题" for parts in changed) <= 4
    assert exchanged_phrases(lines, Pool(), random.Random(1)) == lines
