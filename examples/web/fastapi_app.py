"""Sign-in by link with FastAPI. The README says how to run it."""

import os
from html import escape
from typing import Annotated, Any, Optional
from urllib.parse import parse_qs

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, RedirectResponse

from descope_ml import DeliveryMethod, DescopeClientAsync, DescopeError
from descope_ml.fastapi import CookieSettings, DescopeAuth, LandingPage, landing_router

# Links lead here. Not to the host of the request: its client can name any.
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

SIGN_IN = """<!doctype html><title>Sign in</title><h1>Sign in</h1>
<form method="post" action="/sign-in">
<label>Email or phone <input name="login_id" autocomplete="username" required></label>
<button>Send me a link</button></form>"""
ACCOUNT = """<!doctype html><title>Account</title><h1>Signed in</h1><p>You are {user}.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>"""

client = DescopeClientAsync()  # The project ID comes from DESCOPE_PROJECT_ID.
# On localhost, browsers reject cookies with the domain of the project's settings.
auth = DescopeAuth(client, cookies=CookieSettings(domain=""))
Session = Annotated[dict[str, Any], Depends(auth.require_session())]
OptionalSession = Annotated[Optional[dict[str, Any]], Depends(auth.require_session(optional=True))]
app = FastAPI()
app.include_router(landing_router(auth, LandingPage("/account", new_link="/"), path="/verify"))


@app.get("/")
async def home(session: OptionalSession) -> Response:
    """The form, for those who are not signed in."""
    return RedirectResponse("/account", 303) if session else HTMLResponse(SIGN_IN)


@app.post("/sign-in")
async def sign_in(request: Request) -> HTMLResponse:
    """Sends a link. Whoever has not been here before is signed up."""
    login_id = parse_qs((await request.body()).decode()).get("login_id", [""])[0].strip()
    method = DeliveryMethod.EMAIL if "@" in login_id else DeliveryMethod.SMS
    try:
        sent_to = await client.magiclink.sign_up_or_in(method, login_id, f"{SITE_URL}/verify")
    except DescopeError as error:
        return HTMLResponse(f"<p>No link was sent: {escape(str(error))}</p>{SIGN_IN}", 400)
    return HTMLResponse(f"<p>A link is on its way to {escape(sent_to)}.</p>")


@app.get("/account")
async def account(session: Session) -> HTMLResponse:
    """A page for users only. A session that has expired is refreshed."""
    return HTMLResponse(ACCOUNT.format(user=escape(session["userId"])))


@app.get("/api/me")
async def me(session: Session) -> dict[str, Any]:
    """An API: `Authorization: Bearer` with a session token."""
    return {key: session[key] for key in ("userId", "roles")}


@app.post("/sign-out", dependencies=[Depends(auth.sign_out)])
async def sign_out() -> RedirectResponse:
    """Ends the session at the service, and clears the cookies."""
    return RedirectResponse("/", 303)


@app.exception_handler(401)
async def signed_out(request: Request, refusal: HTTPException) -> Response:
    """Leads browsers to the form. Everybody else gets the usual JSON."""
    if "text/html" in request.headers.get("Accept", ""):
        return RedirectResponse("/", 303)
    return await http_exception_handler(request, refusal)
