"""What the README shows is what happens."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def shown_commands() -> list[tuple[str, str]]:
    """Every command of a console block that is followed by what it prints."""
    found = []
    for kind, text in BLOCKS:
        if kind == "console":
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, flags=re.MULTILINE):
                if output:
                    found.append((command, output))
    return found


@pytest.mark.parametrize(("command", "output"), shown_commands(), ids=lambda text: text[:30])
def test_a_command_prints_what_the_readme_shows(command: str, output: str) -> None:
    command = command.removeprefix("pip install . && ")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        env=os.environ | {"PATH": path},
    )
    assert result.stdout == output


def test_some_output_is_shown() -> None:
    assert len(shown_commands()) >= 2


def test_the_python_block_runs() -> None:
    code = next(text for kind, text in BLOCKS if kind == "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the code is ours, and running it is the test


def test_every_command_exists() -> None:
    from typer.main import get_command

    from hanline.cli.main import cli

    known = get_command(cli).commands  # type: ignore[attr-defined]
    shown = set(re.findall(r"`hanline (\w+)", README)) | {
        shlex.split(line)[2]
        for kind, text in BLOCKS
        if kind == "console"
        for line in text.splitlines()
        if line.startswith("$ hanline ")
    }
    assert shown - {"COMMAND"} == set(known)


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)", README)
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_every_recipe_it_names_exists() -> None:
    for name in re.findall(r"hanline (?:train|pretrain) ([\w-]+)", README):
        assert name == "RECIPE" or (ROOT / "configs" / f"{name}.yaml").is_file()
