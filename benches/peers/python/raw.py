"""The signature check only, by cryptography (OpenSSL): the lower limit of `validate` in Python."""

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
    """Verifies the signature of a session token; raises if it is invalid."""
    keys = json.loads(Path(os.environ["BENCH_KEYS"]).read_text())["keys"]
    keys_by_id = {key["kid"]: jwt.PyJWK(key).key for key in keys}
    key = keys_by_id[jwt.get_unverified_header(TOKEN)["kid"]]
    signed, _, signature = TOKEN.rpartition(".")
    message, raw = signed.encode(), base64.urlsafe_b64decode(f"{signature}==")
    padding, digest, verify = PKCS1v15(), SHA256(), key.verify
    return lambda: verify(raw, message, padding, digest)


main(validate=validate)
