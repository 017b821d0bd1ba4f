"""Prints include/descope_ml.h with its comments in Doxygen's terms. Doxygen runs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

# A comment of the header. The first one is its manual; the others document what follows them.
_COMMENT = re.compile(r"^/\*\*?\n(?P<text>.*?)^ \*/$", re.M | re.S)
_HEADING = re.compile(r"^[A-Z][A-Z ]{3,}\b")
_PARAMETER = re.compile(r"(?P<name>[a-z_]+) {2,}(?P<text>\S.*)")
_NAME = re.compile(r"\b(?:descope|DESCOPE)_\w+\b")
# What the header says once for all operations, and what it leaves to the name.
_STATUS = r"\return \ref DESCOPE_OK or any other status, see OPERATIONS on the main page"
_ADDED = {
    "descope_abi_version": r"\return the version",
    "descope_status_name": r"\param status the status",
}
_LINKS = r'\ref descope_ml.h "All functions" · <a href="../index.html">The whole documentation</a>'
_VERSIONS = re.compile(r"^#define DESCOPE_HEADER_\w*VERSION ", re.M)


def main() -> None:
    """Filters the file that the command line names."""
    header = Path(sys.argv[1]).read_text(encoding="utf-8")
    code = _COMMENT.sub("", header)
    names = set(_NAME.findall(code))
    filtered = _COMMENT.sub(lambda comment: _convert(comment, names), header)
    filtered = _VERSIONS.sub(r"/** The version of this header. */\n\g<0>", filtered)
    sys.stdout.buffer.write(filtered.encode())


def _convert(comment: re.Match[str], names: set[str]) -> str:
    lines = [line[3:] for line in comment["text"].splitlines()]
    if comment.start() == 0:
        return "\n".join(["/**", *_manual(lines, names), "*/"])
    documented = _NAME.search(comment.string, comment.end())
    added = _ADDED.get(documented[0], "") if documented else ""
    return "\n".join(["/**", *_documentation(lines, names), added, "*/"])


def _manual(lines: list[str], names: set[str]) -> list[str]:
    """The main page. Its sections keep the columns that they have in the header."""
    result = [r"\mainpage The C functions", _LINKS]
    sections = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    for number, end in zip(sections, [*sections[1:], len(lines)]):
        title = _escape(lines[number].capitalize(), set())
        result += [rf"\section section_{number} {title}", *_columns(lines[number + 1 : end], names)]
    result += [r"\file", "All functions, types and numbers."]
    return result


def _documentation(lines: list[str], names: set[str]) -> list[str]:
    """What documents a function, a type or a number."""
    result: list[str] = []
    table: list[str] = []
    in_parameter = False
    for line in re.sub(r"(?<=\. )Returns ", r"\nReturns ", "\n".join([*lines, ""])).split("\n"):
        if line.startswith("  ") and not in_parameter:
            table.append(line)
            continue
        if table:
            result += _columns(table, names)
            table = []
        parameter = _PARAMETER.match(line)
        in_parameter = parameter is not None or (in_parameter and line.startswith(" "))
        if parameter:
            result.append(rf"\param {parameter['name']} {_escape(parameter['text'], names)}")
        elif line.startswith("Operation: "):
            operation = _escape(line[len("Operation: ") :], names)
            result += ["", _STATUS, r"\par Operation", operation]
        elif line.startswith("Returns ") and result:
            result.append(rf"\return {_escape(line[len('Returns ') :], names)}")
        else:
            result.append(_escape(line, names))
    return result


def _columns(lines: list[str], names: set[str]) -> list[str]:
    """Lines that keep their columns. A hyphen at the start would begin a list of Doxygen."""
    text = "\n".join(re.sub("^( *)- ", r"\1• ", _escape(line, names)) for line in lines)
    return ["<pre>" + text.strip("\n") + "</pre>"]


def _escape(line: str, names: set[str]) -> str:
    """Text without Doxygen's commands, with links to what the header declares."""
    escaped = re.sub(r"[\\@<>&#%$]", r"\\\g<0>", line)
    return _NAME.sub(
        lambda name: rf'\ref {name[0]} "{name[0]}"' if name[0] in names else name[0],
        escaped,
    )


main()
