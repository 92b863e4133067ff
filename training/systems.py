"""What is evaluated: labellers under one interface, the bundled model and the baselines among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from hanline.data.document import LABEL_ID, LABELS, Document, Line
from hanline.model.classifier import LineClassifier

Scores = np.ndarray[Any, np.dtype[np.float32]]


class System(Protocol):
    """Labels documents.

    Attributes:
        name: What the tables call it.
    """

    name: str

    def label(self, documents: Sequence[Document]) -> Iterable[Document]:
        """The documents with its labels, scores and segments, in order."""
        ...


class ModelSystem:
    """A model of hanline."""

    def __init__(self, name: str, classifier: LineClassifier) -> None:
        self.name, self.classifier = name, classifier

    def label(self, documents: Sequence[Document]) -> Iterator[Document]:
        """The documents with the model's labels, scores and segments."""
        return self.classifier.classify_many(documents)


class _LineSystem:
    """A system that scores the non-blank lines of a document and has no segments."""

    name: str

    def scores(self, texts: Sequence[str]) -> Scores:
        raise NotImplementedError

    def label(self, documents: Sequence[Document]) -> Iterator[Document]:
        """The documents with the labels and scores of `scores`."""
        for document in documents:
            lines = list(document.lines)
            at = [index for index, line in enumerate(lines) if not line.blank]
            if at:
                for index, row in zip(at, self.scores([lines[i].text for i in at]), strict=True):
                    best = int(row.argmax())
                    lines[index] = Line(
                        lines[index].text,
                        label=LABELS[best],
                        score=float(row[best]),
                        ending=lines[index].ending,
                    )
            yield document.relabel(lines)


class Majority(_LineSystem):
    """Calls every line what most training lines are."""

    name = "majority"

    def __init__(self, documents: Sequence[Document]) -> None:
        count = np.zeros(len(LABELS), dtype=np.float32)
        for label in _labels(documents):
            count[LABEL_ID[label]] += 1
        self.share = count / count.sum()

    def scores(self, texts: Sequence[str]) -> Scores:
        """The shares of the labels, for every line."""
        return np.tile(self.share, (len(texts), 1))


class TfidfNeighbours(_LineSystem):
    """Logistic regression over TF-IDF of the characters of a line and of its two neighbours."""

    name = "tf-idf"

    def __init__(self, documents: Sequence[Document], *, features: int = 150_000, seed: int = 0) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self.vectorizers = [
            TfidfVectorizer(
                analyzer="char", ngram_range=(1, 3), max_features=features, min_df=2, sublinear_tf=True,
                dtype=np.float32,
            )
            for _ in range(3)
        ]  # fmt: skip
        columns: list[list[str]] = [[], [], []]
        gold: list[str] = []
        for document in documents:
            lines = [line for line in document.lines if not line.blank]
            rows = _neighbours([line.text for line in lines])
            for line, row in zip(lines, rows, strict=True):
                if line.label is not None:
                    gold.append(line.label)
                    for column, text in zip(columns, row, strict=True):
                        column.append(text)
        for vectorizer, column in zip(self.vectorizers, columns, strict=True):
            vectorizer.fit(column)
        self.model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=300, random_state=seed)
        self.model.fit(self._features(columns), [LABEL_ID[label] for label in gold])

    def _features(self, columns: Sequence[Sequence[str]]) -> Any:
        from scipy.sparse import hstack

        parts = [v.transform(column) for v, column in zip(self.vectorizers, columns, strict=True)]
        return hstack(parts).tocsr()

    def scores(self, texts: Sequence[str]) -> Scores:
        """Probabilities, shape (n_lines, n_labels)."""
        table = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        rows = _neighbours(texts)
        table[:, self.model.classes_] = self.model.predict_proba(
            self._features(list(zip(*rows, strict=True)))
        )
        return table


def _neighbours(texts: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each line, shortened, with the one before and the one after it."""
    short = [text[:200] + text[-50:] if len(text) > 250 else text for text in texts]
    padded = ["[TOP]", *short, "[END]"]
    return [(padded[n + 1], padded[n], padded[n + 2]) for n in range(len(short))]


def _labels(documents: Sequence[Document]) -> Iterator[str]:
    return (line.label for document in documents for line in document.lines if line.label is not None)


_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (label, re.compile(pattern))
    for label, pattern in (
        (
            "truncation",
            r"未完|全文共|省略\s*\d+\s*字|隐藏\s*\d*\s*个?字|还剩\s*\d+\s*页|剩余.{0,6}未读|试读|预览(已)?结束|"
            r"点击(展开|阅读|查看)全文|(阅读|展开|余下)全文|以下略|^[.…·\s]{4,}$|本章未完",
        ),
        (
            "ad",
            r"微信|QQ|公众号|扫[一码]|二维码|会员|VIP|下载|版权|转载|收藏|打印|登录|注册|小编|上一[篇章页]|下一[篇章页]|"
            r"相关(阅读|推荐|文章|链接)|推荐阅读|标签[:：]|当前位置|您的位置|首页|浏览|阅读量|点击[:：数]|客服|分享到|"
            r"责任编辑|https?://|www\.|ICP|举报|评论\(|关键词[:：]|字号|copyright|©",
        ),
        (
            "salutation",
            r"^\s*(尊敬的|敬爱的|亲爱的|各位|同志们|老师们|同学们|朋友们|女士们|各).{0,60}[:：，,!！]\s*$",
        ),
        (
            "header",
            r"^\s*[（(]?[二〇○零一二三四五六七八九\dX×]{4}年.{1,8}[日月][）)]?\s*$|〔\d{4}〕|\[\d{4}\].{0,4}号|"
            r"^\s*(来源|作者|时间|发布时间|日期|标题|抄送|附件)\s*[:：]|^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.{0,40}$",
        ),
        (
            "heading",
            r"^\s*(第[一二三四五六七八九十百\d]+[章节编部分篇课]|[一二三四五六七八九十]+[、.．]|[（(][一二三四五六七八九十]+[）)]|"
            r"\d+(\.\d+)*[、.．]|【.{1,12}】|篇[一二三四五六七八九十]|目\s*录)[^。；]{0,40}$",
        ),
    )
)
_TITLE = re.compile(r"^[^。；！？]{4,40}$")


class Rules(_LineSystem):
    """Patterns that a person would write in an hour, tried in order; the first short line is the title."""

    name = "rules"

    def scores(self, texts: Sequence[str]) -> Scores:
        """One for the label that is chosen."""
        table = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        titled = False
        for index, text in enumerate(texts):
            label = self._label(text)
            if label is None and not titled and index < 15 and _TITLE.match(text.strip()):
                label, titled = "header", True
            table[index, LABEL_ID[label or "body"]] = 1.0
        return table

    @staticmethod
    def _label(text: str) -> str | None:
        for label, pattern in _RULES:
            if pattern.search(text) and (label != "ad" or len(text) < 80):
                return label
        return None


def baselines(documents: Sequence[Document]) -> list[System]:
    """The baselines, trained on `documents`."""
    return [Majority(documents), Rules(), TfidfNeighbours(documents)]


def without_labels(document: Document) -> Document:
    """A document as a system gets it: no labels, scores, segments or tags."""
    lines = [replace(line, label=None, score=None, segments=(), tags=()) for line in document.lines]
    return document.relabel(lines)
