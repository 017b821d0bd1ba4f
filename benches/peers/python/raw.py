"""The bare signature check of cryptography (OpenSSL): the limit in Python."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from harness import TOKEN, main


def validate() -> Any:
    """The signature of a session token; it raises when that is wrong."""
    keys = json.loads(Path(os.environ["BENCH_KEYS"]).read_text())["keys"]
    known = {key["kid"]: jwt.PyJWK(key).key for key in keys}
    key = known[jwt.get_unverified_header(TOKEN)["kid"]]
    signed, _, signature = TOKEN.rpartition(".")
    message, raw = signed.encode(), base64.urlsafe_b64decode(f"{signature}==")
    padding, digest, verify = PKCS1v15(), SHA256(), key.verify
    return lambda: verify(raw, message, padding, digest)


main(validate=validate)
