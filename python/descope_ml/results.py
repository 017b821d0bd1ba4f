"""What the service's answers become: the dictionaries that the official package returns."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView

from descope_ml.common import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_TOKEN_NAME,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self
else:
    Any = object

# The official keys of `cookieData`, the API's, and what stands for a key that an answer lacks.
_COOKIE_DATA = (
    ("exp", "cookieExpiration", 0),
    ("maxAge", "cookieMaxAge", 0),
    ("domain", "cookieDomain", ""),
    ("path", "cookiePath", "/"),
)
# What is added to them under the API's own names, where an answer has it.
_MORE_COOKIE_DATA = ("cookieName", "sessionCookieName", "sessionCookieDomain")


def session(document: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a validation: the claims, and again as the session token, with its rights.

    Args:
        document: What `session/validate` answers.

    Returns:
        A dictionary with the claims, `jwt`, `sessionToken`, `permissions`, `roles`, `tenants`,
        `projectId` and `userId`.
    """
    token = {**document["claims"], "jwt": document["jwt"]}
    return {**token, SESSION_TOKEN_NAME: dict(token), **_rights(document)}


def signed_in(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a verification or a refresh.

    Args:
        answer: The service's, with `session` and `refreshClaims` added.

    Returns:
        A dictionary with `sessionToken`, `refreshSessionToken` where there is one, `permissions`,
        `roles`, `tenants`, `projectId`, `userId`, `cookieData`, `user` and `firstSeen`.
    """
    document = answer["session"]
    result: dict[str, Any] = {
        SESSION_TOKEN_NAME: {**document["claims"], "jwt": document["jwt"]},
    }
    if "refreshClaims" in answer:
        result[REFRESH_SESSION_TOKEN_NAME] = {
            **answer["refreshClaims"],
            "jwt": answer["refreshJwt"],
        }
    result.update(_rights(document))
    result[COOKIE_DATA_NAME] = cookie_data(answer)
    result["user"] = answer.get("user", {})
    result["firstSeen"] = answer.get("firstSeen", True)
    return result


def cookie_data(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer says of its cookies.

    Args:
        answer: The service's.

    Returns:
        `exp`, `maxAge`, `domain` and `path`, and where it names them `cookieName`,
        `sessionCookieName` and `sessionCookieDomain`.
    """
    cookies = {official: answer.get(key, absent) for official, key, absent in _COOKIE_DATA}
    return {**cookies, **{key: answer[key] for key in _MORE_COOKIE_DATA if answer.get(key)}}


def _rights(document: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("permissions", "roles", "tenants", "projectId", "userId")
    return {key: document[key] for key in keys}


class DescopeResponse:
    """The answer to a logout: its JSON like a dictionary, as the official class of this name.

    The official logout returns a response of httpx; of that there is what says how it went, and
    `json()`. Differs from both: there are no headers and cookies, which the native library has
    read already, and `repr()` shows no value.

    Example:
        >>> from descope_ml import DescopeResponse
        >>> response = DescopeResponse({"sessionJwt": ""})
        >>> response.ok, response["sessionJwt"], response
        (True, '', DescopeResponse(status_code=200, keys=['sessionJwt']))
    """

    status_code = 200
    ok = is_success = is_json = True
    is_error = False

    def __init__(self, answer: dict[str, Any]) -> None:
        """Shows an answer of the service."""
        self._answer = answer

    def json(self) -> dict[str, Any]:
        """The answer."""
        return self._answer

    @property
    def text(self) -> str:
        """The answer as JSON."""
        import json  # noqa: PLC0415 - few programs need it

        return json.dumps(self._answer, ensure_ascii=False, separators=(",", ":"))

    @property
    def content(self) -> bytes:
        """The answer as JSON in UTF-8."""
        return self.text.encode()

    def raise_for_status(self) -> Self:
        """Does nothing: a call that failed has raised already."""
        return self

    def get(self, key: str, default: Any = None) -> Any:
        """A member of the answer, or the default."""
        return self._answer.get(key, default)

    def keys(self) -> KeysView[str]:
        """The names of the answer's members."""
        return self._answer.keys()

    def values(self) -> ValuesView[Any]:
        """The values of the answer's members."""
        return self._answer.values()

    def items(self) -> ItemsView[str, Any]:
        """The answer's members."""
        return self._answer.items()

    def __getitem__(self, key: str) -> Any:
        """A member of the answer."""
        return self._answer[key]

    def __contains__(self, key: object) -> bool:
        """Whether the answer has a member of this name."""
        return key in self._answer

    def __iter__(self) -> Iterator[str]:
        """The names of the answer's members."""
        return iter(self._answer)

    def __len__(self) -> int:
        """How many members the answer has."""
        return len(self._answer)

    def __bool__(self) -> bool:
        """There is an answer, whatever is in it."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compares the answers."""
        return self._answer == (other.json() if isinstance(other, DescopeResponse) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The names of the members; no value, which may be a token."""
        keys = list(self._answer)
        return f"DescopeResponse(status_code={self.status_code}, keys={keys})"
