"""What a landing page shows: its texts and their language, and the default template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class LandingTexts:
    """The texts of a landing page.

    A text may be any object whose `str()` is the text, such as one of Django's `gettext_lazy`.

    Attributes:
        language: The language tag of the texts.
        ready_title: The title, and the heading, of the page with the button.
        ready_message: The sentence below it.
        ready_button: The button.
        invalid_title: Of a link that was used, has expired or has no token.
        invalid_message: The sentence below it.
        new_link: The link to a page that sends a new link.
        refused_title: Of a form that does not come from the page, or comes too late.
        refused_message: The sentence below it.
        unavailable_title: When the service limits requests, fails or cannot be reached.
        unavailable_message: The sentence below it.
        unavailable_button: The button to try again.
    """

    language: str = "en"
    ready_title: str = "Sign in"
    ready_message: str = "Press the button to finish signing in."
    ready_button: str = "Sign in"
    invalid_title: str = "This link does not work"
    invalid_message: str = "It has been used already, it has expired, or it is incomplete."
    new_link: str = "Get a new link"
    refused_title: str = "This page has expired"
    refused_message: str = (
        "Open the link in your message again. If that does not help, allow cookies for this site."
    )
    unavailable_title: str = "Signing in is not possible right now"
    unavailable_message: str = "Please try again in a moment."
    unavailable_button: str = "Try again"


@dataclass(frozen=True)
class LandingView:
    """What a template of a landing page gets.

    A template shows `title` and `message`. If there are `fields`, it has a form with
    `method="post"`, `action="?"`, a hidden input for each of the `fields`, and a `button`. Values
    have to be escaped.

    Attributes:
        state: `ready` (the button was not pressed yet), `invalid` (the link does not work),
            `refused` (the form does not come from this page) or `unavailable` (try again).
        texts: The texts, in the language of the user.
        fields: The names and values of the hidden inputs; empty if the page has no form.
        new_link: The path or URL to ask for a new link; may be empty.
        nonce: The nonce that the content security policy requires of `<style>`.
    """

    state: str
    texts: LandingTexts
    fields: Mapping[str, str] = field(repr=False)
    new_link: str
    nonce: str

    @property
    def title(self) -> str:
        """The title of the page in this state."""
        return str(getattr(self.texts, f"{self.state}_title"))

    @property
    def message(self) -> str:
        """The sentence of the page in this state."""
        return str(getattr(self.texts, f"{self.state}_message"))

    @property
    def button(self) -> str:
        """The text of the button; empty if the page has no form."""
        return str(getattr(self.texts, f"{self.state}_button", ""))


_STYLE = """
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { max-width: 26rem; padding: 1.5rem; text-align: center; }
h1 { font-size: 1.5rem; }
button { font: inherit; padding: .75rem 2rem; border: 0; border-radius: .5rem;
  background: #0b57d0; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #a8c7fa; outline-offset: 2px; }
/* After a press, nothing can be clicked for two seconds: the second click of a double click would
   send a token that was just used. The cover is above the page, below it during a press, and on its
   way back it stops over the page. */
form::after { content: ""; position: fixed; left: 0; top: -200vh; width: 100vw; height: 100vh;
  transition: top 4s steps(2, start); }
form:active::after { top: 200vh; transition: none; }
"""


def render_landing(view: LandingView) -> str:
    """The default template.

    Args:
        view: What the page shows.

    Returns:
        HTML without scripts, images and links to other files.
    """
    title, language = escape(view.title), escape(str(view.texts.language))
    parts = [f"<h1>{title}</h1>", f"<p>{escape(view.message)}</p>"]
    if view.fields:
        inputs = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in view.fields.items()
        )
        button = f"<button>{escape(view.button)}</button>"
        # `?` is this page without its query, so the URL of the request has no token.
        parts.append(f'<form method="post" action="?">{inputs}{button}</form>')
    if view.new_link and view.state in ("invalid", "refused"):
        text = escape(str(view.texts.new_link))
        parts.append(f'<p><a href="{escape(view.new_link)}">{text}</a></p>')
    content = "\n".join(parts)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style nonce="{view.nonce}">{_STYLE}</style>
</head>
<body dir="auto">
<main>
{content}
</main>
</body>
</html>
"""


def choose_language(accepted: str, available: list[str]) -> str:
    """The language that a browser prefers.

    Args:
        accepted: The header `Accept-Language`.
        available: Language tags; the first is the default.

    Returns:
        One of the available tags.

    Example:
        >>> choose_language("de-CH, fr;q=0.9, en;q=0.8", ["en", "fr", "de"])
        'de'
    """
    ranges = []
    for part in accepted.lower().split(",")[:50]:
        tag, _, weight = part.partition(";")
        match = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        quality = float(match[1]) if match else 1.0
        if quality > 0:
            ranges.append((-quality, tag.strip()))
    by_tag = {tag.lower(): tag for tag in reversed(available)}
    by_language = {tag.partition("-")[0].lower(): tag for tag in reversed(available)}
    for _, tag in sorted(ranges, key=lambda one: one[0]):
        found = by_tag.get(tag) or by_language.get(tag.partition("-")[0])
        if found:
            return found
    return available[0]
