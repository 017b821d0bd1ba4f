"""The decorators of the official `descope.flask` that concern magic links and sessions.

They are for views that use them already. New code is better off with `landing_blueprint` and
`require_session` of `descope_ml.flask`. Import them from there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from flask import Response, after_this_request, current_app, g, request

from descope_ml.client import DescopeClient
from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
)
from descope_ml.error_frames import hides_locals
from descope_ml.errors import DescopeError
from descope_ml.flask_responses import refuse_outer_cache, response_changes
from descope_ml.results import DescopeResponse
from descope_ml.web.errors import to_auth_failure
from descope_ml.web.responses import forbid_storing, headers_of

__all__ = [
    "descope_full_login",
    "descope_logout",
    "descope_signin_magiclink_by_email",
    "descope_signup_magiclink_by_email",
    "descope_validate_auth",
    "descope_verify_magiclink_token",
    "set_cookie_on_response",
]

_View = TypeVar("_View", bound=Callable[..., Any])

_COOKIE_SECONDS = 30 * 24 * 3600


@hides_locals
def set_cookie_on_response(
    response: Response, token: Mapping[str, Any], cookie_data: Mapping[str, Any]
) -> None:
    """Sets the cookie of one token: Secure, HttpOnly, SameSite=Strict.

    Differs from the official one: without `maxAge` in the response of the service, the cookie lasts
    30 days, not for decades.

    Args:
        response: The response to the browser.
        token: The member `sessionToken` or `refreshSessionToken` of a login result.
        cookie_data: The member `cookieData` of a login result.
    """
    response.set_cookie(
        token.get("drn", ""),
        token.get("jwt", ""),
        max_age=cookie_data.get("maxAge") or _COOKIE_SECONDS,
        path=cookie_data.get("path") or "/",
        domain=cookie_data.get("domain") or None,
        secure=True,
        httponly=True,
        samesite="Strict",
    )
    forbid_storing(headers_of(response))


def descope_signup_magiclink_by_email(
    descope_client: DescopeClient, uri: str
) -> Callable[[_View], _View]:
    """Sends a sign-up link to `email` in the JSON of the request, then calls the view.

    The JSON may have a `user`. Without an email address the response is 400. If the link cannot be
    sent, it is 500. Differs from the official one: the response does not quote the error.

    Args:
        descope_client: The client that sends the link.
        uri: The URL of the link.

    Returns:
        The decorator.
    """

    def send(email: str, user: Any) -> None:
        descope_client.magiclink.sign_up(DeliveryMethod.EMAIL, email, uri, user)

    return _sends_link(send, "Failed to signup")


def descope_signin_magiclink_by_email(
    descope_client: DescopeClient, uri: str
) -> Callable[[_View], _View]:
    """Sends a sign-in link. Like `descope_signup_magiclink_by_email`."""

    def send(email: str, _: Any) -> None:
        descope_client.magiclink.sign_in(DeliveryMethod.EMAIL, email, uri)

    return _sends_link(send, "Failed to signin")


def _sends_link(send: Callable[[str, Any], None], failure: str) -> Callable[[_View], _View]:
    def send_requested() -> Response | None:
        data = request.get_json(force=True)
        email = data.get("email") if isinstance(data, dict) else None
        if not email:
            return Response("Bad Request, missing email", 400)
        try:
            send(email, data.get("user"))
        except DescopeError as error:
            return _refusal(error, Response(failure, 500))
        return None

    return _before_view(send_requested)


def descope_verify_magiclink_token(descope_client: DescopeClient) -> Callable[[_View], _View]:
    """Verifies the token of the link, `t` in the query, and sets the cookies of the session.

    The view finds the login result in `flask.g.claims`. If the token is invalid, the response is
    401 `Unauthorized`. Every request spends the token, also that of a mail scanner:
    `landing_blueprint` shows a page first.

    Args:
        descope_client: The client that verifies the token.

    Returns:
        The decorator.
    """

    def verify() -> dict[str, Any]:
        return descope_client.magiclink.verify(request.args.get("t") or "")

    return _with_claims(verify, "Unauthorized")


def descope_validate_auth(
    descope_client: DescopeClient,
    permissions: Iterable[str] | None = None,
    roles: Iterable[str] | None = None,
    tenant: str = "",
) -> Callable[[_View], _View]:
    """Requires a session in the cookies, and refreshes it if it has expired.

    The view finds the session in `flask.g.claims`. Without a valid session, or without a required
    permission or role, the response is 401 `Access denied`. After a refresh, the response has the
    new cookies. Differs from the official one: `tenant` works, and a new refresh token is set too.

    Args:
        descope_client: The client that validates the session.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant in which the session must have them. Default: project-level ones.

    Returns:
        The decorator.
    """
    required_permissions, required_roles = list(permissions or ()), list(roles or ())

    def validate() -> dict[str, Any] | None:
        session = descope_client.validate_and_refresh_session(
            request.cookies.get(SESSION_COOKIE_NAME, ""),
            request.cookies.get(REFRESH_SESSION_COOKIE_NAME, ""),
        )
        has_all = descope_client.validate_tenant_permissions(
            session, tenant, required_permissions
        ) and descope_client.validate_tenant_roles(session, tenant, required_roles)
        return session if has_all else None

    return _with_claims(validate, "Access denied")


def _with_claims(
    get_claims: Callable[[], dict[str, Any] | None], refused: str
) -> Callable[[_View], _View]:
    """Calls the view with `flask.g.claims`, and sets the cookies if the tokens are new."""

    def store_claims() -> Response | None:
        changes = response_changes()
        changes.is_guarded = True
        try:
            claims = get_claims()
        except DescopeError as error:
            return _refusal(error, Response(refused, 401))
        if claims is None:
            changes.is_refusal = True
            return Response(refused, 401)
        g.claims = claims
        if COOKIE_DATA_NAME in claims:
            after_this_request(functools.partial(_set_cookies, claims))
        return None

    return _before_view(store_claims)


def _set_cookies(claims: dict[str, Any], response: Response) -> Response:
    for name in (SESSION_TOKEN_NAME, REFRESH_SESSION_TOKEN_NAME):
        if name in claims:
            set_cookie_on_response(response, claims[name], claims[COOKIE_DATA_NAME])
    return response


def descope_logout(descope_client: DescopeClient) -> Callable[[_View], _View]:
    """Ends the session of the refresh token in the cookies, calls the view, and clears the cookies.

    If the service refuses, the response is that error without the view. Differs from the official
    one: the cookies are cleared under the domain and path that the service says, not under the
    `Host` of the request.

    Args:
        descope_client: The client that ends the session.

    Returns:
        The decorator.
    """

    def end_session() -> Response | None:
        try:
            answer = descope_client.logout(request.cookies.get(REFRESH_SESSION_COOKIE_NAME, ""))
        except DescopeError as error:
            return _refusal(error, Response("Logout failed", 401))
        after_this_request(functools.partial(_clear_cookies, answer))
        return None

    return _before_view(end_session)


def _clear_cookies(answer: DescopeResponse, response: Response) -> Response:
    domain, path = answer.get("cookieDomain") or None, answer.get("cookiePath") or "/"
    for name in (SESSION_COOKIE_NAME, REFRESH_SESSION_COOKIE_NAME):
        response.delete_cookie(name, path, domain, secure=True, httponly=True)
    forbid_storing(headers_of(response))
    return response


def _before_view(act: Callable[[], Response | None]) -> Callable[[_View], _View]:
    """Decorates a view: what `act` responds is the response, else the view is called.

    `act` has ended when the view begins. So no local variable has a token or an email address if
    the view raises.
    """
    run = hides_locals(act)

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            refuse_outer_cache(decorated)
            response = run()
            if response is not None:
                return response
            return current_app.ensure_sync(view)(*args, **kwargs)

        return decorated  # type: ignore[return-value]

    return decorate


def descope_full_login(project_id: str, flow_id: str, success_redirect_url: str) -> NoReturn:
    """Raises: this package has no flows. Use the official web component, or magic links.

    The official one also puts the tokens into cookies that scripts of the page can read.
    """
    message = (
        "descope_full_login is not here: descope_ml has magic links and no flows; "
        "use descope_signin_magiclink_by_email or the web component of Descope"
    )
    raise NotImplementedError(message)


def _refusal(error: DescopeError, rejected: Response) -> Response:
    """The response to a failure: as the helpers of `descope_ml.flask`, with the official texts."""
    failure = to_auth_failure(error)
    if failure is None:
        raise error
    response_changes().is_refusal = True
    if failure.status in {rejected.status_code, 401}:
        return rejected
    return Response(failure.detail, failure.status, failure.headers, mimetype="text/plain")
