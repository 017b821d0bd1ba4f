"""Tokens and key sets to validate, made anew for each run."""

from __future__ import annotations

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

PROJECT = "P2bench"
USER = "U2bench"
ISSUED, FUTURE = 1_700_000_000, 4_102_444_800
KEY_ID = "bench"


class Signer:
    """A project's key."""

    def __init__(self) -> None:
        """Makes it: RSA, 2048 bits."""
        self._key = rsa.generate_private_key(65537, 2048)
        # What else is in a key set, to be looked past.
        self._other = rsa.generate_private_key(65537, 2048)

    def token(self, claims: int = 0) -> str:
        """A session token, with as many custom claims."""
        custom = {f"claim{number}": f"value {number}" for number in range(claims)}
        content = {
            "amr": ["sms"],
            "drn": "DS",
            "exp": FUTURE,
            "iat": ISSUED,
            "iss": PROJECT,
            "permissions": ["read", "write"],
            "roles": ["admin"],
            "sub": USER,
            "tenants": {"T1": {"permissions": ["pay"], "roles": ["clerk"]}},
            **custom,
        }
        return jwt.encode(content, self._key, "RS256", headers={"kid": KEY_ID})

    def keys(self, count: int = 1) -> str:
        """A key set with as many keys, the one that signs last."""
        others = [_jwk(f"other{number}", self._other) for number in range(count - 1)]
        return json.dumps({"keys": [*others, _jwk(KEY_ID, self._key)]})


def _jwk(key_id: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    public = dict(RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))
    public.pop("key_ops", None)
    return {**public, "kid": key_id, "alg": "RS256", "use": "sig"}
