"""requests, with a session that is kept, as one writes it by hand."""

from typing import Any

import requests
from harness import CA, LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, URL, check, main


def signin() -> Any:
    """A sign-in; each thread has its session."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {PROJECT}"
    session.trust_env = False
    session.verify = CA or True

    def call() -> None:
        body = {"loginId": LOGIN_ID, "redirectUrl": REDIRECT_URL}
        answer = session.post(f"{URL}/v1/auth/magiclink/signin/sms", json=body)
        answer.raise_for_status()
        check(answer.json()["maskedPhone"], MASKED_PHONE)

    return call


main(signin=signin)
