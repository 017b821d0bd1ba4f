"""httpx with a reused client: ordinary hand-written code."""

from typing import Any

import httpx
from harness import CA, LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, URL, check, main


def signin() -> Any:
    """Signs in by SMS. Each thread has its own client."""
    import ssl

    client = httpx.Client(
        base_url=URL,
        headers={"Authorization": f"Bearer {PROJECT}"},
        verify=ssl.create_default_context(cafile=CA) if CA else False,
        trust_env=False,
    )

    def call() -> None:
        body = {"loginId": LOGIN_ID, "redirectUrl": REDIRECT_URL}
        response = client.post("/v1/auth/magiclink/signin/sms", json=body)
        response.raise_for_status()
        check(response.json()["maskedPhone"], MASKED_PHONE)

    return call


main(signin=signin)
