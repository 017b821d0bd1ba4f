"""What the peers share that have the official package's API: that package and descope_ml."""

from __future__ import annotations

from harness import LOGIN_ID, MASKED_PHONE, PROJECT, REDIRECT_URL, TOKEN, URL, USER, check, main

# `typing` is not imported: its time would count as part of the empty process.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def run(package: Any, **options: Any) -> None:
    """Runs the scenario and mode of the command line with this package.

    Args:
        package: The package.
        options: More arguments of its blocking client.
    """
    sms = package.DeliveryMethod.SMS
    shared: list[Any] = []

    def client() -> Any:
        """One client for all threads, made at first use."""
        if not shared:
            shared.append(package.DescopeClient(PROJECT, base_url=URL, **options))
        return shared[0]

    def signin() -> Any:
        """Signs in by SMS."""
        sign_in = client().magiclink.sign_in
        return lambda: check(sign_in(sms, LOGIN_ID, REDIRECT_URL), MASKED_PHONE)

    async def signin_async() -> Any:
        """Signs in by SMS from an event loop."""
        sign_in = package.DescopeClientAsync(PROJECT, base_url=URL).magiclink.sign_in

        async def call() -> None:
            check(await sign_in(sms, LOGIN_ID, REDIRECT_URL), MASKED_PHONE)

        return call

    def validate() -> Any:
        """Validates a session token."""
        validate_session = client().validate_session
        return lambda: check(validate_session(TOKEN)["sub"], USER)

    main(signin=signin, signin_async=signin_async, validate=validate)
