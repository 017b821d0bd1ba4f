"""Describes the ABI of a library with libabigail, limited to what callers can see."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

from support.artefacts import tool

# Types that callers only use through a pointer. Their members are not part of the ABI.
OPAQUE = ("class-decl", "union-decl")


def describe_abi(library: Path) -> str:
    """The exported functions with their parameter and return types, as input for `abidiff`.

    The debugging information of a Rust library has every internal type and the directories of the
    build machine. Callers see none of that, so only symbols, signatures and sizes are kept.
    """
    command = [tool("abidw"), "--no-show-locs", "--no-corpus-path", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    corpus = ET.fromstring(done.stdout)
    symbols = corpus.find("elf-function-symbols")
    assert symbols is not None
    names = {symbol.attrib["name"] for symbol in symbols}
    functions = [
        function
        for function in corpus.iter("function-decl")
        if function.attrib.get("elf-symbol-id") in names
    ]
    functions.sort(key=lambda function: function.attrib["name"])
    known = {element.attrib["id"]: element for element in corpus.iter() if "id" in element.attrib}
    types: dict[str, ET.Element] = {}
    for function in functions:
        _collect(function, known, types)
    kept = ET.Element(corpus.tag, {**corpus.attrib, "path": "libdescope_ml.so"})
    kept.append(symbols)
    unit = ET.SubElement(
        kept, "abi-instr", {"address-size": "64", "path": "ffi", "language": "LANG_C"}
    )
    # New numbers for the types, so that the text changes only if the ABI changes.
    numbers = {old: f"type-id-{number}" for number, old in enumerate(types, 1)}
    for element in (*types.values(), *functions):
        for part in element.iter():
            for key in ("id", "type-id"):
                if part.attrib.get(key) in numbers:
                    part.attrib[key] = numbers[part.attrib[key]]
        unit.append(element)
    ET.indent(kept)
    return ET.tostring(kept, encoding="unicode") + "\n"


def _collect(
    element: ET.Element, known: dict[str, ET.Element], types: dict[str, ET.Element]
) -> None:
    """Adds the types that an element refers to, directly or through other types."""
    for part in element.iter():
        name = part.attrib.get("type-id", "")
        if name and name not in types:
            found = known[name]
            if found.tag in OPAQUE:
                about = {key: found.attrib[key] for key in ("name", "is-struct", "id")}
                found = ET.Element(found.tag, {**about, "is-declaration-only": "yes"})
            types[name] = found
            _collect(found, known, types)
