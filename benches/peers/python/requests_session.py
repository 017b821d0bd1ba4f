"""requests with a reused session: ordinary hand-written code."""

from typing import Any

import requests
from harness import CA, LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, URL, check, main


def signin() -> Any:
    """Signs in by SMS. Each thread has its own session."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {PROJECT}"
    session.trust_env = False
    session.verify = CA or True

    def call() -> None:
        body = {"loginId": LOGIN_ID, "redirectUrl": REDIRECT_URL}
        response = session.post(f"{URL}/v1/auth/magiclink/signin/sms", json=body)
        response.raise_for_status()
        check(response.json()["maskedPhone"], MASKED_PHONE)

    return call


main(signin=signin)
