"""Magic links for asyncio, by the names of the official package."""

from __future__ import annotations

from descope_ml.magiclink import MagicLink
from descope_ml.performing import Face, awaiting


class MagicLinkAsync(Face):
    """`DescopeClientAsync.magiclink` is one: as `MagicLink`, to be awaited."""

    sign_in = awaiting(MagicLink.sign_in)
    sign_up = awaiting(MagicLink.sign_up)
    sign_up_or_in = awaiting(MagicLink.sign_up_or_in)
    verify = awaiting(MagicLink.verify)
    update_user_email = awaiting(MagicLink.update_user_email)
    update_user_phone = awaiting(MagicLink.update_user_phone)
