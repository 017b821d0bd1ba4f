"""httpx, with a client that is kept, as one writes it by hand."""

from typing import Any

import httpx
from harness import CA, LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, URL, check, main


def signin() -> Any:
    """A sign-in; each thread has its client."""
    import ssl

    client = httpx.Client(
        base_url=URL,
        headers={"Authorization": f"Bearer {PROJECT}"},
        verify=ssl.create_default_context(cafile=CA) if CA else False,
        trust_env=False,
    )

    def call() -> None:
        body = {"loginId": LOGIN_ID, "redirectUrl": REDIRECT_URL}
        answer = client.post("/v1/auth/magiclink/signin/sms", json=body)
        answer.raise_for_status()
        check(answer.json()["maskedPhone"], MASKED_PHONE)

    return call


main(signin=signin)
