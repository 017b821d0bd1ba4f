"""Checks that imports run downwards: `python tests/layers.py`, part of `make lint`.

Each tree states its layers once, from the top, in the comment of its root file. The block begins
with the word "Layers" and has one row per layer, with one or more modules:

    //! Layers, from the top. A module imports only from layers below its own.
    //!
    //! - `client`: settings, projects, calls
    //! - `error`, `status`: what every layer reports

A module is a file or a folder next to the root file. It may import from any layer below its own,
not from one above, and not from another module of its own layer. No two files may import each other
in a circle, inside a folder either. Tests inside Rust files do not count. Neither does it count if
a Rust module re-exports a name of its own children, or the root file any name: an import of a
re-exported name counts as an import of the file that defines it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ROW = re.compile(r"^\s*(?://!|#)?\s*- ((?:`\w+`(?:, )?)+)", re.MULTILINE)
LAYERS = re.compile(r"^\s*(?://!|#)\s*Layers\b.*\n(?:\s*(?://!|#).*\n)+", re.MULTILINE)
# Comments and literals, found in one pass: each of them can contain the start of another one. A
# lifetime (`'a`) is no literal: it has no second quote.
RUST_COMMENT_OR_LITERAL = re.compile(
    r"""
    //[^\n]*
    | /\*.*?\*/
    | \b(?:r|br|cr)(?P<hashes>\#*)".*?"(?P=hashes)
    | "[^"\\]*(?:\\.[^"\\]*)*"
    | '(?:[^'\\\n]|\\(?:u\{\w+\}|x\w\w|.))'
    """,
    re.VERBOSE | re.DOTALL,
)
# To the brace that rustfmt puts at the start of a line.
RUST_TESTS = re.compile(
    r"^#\[cfg\(test\)\]\n(?:#\[.*\]\n)*(?:pub\S* )?mod \w+ \{(?:\n(?:[^}\n].*)?)*\n\}", re.MULTILINE
)
RUST_USE = re.compile(r"\b(pub(?:\([^)]*\))? )?use ([^;]+);")
RUST_PATH = re.compile(r"(?<![\w:$])((?:crate|super|self)(?:::\w+)+)")

Module = tuple[str, ...]


@dataclass(frozen=True)
class Import:
    """One import: the importing file and the imported file."""

    importer: Module
    imported: Module


class Tree:
    """A crate or package: its modules, the layers that its root file states, and its imports."""

    def __init__(self, root_file: Path) -> None:
        """Reads all source files in the folder of the root file."""
        self.root_file = root_file
        self.folder = root_file.parent
        self.is_rust = root_file.suffix == ".rs"
        self.modules = dict(self._modules())
        self.imports = set(self._rust_imports() if self.is_rust else self._python_imports())

    def _modules(self) -> Iterator[tuple[Module, Path]]:
        for path in sorted(self.folder.rglob("*.rs" if self.is_rust else "*.py")):
            parts = path.relative_to(self.folder).with_suffix("").parts
            if "tests" in parts or path == self.root_file or path.name == "main.rs":
                continue
            yield (parts[:-1] if parts[-1] in {"mod", "__init__"} else parts), path

    def layers(self) -> dict[str, int]:
        """The number of the layer of each top-level module; 0 is the top."""
        block = LAYERS.search(self.root_file.read_text())
        rows = ROW.findall(block.group()) if block else []
        return {name: at for at, row in enumerate(rows) for name in re.findall(r"\w+", row)}

    def faults(self) -> Iterator[str]:
        """The violations, one sentence each."""
        layers = self.layers()
        name = (
            self.root_file.relative_to(ROOT)
            if self.root_file.is_relative_to(ROOT)
            else self.root_file
        )
        if not layers:
            yield f"{name} states no layers"
            return
        tops = {module[0] for module in self.modules}
        for missing in sorted(tops - set(layers)):
            yield f"{name}: `{missing}` is in no layer"
        for unknown in sorted(set(layers) - tops):
            yield f"{name}: the layers name `{unknown}`, which does not exist"
        for one in sorted(self.imports, key=str):
            upper, lower = layers.get(one.importer[0]), layers.get(one.imported[0])
            if one.importer[0] == one.imported[0] or upper is None or lower is None:
                continue
            if upper >= lower:
                importer, imported = self._show(one.importer), self._show(one.imported)
                where = "above it" if upper > lower else "in the same layer"
                yield f"{importer} imports from {imported}, which is {where}"
        for circle in self._circles():
            yield "a circle of imports: " + " -> ".join(map(self._show, [*circle, circle[0]]))

    def _show(self, module: Module) -> str:
        path = self.modules[module]
        return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)

    def _circles(self) -> Iterator[list[Module]]:
        edges: dict[Module, set[Module]] = {}
        for one in self.imports:
            edges.setdefault(one.importer, set()).add(one.imported)
        done: set[Module] = set()

        def visit(module: Module, path: list[Module]) -> Iterator[list[Module]]:
            if module in path:
                yield path[path.index(module) :]
            elif module not in done:
                for target in sorted(edges.get(module, ())):
                    yield from visit(target, [*path, module])
                done.add(module)

        for module in sorted(edges):
            yield from visit(module, [])

    # Rust

    def _rust_imports(self) -> Iterator[Import]:
        sources = {module: _rust_code(path) for module, path in self.modules.items()}
        is_package = {module: self.modules[module].name == "mod.rs" for module in sources}
        reexports: dict[Module, dict[str, Module]] = {}
        uses: dict[Module, list[Module]] = {}
        sources[()] = _rust_code(self.root_file)
        is_package[()] = True
        for module, source in sources.items():
            base = module if is_package[module] else module[:-1]
            uses[module] = []
            for public, tree in RUST_USE.findall(source):
                for path in _rust_use_tree(tree):
                    full = self._rust_absolute(path, base, module)
                    if full is None:
                        continue
                    if public:
                        reexports.setdefault(module, {})[full[-1]] = full
                        # A child's name that is re-exported and used here is an import as well.
                        is_of_child = full[: len(module)] == module
                        rest = RUST_USE.sub("", source)
                        if is_of_child and not re.search(rf"\b{re.escape(full[-1])}\b", rest):
                            continue
                    uses[module].append(full)
            for written in RUST_PATH.findall(RUST_USE.sub("", source)):
                full = self._rust_absolute(tuple(written.split("::")), base, module)
                if full is not None:
                    uses[module].append(full)
        for module, paths in uses.items():
            if not module:
                continue
            for path in paths:
                target = self._defining_file(path, reexports)
                if target and target != module:
                    yield Import(module, target)

    def _rust_absolute(self, path: Module, base: Module, module: Module) -> Module | None:
        parts = list(path)
        here = list(module)
        if parts[0] == "crate":
            return tuple(parts[1:]) or None
        if parts[0] in {"self", "super"}:
            while parts and parts[0] in {"self", "super"}:
                here = here[:-1] if parts.pop(0) == "super" else here
            return tuple(here + parts) or None
        # A child module, named without `self::`.
        child = (*base, parts[0])
        return (*base, *parts) if base == module and child in self.modules else None

    def _defining_file(
        self, path: Module, reexports: dict[Module, dict[str, Module]]
    ) -> Module | None:
        """The file that defines the item of a path, also through re-exports."""
        for _ in range(5):
            for length in range(len(path), -1, -1):
                prefix, rest = path[:length], path[length:]
                if prefix and prefix not in self.modules:
                    continue
                onward = reexports.get(prefix, {}).get(rest[0]) if rest else None
                if onward is None:
                    return prefix or None
                path = (*onward, *rest[1:])
                break
        return None

    # Python

    def _python_imports(self) -> Iterator[Import]:
        packages = {m: path for m, path in self.modules.items() if path.name == "__init__.py"}
        packages[()] = self.root_file
        reexports = {
            package: {name: target for name, target in self._python_names(path, package) if name}
            for package, path in packages.items()
        }
        for module, path in self.modules.items():
            package = module if module in packages else module[:-1]
            for name, imported in self._python_names(path, package):
                every = reexports.get(imported[:-1], {}).values() if name == "*" else ()
                for target in (imported, *every):
                    file = self._defining_file(target, reexports)
                    if file and file != module:
                        yield Import(module, file)

    def _python_names(self, path: Path, package: Module) -> Iterator[tuple[str, Module]]:
        """The names that a file imports from its package, each with what it stands for."""
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first, *rest = alias.name.split(".")
                    if first == self.folder.name and rest:
                        yield alias.asname or "", tuple(rest)
            elif (
                isinstance(node, ast.ImportFrom)
                and (start := self._python_start(node, package)) is not None
            ):
                for alias in node.names:
                    yield alias.asname or alias.name, (*start, alias.name)

    def _python_start(self, node: ast.ImportFrom, package: Module) -> Module | None:
        """The module inside the package that `from … import` names; None for another package's."""
        named = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            return (*package[: len(package) - node.level + 1], *named)
        return named[1:] if named and named[0] == self.folder.name else None


def _rust_code(path: Path) -> str:
    """The code of a file without comments, tests and the content of literals."""
    code = RUST_COMMENT_OR_LITERAL.sub(_without_content, path.read_text())
    return RUST_TESTS.sub("", code)


def _without_content(found: re.Match[str]) -> str:
    return " " if found.group().startswith("/") else '""'


def _rust_use_tree(tree: str) -> Iterator[Module]:
    """The paths of a `use`: `a::{b, c::d}` is `a::b` and `a::c::d`."""
    tree = re.sub(r"\s+as\s+\w+", "", re.sub(r"\s+", " ", tree)).strip()
    if "{" not in tree:
        parts = tuple(
            part.strip() for part in tree.split("::") if part.strip() not in {"", "*", "self"}
        )
        if parts and tree.startswith("self::"):
            parts = ("self", *parts)
        if parts:
            yield parts
        return
    prefix, rest = tree.split("{", 1)
    depth, start = 0, 0
    inner = rest[: rest.rindex("}")]
    for at, char in enumerate([*inner, ","]):
        if char == "," and depth == 0:
            part = inner[start:at].strip()
            if part:
                yield from _rust_use_tree(prefix.strip() + part)
            start = at + 1
        depth += {"{": 1, "}": -1}.get(char, 0)


TREES = [
    "core/src/lib.rs",
    "emulator/src/lib.rs",
    "ffi/src/lib.rs",
    "benches/server/src/main.rs",
    "benches/bench/__init__.py",
    "python/src/lib.rs",
    "python/descope_ml/__init__.py",
]


def main(arguments: list[str]) -> int:
    """Checks the given root files, or those of the project."""
    roots = [Path(argument).resolve() for argument in arguments] or [ROOT / tree for tree in TREES]
    faults = [fault for root in roots for fault in Tree(root).faults()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
