"""Shared code of the landing page: the page that a link opens, and that verifies on its button.

Mail scanners, previews of messengers and browsers that prefetch fetch links before the user does. A
page that verifies on GET would lose the token to them. This one shows a button on GET, and verifies
on the POST of that button.

Use it through `descope_ml.fastapi`, `descope_ml.flask` or `descope_ml.django`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from descope_ml.client import DescopeClient
from descope_ml.error_frames import call_with_secret, hides_locals
from descope_ml.landing_page import LandingTexts, LandingView, choose_language, render_landing
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import set_cookies
from descope_ml.web.errors import AuthFailure
from descope_ml.web.guard import Call, await_call, run, run_async
from descope_ml.web.links import verification
from descope_ml.web.responses import Response

# The methods of the route.
METHODS = ("GET", "HEAD", "POST")

_MAX_TOKEN_LENGTH = 4096
_COOKIE_SECONDS = 15 * 60
# A browser accepts a cookie with the prefix only over HTTPS, for this host, from this host.
_COOKIE = "descope-link"
_SECURE_COOKIE = "__Host-descope-link"
_COOKIE_VALUE = re.compile(r"[\w-]{43}", re.ASCII)
# The names of the fields of the form.
_TOKEN, _NEXT, _CSRF = "t", "next", "csrf"
_UNSAFE_IN_PATHS = re.compile(r"[\\\x00-\x20\x7f-\xa0]|[\ud800-\udfff]")
_SOURCES = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c-\x7e ]+")
_DIRECTIVES = ("font-src", "img-src", "style-src")


@dataclass(frozen=True)
class LandingPage:
    """The landing page of an application.

    Attributes:
        redirect_to: The path that the user gets to after signing in: a path of this site, such as
            `/books`.
        new_link: The path or URL where the user can ask for a new link. The pages about links that
            do not work lead there. Default: they lead nowhere.
        next_parameter: A parameter of the link's query that names the path to get to instead of
            `redirect_to`, for links such as `/verify?next=/books/7&t=…`. A value that is not a path
            of this site is ignored. Default: none is used.
        texts: The texts; or a mapping from language tags, such as `pt-BR`, to texts. The language
            is the one that the browser prefers; the first of the mapping is the default.
        template: Returns the HTML for a `LandingView`. Default: a page without images and scripts.
        sources: What a template loads, as sources of a content security policy: for example
            `{"img-src": "'self'"}`. Possible are `img-src`, `font-src` and `style-src`.
        same_site: `SameSite` of the session cookies. `Strict` works too: the page of this site, and
            not the message, leads to `redirect_to`.
        cookies: The settings of the session cookies, instead of `same_site`.

    Raises:
        ValueError: An attribute is invalid.

    Example:
        >>> LandingPage(redirect_to="//evil.example")
        Traceback (most recent call last):
        ValueError: redirect_to must be a path of this site, such as /books
    """

    redirect_to: str = "/"
    new_link: str = ""
    next_parameter: str = ""
    texts: LandingTexts | Mapping[str, LandingTexts] = field(default_factory=LandingTexts)
    template: Callable[[LandingView], str] = render_landing
    sources: Mapping[str, str] = field(default_factory=dict)
    same_site: str = "Lax"
    cookies: CookieSettings | None = None

    def __post_init__(self) -> None:
        """Checks the attributes."""
        if not is_path_of_site(self.redirect_to):
            raise ValueError("redirect_to must be a path of this site, such as /books")
        is_url = re.match(r"https?://", self.new_link) and not _UNSAFE_IN_PATHS.search(
            self.new_link
        )
        if self.new_link and not (is_url or is_path_of_site(self.new_link)):
            raise ValueError("new_link must be a path of this site, or an http or https URL")
        if self.next_parameter == _TOKEN:
            raise ValueError("next_parameter cannot be `t`, which is the token")
        if not self.texts:
            raise ValueError("texts must have at least one language")
        for directive, sources in self.sources.items():
            if directive not in _DIRECTIVES or not _SOURCES.fullmatch(sources):
                names = ", ".join(_DIRECTIVES)
                message = f"sources must map {names} to sources, such as {{'img-src': \"'self'\"}}"
                raise ValueError(message)


@dataclass(frozen=True)
class LandingRequest:
    """What a page needs to know of a request of any framework.

    Attributes:
        method: The HTTP method.
        is_secure: Whether the request came by HTTPS.
        query: The parameters of the query.
        form: The fields of the form; empty unless the method is POST.
        cookies: The cookies.
        headers: The headers, as the framework has them: their names can have any case.
    """

    method: str
    is_secure: bool
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    headers: Any = field(repr=False)


class _SettableResponse(Response, Protocol):
    """A response of any framework."""

    @property
    def headers(self) -> Any:
        """The headers, which can be set."""


@dataclass(frozen=True)
class LandingResponse:
    """A response for any framework.

    Attributes:
        status: The HTTP status.
        body: The HTML.
        headers: The headers, with `Content-Type`.
    """

    status: int
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    _csrf_cookie: tuple[str, str] | None = field(default=None, repr=False)
    _login: Mapping[str, Any] | None = field(default=None, repr=False)
    _cookies: CookieSettings | None = None

    @hides_locals
    def finish(self, response: _SettableResponse) -> None:
        """Sets headers and cookies.

        Args:
            response: A response of the framework, with the status and the body.
        """
        for name, value in self.headers.items():
            response.headers[name] = value
        if self._csrf_cookie is not None:
            name, value = self._csrf_cookie
            response.set_cookie(
                name,
                value,
                max_age=_COOKIE_SECONDS,
                path="/",
                secure=name == _SECURE_COOKIE,
                httponly=True,
                # The link is opened from another site, so `Strict` would hide the cookie of a tab
                # from the next one. Neither sends the cookie with a POST from another site.
                samesite="Lax",
            )
        if self._login is not None:
            set_cookies(response, self._login, cookies=self._cookies)


def with_cookies(page: LandingPage | None, cookies: CookieSettings) -> LandingPage:
    """A page with the settings of an application, unless it has its own."""
    page = page or LandingPage()
    is_settled = page.cookies is not None or cookies == CookieSettings()
    return page if is_settled else replace(page, cookies=cookies)


@hides_locals
def respond(client: DescopeClient, page: LandingPage, request: LandingRequest) -> LandingResponse:
    """The response to a request for the page.

    Args:
        client: The client that verifies the token.
        page: The page.
        request: The request.

    Returns:
        The response.

    Raises:
        DescopeError: This server is at fault.
    """
    exchange = _Exchange(page, request)
    response = exchange.without_verification()
    if response is not None:
        return response
    try:
        return exchange.signed_in(run(verification(client, exchange.token)))
    except AuthFailure as failure:
        return exchange.failed(failure)


@hides_locals
async def respond_async(
    client: Any,
    page: LandingPage,
    request: LandingRequest,
    make_call: Callable[[Call], Awaitable[Any]] = await_call,
) -> LandingResponse:
    """Like `respond`, for asyncio. `make_call` awaits a call of the client."""
    exchange = _Exchange(page, request)
    response = exchange.without_verification()
    if response is not None:
        return response
    try:
        login = await run_async(verification(client, exchange.token), make_call)
        return exchange.signed_in(login)
    except AuthFailure as failure:
        return exchange.failed(failure)


def is_path_of_site(path: str) -> bool:
    """Whether a redirect to this path stays on this site in every browser.

    Args:
        path: A path, with or without a query.

    Returns:
        False for a URL with a scheme or host, also after white space or backslashes, which browsers
        read as slashes; for control characters, which browsers drop; and for the segments `.` and
        `..`, also percent-encoded, which browsers resolve: a path must lead where it seems to lead.

    Example:
        >>> [is_path_of_site(path) for path in ("/books?page=2", "//evil.example", "https://a/")]
        [True, False, False]
        >>> [is_path_of_site(path) for path in ("/books/../admin", "/books/%2E%2e/admin")]
        [False, False]
    """
    if not path.startswith("/") or _UNSAFE_IN_PATHS.search(path):
        return False
    only_path = path.partition("?")[0].partition("#")[0]
    # Also inside: an application that resolves "." would redirect to the rest.
    if "//" in only_path:
        return False
    if any(segment in (".", "..") for segment in re.split(r"[/\\]", unquote(only_path))):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


class _Exchange:
    """One request for the page."""

    def __init__(self, page: LandingPage, request: LandingRequest) -> None:
        """Reads the request."""
        self._page = page
        self._request = request
        is_post = request.method == "POST"
        self.token = (request.form if is_post else request.query).get(_TOKEN, "")
        if len(self.token) > _MAX_TOKEN_LENGTH:
            self.token = ""
        if not page.next_parameter:
            self._next = ""
        elif is_post:
            self._next = request.form.get(_NEXT, "")
        else:
            self._next = request.query.get(page.next_parameter, "")
        if not is_path_of_site(self._next):
            self._next = ""
        self._cookie_name = _SECURE_COOKIE if request.is_secure else _COOKIE
        self._secret = request.cookies.get(self._cookie_name, "")

    def without_verification(self) -> LandingResponse | None:
        """The response that needs no verification; None if the token has to be verified."""
        if self._request.method not in METHODS:
            return LandingResponse(
                405, "", {"Allow": ", ".join(METHODS), "Content-Type": "text/plain"}
            )
        if self._request.method == "POST":
            return None if self._is_from_own_page() else self._show("refused", 403)
        if not self.token:
            return self._show("invalid", 400)
        return self._show("ready", 200)

    def signed_in(self, login: Mapping[str, Any]) -> LandingResponse:
        """The redirect with the session cookies."""
        path = self._next or self._page.redirect_to
        headers = {
            "Cache-Control": "no-store",
            "Content-Type": "text/plain",
            # What is not ASCII cannot be sent in a header.
            "Location": quote(path, safe="/?#[]@!$&'()*+,;=:%~"),
            "Referrer-Policy": "no-referrer",
        }
        cookies = self._page.cookies or CookieSettings(same_site=self._page.same_site)
        return LandingResponse(303, "", headers, _login=login, _cookies=cookies)

    def failed(self, failure: AuthFailure) -> LandingResponse:
        """The page about a token that was not verified."""
        # Unless the service rejected the token, it may still work.
        state = "invalid" if failure.status == 401 else "unavailable"  # noqa: PLR2004
        return self._show(state, failure.status, failure.headers)

    def _is_from_own_page(self) -> bool:
        """Whether the page in this browser sent the form, and not another site."""
        # Old browsers do not send this header. `Origin` is of no use: it is `null`, because the
        # referrer policy is `no-referrer`.
        if self._request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return False
        sent = self._request.form.get(_CSRF, "")
        return _COOKIE_VALUE.fullmatch(self._secret) is not None and hmac.compare_digest(
            sent.encode(errors="replace"), self._csrf_token().encode()
        )

    def _csrf_token(self) -> str:
        """The CSRF token of a form: only for this link, and for the browser with this cookie."""
        message = self.token.encode(errors="replace")
        return hmac.new(self._secret.encode(), message, hashlib.sha256).hexdigest()

    def _show(
        self, state: str, status: int, headers: Mapping[str, str] | None = None
    ) -> LandingResponse:
        """A page in one of the states of `LandingView`."""
        page = self._page
        has_form = state in ("ready", "unavailable")
        # Pages in other tabs need the cookie that the browser has.
        if has_form and not _COOKIE_VALUE.fullmatch(self._secret):
            self._secret = secrets.token_urlsafe(32)
        fields = {_TOKEN: self.token, _CSRF: self._csrf_token()} if has_form else {}
        if has_form and self._next:
            fields[_NEXT] = self._next
        nonce = secrets.token_urlsafe(16)
        texts = page.texts
        if isinstance(texts, Mapping):
            accepted = self._request.headers.get("Accept-Language", "")
            texts = texts[choose_language(accepted, list(texts))]
        view = LandingView(state, texts, fields, page.new_link, nonce)
        return LandingResponse(
            status,
            call_with_secret(page.template, view),
            {**_page_headers(page, nonce), **(headers or {})},
            _csrf_cookie=(self._cookie_name, self._secret) if has_form else None,
        )


def _page_headers(page: LandingPage, nonce: str) -> dict[str, str]:
    sources = dict(page.sources)
    sources["style-src"] = f"'nonce-{nonce}' {sources.get('style-src', '')}".rstrip()
    policy = {
        "default-src": "'none'",
        **sources,
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Content-Type": "text/html; charset=utf-8",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
    }
