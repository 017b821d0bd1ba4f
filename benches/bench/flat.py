"""What must not grow over a million calls or with many clients, and what the code costs."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from bench.places import BENCH, library
from bench.processes import usual_authorities
from bench.races import Results, stage
from bench.task import environment


def flat() -> Results:
    """Runs `flat`, the program, and looks at the library."""
    with stage(True) as (server, session), tempfile.TemporaryDirectory() as folder:
        server.ca_file = usual_authorities(server, Path(folder))
        done = subprocess.run(
            [str(BENCH / "flat")],
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
        "curlClosure": _closure(BENCH / "curl"),
        "oursClosure": _closure(BENCH / "ours"),
        "endpointBytes": _endpoint(library()),
    }


def _closure(program: Path) -> dict[str, int]:
    """How many shared libraries a program brings in, and their size, the C library's apart."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True).stdout
    paths = re.findall(r"=> (/\S+)", told)
    others = [path for path in paths if not re.search(r"/(libc|libm|libpthread|libdl)\.so", path)]
    return {"libraries": len(others), "bytes": sum(Path(path).stat().st_size for path in others)}


def _endpoint(path: Path) -> int:
    """The code of one exported operation, in bytes: the median of those that are calls by name.

    Each is one function that names its operation; what it does is common to all. That the
    description of its fields, which is data, takes about 1 kB was found by adding one of nine.
    """
    told = subprocess.run(
        ["nm", "-D", "-S", "--defined-only", str(path)], capture_output=True, text=True, check=True
    ).stdout
    pattern = r"^\w+ (\w+) T descope_(?:magiclink|session|test)_\w+$"
    sizes = sorted(int(size, 16) for size in re.findall(pattern, told, re.MULTILINE))
    return sizes[len(sizes) // 2]
