"""Sign-in by link with Django. The README says how to run it."""

import os

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from descope_ml import DeliveryMethod, DescopeClient, DescopeError
from descope_ml.django import CookieSettings, DescopeAuth, DescopeRequest, LandingPage, landing_view

# Links lead here. Not to the host of the request: its client can name any.
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

client = DescopeClient()  # The project ID comes from DESCOPE_PROJECT_ID.
# On localhost, browsers reject cookies with the domain of the project's settings.
cookies = CookieSettings(domain="")
pages = DescopeAuth(client, cookies=cookies, refusal="redirect")  # To LOGIN_URL.
api = DescopeAuth(client, cookies=cookies, refusal="json")


@pages.require_session(optional=True)
def home(request: DescopeRequest) -> HttpResponse:
    """The form, for those who are not signed in."""
    return redirect("/account") if request.descope_session else render(request, "sign_in.html")


@require_POST
def sign_in(request: DescopeRequest) -> HttpResponse:
    """Sends a link. Whoever has not been here before is signed up."""
    login_id = str(request.POST.get("login_id", "")).strip()
    method = DeliveryMethod.EMAIL if "@" in login_id else DeliveryMethod.SMS
    try:
        sent_to = client.magiclink.sign_up_or_in(method, login_id, f"{SITE_URL}/verify")
    except DescopeError as error:
        return render(request, "sign_in.html", {"error": error}, status=400)
    return render(request, "sent.html", {"sent_to": sent_to})


@pages.require_session()
def account(request: DescopeRequest) -> HttpResponse:
    """A page for users only. A session that has expired is refreshed."""
    return render(request, "account.html", {"user": request.descope_session["userId"]})


@api.require_session()
def me(request: DescopeRequest) -> HttpResponse:
    """An API: `Authorization: Bearer` with a session token."""
    return JsonResponse({key: request.descope_session[key] for key in ("userId", "roles")})


@require_POST
@pages.sign_out()
def sign_out(_request: DescopeRequest) -> HttpResponse:
    """Ends the session at the service, and clears the cookies."""
    return redirect("/")


urlpatterns = [
    path("", home),
    path("sign-in", sign_in),
    path("verify", landing_view(pages, LandingPage(redirect_to="/account", new_link="/"))),
    path("account", account),
    path("api/me", me),
    path("sign-out", sign_out),
]
