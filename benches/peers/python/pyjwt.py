"""PyJWT with cryptography; the keys are loaded before."""

import json
import os
from pathlib import Path
from typing import Any

import jwt
from harness import PROJECT, TOKEN, USER, check, main


def validate() -> Any:
    """Validates a session token."""
    keys = json.loads(Path(os.environ["BENCH_KEYS"]).read_text())["keys"]
    keys_by_id = {key["kid"]: jwt.PyJWK(key).key for key in keys}

    def call() -> None:
        key = keys_by_id[jwt.get_unverified_header(TOKEN)["kid"]]
        claims = jwt.decode(TOKEN, key, ["RS256"], issuer=PROJECT, leeway=5)
        check(claims["sub"], USER)

    return call


main(validate=validate)
