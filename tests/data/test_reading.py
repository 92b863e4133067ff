"""Reading every format, and going on past whatever is broken."""

import gzip
import io
import json
import lzma
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanline.data.document import Document
from hanline.data.reading import DEFAULT_TEXT_FIELD, Fault, file_format, find_files, read_documents


def zst(data: bytes) -> bytes:
    return bytes(pyarrow.Codec("zstd").compress(data))


COMPRESS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zst}
ROW = '{"id": "a", "lines": [{"text": "甲", "label": "body"}]}\n'


def read(
    path: Path, *, input_format: str | None = None, text_field: str = DEFAULT_TEXT_FIELD
) -> tuple[list[Document], list[str]]:
    """The documents of a file, and its faults as they are named."""
    items = list(read_documents(path, input_format=input_format, text_field=text_field))
    return (
        [item for item in items if isinstance(item, Document)],
        [str(item) for item in items if isinstance(item, Fault)],
    )


def write(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", "text"),
        ("a", "text"),
        ("-", "text"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson.gz", "jsonl"),
        ("A.CSV.XZ", "csv"),
        ("a.tsv.zst", "tsv"),
        ("a.parquet", "parquet"),
        ("a.txt.gz", "text"),
    ],
)
def test_the_name_tells_the_format(name: str, kind: str) -> None:
    assert file_format(Path(name)) == kind


@pytest.mark.parametrize("suffix", ["", ".GZ", *COMPRESS])
def test_text_is_one_document_whatever_compresses_it(suffix: str, tmp_path: Path) -> None:
    data = "甲\r\n\r\n乙".encode()
    compress = COMPRESS.get(suffix.lower(), bytes)
    ((document,), faults) = read(write(tmp_path / f"a.txt{suffix}", compress(data)))
    assert faults == []
    assert document.text.encode() == data
    assert document.id == str(tmp_path / f"a.txt{suffix}")


@pytest.mark.parametrize("suffix", COMPRESS)
def test_parts_that_were_compressed_apart_are_all_read(suffix: str, tmp_path: Path) -> None:
    compress = COMPRESS[suffix]
    documents, faults = read(write(tmp_path / f"a.jsonl{suffix}", compress(ROW.encode()) * 3))
    assert (len(documents), faults) == (3, [])


@pytest.mark.parametrize("suffix", COMPRESS)
@pytest.mark.parametrize("kind", ["txt", "jsonl", "csv", "parquet"])
def test_a_compressed_file_that_is_cut_off_is_a_fault(kind: str, suffix: str, tmp_path: Path) -> None:
    data = COMPRESS[suffix]("".join(f'{{"text": "{number * 7919}"}}\n' for number in range(3000)).encode())
    path = write(tmp_path / f"a.{kind}{suffix}", data[: len(data) // 2])
    documents, faults = read(path)
    assert kind == "jsonl" or not documents
    assert len(faults) == 1
    assert faults[0].startswith(f"{path}: ")


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_file_that_is_not_compressed_as_its_name_says_is_a_fault(suffix: str, tmp_path: Path) -> None:
    documents, faults = read(write(tmp_path / f"a.txt{suffix}", "同志们：今天开会，讲三件事。"))
    assert (documents, len(faults)) == ([], 1)


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_an_empty_file_of_rows_has_no_documents(name: str, tmp_path: Path) -> None:
    assert read(write(tmp_path / name, "")) == ([], [])


def test_an_empty_text_is_an_empty_document(tmp_path: Path) -> None:
    ((document,), faults) = read(write(tmp_path / "a.txt", ""))
    assert ([line.text for line in document.lines], faults) == ([""], [])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{broken", "not valid JSON"),
        ("[1]", "must be a JSON object, got list"),
        ("[" * 100_000, "not valid JSON"),
        (f'{{"text": {"1" * 5000}}}', "not valid JSON"),
        (r'{"text": "\ud83d"}', "not valid JSON"),
        ('{"lines": []}', "'lines' must be a list of at least one line"),
        ('{"lines": 5}', "'lines' must be a list"),
        ('{"lines": [{"text": "甲", "label": "title"}]}', "line 1: unknown label 'title'"),
        ('{"lines": [{"text": "甲", "tags": 5}]}', "line 1: 'tags' has the wrong type"),
        ('{"id": "b", "text": 5}', "has neither 'lines' nor text in a field 'text', found id, text"),
    ],
)
def test_a_broken_row_is_named_and_costs_no_other(row: str, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", f"{ROW}\n{row}\n{ROW}")
    documents, (fault,) = read(path)
    assert [document.id for document in documents] == ["a", "a"]
    assert fault.startswith(f"{path}: row 3: ")
    assert problem in fault
    assert "\n" not in fault


def test_a_row_that_is_not_utf_8_costs_no_other(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", ROW.encode() + '{"text": "甲乙丙丁'.encode() + b'\xff"}\n' + ROW.encode()
    )
    documents, faults = read(path)
    assert len(documents) == 2
    assert faults == [f"{path}: row 2: invalid UTF-8 at byte 22 (hint: mend the file)"]


def test_a_whole_surrogate_pair_is_a_character(tmp_path: Path) -> None:
    ((document,), faults) = read(write(tmp_path / "a.jsonl", r'{"text": "\ud83d\ude00"}'))
    assert (document.text, faults) == ("\U0001f600", [])


def test_the_text_field_is_named_by_the_caller(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"id": 7, "content": "甲\\n乙", "source": "s"}\n')
    ((document,), faults) = read(path, text_field="content")
    assert (document.id, document.text, document.source, faults) == ("7", "甲\n乙", "s", [])


def test_a_wrong_text_field_is_named_once_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"content": "甲"}\n' * 50)
    documents, faults = read(path)
    assert documents == []
    assert faults == [
        f"{path}: row 1: has neither 'lines' nor text in a field 'text', found content "
        "(hint: name the field with --text-field)",
        f"{path}: 49 more rows without text in a field 'text'",
    ]


FLAT = [("a", "header", "题"), ("a", None, ""), ("a", "body", "文,\t“"), ("b", "ad", '下"载')]


@pytest.mark.parametrize("first", ["", "broken\n"])
def test_flat_rows_of_json_are_documents_even_after_a_broken_one(first: str, tmp_path: Path) -> None:
    rows = [json.dumps({"document": name, "label": label, "text": text}) for name, label, text in FLAT]
    documents, faults = read(write(tmp_path / "a.jsonl", first + "\n".join(rows)))
    assert [(d.id, d.labels(), d.text) for d in documents] == [
        ("a", ["header", None, "body"], "题\n\n文,\t“"),
        ("b", ["ad"], '下"载'),
    ]
    assert len(faults) == bool(first)


def test_parquet_holds_flat_rows_or_texts_or_documents(tmp_path: Path) -> None:
    flat = [{"document": name, "label": label, "text": text} for name, label, text in FLAT]
    whole = [json.loads(ROW)]
    for rows, count in ((flat, 2), ([{"text": "甲"}] * 3, 3), (whole, 1)):
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
        documents, faults = read(tmp_path / "a.parquet")
        assert (len(documents), faults) == (count, [])


@pytest.mark.parametrize("data", [b"", b"PAR1 this is no Parquet file PAR1", b"\0" * 100, ROW.encode()])
def test_parquet_that_is_none_is_one_fault(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", data)
    documents, (fault,) = read(path)
    assert documents == []
    assert fault.startswith(f"{path}: is not a readable Parquet file")
    assert "\n" not in fault


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_tables_are_read_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    text = "document,label,text\r\n甲,header,关于召开会议的通知\r\n甲,,\r\n"
    ((document,), faults) = read(write(tmp_path / "a.csv", text.encode(encoding)))
    assert ([line.text for line in document.lines], faults) == (["关于召开会议的通知", ""], [])


@pytest.mark.parametrize(
    ("table", "documents", "problem"),
    [
        ("name,text\na,甲\n", 0, "has no column document, found name, text"),
        ('document,text\na,甲\nb,"乙\nc,丙\n', 0, "unexpected end of data"),
        ("document,label,text\na,title,甲\nb,body,乙\n", 1, "row 1: unknown label 'title'"),
        ("document,score,text\na,high,甲\nb,0.5,乙\n", 1, "row 1: 'score' is not a number: 'high'"),
        ("document,text\na,甲\nb\nc,丙\n", 2, "row 2: must be an object with a 'text'"),
        (",text,document\n,甲\n,乙,b\n", 1, "row 1: has no 'document'"),
        ("document,text\na,甲\rb\nb,乙\n", 0, "new-line character"),
        ("document,text\na,\0\n", 0, "line 2: looks like a binary file"),
    ],
)
def test_a_broken_table_is_one_fault(table: str, documents: int, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", table)
    found, (fault,) = read(path)
    assert len(found) == documents
    assert fault.startswith(f"{path}: ")
    assert problem in fault


def test_a_line_of_two_megabytes_is_a_line(tmp_path: Path) -> None:
    text = "讲话" * 350_000
    ((document,), _) = read(write(tmp_path / "a.txt", text))
    assert document.text == text
    ((document,), _) = read(write(tmp_path / "a.jsonl", json.dumps({"text": text}, ensure_ascii=False)))
    assert document.text == text
    ((document,), _) = read(write(tmp_path / "a.csv", f"document,text\na,{text}\n"))
    assert document.text == text


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_a_name_that_is_not_utf_8_can_be_written(tmp_path: Path) -> None:
    path = write(tmp_path / os.fsdecode("讲话.txt".encode("gb18030")), "甲")
    ((document,), _) = read(path)
    assert document.id == f"{tmp_path}/\\xbd\\xb2\\xbb\\xb0.txt"


def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ROW.encode())))
    ((document,), _) = read(Path("-"), input_format="jsonl")
    assert document.id == "a"
    assert read(Path("-")) == ([], ["-: standard input is closed, or was read already"])


def found(*paths: Path) -> tuple[list[str], list[str]]:
    """The names of the files that are found, and the faults."""
    items = list(find_files(paths))
    return (
        [item.name for item in items if isinstance(item, Path)],
        [str(item) for item in items if isinstance(item, Fault)],
    )


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("c.txt", "a.txt", "b/d.txt", ".hidden", "x.jsonl.part", "x.jsonl.part.progress"):
        write(tmp_path / name, "甲")
    assert found(tmp_path) == (["a.txt", "d.txt", "c.txt"], [])


def test_a_folder_without_files_is_a_fault(tmp_path: Path) -> None:
    assert found(tmp_path) == ([], [f"{tmp_path}: the folder holds no file"])


def test_globs(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/b.txt", "a.txt", "[1].txt"):
        write(tmp_path / name, "甲")
    assert found(tmp_path / "**" / "*.txt") == (["[1].txt", "a.txt", "b.txt"], [])
    assert found(tmp_path / "[1].txt") == (["[1].txt"], [])
    assert found(tmp_path / "**x") == ([], [f"{tmp_path}/**x: matches no file"])


def test_links_that_lead_nowhere_are_faults_and_the_rest_is_found(tmp_path: Path) -> None:
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "none")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "above").symlink_to(tmp_path)
    write(tmp_path / "a.txt", "甲")
    names, faults = found(tmp_path)
    assert names == ["a.txt", "dangling.txt", "loop"]
    assert faults == [f"{tmp_path}/above: is a link to a folder that holds it"]
    assert read(tmp_path / "dangling.txt")[1] == [f"{tmp_path}/dangling.txt: No such file or directory"]
    assert "symbolic links" in read(tmp_path / "loop")[1][0]
    assert found(tmp_path / "loop", tmp_path / "a.txt") == (["loop", "a.txt"], [])


def test_a_folder_that_may_not_be_read_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    write(tmp_path / "a.txt", "甲")
    listing = Path.iterdir

    def refusing(folder: Path) -> object:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(Path, "iterdir", refusing)
    assert found(tmp_path) == (["a.txt"], [f"{tmp_path}/closed: Permission denied"])


def test_a_name_that_is_too_long_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "甲")
    names, faults = found(Path("讲" * 1000), tmp_path / "a.txt")
    assert names == ["a.txt"]
    assert faults[0].endswith("File name too long")


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path / "pipe") == (["pipe"], [])


@pytest.mark.parametrize(
    "name", ["a.txt", "a.jsonl", "a.csv", "a.tsv", "a.parquet", "a.txt.gz", "a.csv.xz", "a.jsonl.zst"]
)
@given(data=st.binary() | st.text('{}[]",:\\\r\n\t甲a1\ufeff', max_size=80).map(str.encode))
@settings(max_examples=60)
def test_whatever_the_bytes_reading_ends_in_documents_and_faults(
    name: str, data: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / name
    for content in (
        data,
        b"document,text\n" + data,
        b"document\ttext\n" + data,
        b'{"text": "' + data + b'"}\n',
    ):
        _, faults = read(write(path, content))
        assert all(fault.startswith(str(path)) and "\n" not in fault for fault in faults)


def test_short_words_in_gb18030_are_not_taken_for_utf8(tmp_path: Path) -> None:
    """目录 alone is valid UTF-8 of two other letters; the rows behind it tell what it is."""
    path = tmp_path / "a.csv"
    rows = "document,text\nd1,目录\nd1,摘要\nd1,今天在村口开会讲三件事\nd1,通知\n"
    path.write_bytes(rows.encode("gb18030"))
    (document,) = read_documents(path)
    assert isinstance(document, Document)
    assert [line.text for line in document.lines] == ["目录", "摘要", "今天在村口开会讲三件事", "通知"]


def test_a_field_may_be_called_document(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"document": "今天开会"}\n', encoding="utf-8")
    (document,) = read_documents(path, text_field="document")
    assert isinstance(document, Document)
    assert document.text == "今天开会"
