"""The client, by the names of the official package."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from descope_ml.client_base import ClientBase
from descope_ml.magiclink import MagicLink
from descope_ml.performing import Call, blocking, logged, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from descope_ml.management import Management
    from descope_ml.results import DescopeResponse
else:
    Any = object


class DescopeClient(ClientBase):
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

    @functools.cached_property
    def magiclink(self) -> MagicLink:
        """Sign-in by magic link."""
        return MagicLink(self._open())

    @functools.cached_property
    def mgmt(self) -> Management:
        """The test users; of the management API there is no more here."""
        from descope_ml.management import Management  # noqa: PLC0415 - few programs need it

        return Management(self._open())

    def warm_up(self) -> None:
        """Connects ahead, so that the next call need not; the official package has no such call.

        The name is looked up, and TCP, a proxy and TLS are seen to, but nothing is asked. The
        connection waits for whichever thread next needs a new one, for the idle timeout at the
        most. While one waits, this does nothing.

        Raises:
            DescopeError: There is no connection to be had; `outcome` is `not_sent`.

        Example:
            >>> from descope_ml import DescopeClient
            >>> client = DescopeClient()
            >>> client.warm_up()  # When the program starts, or the form is shown.
        """
        logged(self._open().warm_up)

    @blocking
    def validate_session(
        self, session_token: str, audience: str | Iterable[str] | None = None
    ) -> Call[dict[str, Any]]:
        """Checks a session token on this machine; keys that are not known yet are fetched.

        Differs from the official one: `iss` and `drn` are checked too, so another project's token
        and a refresh token are refused; whatever is wrong with a token is a `TokenError`.

        Args:
            session_token: The session JWT.
            audience: Of which audiences the token must have one; else, where it has any, the
                project must be among them.

        Returns:
            The claims and `jwt`, again as `sessionToken`, and `permissions`, `roles`, `tenants`,
            `projectId` and `userId`.

        Raises:
            TokenError: The token does not hold; `reason` says why.
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
        request = {"sessionToken": session_token, "audience": texts(audience)}
        from descope_ml.results import session  # noqa: PLC0415 - a sign-in does without

        return Call("session/validate", request, session, _type_without(session_token))

    @blocking
    def validate_session_remote(self, session_token: str) -> Call[dict[str, Any]]:
        """Asks the service whether a session token holds, which knows whether it was revoked too.

        The official package has no such call.

        Args:
            session_token: The session JWT.

        Returns:
            The claims.

        Raises:
            AuthException: The service does not take the token.
            DescopeError: Anything else.
        """
        request = {"sessionToken": session_token}
        error_type = _type_without(session_token)
        return Call("session/validate_remote", request, _parsed_jwt, error_type)

    @blocking
    def refresh_session(
        self,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
        *,
        external_token: str | None = None,
    ) -> Call[dict[str, Any]]:
        """Asks for a new session token. The refresh token is checked on this machine first.

        Args:
            refresh_token: The refresh JWT of the session.
            audience: Of which audiences the tokens must have one.
            external_token: A token of another identity provider that goes with the session.

        Returns:
            As `MagicLink.verify`; the refresh token is the old one where no new one came.

        Raises:
            TokenError: The refresh token, or a token in the answer, does not hold.
            AuthException: The service said no, as it does after a logout.
            DescopeError: Anything else.
        """
        request = {
            "refreshToken": refresh_token,
            "audience": texts(audience),
            "externalToken": external_token,
        }
        from descope_ml.results import signed_in  # noqa: PLC0415 - a sign-in does without

        return Call("session/refresh", request, signed_in, _type_without(refresh_token))

    def validate_and_refresh_session(
        self,
        session_token: str,
        refresh_token: str,
        audience: str | Iterable[str] | None = None,
    ) -> dict[str, Any]:
        """Checks a session token; where it does not hold, refreshes the session.

        Differs from the official one: it refreshes also where the signature is wrong.

        Args:
            session_token: The session JWT.
            refresh_token: The refresh JWT of the session.
            audience: Of which audiences the tokens must have one.

        Returns:
            As `validate_session`, or as `refresh_session`, which is told by its `cookieData`.

        Raises:
            AuthException: There is no session token, or neither token holds.
            DescopeError: Anything else.
        """
        from descope_ml.errors import AuthException  # noqa: PLC0415 - a sign-in needs no errors

        try:
            return self.validate_session(session_token, audience)
        except AuthException:
            if not session_token:
                raise
            return self.refresh_session(refresh_token, audience)

    @blocking
    def select_tenant(
        self,
        tenant_id: str,
        refresh_token: str,
        *,
        audience: str | Iterable[str] | None = None,
    ) -> Call[dict[str, Any]]:
        """Asks for a session in one of the user's tenants, which becomes its claim `dct`.

        Args:
            tenant_id: The tenant.
            refresh_token: The refresh JWT of the session.
            audience: Of which audiences the tokens must have one.

        Returns:
            As `MagicLink.verify`.

        Raises:
            AuthException: The service said no, such as for a tenant that the user is not in.
            TokenError: A token in the answer does not hold.
            DescopeError: Anything else.
        """
        request = {
            "tenant": tenant_id,
            "refreshToken": refresh_token,
            "audience": texts(audience),
        }
        from descope_ml.results import signed_in  # noqa: PLC0415 - a sign-in does without

        return Call("session/select_tenant", request, signed_in, _type_without(refresh_token))

    @blocking
    def logout(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> Call[DescopeResponse]:
        """Ends a session: its refresh token works no more. The cookies are yours to clear.

        Differs from the official one, which returns a response of httpx: see `DescopeResponse`.

        Args:
            refresh_token: The refresh JWT of the session.
            logout_type: Which kinds of sessions end; else all.

        Returns:
            The service's answer.

        Raises:
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        request = {"refreshToken": refresh_token, "logoutType": logout_type}
        from descope_ml.results import DescopeResponse  # noqa: PLC0415 - a sign-in does without

        return Call("session/logout", request, DescopeResponse)

    @blocking
    def logout_all(
        self, refresh_token: str, *, logout_type: Sequence[str] | None = None
    ) -> Call[DescopeResponse]:
        """Ends all sessions of the user. As `logout`.

        Args:
            refresh_token: The refresh JWT of one of them.
            logout_type: Which kinds of sessions end; else all.

        Returns:
            The service's answer.

        Raises:
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        request = {"refreshToken": refresh_token, "logoutType": logout_type}
        from descope_ml.results import DescopeResponse  # noqa: PLC0415 - a sign-in does without

        return Call("session/logout_all", request, DescopeResponse)

    @blocking
    def me(self, refresh_token: str) -> Call[dict[str, Any]]:
        """Who the user of a session is.

        Args:
            refresh_token: The refresh JWT of the session.

        Returns:
            The user: `userId`, `loginIds`, `email`, `phone`, `name` and so on.

        Raises:
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        return Call("session/me", {"refreshToken": refresh_token}, dict)

    @blocking
    def history(self, refresh_token: str) -> Call[list[dict[str, Any]]]:
        """When the user of a session has signed in.

        Differs from the official one: it is a list also where the service sends an object around
        it, as its published document says.

        Args:
            refresh_token: The refresh JWT of the session.

        Returns:
            An entry for each sign-in: `userId`, `loginTime`, `city`, `country`, `ip` and so on.

        Raises:
            AuthException: The service said no.
            DescopeError: Anything else.
        """
        return Call("session/history", {"refreshToken": refresh_token}, _auth_history)


def _type_without(token: object) -> str | None:
    """How the official package types the error that this token is missing."""
    if token:
        return None
    from descope_ml.errors import ERROR_TYPE_INVALID_TOKEN  # noqa: PLC0415 - a sign-in needs no errors

    return ERROR_TYPE_INVALID_TOKEN


def _parsed_jwt(answer: dict[str, Any]) -> dict[str, Any]:
    claims: dict[str, Any] = answer["parsedJWT"]
    return claims


def _auth_history(answer: dict[str, Any]) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = answer["authHistory"]
    return history
