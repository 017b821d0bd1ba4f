"""The landing page in each web framework, as a client without a browser sees it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.fastapi import LandingPage, LandingTexts, LandingView
from support.emulator import Emulator
from support.landing_sites import landing_site

EMAIL = "ada@example.com"
HTTPS = {"X-Forwarded-Proto": "https"}


@pytest.fixture
def site(framework: str, options: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client of the site in each framework."""
    with (
        landing_site(framework, options) as url,
        httpx.Client(base_url=url, trust_env=False) as client,
    ):
        yield client


def new_token(local: Emulator, options: Mapping[str, Any]) -> str:
    """The token of a new link."""
    uri = "https://app.example.com/verify"
    DescopeClient(**options).magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, uri)
    return str(local.messages(EMAIL)[0]["token"])


def fields(page: httpx.Response) -> dict[str, str]:
    """The hidden inputs of the form of a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def verifications(local: Emulator) -> int:
    """How many tokens were sent to the service."""
    return [request["path"] for request in local.requests()].count("/v1/auth/magiclink/verify")


def check_headers(page: httpx.Response) -> None:
    """Checks the headers that every page has."""
    (nonce,) = re.findall(r'<style nonce="([\w-]{22})">', page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def test_get_and_head_show_the_page_and_spend_nothing(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    token = new_token(local, options)
    for _ in range(2):
        head = site.head(f"/verify?t={token}")
        assert (head.status_code, head.text) == (200, "")
        assert head.headers["Cache-Control"] == "no-store"
        page = site.get(f"/verify?t={token}")
        assert page.status_code == 200
        check_headers(page)
        assert set(fields(page)) == {"t", "csrf"}
        assert "<script" not in page.text
    assert verifications(local) == 0
    done = site.post("/verify", data=fields(page))
    assert (done.status_code, done.headers["Location"]) == (303, "/home")
    assert done.headers["Cache-Control"] == "no-store"
    assert {cookie.name for cookie in site.cookies.jar} == {"descope-link", "DS", "DSR"}


def test_cookie_of_the_page_is_short_lived_and_bound_to_the_host(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    path = f"/verify?t={new_token(local, options)}"
    plain = site.get(path).headers["Set-Cookie"].lower()
    secure = site.get(path, headers=HTTPS).headers["Set-Cookie"].lower()
    assert plain.startswith("descope-link=")
    assert secure.startswith("__host-descope-link=")
    for cookie in (plain, secure):
        attributes = {part.strip() for part in cookie.split(";")}
        assert {"httponly", "samesite=lax", "max-age=900", "path=/"} <= attributes
        assert not [part for part in attributes if part.startswith("domain")]
    assert "secure" not in plain
    assert "; secure" in secure


def test_forms_that_are_large_or_of_another_type_are_not_read(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    """Anybody can send them."""
    form = fields(site.get(f"/verify?t={new_token(local, options)}"))
    multipart = site.post("/verify", files={name: (None, value) for name, value in form.items()})
    large = site.post("/verify", data={**form, "more": "x" * 20_000})
    assert (multipart.status_code, large.status_code) == (403, 403)
    assert verifications(local) == 0
    assert site.post("/verify", data=form).status_code == 303


def test_form_that_does_not_come_from_the_page_is_refused(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    token, other = new_token(local, options), new_token(local, options)
    form = fields(site.get(f"/verify?t={token}"))
    cookies = dict(site.cookies)
    site.cookies.clear()
    empty = {"descope-link": ""}
    requests: list[dict[str, Any]] = [
        {"data": form},
        {"data": form, "cookies": empty},
        {"data": form, "cookies": {"descope-link": "A" * 43}},
        {"data": {"t": token}, "cookies": cookies},
        {"data": {**form, "csrf": ""}, "cookies": empty},
        {"data": {**form, "csrf": "ż"}, "cookies": cookies},
        {"data": {**form, "t": other}, "cookies": cookies},
        {"data": {**form, "pad": "x" * 100_000, "t": other}, "cookies": cookies},
        {"data": form, "cookies": cookies, "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"data": form, "cookies": cookies, "headers": {"Sec-Fetch-Site": "same-site"}},
        {"content": b"\xff=%", "cookies": cookies},
        {"json": form, "cookies": cookies},
        {"cookies": cookies},
    ]
    for request in requests:
        request["headers"] = {
            **request.get("headers", {}),
            "Cookie": "; ".join(
                f"{name}={value}" for name, value in request.pop("cookies", {}).items()
            ),
        }
        refused = site.post("/verify", **request)
        assert refused.status_code == 403, request
        check_headers(refused)
        assert "This page has expired" in refused.text
        assert token not in refused.text
        assert "Set-Cookie" not in refused.headers
    assert verifications(local) == 0
    header = {"Cookie": f"descope-link={cookies['descope-link']}", "Sec-Fetch-Site": "same-origin"}
    assert site.post("/verify", data=form, headers=header).status_code == 303


def test_link_that_does_not_work_offers_a_new_one(
    site: httpx.Client,
    local: Emulator,
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for path in ("/verify", "/verify?t=", f"/verify?t={'x' * 5000}"):
        page = site.get(path)
        assert page.status_code == 400
        check_headers(page)
        assert '<a href="/sign-in">Get a new link</a>' in page.text
        assert fields(page) == {}
    used = new_token(local, options)
    for token, status in ((used, 303), (used, 401), ("garbage", 401)):
        response = site.post("/verify", data=fields(site.get(f"/verify?t={token}")))
        assert response.status_code == status
    check_headers(response)
    assert '<a href="/sign-in">Get a new link</a>' in response.text
    token = new_token(local, options)
    local.control("clock", advance="3m")
    expired = site.post("/verify", data=fields(site.get(f"/verify?t={token}")))
    assert (expired.status_code, "DS" in expired.cookies) == (401, False)
    # The client of this test logs its URLs.
    lines = [line.getMessage() for line in caplog.records if not line.name.startswith("http")]
    assert lines != []
    assert not [line for line in lines if used in line or token in line]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 429, "headers": {"Retry-After": "7"}}, 429),
        ({"status": 500}, 502),
        ({"reset": True}, 503),
    ],
)
def test_failure_of_the_service_lets_the_user_try_again(
    site: httpx.Client,
    local: Emulator,
    options: dict[str, Any],
    fault: dict[str, Any],
    status: int,
) -> None:
    page = site.get(f"/verify?t={new_token(local, options)}")
    local.control("faults", path="/v1/auth/magiclink/verify", times=1, **fault)
    failed = site.post("/verify", data=fields(page))
    assert failed.status_code == status
    assert failed.headers.get("Retry-After") == fault.get("headers", {}).get("Retry-After")
    check_headers(failed)
    assert "Try again" in failed.text
    assert site.post("/verify", data=fields(failed)).status_code == 303


def test_other_methods_are_not_allowed(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    token = new_token(local, options)
    for method in ("PUT", "DELETE", "PATCH"):
        assert site.request(method, f"/verify?t={token}").status_code == 405
    assert site.options(f"/verify?t={token}").status_code in (200, 405)
    assert verifications(local) == 0


def test_head_on_a_page_that_verifies_on_get_spends_nothing(
    site: httpx.Client, local: Emulator, options: dict[str, Any]
) -> None:
    token = new_token(local, options)
    for _ in range(2):
        head = site.head(f"/verified?t={token}")
        assert (head.status_code, head.headers["Allow"]) == (405, "GET, POST")
    assert site.options(f"/verified?t={token}").status_code in (200, 405)
    assert verifications(local) == 0
    assert site.get(f"/verified?t={token}").status_code == 200
    assert site.get(f"/verified?t={token}").status_code == 401


def test_values_of_the_request_are_escaped(site: httpx.Client) -> None:
    hostile = "\"><script>alert('x')</script>"
    page = site.get(f"/verify?{urlencode({'t': hostile})}")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert fields(page)["t"] == hostile


NEXT_PATHS = {
    "/books/7?page=2#top": "/books/7?page=2#top",
    "/ż": "/%C5%BC",
    "/a%20b": "/a%20b",
    "": "/home",
    "books": "/home",
    "//evil.example": "/home",
    "///evil.example": "/home",
    "/.//evil.example": "/home",
    "/books//evil.example": "/home",
    "/\\evil.example": "/home",
    "\\\\evil.example": "/home",
    "/\t/evil.example": "/home",
    "/\n/evil.example": "/home",
    "/\r\nSet-Cookie: a=b": "/home",
    " //evil.example": "/home",
    "https://evil.example": "/home",
    "https:evil.example": "/home",
    "javascript:alert(1)": "/home",
    "/\x00": "/home",
    "/\x85": "/home",
    "/\u2028": "/%E2%80%A8",
    "/.well-known/a..b/.../%2e%2ex": "/.well-known/a..b/.../%2e%2ex",
    "/books?back=/../#/./x": "/books?back=/../#/./x",
    "/.": "/home",
    "/./books": "/home",
    "/books/..": "/home",
    "/books/../admin": "/home",
    "/books/.%2E?page=2": "/home",
    "/books/%2e%2e/admin": "/home",
    "/books/%2e%2e%2fadmin": "/home",
    "/books/..%5Cadmin": "/home",
}


def test_redirect_stays_on_this_site(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    page = LandingPage(redirect_to="/home", next_parameter="to")
    with (
        landing_site(framework, options, page) as url,
        httpx.Client(base_url=url, trust_env=False) as site,
    ):
        for path, target in NEXT_PATHS.items():
            token = new_token(local, options)
            form = fields(site.get(f"/verify?to={quote(path)}&t={token}"))
            assert form.get("next", "/home") in (path, "/home")
            done = site.post("/verify", data=form)
            assert (done.status_code, done.headers["Location"]) == (303, target)
        # The field of the form is checked as well.
        form = fields(site.get(f"/verify?t={new_token(local, options)}"))
        done = site.post("/verify", data={**form, "next": "//evil.example"})
        assert (done.status_code, done.headers["Location"]) == (303, "/home")


def test_texts_template_and_sources_can_be_replaced(
    framework: str, options: dict[str, Any]
) -> None:
    views: list[LandingView] = []

    def template(view: LandingView) -> str:
        views.append(view)
        return f"<style nonce='{view.nonce}'></style>{view.title}, {view.message}, {view.button}"

    german = LandingTexts(language="de", ready_title="Anmelden", ready_button="Weiter")
    page = LandingPage(
        texts={"en": LandingTexts(), "de-DE": german, "pl": LandingTexts(ready_title="Zaloguj")},
        template=template,
        sources={"img-src": "'self'", "style-src": "https://cdn.example.com"},
    )
    languages = {"de-AT, en;q=0.5": "Anmelden", "fr, pl;q=0.2, de;q=0": "Zaloguj", "fr": "Sign in"}
    with landing_site(framework, options, page) as url:
        for accepted, title in {**languages, "": "Sign in"}.items():
            headers = {"Accept-Language": accepted}
            shown = httpx.get(f"{url}/verify?t=t0ken", headers=headers, trust_env=False)
            assert shown.text.partition("</style>")[2].startswith(f"{title}, Press the button")
        nonce = views[-1].nonce
        assert len({view.nonce for view in views}) == len(views)
        policy = shown.headers["Content-Security-Policy"]
        assert f"style-src 'nonce-{nonce}' https://cdn.example.com; " in policy
        assert "img-src 'self'; " in policy
    assert "t0ken" not in repr(views)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"redirect_to": "https://evil.example/"}, "redirect_to must be a path"),
        ({"redirect_to": "//evil.example"}, "redirect_to must be a path"),
        ({"redirect_to": ""}, "redirect_to must be a path"),
        ({"new_link": "javascript:alert(1)"}, "new_link must be"),
        ({"new_link": "//evil.example"}, "new_link must be"),
        ({"new_link": "https://a b"}, "new_link must be"),
        ({"next_parameter": "t"}, "next_parameter cannot be"),
        ({"texts": {}}, "texts must have"),
        ({"sources": {"script-src": "'self'"}}, "sources must map"),
        ({"sources": {"img-src": "'self'; script-src *"}}, "sources must map"),
        ({"sources": {"img-src": "a, b"}}, "sources must map"),
    ],
)
def test_invalid_page_is_rejected(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LandingPage(**arguments)


def test_page_without_an_offer_has_no_link(framework: str, options: dict[str, Any]) -> None:
    with landing_site(framework, options, LandingPage()) as url:
        page = httpx.get(f"{url}/verify", trust_env=False)
    assert (page.status_code, "<a" in page.text) == (400, False)
