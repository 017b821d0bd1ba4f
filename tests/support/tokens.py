"""Tokens and key sets for tests: valid ones of every algorithm, and invalid ones of every kind.

All are issued for the project `P2test` and the user `U2ann`, and valid from 2023 to 2100.
"""

from __future__ import annotations

import base64
import functools
import json
from typing import Any, Optional

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUED = 1_700_000_000
FUTURE = 4_102_444_800
CLAIMS: dict[str, Any] = {
    "amr": ["sms"],
    "drn": "DS",
    "exp": FUTURE,
    "iat": ISSUED,
    "iss": "P2test",
    "permissions": ["read", "write"],
    "roles": ["admin"],
    "sub": "U2ann",
    "tenants": {"T1": {"permissions": ["pay"], "roles": ["clerk"]}},
}
REFRESH_CLAIMS: dict[str, Any] = {
    "drn": "DSR",
    "exp": FUTURE,
    "iat": ISSUED,
    "iss": "P2test",
    "sub": "U2ann",
}
# Valid claims in an unusual form: white space, escapes, a duplicate key.
ODD_TEXT = (
    f' {{ "exp" : {FUTURE}, "iss": "\\u0050\\u0032test", "roles": [ "a\\"b" ],\n'
    ' "dsub": "", "sub": "first", "sub": "U2\\u0022\\\\\\n\\u00e9" }\n'
)

_CURVES: dict[str, ec.EllipticCurve] = {
    "ES256": ec.SECP256R1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


@functools.cache
def token_placeholders() -> dict[str, str]:
    """The tokens and key sets, by the name of their placeholder in the case table."""
    key, other = _rsa(), _rsa()

    def session(**changes: Any) -> str:
        claims = {**CLAIMS, **changes}
        return _signed({name: value for name, value in claims.items() if value is not None}, key)

    good = session()
    head, payload, signature = good.split(".")
    tokens = {
        "SESSION": good,
        "REFRESH": _signed(REFRESH_CLAIMS, key),
        "NEW_REFRESH": _signed({**REFRESH_CLAIMS, "iat": ISSUED + 1}, key),
        "URL_ISSUER": session(iss="https://api.descope.com/v1/apps/P2test"),
        "NO_DRN": session(drn=None),
        "DSUB": session(dsub="U2dsub"),
        "FOR_PROJECT": session(aud="P2test"),
        "FOR_APP": session(aud=["app", "other"]),
        "EXPIRED": session(exp=ISSUED + 60),
        "EXPIRED_REFRESH": _signed({**REFRESH_CLAIMS, "exp": ISSUED + 60}, key),
        "NO_EXPIRY": session(exp=None),
        "TEXT_EXPIRY": session(exp=str(FUTURE)),
        "NOT_YET": session(nbf=FUTURE - 60),
        "FROM_THE_FUTURE": session(iat=FUTURE - 60),
        "FOREIGN": session(iss="P2other"),
        "NO_ISSUER": session(iss=None),
        "STRANGE_GRANTS": session(permissions="read", roles={"a": 1}, tenants=["T1"]),
        "TAMPERED": f"{head}.{_encoded({**CLAIMS, 'roles': ['owner']})}.{signature}",
        "TRUNCATED": good[:-22],  # Still valid base64url, because the rest has a valid length.
        "CUT": good[:-1],
        "TWO_PARTS": f"{head}.{payload}",
        "FOUR_PARTS": f"{good}.{signature}",
        "NO_SIGNATURE": f"{head}.{payload}.",
        "WRONG_KEY": _signed(CLAIMS, other),
        "UNKNOWN_KEY": _signed(CLAIMS, other, key_id="K-other"),
        "NO_KEY_ID": _signed(CLAIMS, key, key_id=None),
        "ALG_NONE": f"{_encoded({'alg': 'none', 'kid': 'K1', 'typ': 'JWT'})}.{payload}.",
        "ALG_HS256": _hmac(key),
        "ALG_RS512": jwt.encode(CLAIMS, key, "RS512", headers={"kid": "K1"}),
        "CRITICAL": jwt.encode(CLAIMS, key, "RS256", headers={"kid": "K1", "crit": ["b64"]}),
        "NOT_CLAIMS": _signed_text("[1]", key),
        "ODD_TEXT": _signed_text(ODD_TEXT, key),
    }
    keys = [_jwk("K1", "RS256", key)]
    for name in ("RS384", "RS512"):
        tokens[f"SESSION_{name}"] = jwt.encode(CLAIMS, key, name, headers={"kid": name})
        keys.append(_jwk(name, name, key))
    for name, curve in _CURVES.items():
        one = ec.generate_private_key(curve)
        tokens[f"SESSION_{name}"] = jwt.encode(CLAIMS, one, name, headers={"kid": name})
        keys.append(_jwk(name, name, one))
    edwards = ed25519.Ed25519PrivateKey.generate()
    tokens["SESSION_EdDSA"] = jwt.encode(CLAIMS, edwards, "EdDSA", headers={"kid": "EdDSA"})
    keys.append(_jwk("EdDSA", "EdDSA", edwards))
    unusable = [
        {**_jwk("K0", "RS256", other), "use": "enc"},
        {"kty": "oct", "kid": "K1", "k": "c2VjcmV0"},
        _jwk("weak", "RS256", rsa.generate_private_key(65537, 1024)),
        "not a key",
    ]
    return {
        **tokens,
        "KEYS": json.dumps({"keys": [*unusable, *keys]}),
        "ONE_KEY": json.dumps({"keys": keys[:1]}),
        "JWK": json.dumps(keys[0]),
        "ZERO_JWK": json.dumps(_with_zeros(keys[0])),
        "OTHER_KEYS": json.dumps({"keys": [_jwk("K-other", "RS256", other)]}),
        "UNUSABLE_KEYS": json.dumps({"keys": unusable}),
    }


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _signed(claims: dict[str, Any], key: Any, key_id: Optional[str] = "K1") -> str:
    headers = {} if key_id is None else {"kid": key_id}
    return jwt.encode(claims, key, "RS256", headers=headers)


def _signed_text(payload: str, key: Any) -> str:
    return jwt.api_jws.encode(payload.encode(), key, "RS256", headers={"kid": "K1"})


def _hmac(key: rsa.RSAPrivateKey) -> str:
    """A token that is signed with the public key of the project as an HMAC secret."""
    numbers = key.public_key().public_numbers()
    secret = numbers.n.to_bytes(256, "big")
    return jwt.encode(CLAIMS, secret, "HS256", headers={"kid": "K1"})


def _jwk(key_id: str, algorithm: str, key: Any) -> dict[str, Any]:
    kinds: dict[str, Any] = {"RS": RSAAlgorithm, "ES": ECAlgorithm, "Ed": OKPAlgorithm}
    public = kinds[algorithm[:2]].to_jwk(key.public_key(), as_dict=True)
    public.pop("key_ops", None)
    return {**public, "kid": key_id, "alg": algorithm, "use": "sig"}


def _with_zeros(key: dict[str, Any]) -> dict[str, Any]:
    """An RSA key whose numbers have a leading zero byte, as some libraries write them."""
    numbers = {name: base64.urlsafe_b64decode(key[name] + "==") for name in ("n", "e")}
    return {
        **key,
        **{
            name: base64.urlsafe_b64encode(b"\0" + number).decode().rstrip("=")
            for name, number in numbers.items()
        },
    }


def _encoded(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
