"""Writing documents, and never half of one under a final name."""

import errno
import io
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanline.data.document import LABELS, Document, Line, Segment
from hanline.data.reading import read_documents
from hanline.data.rows import document_to_row, row_to_document
from hanline.data.writing import ResumableFile, document_writer, naming, whole_file

NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\n\0") | st.sampled_from('"\t\r,　')
)
SCORE = st.none() | st.integers(0, 10_000).map(lambda number: number / 10_000)


@st.composite
def lines(draw: st.DrawFn) -> Line:
    text = draw(TEXT)
    if not text.strip():
        return Line(text)
    return Line(text, label=draw(st.sampled_from(LABELS)), score=draw(SCORE))


@st.composite
def mixed_lines(draw: st.DrawFn) -> Line:
    """A line whose characters are split into segments that are apart by a space or not at all."""
    parts = draw(st.lists(st.text("甲乙丙a1", min_size=1), min_size=1, max_size=5))
    gaps = [draw(st.sampled_from(["", " "])) for _ in parts]
    segments, text = [], ""
    for part, gap in zip(parts, gaps, strict=True):
        start = len(text)
        text += part + gap
        segments.append(Segment(start, start + len(part), draw(st.sampled_from(LABELS)), draw(SCORE)))
    return Line(
        text, label=draw(st.sampled_from(LABELS)), segments=tuple(segments), tags=tuple(draw(st.lists(NAME)))
    )


@st.composite
def documents(draw: st.DrawFn, *, mixed: bool = True) -> Document:
    made = draw(st.lists(lines() | mixed_lines() if mixed else lines(), min_size=1))
    last = Line(made[-1].text, made[-1].label, made[-1].score, made[-1].segments, made[-1].tags, ending="")
    source, genre = draw(st.none() | NAME), draw(st.none() | NAME)
    return Document(
        draw(NAME), (*made[:-1], last), source=source, genre=genre, tags=tuple(draw(st.lists(NAME)))
    )


@given(documents())
def test_a_document_is_read_from_its_row_as_it_was(document: Document) -> None:
    row = json.loads(json.dumps(document_to_row(document), ensure_ascii=False))
    assert row_to_document(row, default_id="") == document
    assert document_to_row(row_to_document(row, default_id="")) == row


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
@given(texts=st.lists(documents(mixed=False), max_size=3, unique_by=lambda document: document.id))
@settings(max_examples=50)
def test_a_file_holds_what_was_written(
    kind: str, texts: list[Document], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("file") / f"a.{kind}"
    with whole_file(file) as stream:
        writer = document_writer(kind, stream)
        for document in texts:
            writer.write(document)
        writer.close()
    wanted = [(d.id, [(line.text, line.label) for line in d.lines]) for d in texts]
    found = list(read_documents(file))
    assert [
        (d.id, [(ln.text, ln.label) for ln in d.lines]) for d in found if isinstance(d, Document)
    ] == wanted
    assert len(found) == len(texts)
    if kind != "parquet":  # which holds scores in half the digits
        assert [ln.score for d in found if isinstance(d, Document) for ln in d.lines] == [
            ln.score for d in texts for ln in d.lines
        ]


def test_a_table_can_go_on_without_its_head() -> None:
    stream = io.BytesIO()
    document_writer("tsv", stream, header=False).write(Document("a", (Line("甲", "ad", 0.25),)))
    assert stream.getvalue().decode() == "a\t1\tad\t0.25\t甲\n"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_file_that_fails_leaves_the_old_one_and_nothing_else(
    error: type[BaseException], tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("old")

    def fail() -> None:
        with whole_file(file) as stream:
            stream.write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert file.read_text() == "old"


def test_an_error_without_a_file_gets_its_name(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left on device") as caught, whole_file(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "a")
    with pytest.raises(OSError, match="other") as caught, naming("a"):
        raise FileNotFoundError(errno.ENOENT, "No such file", "other")
    assert caught.value.filename == "other"


def interrupted(path: Path, *, resume: bool = False, before: bytes = b"", after: bytes = b"") -> int:
    """Write `before`, note it as one more document, write `after` and die; the documents found at the start."""
    with suppress(KeyboardInterrupt), ResumableFile(path, resume=resume) as file:
        if before:
            file.stream.write(before)
            file.written += 1
            file.note()
        file.stream.write(after)
        raise KeyboardInterrupt
    return file.documents


def test_a_resumed_file_goes_on_after_the_last_noted_document(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert interrupted(path, before=b"one\n", after=b"half of tw") == 0
    assert not path.exists()
    assert interrupted(path, resume=True, before=b"two\n") == 1
    with ResumableFile(path, resume=True) as file:
        assert file.documents == 2
        file.stream.write(b"three\n")
    assert path.read_bytes() == b"one\ntwo\nthree\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fresh_run_forgets_what_an_older_one_noted(tmp_path: Path) -> None:
    path = tmp_path / "a"
    interrupted(path, before=b"one\n", after=b"x" * 100)
    interrupted(path, after=b"y" * 100)
    with ResumableFile(path, resume=True) as file:
        assert file.documents == 0


@pytest.mark.parametrize("journal", ["", "[]", "{}", '{"documents": 3, "bytes": 999}', '{"documents": "x"}'])
def test_a_damaged_note_means_starting_again(journal: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    interrupted(path, before=b"one\n")
    (tmp_path / "a.part.progress").write_text(journal)
    with ResumableFile(path, resume=True) as file:
        assert file.documents == 0
        file.stream.write(b"whole\n")
    assert path.read_bytes() == b"whole\n"


def test_a_run_that_wrote_nothing_leaves_nothing(tmp_path: Path) -> None:
    interrupted(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
