"""The list of peers: the programs that are compared, and how to start each."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass, field, replace

from bench.paths import BENCH_BUILD, BENCHES, BUILD

SIGNIN, ASYNC, VALIDATE = "signin", "signin-async", "validate"


@dataclass(frozen=True)
class Peer:
    """A program that uses one library, in one language."""

    name: str
    title: str
    language: str
    scenarios: tuple[str, ...]
    command: tuple[str, ...]
    #: A process of the same language that does nothing. Its time is subtracted from the peer's.
    empty: tuple[str, ...]
    #: Whether a call takes milliseconds; a round then has fewer calls.
    is_slow: bool = False
    environment: dict[str, str] = field(default_factory=dict)

    def missing(self) -> str:
        """What is missing to run it, with the reason; empty if nothing is."""
        if shutil.which(self.command[0]) is None:
            return f"{os.path.basename(self.command[0])} is not installed"
        files = [part for part in self.command[1:] if os.sep in part and not os.path.exists(part)]
        return f"{os.path.basename(files[0])} is not built" if files else ""


def _native(name: str, title: str, language: str, *scenarios: str) -> Peer:
    return Peer(name, title, language, scenarios, (str(BENCH_BUILD / name),), ("/bin/true",))


def _python(
    name: str,
    file: str,
    title: str,
    *scenarios: str,
    shared: str = "harness",
    slow: bool = True,
    flags: tuple[str, ...] = (),
) -> Peer:
    """A program in `peers/python`; `shared` is the module that it shares with other peers."""
    paths = os.pathsep.join(map(str, (BUILD / "python", BENCH_BUILD / "python")))
    folder = BENCHES / "peers" / "python"
    return Peer(
        name,
        title,
        "Python",
        scenarios,
        (sys.executable, *flags, str(folder / f"{file}.py")),
        (sys.executable, *flags, str(folder / "empty.py"), shared),
        slow,
        # The user's own site packages must not be found.
        {"PYTHONPATH": paths, "PYTHONNOUSERSITE": "1"},
    )


def _official_api(name: str, file: str, title: str, slow: bool) -> tuple[Peer, Peer]:
    """A package with the official API: once as usual, once with `python -S`, without site."""
    scenarios = SIGNIN, ASYNC, VALIDATE
    return (
        _python(name, file, title, *scenarios, shared="official_api", slow=slow),
        _python(
            f"{name}-S",
            file,
            f"{title}, python -S",
            shared="official_api",
            slow=slow,
            flags=("-S",),
        ),
    )


def _with_seen_token(peer: Peer) -> Peer:
    """The peer as a service has it: it has validated the token before, and remembers that."""
    return replace(
        peer,
        name=f"{peer.name}-seen",
        title=f"{peer.title}, token seen before",
        scenarios=(VALIDATE,),
        environment={**peer.environment, "BENCH_VERIFIED_TOKENS": "4096"},
    )


_OURS = _native("ours", "libdescope_ml, C ABI", "C", SIGNIN, ASYNC, VALIDATE)
_PY_OURS = _official_api("py-ours", "ours", "descope_ml", slow=False)

PEERS = (
    _OURS,
    _with_seen_token(_OURS),
    _native("limit", "hand-written socket client", "C", SIGNIN),
    _native("curl", "libcurl + cJSON", "C", SIGNIN, ASYNC),
    _native("httplib", "cpp-httplib + nlohmann/json", "C++", SIGNIN),
    _native("reqwest", "reqwest (blocking) + serde_json", "Rust", SIGNIN),
    _native("nethttp", "net/http + encoding/json", "Go", SIGNIN),
    _native("jwx", "jwx, used by the official SDK", "Go", VALIDATE),
    _native("raw", "signature check only, ring", "Rust", VALIDATE),
    _native("raw_openssl", "signature check only, OpenSSL", "C", VALIDATE),
    _native("jsonwebtoken", "jsonwebtoken", "Rust", VALIDATE),
    *_PY_OURS,
    _with_seen_token(_PY_OURS[0]),
    *_official_api("py-official", "official", "official Python SDK", slow=True),
    _python("py-httpx", "httpx_client", "httpx, client reused", SIGNIN),
    _python("py-requests", "requests_session", "requests, session reused", SIGNIN),
    _python("py-pycurl", "pycurl_handle", "pycurl, handle reused", SIGNIN, slow=False),
    _python("py-pyjwt", "pyjwt", "PyJWT + cryptography", VALIDATE),
    _python("py-raw", "raw", "signature check only, cryptography", VALIDATE, slow=False),
    Peer(
        "node-official",
        "official Node SDK",
        "Node",
        (SIGNIN, VALIDATE),
        ("node", str(BENCH_BUILD / "node" / "official.mjs")),
        ("node", "-e", ""),
    ),
)
BY_NAME = {peer.name: peer for peer in PEERS}


def with_scenario(scenario: str) -> list[Peer]:
    """The peers that have this scenario."""
    return [peer for peer in PEERS if scenario in peer.scenarios]
