"""A site in Django with users, in a process of its own: `request.user`, and Django REST framework.

It reads a JSON object from stdin, `{"client": {…}, "requests": [[path, headers], …]}`, and writes a
list with the status, the text and the names of the cookies of each response.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import django  # type: ignore[import-untyped]
from django.conf import settings  # type: ignore[import-untyped]

from descope_ml import DescopeClient

given = json.load(sys.stdin)
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="test",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": given["database"]}},
    AUTHENTICATION_BACKENDS=[
        "descope_ml.django_users.DescopeBackend",
        "django.contrib.auth.backends.ModelBackend",
    ],
    MIDDLEWARE=["descope_ml.django_users.DescopeUserMiddleware"],
    DESCOPE_ML={
        "client": DescopeClient(**given["client"]),
        "staff_roles": ["editor"],
        "superuser_roles": ["admin"],
        **given.get("settings", {}),
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["descope_ml.rest_framework.DescopeAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    },
    LOGGING_CONFIG=None,
)
django.setup()

# They need the settings.
from django.contrib.auth import authenticate, get_user_model  # type: ignore[import-untyped]  # noqa: E402
from django.contrib.auth.decorators import login_required  # type: ignore[import-untyped]  # noqa: E402
from django.core.management import call_command  # type: ignore[import-untyped]  # noqa: E402
from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]  # noqa: E402
from django.test import AsyncClient, Client  # type: ignore[import-untyped]  # noqa: E402
from django.urls import path  # type: ignore[import-untyped]  # noqa: E402
from rest_framework.decorators import api_view  # type: ignore[import-untyped]  # noqa: E402
from rest_framework.response import Response  # type: ignore[import-untyped]  # noqa: E402

from descope_ml.django_users import DescopeBackend  # noqa: E402


def describe(user: Any) -> str:
    """The user as a text."""
    return f"{user.get_username()} {int(user.is_staff)} {int(user.is_superuser)}"


def who(request: HttpRequest) -> HttpResponse:
    """Who is signed in."""
    return HttpResponse(describe(request.user))


async def async_who(request: HttpRequest) -> HttpResponse:
    """Who is signed in."""
    return HttpResponse(describe(await request.auser()))


@login_required(login_url="/sign-in")  # type: ignore[untyped-decorator]
def private(request: HttpRequest) -> HttpResponse:
    """A page for users only."""
    return who(request)


@api_view(["GET"])  # type: ignore[untyped-decorator]
def api(request: Any) -> Response:
    """A page of an API."""
    return Response(f"{describe(request.user)} {request.auth['userId']}")


def deactivate(request: HttpRequest) -> HttpResponse:
    """Deactivates who is signed in."""
    get_user_model().objects.filter(pk=request.user.pk).update(is_active=False)
    return HttpResponse("done")


def backend(request: HttpRequest) -> HttpResponse:
    """Signs in by the backend."""
    user = authenticate(request, descope_session={"userId": "U-backend", "roles": ["editor"]})
    other = authenticate(request, username="a", password="b")
    again = DescopeBackend().get_user(user.pk)
    return HttpResponse(f"{describe(again)} {other} {DescopeBackend().get_user(-1)}")


def open_page(_request: HttpRequest) -> HttpResponse:
    """A page that does not ask who is signed in."""
    return HttpResponse("open")


views = [who, async_who, private, deactivate, backend, open_page]
urlpatterns = [path("api", api), *(path(view.__name__, view) for view in views)]


def own_user(session: Any) -> Any:
    """A user that the application finds by itself."""
    user, _ = get_user_model().objects.get_or_create(username=f"own {session['userId']}")
    return user


def main() -> None:
    """Makes the requests."""
    call_command("migrate", verbosity=0)
    done = []
    for page, headers in given["requests"]:
        is_async = page.startswith("/async")
        browser = AsyncClient() if is_async else Client()
        browser.cookies.load(headers.pop("Cookie", ""))
        response = browser.get(page, headers=headers)
        if is_async:
            response = asyncio.run(response)
        lines = {name: response.headers.get(name, "") for name in ("Vary", "Location")}
        lines["WWW-Authenticate"] = response.headers.get("WWW-Authenticate", "")
        done.append(
            {
                "status": response.status_code,
                "text": response.content.decode(),
                "cookies": sorted(response.cookies),
                "headers": lines,
            }
        )
    print(json.dumps(done))


main()
