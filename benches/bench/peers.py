"""The programs that are compared, and how each is started."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field

from bench.places import BENCH, BENCHES, BUILD

SIGNIN, ASYNC, VALIDATE = "signin", "signin-async", "validate"


@dataclass(frozen=True)
class Peer:
    """One library in one language."""

    name: str
    title: str
    language: str
    scenarios: tuple[str, ...]
    command: tuple[str, ...]
    #: What takes as long as the process does without the library.
    empty: tuple[str, ...]
    #: Whether a call takes milliseconds, so that fewer make a round.
    is_slow: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def missing(self) -> str:
        """What is not there or has not been built, or nothing."""
        if shutil.which(self.command[0]) is None:
            return f"{os.path.basename(self.command[0])} is not there"
        files = [part for part in self.command[1:] if os.sep in part and not os.path.exists(part)]
        return f"{os.path.basename(files[0])} is not built" if files else ""


def _native(name: str, title: str, language: str, *scenarios: str) -> Peer:
    return Peer(name, title, language, scenarios, (str(BENCH / name),), ("/bin/true",))


def _python(
    name: str,
    file: str,
    title: str,
    *scenarios: str,
    shared: str = "harness",
    slow: bool = True,
    flags: tuple[str, ...] = (),
) -> Peer:
    """A program of `peers/python`, which shares a module there with others."""
    paths = os.pathsep.join(map(str, (BUILD / "python", BENCH / "python")))
    folder = BENCHES / "peers" / "python"
    return Peer(
        name,
        title,
        "Python",
        scenarios,
        (sys.executable, *flags, str(folder / f"{file}.py")),
        (sys.executable, *flags, str(folder / "empty.py"), shared),
        slow,
        # Without the site packages of whoever runs it.
        {"PYTHONPATH": paths, "PYTHONNOUSERSITE": "1"},
    )


def _drop_in(name: str, file: str, title: str, slow: bool) -> tuple[Peer, Peer]:
    """A package with the official names; once more where Python has loaded nothing by itself."""
    scenarios = SIGNIN, ASYNC, VALIDATE
    return (
        _python(name, file, title, *scenarios, shared="drop_in", slow=slow),
        _python(
            f"{name}-S", file, f"{title}, python -S", shared="drop_in", slow=slow, flags=("-S",)
        ),
    )


PEERS = (
    _native("ours", "libdescope_ml, C ABI", "C", SIGNIN, VALIDATE),
    _native("limit", "hand-written socket client", "C", SIGNIN),
    _native("curl", "libcurl + cJSON", "C", SIGNIN),
    _native("httplib", "cpp-httplib + nlohmann/json", "C++", SIGNIN),
    _native("reqwest", "reqwest (blocking) + serde_json", "Rust", SIGNIN),
    _native("nethttp", "net/http + encoding/json", "Go", SIGNIN),
    _native("jwx", "jwx, which the official SDK uses", "Go", VALIDATE),
    _native("raw", "bare signature check, ring", "Rust", VALIDATE),
    _native("raw_openssl", "bare signature check, OpenSSL", "C", VALIDATE),
    _native("jsonwebtoken", "jsonwebtoken", "Rust", VALIDATE),
    *_drop_in("py-ours", "ours", "descope_ml", slow=False),
    *_drop_in("py-official", "official", "official Python SDK", slow=True),
    _python("py-httpx", "httpx_kept", "httpx, client kept", SIGNIN),
    _python("py-requests", "requests_session", "requests, session kept", SIGNIN),
    _python("py-pycurl", "pycurl_kept", "pycurl, handle kept", SIGNIN, slow=False),
    _python("py-pyjwt", "pyjwt", "PyJWT + cryptography", VALIDATE),
    _python("py-raw", "raw", "bare signature check, cryptography", VALIDATE, slow=False),
    Peer(
        "node-official",
        "official Node SDK",
        "Node",
        (SIGNIN, VALIDATE),
        ("node", str(BENCH / "node" / "official.mjs")),
        ("node", "-e", ""),
    ),
)
BY_NAME = {peer.name: peer for peer in PEERS}


def of(scenario: str) -> list[Peer]:
    """The peers that can do a scenario."""
    return [peer for peer in PEERS if scenario in peer.scenarios]
