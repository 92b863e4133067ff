"""Running a stream of documents through a function into an output, whatever breaks on the way."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import IO

import typer

from hanline.cli.progress import Progress
from hanline.data.document import Document
from hanline.data.errors import HanlineError
from hanline.data.reading import Fault, find_files, read_documents
from hanline.data.streams import COMPRESSIONS
from hanline.data.writing import DocumentWriter, ResumableFile, naming, whole_file

Transform = Callable[[Iterable[Document]], Iterator[list[Document]]]
"""Labels a stream of documents; the results come in order, in the chunks that were labelled together."""

MakeWriter = Callable[[IO[bytes], bool], DocumentWriter]
"""Makes a writer for a stream; the flag says whether the stream goes on from an interrupted run."""


@dataclass
class Batch:
    """The documents of a command line.

    Attributes:
        paths: What the user named.
        input_format: One of `hanline.data.reading.FORMATS`, or None.
        text_field: Field of the text in rows of one document each.
        progress: Whether to show a bar on stderr, if a person looks.
        faults: Number of faults met so far; each was named on stderr.
    """

    paths: Sequence[Path]
    input_format: str | None = None
    text_field: str = "text"
    progress: bool = True
    faults: int = field(default=0, init=False)

    def documents(self, *, skip: int = 0, files: deque[Path] | None = None) -> Iterator[Document]:
        """Read the documents in order; name each fault and go on.

        Args:
            skip: Documents to leave out at the beginning.
            files: Gets the file of each document that is yielded.
        """
        with Progress(self.progress) as progress:
            for found in find_files(self.paths):
                items: Iterable[Document | Fault] = [found] if isinstance(found, Fault) else self._read(found)
                for item in items:
                    if isinstance(item, Fault):
                        self.fault(item)
                    elif skip:
                        skip -= 1
                    else:
                        if files is not None and isinstance(found, Path):
                            files.append(found)
                        progress.advance(item)
                        yield item

    def _read(self, path: Path) -> Iterator[Document | Fault]:
        return read_documents(path, input_format=self.input_format, text_field=self.text_field)

    def fault(self, fault: Fault | str) -> None:
        """Name a fault on stderr and count it."""
        self.faults += 1
        typer.echo(f"error: {fault}", err=True)

    def finish(self) -> None:
        """End the command with 1 if there was a fault."""
        if self.faults:
            raise typer.Exit(1)


@dataclass(frozen=True)
class Target:
    """Where results go.

    Attributes:
        path: A file or a folder; None for standard output.
        folder: Whether it is a folder: an existing one, or a name that ends with a slash.
    """

    path: Path | None
    folder: bool

    @classmethod
    def of(cls, output: str | None, *, resume: bool) -> Target:
        """Read what the user gave as --output.

        Raises:
            typer.BadParameter: If there is nothing there to resume, or its name asks for a compression.
        """
        if output in (None, "-"):
            if resume:
                raise typer.BadParameter("--resume needs an --output")
            return cls(None, False)
        path, folder = Path(str(output)), str(output).endswith("/") or Path(str(output)).is_dir()
        if path.suffix.lower() in COMPRESSIONS and not folder:
            raise typer.BadParameter(f"results are written uncompressed; leave {path.suffix} out of {path}")
        return cls(path, folder)


def run(
    batch: Batch,
    transform: Transform,
    make_writer: MakeWriter,
    target: Target,
    *,
    suffix: str = "",
    resume: bool = False,
) -> None:
    """Send every document through `transform` and write the results in order.

    Args:
        transform: Labels the documents.
        make_writer: Makes the writer of a stream.
        target: Where the results go.
        suffix: Suffix of the files in a folder.
        resume: Go on from an interrupted run.
    """
    try:
        if target.path is None:
            _run_to_stdout(batch, transform, make_writer)
        elif target.folder:
            _run_into_folder(batch, transform, make_writer, target.path, suffix, resume=resume)
        else:
            _run_into_file(batch, transform, make_writer, target.path, resume=resume)
    except KeyboardInterrupt:
        hint = "" if target.path is None else "; go on with --resume"
        typer.echo(f"error: interrupted{hint}", err=True)
        raise typer.Exit(130) from None


def _run_to_stdout(batch: Batch, transform: Transform, make_writer: MakeWriter) -> None:
    batch.progress = not sys.stdout.isatty()
    with naming("standard output"):
        writer = make_writer(sys.stdout.buffer, False)
        for chunk in transform(batch.documents()):
            for document in chunk:
                writer.write(document)
            sys.stdout.buffer.flush()
        writer.close()
        sys.stdout.buffer.flush()


def _run_into_file(
    batch: Batch, transform: Transform, make_writer: MakeWriter, output: Path, *, resume: bool
) -> None:
    with naming(output), ResumableFile(output, resume=resume) as file:
        writer = make_writer(file.stream, file.documents > 0)
        for chunk in transform(batch.documents(skip=file.documents)):
            for document in chunk:
                writer.write(document)
            file.written += len(chunk)
            file.note()  # going on from the end of a chunk, the same documents are read together again
        writer.close()
        if batch.faults and not file.written:
            batch.finish()


def _run_into_folder(
    batch: Batch, transform: Transform, make_writer: MakeWriter, output: Path, suffix: str, *, resume: bool
) -> None:
    names = output_names(batch, output, suffix)
    waiting: deque[Path] = deque()
    todo = replace(batch, paths=[path for path in names if not (resume and names[path].exists())])
    results = chain.from_iterable(transform(todo.documents(files=waiting)))
    document = next(results, None)
    while document is not None:
        path = waiting[0]
        with whole_file(names[path]) as stream:
            writer = make_writer(stream, False)
            while document is not None and waiting and waiting[0] == path:
                waiting.popleft()
                writer.write(document)
                document = next(results, None)
            writer.close()
    batch.faults += todo.faults


def output_names(batch: Batch, output: Path, suffix: str) -> dict[Path, Path]:
    """Where the results of each file go: its name below the folder that was named, and a suffix.

    Raises:
        HanlineError: If two files would be written to one.
    """
    names: dict[Path, Path] = {}
    taken: dict[Path, Path] = {}
    for root in batch.paths:
        for found in find_files([root]):
            if isinstance(found, Fault):
                batch.fault(found)
                continue
            if found in names:
                continue
            name = found.relative_to(root) if root.is_dir() else Path(found.name)
            target = output / (str(name) + suffix)
            if target in taken:
                raise HanlineError(
                    f"{taken[target]} and {found} would both be written to {target}",
                    hint="name the folder that holds both",
                )
            names[found], taken[target] = target, found
    return names
