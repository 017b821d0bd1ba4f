"""What all peers work on: one request, one session token, one key set."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from bench.server import Server

PROJECT = "P2abcdefghijklmnopqrstuvwxyz"
USER = "U2abcdefghijklmnopqrstuvwxyz"
REQUEST = {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/verify"}

# As long as tokens last: issued in November 2023, and good until the year 2100.
ISSUED, EXPIRES = 1_700_000_000, 4_102_444_800

# The claims of a session as the service makes them.
CLAIMS: Mapping[str, Any] = {
    "amr": ["phone"],
    "drn": "DS",
    "exp": EXPIRES,
    "iat": ISSUED,
    "iss": PROJECT,
    "permissions": ["User Admin", "Impersonate"],
    "rexp": "2099-12-31T00:00:00Z",
    "roles": ["Project Admin"],
    "sub": USER,
    "tenants": {"T2abcdefghijklmnopqrstuvwxyz": {"permissions": ["SSO Admin"], "roles": []}},
}


@dataclass(frozen=True)
class Session:
    """A token, and the file with the key set that it is checked with."""

    token: str
    keys: Path


def make_session(
    folder: Path, *, keys: int = 1, extra_claims: Optional[Mapping[str, Any]] = None
) -> Session:
    """Makes an RSA key and a token of the same claims each time.

    Args:
        folder: Where the key set is written to.
        keys: How many keys the set has; the token is signed with the last one's.
        extra_claims: What the token says in addition.
    """
    # Generating a key takes longer than all else: the others of the set are one key by many names.
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
    """What a peer finds in its environment, which says nothing else of servers and proxies."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    # Where callers of a library cannot say whom it is to trust, it reads one of these.
    trusting = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    return {
        **kept,
        **dict.fromkeys(trusting if server.ca_file else (), str(server.ca_file)),
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
