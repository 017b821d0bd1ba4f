"""Tokens that are signed like those of the service, valid and invalid ones."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

PROJECT = "P2test"


class Signer:
    """A key pair of a project. It signs tokens."""

    def __init__(self, kid: str = "key-1") -> None:
        """Makes a key pair."""
        self.kid = kid
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> dict[str, Any]:
        """The public key as a JSON Web Key."""
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**key, "alg": "RS256", "kid": self.kid, "use": "sig"}

    @property
    def key_set(self) -> str:
        """The key set, as the service sends it."""
        return json.dumps({"keys": [self.public_key]})

    def token(self, drn: str = "DS", **claims: Any) -> str:
        """A valid token. `claims` are added or replaced; a claim that is None is removed."""
        now = int(time.time())
        default = {"iss": PROJECT, "sub": "U2test", "iat": now, "exp": now + 600, "drn": drn}
        combined = {**default, **claims}
        payload = {key: value for key, value in combined.items() if value is not None}
        return jwt.encode(payload, self._key, algorithm="RS256", headers={"kid": self.kid})

    def session_response(self, **answer: Any) -> dict[str, Any]:
        """The response to a verification or a refresh."""
        tokens = {"sessionJwt": self.token(), "refreshJwt": self.token("DSR")}
        return {**tokens, "user": {"userId": "U2test"}, "firstSeen": False, **answer}
