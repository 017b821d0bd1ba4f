"""How a user is signed in: the delivery methods and the login options, by their official names."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any


class DeliveryMethod(enum.Enum):
    """By which way a link is delivered; names and numbers are the official package's.

    Example:
        >>> DeliveryMethod.SMS.value
        2
    """

    WHATSAPP = 1
    SMS = 2
    EMAIL = 3
    EMBEDDED = 4
    VOICE = 5


@dataclass
class LoginOptions:
    """What a sign-in is for, and what its session is to carry. None leaves an option out.

    The first seven are the official package's, in its order. `repr()` shows none that may hold
    personal data.

    Attributes:
        stepup: Asks for a step-up of the session that the refresh token belongs to.
        mfa: Adds a second factor to the session that the refresh token belongs to.
        revoke_other_sessions: Ends the user's other sessions once the link is verified.
        custom_claims: Claims of any JSON type for the session token.
        template_options: Values for the placeholders of the message template.
        template_id: The message template; else the project's own.
        locale: The language of the message, such as `pl-PL`.
        sso_app_id: The application that the user signs in to.
        pkce_challenge: Base64; the service ignores it outside enchanted links.
        revoke_other_sessions_types: Which kinds of other sessions end.
        tenant_id: The tenant that the session is for.

    Example:
        >>> LoginOptions(locale="pl-PL").document()["locale"]
        'pl-PL'
    """

    stepup: bool | None = False
    mfa: bool | None = False
    revoke_other_sessions: bool | None = None
    custom_claims: Mapping[str, Any] | None = field(default=None, repr=False)
    template_options: Mapping[str, str] | None = field(default=None, repr=False)
    template_id: str | None = None
    locale: str | None = None
    sso_app_id: str | None = None
    pkce_challenge: str | None = field(default=None, repr=False)
    revoke_other_sessions_types: Sequence[str] | None = None
    tenant_id: str | None = None

    def document(self) -> dict[str, Any]:
        """The options under the API's own names.

        Returns:
            A JSON object, in which null stands for an option that is left out.
        """
        return {camel_case(option.name): getattr(self, option.name) for option in fields(self)}


def camel_case(name: str) -> str:
    """The API's spelling of a Python name.

    Args:
        name: Such as `custom_claims`.

    Returns:
        Such as `customClaims`.
    """
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
