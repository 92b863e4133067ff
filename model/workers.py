"""Several processes that label chunks of documents side by side."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING, Any

from hanline.data.document import Document
from hanline.data.errors import HanlineError

if TYPE_CHECKING:
    from hanline.model.classifier import LineClassifier

AHEAD = 2
"""Chunks under way a worker; bounds the memory whatever the input."""

_classifier: LineClassifier | HanlineError | None = None


def label_in_workers(
    chunks: Iterable[list[Document]], *, options: Mapping[str, Any], workers: int, segments: bool
) -> Iterator[list[Document]]:
    """Label chunks of documents in processes of their own; the results come in order, each as soon as it can.

    Args:
        options: Arguments of `LineClassifier.load` in each worker.
        workers: Number of processes.

    Raises:
        HanlineError: If a worker cannot load the model, or dies.
    """
    chunks = iter(chunks)
    if (first := next(chunks, [])) == []:
        return  # no process is started for nothing
    waiting: deque[Future[list[Document]]] = deque()
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_load, initargs=(dict(options),))
    try:
        for chunk in chain([first], chunks):
            waiting.append(pool.submit(_label, chunk, segments))
            while waiting and (len(waiting) >= AHEAD * workers or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise HanlineError("a worker process died", hint="try --workers 1, or more memory") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _load(options: Mapping[str, Any]) -> None:
    """Make this process a worker: its own model, and interrupts left to the process that asked."""
    global _classifier
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    from hanline.model.classifier import LineClassifier

    try:
        _classifier = LineClassifier.load(**options)
    except HanlineError as error:  # raised where it can be named: in the first chunk
        _classifier = error


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _label(chunk: list[Document], segments: bool) -> list[Document]:
    if isinstance(_classifier, HanlineError):
        raise _classifier
    assert _classifier is not None
    return _classifier.classify_chunk(chunk, segments=segments)
