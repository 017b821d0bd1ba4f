"""pycurl and json with a reused handle."""

import io
import json
from typing import Any

import pycurl
from harness import CA, LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, URL, check, main


def signin() -> Any:
    """Signs in by SMS. Each thread has its own handle."""
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, f"{URL}/v1/auth/magiclink/signin/sms")
    headers = ["Content-Type: application/json", f"Authorization: Bearer {PROJECT}"]
    handle.setopt(pycurl.HTTPHEADER, headers)
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.TIMEOUT_MS, 10_000)
    if CA:
        handle.setopt(pycurl.CAINFO, CA)

    def call() -> None:
        response = io.BytesIO()
        body = json.dumps({"loginId": LOGIN_ID, "redirectUrl": REDIRECT_URL})
        handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.WRITEFUNCTION, response.write)
        handle.perform()
        check(str(handle.getinfo(pycurl.RESPONSE_CODE)), "200")
        check(json.loads(response.getvalue())["maskedPhone"], MASKED_PHONE)

    return call


main(signin=signin)
