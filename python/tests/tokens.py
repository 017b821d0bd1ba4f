"""Tokens as the service signs them, and their faults."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

PROJECT = "P2test"


class Signer:
    """A key pair of a project, and the tokens that it signs."""

    def __init__(self, kid: str = "key-1") -> None:
        """Makes a key pair."""
        self.kid = kid
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> dict[str, Any]:
        """The public half, a JSON Web Key."""
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {**key, "alg": "RS256", "kid": self.kid, "use": "sig"}

    @property
    def key_set(self) -> str:
        """What the service answers when it is asked for its keys."""
        return json.dumps({"keys": [self.public_key]})

    def token(self, drn: str = "DS", **claims: Any) -> str:
        """A token that holds; with claims of one's own, or None for those that are to go."""
        now = int(time.time())
        usual = {"iss": PROJECT, "sub": "U2test", "iat": now, "exp": now + 600, "drn": drn}
        all_of_them = {**usual, **claims}
        held = {key: value for key, value in all_of_them.items() if value is not None}
        return jwt.encode(held, self._key, algorithm="RS256", headers={"kid": self.kid})

    def sessions(self, **answer: Any) -> dict[str, Any]:
        """The answer to a verification or a refresh."""
        tokens = {"sessionJwt": self.token(), "refreshJwt": self.token("DSR")}
        return {**tokens, "user": {"userId": "U2test"}, "firstSeen": False, **answer}
