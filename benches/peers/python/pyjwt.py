"""PyJWT on cryptography, with the key at hand."""

import json
import os
from pathlib import Path
from typing import Any

import jwt
from harness import PROJECT, TOKEN, USER, check, main


def validate() -> Any:
    """A session token."""
    keys = json.loads(Path(os.environ["BENCH_KEYS"]).read_text())["keys"]
    known = {key["kid"]: jwt.PyJWK(key).key for key in keys}

    def call() -> None:
        key = known[jwt.get_unverified_header(TOKEN)["kid"]]
        claims = jwt.decode(TOKEN, key, ["RS256"], issuer=PROJECT, leeway=5)
        check(claims["sub"], USER)

    return call


main(validate=validate)
