"""The journey with the official Python package. Prints the results as one JSON document.

`journey.py sync` uses the synchronous client, `journey.py async` the one for asyncio.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import urllib.request
from collections.abc import Callable
from typing import Any, Optional
from urllib.parse import parse_qs, quote, urlsplit

from descope import (
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_TOKEN_NAME,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    LoginOptions,
)

BASE_URL = os.environ["DESCOPE_BASE_URL"]
URI = "https://app.example.com/verify"
PHONE = "+14155550101"
EMAIL = "ada@example.com"
WHATSAPP = "+14155550103"
EDITOR = "+14155550110"
MEMBER = "+14155550111"
TESTER = "+14155550112"

SMS = DeliveryMethod.SMS
MAIL = DeliveryMethod.EMAIL
CHAT = DeliveryMethod.WHATSAPP
USER_KEYS = ("userId", "loginIds", "email", "phone", "verifiedEmail", "verifiedPhone")

report: dict[str, Any] = {}


async def result_of(result: Any) -> Any:
    """The result of a call with either client."""
    return await result if inspect.isawaitable(result) else result


async def error_of(attempt: Callable[[], Any]) -> Optional[dict[str, str]]:
    """The error of a call that should fail; None if it succeeds."""
    try:
        await result_of(attempt())
    except Exception as error:  # For an invalid signature the package raises an exception of PyJWT.
        text = getattr(error, "error_message", None) or str(error) or type(error).__name__
        try:
            return {"code": json.loads(text)["errorCode"], "text": text}
        except ValueError:
            return {"code": "", "text": text}
    return None


def token(to: str) -> str:
    """The token of the newest message to an address."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{BASE_URL}/_emulator/messages?to={quote(to)}&wait=5s") as answer:
        newest: str = json.loads(answer.read())["messages"][0]["token"]
    return newest


def user_details(user: dict[str, Any]) -> dict[str, Any]:
    """The details of a user that the tests check."""
    return {key: user[key] for key in USER_KEYS}


def claims(session: dict[str, Any]) -> dict[str, Any]:
    """The claims of a session, without the token itself."""
    return {key: value for key, value in session.items() if key != "jwt"}


class Journey:
    """The steps of the journey with one client."""

    def __init__(self, client: Any) -> None:
        """Uses the synchronous or the async client."""
        self.client = client
        self.link = client.magiclink

    async def login(self, link: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Verifies a link and validates its session."""
        tokens = await result_of(self.link.verify(link))
        jwt = tokens[SESSION_TOKEN_NAME]["jwt"]
        session = await result_of(self.client.validate_session(jwt))
        seen = {
            "user": user_details(tokens["user"]),
            "firstSeen": tokens["firstSeen"],
            "claims": claims(session[SESSION_TOKEN_NAME]),
        }
        return tokens, session, seen

    async def refresh_token(self) -> str:
        """Signs in by SMS and returns the refresh token."""
        await result_of(self.link.sign_in(SMS, PHONE, URI))
        tokens, _, _ = await self.login(token(PHONE))
        refresh: str = tokens[REFRESH_SESSION_TOKEN_NAME]["jwt"]
        return refresh

    async def sign_ups(self) -> None:
        """Sign-up with each method, and calls that fail."""
        user = {"name": "Ada", "phone": PHONE}
        masked = await result_of(self.link.sign_up(SMS, PHONE, URI, user))
        link = token(PHONE)
        tokens, _, seen = await self.login(link)
        report["signUpSms"] = {"masked": masked, **seen}
        masked = await result_of(self.link.sign_up(MAIL, EMAIL, URI, {"email": EMAIL}))
        report["signUpEmail"] = {"masked": masked, **(await self.login(token(EMAIL)))[2]}
        masked = await result_of(self.link.sign_up(CHAT, WHATSAPP, URI, {"phone": WHATSAPP}))
        report["signUpWhatsapp"] = {"masked": masked, **(await self.login(token(WHATSAPP)))[2]}

        report["reusedLink"] = await error_of(lambda: self.link.verify(link))
        head, body, signature = tokens[SESSION_TOKEN_NAME]["jwt"].split(".")
        other = ("B" if signature.startswith("A") else "A") + signature[1:]
        forged = ".".join([head, body, other])
        report["tamperedSession"] = await error_of(lambda: self.client.validate_session(forged))
        report["signUpAgain"] = await error_of(lambda: self.link.sign_up(SMS, PHONE, URI, user))
        report["unknownUser"] = await error_of(lambda: self.link.sign_in(SMS, "+14155550199", URI))

    async def sign_ins(self) -> None:
        """Sign-in with each method, custom claims, and sign-up-or-in."""
        options = LoginOptions(custom_claims={"tier": "gold"})
        for step, method, address, wanted in (
            ("signInSms", SMS, PHONE, options),
            ("signInEmail", MAIL, EMAIL, None),
            ("signInWhatsapp", CHAT, WHATSAPP, None),
        ):
            masked = await result_of(self.link.sign_in(method, address, URI, wanted))
            report[step] = {"masked": masked, **(await self.login(token(address)))[2]}
        for step in ("signUpOrInNew", "signUpOrInAgain"):
            masked = await result_of(self.link.sign_up_or_in(MAIL, "bo@example.com", URI))
            report[step] = {"masked": masked, **(await self.login(token("bo@example.com")))[2]}

    async def sessions(self) -> None:
        """Refresh, me, history, logout and logout_all."""
        refresh = await self.refresh_token()
        renewed = await result_of(self.client.refresh_session(refresh))
        report["refresh"] = claims(renewed[SESSION_TOKEN_NAME])
        report["me"] = user_details(await result_of(self.client.me(refresh)))
        report["history"] = await result_of(self.client.history(refresh))
        await result_of(self.client.logout(refresh))
        report["logout"] = await error_of(lambda: self.client.refresh_session(refresh))

        first, second = await self.refresh_token(), await self.refresh_token()
        report["beforeLogoutAll"] = await error_of(lambda: self.client.refresh_session(first))
        await result_of(self.client.logout_all(second))
        report["logoutAll"] = [
            await error_of(lambda: self.client.refresh_session(first)),
            await error_of(lambda: self.client.refresh_session(second)),
        ]

    async def updates(self) -> None:
        """New addresses, which count after their link is verified."""
        refresh = await self.refresh_token()
        email, phone = "ada.new@example.com", "+14155550104"
        updates: list[tuple[str, str, Callable[[], Any]]] = [
            ("updateEmail", email, lambda: self.link.update_user_email(PHONE, email, refresh)),
            ("updatePhone", phone, lambda: self.link.update_user_phone(SMS, PHONE, phone, refresh)),
        ]
        for step, address, update in updates:
            masked = await result_of(update())
            before = user_details(await result_of(self.client.me(refresh)))
            await self.login(token(address))
            after = user_details(await result_of(self.client.me(refresh)))
            report[step] = {"masked": masked, "before": before, "after": after}

    async def rights(self) -> None:
        """Roles and permissions of the project and of a tenant."""
        client = self.client
        await result_of(self.link.sign_in(SMS, EDITOR, URI))
        _, editor, _ = await self.login(token(EDITOR))
        report["rights"] = {
            "hasRole": client.validate_roles(editor, ["editor"]),
            "hasRoles": client.validate_roles(editor, ["editor", "owner"]),
            "matchedRoles": client.get_matched_roles(editor, ["editor", "owner"]),
            "hasPermission": client.validate_permissions(editor, ["edit"]),
            "hasPermissions": client.validate_permissions(editor, ["edit", "delete"]),
            "matchedPermissions": client.get_matched_permissions(editor, ["edit", "delete"]),
        }
        await result_of(self.link.sign_in(SMS, MEMBER, URI))
        tokens, member, _ = await self.login(token(MEMBER))
        roles, permissions = ["viewer", "owner"], ["read", "delete"]
        report["tenantRights"] = {
            "hasRole": client.validate_tenant_roles(member, "T1", ["viewer"]),
            "hasRoles": client.validate_tenant_roles(member, "T1", roles),
            "matchedRoles": client.get_matched_tenant_roles(member, "T1", roles),
            "hasPermission": client.validate_tenant_permissions(member, "T1", ["read"]),
            "hasPermissions": client.validate_tenant_permissions(member, "T1", permissions),
            "matchedPermissions": client.get_matched_tenant_permissions(member, "T1", permissions),
        }
        report["elsewhere"] = [
            client.validate_tenant_roles(member, "T2", ["viewer"]),
            client.validate_tenant_permissions(member, "T2", ["read"]),
        ]
        refresh = tokens[REFRESH_SESSION_TOKEN_NAME]["jwt"]
        selected = await result_of(client.select_tenant("T1", refresh))
        jwt = selected[SESSION_TOKEN_NAME]["jwt"]
        session = await result_of(client.validate_session(jwt))
        report["selectTenant"] = claims(session[SESSION_TOKEN_NAME])

    async def test_users(self) -> None:
        """A test user is created, signs in and is deleted."""
        users = self.client.mgmt.user
        created = await result_of(
            users.create_test_user(
                "tester", phone=TESTER, verified_phone=True, role_names=["tester"]
            )
        )

        def generate() -> Any:
            return users.generate_magic_link_for_test_user(SMS, "tester", URI)

        link = urlsplit((await result_of(generate()))["link"])
        _, _, seen = await self.login(parse_qs(link.query)["t"][0])
        report["testUser"] = {"made": user_details(created["user"]), "host": link.netloc, **seen}
        await result_of(users.delete_all_test_users())
        report["deletedTestUser"] = await error_of(generate)


async def main(client: Any) -> None:
    """Runs all parts. A part that fails is reported, and the next one runs."""
    journey = Journey(client)
    for part in (
        journey.sign_ups,
        journey.sign_ins,
        journey.sessions,
        journey.updates,
        journey.rights,
        journey.test_users,
    ):
        try:
            await part()
        except Exception as error:
            report[f"failed: {part.__name__}"] = repr(error)
    if isinstance(client, DescopeClientAsync):
        await client.aclose()
    print(json.dumps(report))


kind = DescopeClientAsync if sys.argv[1] == "async" else DescopeClient
asyncio.run(
    main(
        kind(
            os.environ["DESCOPE_PROJECT_ID"],
            base_url=BASE_URL,
            management_key=os.environ["DESCOPE_MANAGEMENT_KEY"],
        )
    )
)
