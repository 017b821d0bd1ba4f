"""`DescopeClient`, with the names of the official package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from descope_ml import operations, request_builders
from descope_ml.client_base import ClientBase
from descope_ml.error_frames import methods_hide_locals
from descope_ml.errors import AuthException
from descope_ml.magiclink import MagicLink
from descope_ml.management import Management
from descope_ml.native_client import Part
from descope_ml.options import AccessKeyLoginOptions
from descope_ml.results import DescopeResponse


@methods_hide_locals
class DescopeClient(ClientBase):
    """A client of one Descope project. Make one and share it between threads: it keeps connections.

    Takes the parameters of the official package in the same order, and more as keywords. Differs
    from the official one: an argument that has no effect here is rejected, not ignored
    (`fga_cache_url`, `verbose`); `skip_verify` is for a server on this machine only; making a
    client sends no request.

    Call `close()` to close its connections early. Without it they are closed when the client is
    garbage-collected.

    Example:
        >>> from descope_ml import DeliveryMethod, DescopeClient
        >>> client = DescopeClient()  # The project ID comes from DESCOPE_PROJECT_ID.
        >>> client.magiclink.sign_in(
        ...     DeliveryMethod.SMS, "+14155550123", "https://app.example.com/verify"
        ... )
        '+1********23'
    """

    magiclink = Part(MagicLink, "Sign-in by magic link.")
    mgmt = Part(
        Management, "Test users and embedded links. Nothing else of the management API is here."
    )

    def warm_up(self) -> None:
        """Opens a connection in advance, without sending a request. The next call uses it.

        That is the DNS lookup, TCP, a proxy, and TLS. The connection is kept until the idle
        timeout, for the next thread that needs a new one. If such a connection already exists, this
        method does nothing. The official package has no such method.

        Raises:
            DescopeError: No connection could be opened; `outcome` is `not_sent`.

        Example:
            >>> from descope_ml import DescopeClient
            >>> client = DescopeClient()
            >>> client.warm_up()  # When the program starts, or when the form is shown.
        """
        self._client.warm_up()

    def validate_session(
        self, session_token: str, audience: str | Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Validates a session token locally. Public keys are fetched if they are not cached.

        Differs from the official one: it also checks `iss` and `drn`, so tokens of other projects
        and refresh tokens are rejected; every invalid token raises `TokenError`.

        Args:
            session_token: The session JWT.
            audience: Accepted audiences; at least one must match. Default: if the token has
                audiences, the project ID must be one of them.

        Returns:
            The claims and `jwt`; the same again as `sessionToken`; and `permissions`, `roles`,
            `tenants`, `projectId` and `userId`.

        Raises:
            TokenError: The token is invalid; `reason` says why.
            AuthException: The service has no keys for the project.
            DescopeError: The keys could not be fetched.

        Example:
            >>> from descope_ml import DescopeClient, TokenError
            >>> try:
            ...     DescopeClient().validate_session("eyJ.cut.short")
            ... except TokenError as error:
            ...     print(error.status_code, error.reason)
            401 malformed
        """
        request = request_builders.validate_session(session_token, audience)
        return self._client.call(operations.SESSION_VALIDATE, request)

    def validate_session_remote(self, session_token: str) -> dict[str, Any]:
        """Asks the service whether a session token is valid. It also knows revoked sessions.

        The official package has no such method.

        Args:
            session_token: The session JWT.

        Returns:
            The claims.

        Raises:
            AuthException: The service rejected the token.
            DescopeError: Any other failure.
        """
        request = {"sessionToken": session_token}
        return self._client.call(operations.SESSION_VALIDATE_REMOTE, request)

    def refresh_session(
        self,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
        *,
        external_token: str | None = None,
    ) -> dict[str, Any]:
        """Gets a new session token. The refresh token is validated locally first.

        Calls with the same refresh token that overlap share one request, since a token that the
        project rotates works once. This holds for the calls of one client in one process.

        Args:
            refresh_token: The refresh JWT of the session.
            audience: Accepted audiences of the tokens; at least one must match.
            external_token: A token of another identity provider that belongs to the session.

        Returns:
            Like `MagicLink.verify`. If the service sends no new refresh token, it contains the
            given one.

        Raises:
            TokenError: The refresh token, or a token in the response, is invalid.
            AuthException: The service rejected the request, for example after a logout.
            DescopeError: Any other failure.
        """
        request = request_builders.refresh_session(refresh_token, audience, external_token)
        return self._client.call(operations.SESSION_REFRESH, request)

    def validate_and_refresh_session(
        self,
        session_token: str,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Validates a session token; if it is invalid, refreshes the session.

        Calls that overlap share one refresh, as in `refresh_session`. Differs from the official
        one: it also refreshes if the signature is wrong.

        Args:
            session_token: The session JWT.
            refresh_token: The refresh JWT of the session.
            audience: Accepted audiences of the tokens; at least one must match.

        Returns:
            Like `validate_session`; or, if the session was refreshed, like `refresh_session`. Only
            the latter has the key `cookieData`.

        Raises:
            AuthException: There is no session token, or both tokens are invalid.
            DescopeError: Any other failure.
        """
        try:
            return self.validate_session(session_token, audience)
        except AuthException:
            if not session_token:
                raise
            return self.refresh_session(refresh_token, audience)

    def select_tenant(
        self,
        tenant_id: str,
        refresh_token: str,
        *,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Gets a session in one of the user's tenants. The tenant becomes the claim `dct`.

        Args:
            tenant_id: The ID of the tenant.
            refresh_token: The refresh JWT of the session.
            audience: Accepted audiences of the tokens; at least one must match.

        Returns:
            Like `MagicLink.verify`.

        Raises:
            AuthException: The service rejected the request, for example because the user is not in
                the tenant.
            TokenError: A token in the response is invalid.
            DescopeError: Any other failure.
        """
        request = request_builders.select_tenant(tenant_id, refresh_token, audience)
        return self._client.call(operations.SESSION_SELECT_TENANT, request)

    def logout(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> DescopeResponse:
        """Ends a session: its refresh token becomes invalid. It does not clear cookies.

        Clear the cookies yourself, for example with `clear_cookies` of `descope_ml.flask`. Differs
        from the official one, which returns a response of httpx: see `DescopeResponse`.

        Args:
            refresh_token: The refresh JWT of the session.
            logout_type: The kinds of sessions to end. Default: all.

        Returns:
            The response of the service.

        Raises:
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.logout(refresh_token, logout_type)
        return self._client.call(operations.SESSION_LOGOUT, request)

    def logout_all(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> DescopeResponse:
        """Ends all sessions of the user. Like `logout`.

        Args:
            refresh_token: The refresh JWT of one of the sessions.
            logout_type: The kinds of sessions to end. Default: all.

        Returns:
            The response of the service.

        Raises:
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.logout(refresh_token, logout_type)
        return self._client.call(operations.SESSION_LOGOUT_ALL, request)

    def me(self, refresh_token: str) -> dict[str, Any]:
        """Returns the user of a session.

        Args:
            refresh_token: The refresh JWT of the session.

        Returns:
            The user: `userId`, `loginIds`, `email`, `phone`, `name` and so on.

        Raises:
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        return self._client.call(operations.SESSION_ME, {"refreshToken": refresh_token})

    def my_tenants(
        self, refresh_token: str, dct: bool = False, ids: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Returns tenants of the user of a session. Exactly one of `dct` and `ids` is required.

        Args:
            refresh_token: The refresh JWT of the session.
            dct: True for the tenant that is selected in the session (the claim `dct`).
            ids: The IDs of tenants.

        Returns:
            `{"tenants": [{"id": "...", "name": "...", "customAttributes": {...}}]}`.

        Raises:
            ArgumentError: Both or none of `dct` and `ids` are given.
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        request = request_builders.tenants(refresh_token, dct, ids)
        return self._client.call(operations.SESSION_TENANTS, request)

    def exchange_access_key(
        self,
        access_key: str,
        audience: str | Iterable[str] | None = None,
        login_options: AccessKeyLoginOptions | Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Exchanges an access key for a session token, which is validated.

        There is no refresh token: exchange the key again when the session token has expired.

        Args:
            access_key: An access key of the project.
            audience: Accepted audiences of the token; at least one must match.
            login_options: Options of the session; or a mapping with the API's names.

        Returns:
            A dictionary with `sessionToken`, `permissions`, `roles`, `tenants`, `projectId` and
            `keyId`, the ID of the access key.

        Raises:
            AuthException: The service rejected the access key.
            TokenError: The token in the response is invalid.
            DescopeError: Any other failure.
        """
        request = request_builders.exchange_access_key(access_key, audience, login_options)
        return self._client.call(operations.SESSION_EXCHANGE_ACCESS_KEY, request)

    def history(self, refresh_token: str) -> list[dict[str, Any]]:
        """Returns the sign-ins of the user of a session.

        Differs from the official one: it always returns a list, also if the service wraps the list
        in an object, as the published API says.

        Args:
            refresh_token: The refresh JWT of the session.

        Returns:
            An entry for each sign-in: `userId`, `loginTime`, `city`, `country`, `ip` and so on.

        Raises:
            AuthException: The service rejected the request.
            DescopeError: Any other failure.
        """
        return self._client.call(operations.SESSION_HISTORY, {"refreshToken": refresh_token})
