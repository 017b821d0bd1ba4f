"""Shared code of the landing page: how its form is read from the body of a request."""

from __future__ import annotations

from urllib.parse import parse_qsl

# The largest form that is read, in bytes. A form has a token, a path and the CSRF token.
MAX_FORM_SIZE = 16 << 10


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form of the type `application/x-www-form-urlencoded`.

    Args:
        body: The body of the request.

    Returns:
        The fields; none if the body is not such a form.
    """
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=10))
    except ValueError:
        return {}


def is_small_form(method: str, content_type: str, content_length: int | None) -> bool:
    """Whether a request has a form that may be read: the page's own is small and of one type.

    Args:
        method: The method.
        content_type: The media type of the body, without parameters.
        content_length: Its size in bytes. None if it is not known.
    """
    return (
        method == "POST"
        and content_type == "application/x-www-form-urlencoded"
        and content_length is not None
        and content_length <= MAX_FORM_SIZE
    )
