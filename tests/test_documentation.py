"""The code of the first steps is tested; the Python reference has every public name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from support.programs import ROOT

PAGES = sorted((ROOT / "docs/start").glob("*.md"))
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.M | re.S)


def lines(text: str) -> str:
    """The lines of a text without their indentation, each between line ends."""
    return "\n" + "".join(f"{line.strip()}\n" for line in text.splitlines())


def programs(language: str) -> list[str]:
    """The texts that a block of a language may come from."""
    readme = (ROOT / "README.md").read_text()
    blocks = [block["code"] for block in BLOCK.finditer(readme) if block["language"] == language]
    if language == "rust":  # A test of the documentation compiles it, with the lines that it hides.
        crate = (ROOT / "core/src/lib.rs").read_text()
        return [re.sub(r"^//! ?(?:# ?)?", "", crate, flags=re.M)]
    if language == "sh":
        # The README says of C++ only in what it differs.
        cpp = [block.replace("cc signin.c", "c++ -std=c++17 signin.cpp") for block in blocks]
        return [*blocks, *cpp]
    examples = ROOT / f"examples/{language}"
    # The first program of the README is run by a test, and so are the examples.
    return [blocks[0], *(path.read_text() for path in examples.iterdir() if path.is_file())]


def is_tested(language: str, code: str) -> bool:
    """Whether a block is a part of a program, or each of its commands is one of the README."""
    sources = [lines(source) for source in programs(language)]
    parts = code.splitlines() if language == "sh" else [code]
    return all(any(lines(part) in source for source in sources) for part in parts)


def test_there_is_a_page_for_each_language() -> None:
    assert {page.stem for page in PAGES} == {"c", "cpp", "python", "rust"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_the_first_steps_is_tested(page: Path) -> None:
    text = page.read_text()
    blocks = list(BLOCK.finditer(text))
    assert len(blocks) == text.count("```") / 2
    languages = {block["language"] for block in blocks}
    assert languages == {page.stem, "sh"}
    for block in blocks:
        assert is_tested(block["language"], block["code"]), block["code"]


def exported(module: str) -> list[str]:
    """The public names of a module, with the name of the module before them."""
    path = ROOT / "python" / module.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    (names,) = re.findall(r"^__all__ = (\[.*?\])", source.read_text(), re.M | re.S)
    return [f"{module}.{name}" for name in ast.literal_eval(names)]


def test_the_python_reference_has_every_public_name() -> None:
    page = (ROOT / "docs/python-reference.md").read_text()
    listed = re.findall(r"^::: (\S+)$", page, re.M)
    parts = ["fastapi", "flask", "django", "rest_framework", "starlette", "testing"]
    modules = ["descope_ml", *(f"descope_ml.{part}" for part in parts)]
    names = [name for module in modules for name in exported(module)]
    assert len(listed) == len(set(listed))
    assert set(names) - set(listed) == set()
