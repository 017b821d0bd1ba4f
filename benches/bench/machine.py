"""What the benchmark ran on, and the versions of what it compared."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

from bench.places import BENCH, REPOSITORY


def machine() -> dict[str, str]:
    """Each thing with its name or version; what does not answer is left out."""
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    found = {
        "processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} CPUs",
        "system": f"Linux {platform.release().split('-')[0]}, {' '.join(platform.libc_ver())}",
        "rustc": _said("rustc", "--version"),
        "C compiler": _said("cc", "--version"),
        "Python": platform.python_version(),
        "Node": _said("node", "--version"),
        "Go": _said("go", "version"),
        "libcurl": _said("curl-config", "--version"),
        "TLS of libcurl": _said("curl-config", "--ssl-backends"),
        "cJSON": _said("pkg-config", "--modversion", "libcjson"),
        "cpp-httplib": _said("pkg-config", "--modversion", "cpp-httplib"),
        "nlohmann/json": _said("pkg-config", "--modversion", "nlohmann_json"),
        "OpenSSL": _said("pkg-config", "--modversion", "openssl"),
    }
    packages = metadata.distributions(path=[str(BENCH / "python")])
    wanted = ("cryptography", "descope", "httpx", "pycurl", "PyJWT", "requests")
    versions = {package.metadata["Name"].lower(): package.version for package in packages}
    found.update({f"{name} (Python)": versions.get(name.lower(), "") for name in wanted})
    lock = (REPOSITORY / "benches/peers/rust/Cargo.lock").read_text()
    for name in ("reqwest", "jsonwebtoken"):
        version = re.search(rf'name = "{name}"\nversion = "(.*)"', lock)
        found[f"{name} (Rust)"] = version[1] if version else ""
    go = (REPOSITORY / "benches/peers/go/go.mod").read_text()
    jwx = re.search(r"lestrrat-go/jwx/v2 (v\S+)", go)
    found["jwx (Go)"] = jwx[1] if jwx else ""
    node = (REPOSITORY / "benches/peers/node/package.json").read_text()
    sdk = re.search(r'"@descope/node-sdk": "(.*)"', node)
    found["@descope/node-sdk"] = sdk[1] if sdk else ""
    return {name: value for name, value in found.items() if value}


def commit() -> str:
    """What is measured."""
    return _said("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty")


def _said(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip().splitlines()[0]
