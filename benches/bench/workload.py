"""The workload that all peers share: one request, one session token, one key set."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.paths import SERVER
from bench.server import MASKED_PHONE, Server, running_server

PROJECT = "P2abcdefghijklmnopqrstuvwxyz"
USER = "U2abcdefghijklmnopqrstuvwxyz"
REQUEST = {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/verify"}

# The token is valid during every run: from November 2023 to the year 2100.
ISSUED_AT, EXPIRES_AT = 1_700_000_000, 4_102_444_800

# The claims of a session token as the service issues it.
CLAIMS: Mapping[str, Any] = {
    "amr": ["phone"],
    "drn": "DS",
    "exp": EXPIRES_AT,
    "iat": ISSUED_AT,
    "iss": PROJECT,
    "permissions": ["User Admin", "Impersonate"],
    "rexp": "2099-12-31T00:00:00Z",
    "roles": ["Project Admin"],
    "sub": USER,
    "tenants": {"T2abcdefghijklmnopqrstuvwxyz": {"permissions": ["SSO Admin"], "roles": []}},
}


@dataclass(frozen=True)
class Session:
    """A session token, and the file with the key set that verifies it."""

    token: str
    keys: Path


def make_session(
    folder: Path, *, keys: int = 1, extra_claims: Optional[Mapping[str, Any]] = None
) -> Session:
    """Makes a new RSA key, and a token that always has the same claims.

    Args:
        folder: Where to write the key set.
        keys: The number of keys in the set. The last one signs the token.
        extra_claims: Claims of the token in addition to the usual ones.
    """
    # Generating a key is slow, so the set has one key under several key IDs.
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    key_set = [
        {**public, "alg": "RS256", "use": "sig", "kid": f"SK2abcdefghijklmnopqrstu{number:03}"}
        for number in range(keys)
    ]
    path = folder / "keys.json"
    path.write_text(json.dumps({"keys": key_set}))
    claims = {**CLAIMS, **(extra_claims or {})}
    headers = {"kid": key_set[-1]["kid"]}
    return Session(jwt.encode(claims, key, algorithm="RS256", headers=headers), path)


def environment(server: Server, session: Session) -> dict[str, str]:
    """The environment of a peer, without the caller's own proxies and certificate files."""
    inherited = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    # Some libraries let callers name CA certificates only by one of these variables.
    ca_variables = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {
        **inherited,
        **dict.fromkeys(ca_variables if server.ca_file else (), str(server.ca_file)),
        "BENCH_URL": server.base_url,
        "BENCH_CA": str(server.ca_file or ""),
        "BENCH_PROJECT": PROJECT,
        "BENCH_REQUEST": json.dumps(REQUEST),
        "BENCH_LOGIN_ID": REQUEST["loginId"],
        "BENCH_REDIRECT_URL": REQUEST["redirectUrl"],
        "BENCH_MASKED_PHONE": server.masked_phone,
        "BENCH_TOKEN": session.token,
        "BENCH_USER": USER,
        "BENCH_KEYS": str(session.keys),
    }


@contextmanager
def server_and_session(
    is_tls: bool,
    *,
    masked_phone: str = MASKED_PHONE,
    edge: bool = False,
    event_loop: bool = False,
) -> Iterator[tuple[Server, Session]]:
    """A new session, and a server that has its key set; the server runs until the block ends."""
    with tempfile.TemporaryDirectory() as name:
        session = make_session(Path(name))
        with running_server(
            SERVER,
            Path(name),
            tls=is_tls,
            keys=session.keys,
            masked_phone=masked_phone,
            edge=edge,
            event_loop=event_loop,
        ) as server:
            yield server, session
