"""Sign-in by link with Flask. The README says how to run it."""

import os
from typing import Any

from flask import Flask, g, json, redirect, render_template_string, request
from werkzeug.exceptions import Unauthorized

from descope_ml import DeliveryMethod, DescopeClient, DescopeError
from descope_ml.flask import CookieSettings, DescopeAuth, LandingPage, landing_blueprint

# Links lead here. Not to the host of the request: its client can name any.
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000")

SIGN_IN = """<!doctype html><title>Sign in</title><h1>Sign in</h1>
{% if error %}<p>No link was sent: {{ error }}</p>{% endif %}
<form method="post" action="/sign-in">
<label>Email or phone <input name="login_id" autocomplete="username" required></label>
<button>Send me a link</button></form>"""
SENT = "<!doctype html><title>Sign in</title><p>A link is on its way to {{ sent_to }}.</p>"
ACCOUNT = """<!doctype html><title>Account</title><h1>Signed in</h1><p>You are {{ user }}.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>"""

client = DescopeClient()  # The project ID comes from DESCOPE_PROJECT_ID.
# On localhost, browsers reject cookies with the domain of the project's settings.
auth = DescopeAuth(client, cookies=CookieSettings(domain=""))
app = Flask(__name__)
auth.init_app(app)
app.register_blueprint(
    landing_blueprint(auth, LandingPage("/account", new_link="/"), path="/verify")
)


@app.get("/")
@auth.require_session(optional=True)
def home() -> Any:
    """The form, for those who are not signed in."""
    return redirect("/account", 303) if g.descope_session else render_template_string(SIGN_IN)


@app.post("/sign-in")
def sign_in() -> Any:
    """Sends a link. Whoever has not been here before is signed up."""
    login_id = request.form["login_id"].strip()
    method = DeliveryMethod.EMAIL if "@" in login_id else DeliveryMethod.SMS
    try:
        sent_to = client.magiclink.sign_up_or_in(method, login_id, f"{SITE_URL}/verify")
    except DescopeError as error:
        return render_template_string(SIGN_IN, error=error), 400
    return render_template_string(SENT, sent_to=sent_to)


@app.get("/account")
@auth.require_session()
def account() -> str:
    """A page for users only. A session that has expired is refreshed."""
    return render_template_string(ACCOUNT, user=g.descope_session["userId"])


@app.get("/api/me")
@auth.require_session()
def me() -> dict[str, Any]:
    """An API: `Authorization: Bearer` with a session token."""
    return {key: g.descope_session[key] for key in ("userId", "roles")}


@app.post("/sign-out")
def sign_out() -> Any:
    """Ends the session at the service, and clears the cookies."""
    auth.sign_out()
    return redirect("/", 303)


@app.errorhandler(401)
def signed_out(refusal: Unauthorized) -> Any:
    """Leads browsers to the form. Everybody else gets JSON."""
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return redirect("/", 303)
    response = refusal.get_response()
    response.data = json.dumps({"detail": refusal.description})
    response.content_type = "application/json"
    return response
