"""Sign-in by link with Django REST framework and `request.user`. The README says how to run it."""

import os

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from descope_ml import DeliveryMethod, DescopeError
from descope_ml.django import DescopeRequest, LandingPage, landing_view, sign_out

# Links lead here. Not to the host of the request: its client can name any.
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")


def home(request: DescopeRequest) -> HttpResponse:
    """The form, for those who are not signed in."""
    return (
        redirect("/account") if request.user.is_authenticated else render(request, "sign_in.html")
    )


@require_POST
def sign_in(request: DescopeRequest) -> HttpResponse:
    """Sends a link. Whoever has not been here before is signed up."""
    login_id = str(request.POST.get("login_id", "")).strip()
    method = DeliveryMethod.EMAIL if "@" in login_id else DeliveryMethod.SMS
    magiclink = request.descope.client.magiclink
    try:
        sent_to = magiclink.sign_up_or_in(method, login_id, f"{SITE_URL}/verify")
    except DescopeError as error:
        return render(request, "sign_in.html", {"error": error}, status=400)
    return render(request, "sent.html", {"sent_to": sent_to})


@login_required
def account(request: DescopeRequest) -> HttpResponse:
    """A page for users only. A session that has expired is refreshed."""
    return render(request, "account.html", {"user": request.user.get_username()})


@api_view(["GET"])
def me(request: Request) -> Response:
    """An API: `Authorization: Bearer` with a session token. `request.user` is the same user."""
    return Response({key: request.auth[key] for key in ("userId", "roles")})


@require_POST
@sign_out()
def signed_out(_request: DescopeRequest) -> HttpResponse:
    """Ends the session at the service, and clears the cookies."""
    return redirect("/")


urlpatterns = [
    path("", home),
    path("sign-in", sign_in),
    path("verify", landing_view(page=LandingPage(redirect_to="/account", new_link="/"))),
    path("account", account),
    path("api/me", me),
    path("sign-out", signed_out),
]
