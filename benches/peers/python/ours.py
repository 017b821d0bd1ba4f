"""descope_ml, by the names of the official package."""

from typing import Any

from harness import LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, TOKEN, URL, USER, check, main

from descope_ml import DeliveryMethod, DescopeClient


class One:
    """One client for all threads."""

    client: Any = None

    @classmethod
    def get(cls) -> DescopeClient:
        """Makes it when it is first asked for."""
        cls.client = cls.client or DescopeClient(PROJECT, base_url=URL)
        client: DescopeClient = cls.client
        return client


def signin() -> Any:
    """A sign-in."""
    sign_in, sms = One.get().magiclink.sign_in, DeliveryMethod.SMS
    return lambda: check(sign_in(sms, LOGIN_ID, REDIRECT_URL), MASKED_PHONE)


async def signin_async() -> Any:
    """A sign-in from an event loop."""
    from descope_ml import DescopeClientAsync

    sign_in, sms = DescopeClientAsync(PROJECT, base_url=URL).magiclink.sign_in, DeliveryMethod.SMS

    async def call() -> None:
        check(await sign_in(sms, LOGIN_ID, REDIRECT_URL), MASKED_PHONE)

    return call


def validate() -> Any:
    """A session token."""
    validate_session = One.get().validate_session
    return lambda: check(validate_session(TOKEN)["sub"], USER)


main(signin=signin, signin_async=signin_async, validate=validate)
