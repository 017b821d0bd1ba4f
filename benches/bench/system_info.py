"""The machine that the benchmark ran on, and the versions of the software that it compares."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from bench.paths import BENCH_BUILD, REPOSITORY


def system_info() -> dict[str, str]:
    """Each component with its name or version. Components that are not installed are left out."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    info = {
        "processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} CPUs",
        "system": f"Linux {platform.release().split('-')[0]}, {' '.join(platform.libc_ver())}",
        "rustc": _first_line("rustc", "--version"),
        "C compiler": _first_line("cc", "--version"),
        "Python": platform.python_version(),
        "Node": _first_line("node", "--version"),
        "Go": _first_line("go", "version"),
        "libcurl": _first_line("curl-config", "--version"),
        "TLS of libcurl": _first_line("curl-config", "--ssl-backends"),
        "cJSON": _first_line("pkg-config", "--modversion", "libcjson"),
        "cpp-httplib": _first_line("pkg-config", "--modversion", "cpp-httplib"),
        "nlohmann/json": _first_line("pkg-config", "--modversion", "nlohmann_json"),
        "OpenSSL": _first_line("pkg-config", "--modversion", "openssl"),
    }
    packages = metadata.distributions(path=[str(BENCH_BUILD / "python")])
    names = ("cryptography", "descope", "httpx", "pycurl", "PyJWT", "requests")
    versions = {package.metadata["Name"].lower(): package.version for package in packages}
    info.update({f"{name} (Python)": versions.get(name.lower(), "") for name in names})
    lock = (REPOSITORY / "benches/peers/rust/Cargo.lock").read_text()
    for name in ("reqwest", "jsonwebtoken"):
        version = re.search(rf'name = "{name}"\nversion = "(.*)"', lock)
        info[f"{name} (Rust)"] = version[1] if version else ""
    go = (REPOSITORY / "benches/peers/go/go.mod").read_text()
    jwx = re.search(r"lestrrat-go/jwx/v2 (v\S+)", go)
    info["jwx (Go)"] = jwx[1] if jwx else ""
    node = (REPOSITORY / "benches/peers/node/package.json").read_text()
    sdk = re.search(r'"@descope/node-sdk": "(.*)"', node)
    info["@descope/node-sdk"] = sdk[1] if sdk else ""
    return {name: value for name, value in info.items() if value}


def commit() -> str:
    """The commit that is measured."""
    return _first_line("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty")


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip().splitlines()[0]
