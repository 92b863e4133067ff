"""Recognising encodings, and giving every byte back."""

import codecs
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hanline.data.document import Document
from hanline.data.encoding import ENCODINGS, decode, decode_lines, encode
from hanline.data.errors import HanlineError
from hanline.data.reading import read_documents

CHINESE = "在全县动员会上的讲话\n\n同志们：\n　　今天开会，讲三件事。"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_file_is_written_back_byte_for_byte(encoding: str, ending: str, tmp_path: Path) -> None:
    data = encode(CHINESE.replace("\n", ending), encoding)
    file, copy = tmp_path / "a.txt", BytesIO()
    file.write_bytes(data)
    (document,) = read_documents(file)
    assert isinstance(document, Document)
    assert document.encoding == encoding
    copy.write(encode(document.text, document.encoding))
    assert copy.getvalue() == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@given(text=TEXT)
def test_what_is_encoded_is_recognised(encoding: str, text: str) -> None:
    assume(encoding != "utf-8" or not text.startswith("\ufeff"))
    assert decode(encode(text, encoding)) == (text, encoding)


@given(st.binary() | TEXT.map(lambda text: text.encode("gb18030")))
def test_bytes_are_refused_or_given_back(data: bytes) -> None:
    try:
        text, encoding = decode(data)
    except HanlineError:
        assume(False)
    assert encode(text, encoding) == data


def test_an_empty_file_is_an_empty_text() -> None:
    assert decode(b"") == ("", "utf-8")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "looks like a binary file"),
        ("\u7532".encode("utf-16-le") + "abc".encode("utf-16-le"), "UTF-16 needs a byte order mark"),
        ("同志们".encode() + b"\xff" + "今天".encode(), "invalid UTF-8 at byte 9"),
        (codecs.BOM_UTF16_LE + b"abc", "not valid UTF-16-LE at byte 4"),
        (codecs.BOM_UTF8 + b"\xff", "not valid UTF-8 at byte 3"),
        (b"\xff\xff\xff", "not valid GB18030 at byte 0"),
    ],
)
def test_what_is_no_text_is_refused_and_says_why(data: bytes, problem: str) -> None:
    with pytest.raises(HanlineError, match=problem):
        decode(data)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rows_are_read_in_every_encoding(encoding: str) -> None:
    assert list(decode_lines(BytesIO(encode("甲乙丙\r\n\u2028丁\n戊", encoding)))) == [
        "甲乙丙\r\n",
        "\u2028丁\n",
        "戊",
    ]


def test_a_damaged_row_costs_no_other() -> None:
    first, damaged, last = decode_lines(BytesIO("甲\n乙乙乙乙".encode() + b"\xff\n" + "丙".encode()))
    assert (first, last) == ("甲\n", "丙")
    assert isinstance(damaged, HanlineError)


def test_a_binary_file_of_rows_is_refused_once() -> None:
    with pytest.raises(HanlineError, match="binary"):
        list(decode_lines(BytesIO(b"\x1f\x8b\x08\0\0\n" * 100)))
