"""`request.user` for Django: the user of your user model to whom a session belongs.

Settings:

    MIDDLEWARE = [..., "descope_ml.django_users.DescopeUserMiddleware"]
    AUTHENTICATION_BACKENDS = ["descope_ml.django_users.DescopeBackend"]
    DESCOPE_ML = {"staff_roles": ["editor"], "superuser_roles": ["admin"]}

A user is found by the user name, which is the user ID of Descope (`sub`), or else made.
`"user"` in `DESCOPE_ML` names a function instead, which takes the session and returns the user,
or None. If `staff_roles` or `superuser_roles` are given, the roles of the session decide at every
request who is staff or a superuser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django import conf  # type: ignore[import-untyped]
from django.contrib.auth import get_user_model  # type: ignore[import-untyped]
from django.utils.functional import SimpleLazyObject  # type: ignore[import-untyped]

from descope_ml.django import imported, settings_auth
from descope_ml.django_responses import refuse
from descope_ml.web.errors import AuthFailure

__all__ = ["DescopeBackend", "DescopeUserMiddleware", "user_of_session"]

# The flags of a user, and the settings with the roles that set them.
_FLAGS = {"is_staff": "staff_roles", "is_superuser": "superuser_roles"}


def user_of_session(session: Mapping[str, Any]) -> Any:
    """The user to whom a session belongs; None if there is none who may sign in.

    Args:
        session: The result of `validate_session` or of a verification.
    """
    given: Mapping[str, Any] = getattr(conf.settings, "DESCOPE_ML", {})
    find = imported(given.get("user")) or _find_or_make
    user = find(session)
    if user is None or not user.is_active:
        return None
    changed = []
    for flag, setting in _FLAGS.items():
        if setting in given:
            value = not set(given[setting]).isdisjoint(session["roles"])
            if getattr(user, flag) != value:
                setattr(user, flag, value)
                changed.append(flag)
    if changed:
        user.save(update_fields=changed)
    return user


def _find_or_make(session: Mapping[str, Any]) -> Any:
    model = get_user_model()
    name = {model.USERNAME_FIELD: session["userId"]}
    user, is_new = model.objects.get_or_create(**name)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


class DescopeBackend:
    """Signs in the user of a session: `authenticate(request, descope_session=login)`.

    For permissions of the database, add `django.contrib.auth.backends.ModelBackend`.
    """

    def authenticate(
        self, request: Any, descope_session: Mapping[str, Any] | None = None, **_: Any
    ) -> Any:
        """The user; None for credentials of other backends."""
        del request
        return None if descope_session is None else user_of_session(descope_session)

    def get_user(self, user_id: Any) -> Any:
        """The user with a primary key; None if there is none who may sign in."""
        return get_user_model().objects.filter(pk=user_id, is_active=True).first()


class DescopeUserMiddleware:
    """Sets `request.user` and `request.auser`: the user of the session, when a view asks for it.

    Without a session it is the user that an earlier middleware has found, else an `AnonymousUser`.
    A session that has expired is refreshed.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        """Reads the setting."""
        self._get_response = get_response
        self._auth = settings_auth()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Handles a request. The response is awaited if the one of the next layer is."""
        earlier = getattr(request, "user", None)

        def get_user() -> Any:
            if not hasattr(request, "_descope_user"):
                session = self._auth.session(request, optional=True)
                user = None if session is None else user_of_session(session)
                request._descope_user = user or earlier or _anonymous()  # noqa: SLF001
            return request._descope_user  # noqa: SLF001

        request.user = SimpleLazyObject(get_user)
        request.auser = sync_to_async(get_user)
        return self._get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> Any:
        """The response if the session could not be validated, for example without a network."""
        if isinstance(exception, AuthFailure):
            return refuse(request, exception, self._auth.refusal)
        return None


def _anonymous() -> Any:
    # The module of the models can be imported only when Django is set up.
    from django.contrib.auth.models import AnonymousUser  # type: ignore[import-untyped]  # noqa: PLC0415

    return AnonymousUser()
