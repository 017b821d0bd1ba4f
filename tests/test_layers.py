"""The layer check: it accepts the project, and names a planted upward import or circle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import layers
import pytest


@pytest.mark.parametrize("root_file", layers.TREES)
def test_imports_run_downwards(root_file: str) -> None:
    """Every tree of the project keeps to the order that it states."""
    assert list(layers.Tree(layers.ROOT / root_file).faults()) == []


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Path]:
    """A copy of the core crate."""
    shutil.copytree(layers.ROOT / "core/src", tmp_path / "src")
    yield tmp_path / "src"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """A copy of the Python package."""
    shutil.copytree(layers.ROOT / "python/descope_ml", tmp_path / "descope_ml")
    yield tmp_path / "descope_ml"


def append(file: Path, line: str) -> None:
    """Plants a line in a file."""
    file.write_text(f"{line}\n{file.read_text()}")


@pytest.mark.parametrize(
    "line",
    [
        "use crate::client::Client;",
        "use crate::{client::Client, error::Error};",
        "fn planted() { crate::client::Client::new(); }",
    ],
)
def test_an_upward_import_in_rust_is_named(core: Path, line: str) -> None:
    """The fault names both files, however the import is written."""
    append(core / "http/parser.rs", line)
    faults = list(layers.Tree(core / "lib.rs").faults())
    assert any("http/parser.rs imports from" in fault and "client/mod.rs" in fault for fault in faults)


def test_a_circle_inside_a_folder_is_named(core: Path) -> None:
    """Files of one folder may not import each other in a circle."""
    append(core / "json/value.rs", "use super::object::Object;")
    faults = list(layers.Tree(core / "lib.rs").faults())
    assert any(fault.startswith("a circle of imports") and "json/value.rs" in fault for fault in faults)


def test_an_import_in_a_rust_test_module_is_allowed(core: Path) -> None:
    """Tests may use layers above."""
    file = core / "status.rs"
    file.write_text(file.read_text().replace("use super::*;", "use super::*;\n    use crate::Client;"))
    assert list(layers.Tree(core / "lib.rs").faults()) == []


def test_a_module_without_a_layer_is_named(core: Path) -> None:
    """A new folder needs a row in the list of layers."""
    (core / "planted.rs").write_text("//! Nothing.\n")
    assert [fault for fault in layers.Tree(core / "lib.rs").faults() if "`planted` is in no layer" in fault]


def test_a_circle_in_python_is_named(package: Path) -> None:
    """An import inside a function counts as well."""
    names = sorted(layers.Tree(package / "__init__.py").layers(), key=len)
    lowest = max(layers.Tree(package / "__init__.py").layers().items(), key=lambda item: item[1])[0]
    highest = min(layers.Tree(package / "__init__.py").layers().items(), key=lambda item: item[1])[0]
    assert names
    low, high = (find(package, name) for name in (lowest, highest))
    append(high, f"from {package.name}.{lowest} import planted as _planted_below")
    low.write_text(f"{low.read_text()}\n\ndef planted() -> None:\n    from . import {highest}\n")
    faults = list(layers.Tree(package / "__init__.py").faults())
    assert any(fault.startswith("a circle of imports") for fault in faults)
    assert any("which is above it" in fault for fault in faults)


def find(package: Path, module: str) -> Path:
    """The file of a top-level module."""
    file = package / f"{module}.py"
    return file if file.exists() else package / module / "__init__.py"
