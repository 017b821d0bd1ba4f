"""The layer check: it accepts the project, and names a planted upward import or circle."""

from __future__ import annotations

import shutil
from pathlib import Path

import layers
import pytest


@pytest.mark.parametrize("root_file", layers.TREES)
def test_imports_run_downwards(root_file: str) -> None:
    """Every tree of the project keeps to the order that it states."""
    assert faults_of(layers.ROOT / root_file) == []


@pytest.fixture
def core(tmp_path: Path) -> Path:
    """A copy of the core crate."""
    shutil.copytree(layers.ROOT / "core/src", tmp_path / "src")
    return tmp_path / "src"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the Python package."""
    shutil.copytree(layers.ROOT / "python/descope_ml", tmp_path / "descope_ml")
    return tmp_path / "descope_ml"


def faults_of(root_file: Path) -> list[str]:
    """What the check says of a tree."""
    return list(layers.Tree(root_file).faults())


PLANTED = "fn planted() { crate::client::Client::new(); }"


def plant(file: Path, line: str) -> None:
    """Adds a line at the start of a file."""
    file.write_text(f"{line}\n{file.read_text()}")


@pytest.mark.parametrize(
    "line",
    [
        "use crate::client::Client;",
        "use crate::{client::Client, error::Error};",
        "pub(crate) use crate::client::Client;",
        PLANTED,
    ],
)
def test_an_upward_import_in_rust_is_named(core: Path, line: str) -> None:
    """The fault names both files, however the import is written."""
    plant(core / "http/parser.rs", line)
    faults = faults_of(core / "lib.rs")
    expected = "http/parser.rs imports from"
    assert any(expected in fault and "client/mod.rs" in fault for fault in faults)


def test_an_upward_import_at_the_end_of_any_file_is_named(core: Path) -> None:
    """No literal, comment or test module of the core crate hides the code after it."""
    lower = {
        path
        for module, path in layers.Tree(core / "lib.rs").modules.items()
        if module[0] not in {"client", "fuzzing"}
    }
    for file in lower:
        file.write_text(f"{file.read_text()}\n{PLANTED}\n")
    faults = faults_of(core / "lib.rs")
    named = {fault.split()[0] for fault in faults if "client/mod.rs, which is above" in fault}
    assert named == set(map(str, lower))


LITERALS_AND_COMMENTS = [
    'const A: &str = "https://{}";',
    'const A: &str = "a \\" {} \\\\";',
    'const A: &str = "\\\n    {}\n}\n";',
    'const A: &str = r"{} \\";',
    'const A: &str = r#"{"a": "{} // use b; /*"}"#;',
    'const A: &[u8] = br##"{} "# "##;',
    "const A: [char; 4] = ['\"', '\\'', '\\u{22}', '/']; // {}",
    "const A: u8 = b'\"'; // {}",
    "fn a<'a>(b: &'a str) -> &'a str { b } // don't {}",
    '/* " {} */',
    "/// It's `\"`: {}",
]


@pytest.mark.parametrize("line", LITERALS_AND_COMMENTS)
def test_literals_and_comments_are_no_imports_and_hide_none(core: Path, line: str) -> None:
    """Quotes and slashes in one literal or comment do not reach the code after it."""
    file = core / "http/parser.rs"
    original = file.read_text()
    with_path = line.replace("{}", "crate::client::Client;")
    file.write_text(f"{original}\n{with_path}\n")
    assert faults_of(core / "lib.rs") == []
    file.write_text(f"{original}\n{with_path}\n{PLANTED}\n")
    assert any("http/parser.rs imports from" in fault for fault in faults_of(core / "lib.rs"))


def test_an_upward_reexport_in_rust_is_named(core: Path) -> None:
    """It is a fault of the file that re-exports, whether or not another file uses it."""
    plant(core / "http/mod.rs", "pub(crate) use crate::client::Client;")
    assert any(
        "http/mod.rs imports from" in fault and "client/mod.rs" in fault
        for fault in faults_of(core / "lib.rs")
    )


def test_a_circle_inside_a_folder_is_named(core: Path) -> None:
    """Files of one folder may not import each other in a circle."""
    plant(core / "json/value.rs", "use super::object::Object;")
    faults = faults_of(core / "lib.rs")
    circles = [fault for fault in faults if fault.startswith("a circle of imports")]
    assert any("json/value.rs" in circle for circle in circles)


def test_an_import_in_a_rust_test_module_is_allowed(core: Path) -> None:
    """Tests may use layers above."""
    file = core / "status.rs"
    planted = "use super::*;\n    use crate::Client;"
    file.write_text(file.read_text().replace("use super::*;", planted))
    assert faults_of(core / "lib.rs") == []


def test_a_module_without_a_layer_is_named(core: Path) -> None:
    """A new folder needs a row in the list of layers."""
    (core / "planted.rs").write_text("//! Nothing.\n")
    faults = faults_of(core / "lib.rs")
    assert any("`planted` is in no layer" in fault for fault in faults)


def test_a_circle_in_python_is_named(package: Path) -> None:
    """An import inside a function counts as well."""
    errors = package / "errors.py"
    planted = (
        "def planted() -> None:\n    from descope_ml.client import DescopeClient  # noqa: F401\n"
    )
    errors.write_text(f"{errors.read_text()}\n\n{planted}")
    faults = faults_of(package / "__init__.py")
    assert any("errors.py imports from" in fault and "client.py" in fault for fault in faults)
    assert any(fault.startswith("a circle of imports") and "errors.py" in fault for fault in faults)


@pytest.mark.parametrize(
    "line",
    [
        "from descope_ml import DescopeClient",
        "from descope_ml import DescopeClient as Client",
        "from . import DescopeClient",
        "from descope_ml import *",
    ],
)
def test_an_import_of_a_reexported_name_in_python_is_named(package: Path, line: str) -> None:
    """The package's `__init__.py` has the name, but the import is one of the defining file."""
    errors = package / "errors.py"
    errors.write_text(f"{errors.read_text()}\n\n{line}\n")
    faults = faults_of(package / "__init__.py")
    assert any("errors.py imports from" in fault and "client.py" in fault for fault in faults)


def test_an_import_of_a_name_from_below_in_python_is_allowed(package: Path) -> None:
    """Through the package's `__init__.py` as well."""
    results = package / "results.py"
    planted = "from descope_ml import DeliveryMethod, DescopeError, __version__"
    results.write_text(f"{results.read_text()}\n\n{planted}\n")
    assert faults_of(package / "__init__.py") == []
