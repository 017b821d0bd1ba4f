"""Django's error reports about the landing page show where it failed, and no token."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx
import pytest

from descope_ml.landing import LandingPage
from descope_ml.landing_page import LandingView, render_landing
from support.emulator import Emulator
from support.landing_sites import landing_site
from support.web_sites import configure_django

TOKEN = "c4na7y" * 8


class FailingTemplate:
    """A template that fails in one of the states of the page."""

    def __init__(self, state: str) -> None:
        """Takes the state."""
        self.state = state

    def __call__(self, view: LandingView) -> str:
        """Copies the token into local variables, as a template engine does."""
        inputs = [f"{name}={value}" for name, value in view.fields.items()]
        if view.state == self.state:
            message = f"the template fails with {len(inputs)} inputs"
            raise LookupError(message)
        return render_landing(view)


@contextmanager
def mails_to_admins() -> Iterator[list[str]]:
    """The error reports that Django sends by mail. The site must be running: it sets logging up."""
    from django.utils.log import AdminEmailHandler  # type: ignore[import-untyped]

    reports: list[str] = []

    class Handler(AdminEmailHandler):  # type: ignore[misc]
        def send_mail(self, subject: str, message: str, **options: Any) -> None:
            reports.append(f"{subject}\n{message}\n{options['html_message']}")

    logger, handler = logging.getLogger("django.request"), Handler(include_html=True)
    logger.addHandler(handler)
    try:
        yield reports
    finally:
        logger.removeHandler(handler)


@pytest.mark.parametrize("framework", ["django", "django-async"])
@pytest.mark.parametrize("state", ["ready", "invalid"])
@pytest.mark.parametrize("debug", [True, False])
def test_error_report_has_no_token(
    local: Emulator, framework: str, state: str, debug: bool
) -> None:
    configure_django()
    from django.test import override_settings  # type: ignore[import-untyped]

    options: dict[str, Any] = {"project_id": local.project_id, "base_url": local.base_url}
    page = LandingPage(template=FailingTemplate(state))
    with (
        override_settings(DEBUG=debug),
        landing_site(framework, options, page) as url,
        httpx.Client(base_url=url, trust_env=False) as site,
        mails_to_admins() as mails,
    ):
        response = site.get("/verify", params={"t": TOKEN})
        if state == "invalid":
            found = re.findall(r'name="(\w+)" value="([^"]*)"', response.text)
            form = {name: unescape(value) for name, value in found}
            assert form["t"] == TOKEN
            response = site.post("/verify", data=form)
        assert response.status_code == 500
    (mail,) = mails
    for report in (mail, response.text) if debug else (mail,):
        assert "Request Method" in report
        assert "the template fails" in report
        # A verification has failed before.
        assert ("sign in first" in report) is (state == "invalid")
        # The variables of the view itself are shown.
        assert "LandingPage(" in report
        assert TOKEN not in report
