"""Memory and descriptors over many calls and clients, and the size of the code."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from bench.comparison import Results
from bench.paths import BENCH_BUILD, library
from bench.startup import ca_bundle
from bench.workload import environment, server_and_session


def footprint() -> Results:
    """Runs the program `memory_growth`, and measures the library's files."""
    with (
        server_and_session(True) as (server, session),
        tempfile.TemporaryDirectory() as folder,
    ):
        server.ca_file = ca_bundle(server, Path(folder))
        done = subprocess.run(
            [str(BENCH_BUILD / "memory_growth")],
            env=environment(server, session),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    steps = []
    for line in done.stdout.splitlines():
        what, resident, descriptors = line.rsplit(" ", 2)
        steps.append(
            {"what": what, "residentBytes": int(resident), "descriptors": int(descriptors)}
        )
    return {
        "steps": steps,
        "libraryBytes": library().stat().st_size,
        "curlClosure": _shared_libraries(BENCH_BUILD / "curl"),
        "oursClosure": _shared_libraries(BENCH_BUILD / "ours"),
        "endpointBytes": _operation_code_size(library()),
    }


def _shared_libraries(program: Path) -> dict[str, int]:
    """The number and total size of the shared libraries that a program loads, without libc."""
    output = subprocess.run(
        ["ldd", str(program)], capture_output=True, text=True, check=True
    ).stdout
    paths = re.findall(r"=> (/\S+)", output)
    others = [path for path in paths if not re.search(r"/(libc|libm|libpthread|libdl)\.so", path)]
    return {"libraries": len(others), "bytes": sum(Path(path).stat().st_size for path in others)}


def _operation_code_size(path: Path) -> int:
    """The code size of one exported operation, in bytes: the median of all operations.

    Each operation is one function that names it; the rest of the code is shared. The description
    of an operation's fields, which is data, takes about 1 kB more. That was measured by adding an
    operation with nine fields.
    """
    output = subprocess.run(
        ["nm", "-D", "-S", "--defined-only", str(path)], capture_output=True, text=True, check=True
    ).stdout
    pattern = r"^\w+ (\w+) T descope_(?:magiclink|session|test)_\w+$"
    sizes = sorted(int(size, 16) for size in re.findall(pattern, output, re.MULTILINE))
    return sizes[len(sizes) // 2]
