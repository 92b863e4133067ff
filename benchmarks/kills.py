"""Whether a run that is killed and resumed ends with the very file of an unbroken one.

    python benchmarks/kills.py                # 20 kills at random moments, 400 documents
    python benchmarks/kills.py --workers 1

Each time `hanline classify --output OUT.jsonl` is killed (SIGKILL, every other time its workers too) at a moment drawn from the time
that an unbroken run takes, started again with `--resume`, and its output compared byte by byte. Exit code 1 if one differs.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hanline.data.corpus_files import corpus_files
from hanline.data.document import Document
from hanline.data.reading import read_documents
from hanline.data.synthesis.build import BuildSettings, build
from hanline.data.writing import document_writer


def write_documents(file: Path, count: int) -> None:
    """Documents of the corpus, damaged and recombined."""
    written = [
        item for path in corpus_files("all") for item in read_documents(path) if isinstance(item, Document)
    ]
    with file.open("wb") as stream:
        writer = document_writer("jsonl", stream)
        for document in build(written, BuildSettings(documents=count, seed=7)):
            writer.write(document)
        writer.close()


def main() -> None:
    """Kill, resume, compare."""
    parser = argparse.ArgumentParser(description="Kill, resume, compare.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--documents", type=int, default=400)
    arguments, options = parser.parse_known_args()
    draw, different = random.Random(11), 0
    with tempfile.TemporaryDirectory() as folder:
        source, whole, out = (Path(folder) / name for name in ("in.jsonl", "whole.jsonl", "out.jsonl"))
        write_documents(source, arguments.documents)
        command = [sys.executable, "-m", "hanline.cli", "classify", str(source), *options, "-o"]
        start = time.perf_counter()
        subprocess.run([*command, str(whole)], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        for number in range(arguments.kills):
            moment = draw.uniform(0.2, seconds)
            process = subprocess.Popen(
                [*command, str(out)],
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(moment)
            if number % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()  # the workers find out by themselves
            process.wait()
            noted = Path(f"{out}.part.progress")
            state = noted.read_text(encoding="utf-8") if noted.exists() else "nothing noted"
            if not out.exists():
                subprocess.run([*command, str(out), "--resume"], check=True, capture_output=True)
            same = out.read_bytes() == whole.read_bytes()
            different += not same
            print(
                f"{number + 1:3} killed after {moment:5.2f} of {seconds:.2f} s, {state}: {'same' if same else 'DIFFERENT'}"
            )
            out.unlink()
    print(f"{arguments.kills - different} of {arguments.kills} outputs are the same")
    sys.exit(int(different > 0))


if __name__ == "__main__":
    main()
