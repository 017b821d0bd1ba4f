"""The client, by the names of the official package."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NoReturn

from descope_ml import _native
from descope_ml.config import config_json
from descope_ml.documents import answer_from, request_json
from descope_ml.options import DeliveryMethod, LoginOptions


class DescopeClient:
    """A client of one Descope project. Make one and share it between threads: it keeps connections.

    Takes the official package's parameters in their order, then its own as keywords. Differs on
    purpose: an argument that cannot be honoured is refused, never ignored (`skip_verify`,
    `fga_cache_url`, `verbose`); making a client sends nothing.

    Example:
        >>> from descope_ml import DeliveryMethod, DescopeClient
        >>> client = DescopeClient()  # DESCOPE_PROJECT_ID says which project
        >>> client.magiclink.sign_in(
        ...     DeliveryMethod.SMS, "+14155550123", "https://app.example.com/verify"
        ... )
        '+1******0123'
    """

    def __init__(
        self,
        project_id: str | None = None,
        public_key: Mapping[str, Any] | str | None = None,
        skip_verify: bool = False,
        management_key: str | None = None,
        timeout_seconds: float | None = None,
        jwt_validation_leeway: int = 5,
        auth_management_key: str | None = None,
        fga_cache_url: str | None = None,
        *,
        base_url: str | None = None,
        verbose: bool = False,
        ca_file: str | os.PathLike[str] | None = None,
        proxy: str | None = None,
        max_attempts: int | None = None,
        connect_timeout_seconds: float | None = None,
        max_idle_connections: int | None = None,
        idle_timeout_seconds: float | None = None,
        tls_roots: str | None = None,
        user_agent: str | None = None,
        allow_insecure_http: bool | None = None,
    ) -> None:
        """Makes a client; what is left out comes from the environment, read now.

        Args:
            project_id: The project; else `DESCOPE_PROJECT_ID`.
            public_key: The project's public key, for session validation to come.
            skip_verify: Refused: TLS is always verified. Trust a server of your own by `ca_file`.
            management_key: The management key, for the test helpers to come.
            timeout_seconds: How long a whole call may take, every attempt included: 10 s unless
                set. The official 60 s count for each phase of each attempt.
            jwt_validation_leeway: By how many seconds clocks may differ, for validation to come.
            auth_management_key: A key that joins the bearer of authentication calls.
            fga_cache_url: Refused: there is nothing here that it could speed up.
            base_url: Where the API is; else `DESCOPE_BASE_URI` or `DESCOPE_BASE_URL`, else by the
                project's region.
            verbose: Refused: answers are not kept. An error has its `request_id`.
            ca_file: A PEM file with the only certificate authorities to trust.
            proxy: `http://[user:password@]host:port`, or `none`; else `HTTPS_PROXY` and its like.
            max_attempts: How many requests a call may try.
            connect_timeout_seconds: How long making one connection may take.
            max_idle_connections: How many unused connections are kept.
            idle_timeout_seconds: How long an unused connection is kept.
            tls_roots: Whom TLS trusts without a `ca_file`: `platform` or `bundled`.
            user_agent: The `User-Agent` header.
            allow_insecure_http: Lets plain http go beyond this machine.

        Raises:
            ConfigError: There is no project ID, or a value cannot work. It is an `AuthException`
                with `status_code` 400.
        """
        _refuse(
            skip_verify, "skip_verify", "TLS is always verified; trust your server by `ca_file`"
        )
        _refuse(fga_cache_url, "fga_cache_url", "this package has no management calls")
        _refuse(verbose, "verbose", "answers are not kept; an error has its `request_id`")
        config = config_json(
            {
                "project_id": project_id,
                "base_url": base_url,
                "public_key": public_key,
                "management_key": management_key,
                "auth_management_key": auth_management_key,
                "timeout_seconds": timeout_seconds,
                "connect_timeout_seconds": connect_timeout_seconds,
                "idle_timeout_seconds": idle_timeout_seconds,
                "jwt_validation_leeway": jwt_validation_leeway,
                "ca_file": ca_file,
                "proxy": proxy,
                "max_attempts": max_attempts,
                "max_idle_connections": max_idle_connections,
                "tls_roots": tls_roots,
                "user_agent": user_agent,
                "allow_insecure_http": allow_insecure_http,
            }
        )
        self._native = _native.Client(config or "{}")
        self._native.require_project_id()
        self._magiclink = MagicLink(self._native)

    @property
    def magiclink(self) -> MagicLink:
        """Sign-in by magic link."""
        return self._magiclink

    def __reduce__(self) -> NoReturn:
        """Refuses: a client holds keys and connections, which do not travel."""
        message = "a DescopeClient cannot be pickled or copied: make one in each process"
        raise TypeError(message)


class MagicLink:
    """Sign-in by magic link; `DescopeClient.magiclink` is one."""

    def __init__(self, client: _native.Client) -> None:
        """Performs its calls with this client."""
        self._client = client

    def sign_in(
        self,
        method: DeliveryMethod,
        login_id: str,
        uri: str | None = None,
        login_options: LoginOptions | Mapping[str, Any] | None = None,
        refresh_token: str | None = None,
    ) -> str:
        """Sends a magic link to a user who exists.

        Differs from the official one: an empty answer is a `ProtocolError` instead of a
        `KeyError`, and only what certainly was not sent is tried again.

        Args:
            method: `DeliveryMethod.SMS`, the one that there is so far.
            login_id: The user's phone number, such as `+14155550123`, or other login ID.
            uri: The URL that the link leads to, `?t=<token>` added; else the project's own.
            login_options: How the user is signed in; or a mapping in the API's own names.
            refresh_token: The user's refresh JWT, which step-up and MFA need.

        Returns:
            Where the link went, all but a few characters masked.

        Raises:
            AuthException: The service, or a check before the request was sent, said no.
            RateLimitException: The service wants fewer requests.
            DescopeError: Anything else; `outcome` says whether a message may have been sent.

        Example:
            >>> from descope_ml import DeliveryMethod, DescopeClient, LoginOptions
            >>> DescopeClient().magiclink.sign_in(
            ...     DeliveryMethod.SMS,
            ...     "+14155550123",
            ...     login_options=LoginOptions(custom_claims={"plan": "pro"}, locale="pl-PL"),
            ... )
            '+1******0123'
        """
        if not isinstance(method, DeliveryMethod):
            message = "`method` must be a DeliveryMethod, such as DeliveryMethod.SMS"
            raise _native.argument_error(message)
        request = {
            "loginId": login_id,
            "redirectUrl": uri,
            "loginOptions": login_options,
            "refreshToken": refresh_token,
        }
        operation = f"magiclink/signin/{method.name.lower()}"
        answer = answer_from(self._client.call(operation, request_json(request)))
        return str(answer["maskedPhone"])


def _refuse(value: object, name: str, why: str) -> None:
    """Refuses an official argument that this package cannot honour."""
    if value:
        message = f"`{name}` cannot be set: {why}"
        raise _native.config_error(message)
