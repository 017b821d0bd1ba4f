"""Authentication for Django REST framework by the sessions of Descope.

Settings:

    REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["descope_ml.rest_framework.DescopeAuthentication"]
    }
"""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import (  # type: ignore[import-untyped]
    APIException,
    AuthenticationFailed,
)

from descope_ml.django import settings_auth
from descope_ml.django_users import user_of_session
from descope_ml.web.errors import UNAUTHENTICATED, AuthFailure

__all__ = ["DescopeAuthentication"]


class DescopeAuthentication:
    """Sets `request.user` to the user of the session, and `request.auth` to the session.

    Without a token the request goes on without a user, and the permissions of the view decide. A
    token that is not valid is refused.
    """

    def authenticate(self, request: Any) -> tuple[Any, dict[str, Any]] | None:
        """The user and the session."""
        try:
            session = settings_auth().session(request)
        except AuthFailure as failure:
            if failure.status != UNAUTHENTICATED:
                raise _unavailable(failure) from failure
            if failure.headers["WWW-Authenticate"] == "Bearer":  # There was no token.
                return None
            raise AuthenticationFailed(failure.detail) from failure
        if session is None:
            return None
        user = user_of_session(session)
        if user is None:
            raise AuthenticationFailed("the user is not active")
        return user, session

    def authenticate_header(self, request: Any) -> str:
        """The value of `WWW-Authenticate` of a refusal."""
        del request
        return "Bearer"


def _unavailable(failure: AuthFailure) -> APIException:
    error = APIException(failure.detail)
    error.status_code = failure.status
    return error
