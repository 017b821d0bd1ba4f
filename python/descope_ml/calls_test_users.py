"""The bare calls for test users: a request in the API's own names in, the service's answer out.

As the bare calls for magic links; they need the management key. Import the package and not these
names into a module of tests: pytest takes what begins with `test_` for a test.
"""

from __future__ import annotations

from descope_ml.calls import perform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Unpack

    from descope_ml.config import Config


def test_create_user(request: Mapping[str, Any] | str, **config: Unpack[Config]) -> dict[str, Any]:
    """Makes a test user, who needs no phone; answers `user`.

    API: POST /v1/mgmt/user/create/test
    """
    return perform("test/create_user", request, config)


def test_generate_magiclink(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """The `link` that a test user would be sent, which no message carries.

    API: POST /v1/mgmt/tests/generate/magiclink
    """
    return perform("test/generate_magiclink", request, config)


def test_delete_all_users(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Deletes every test user of the project; the request may be `{}`.

    API: DELETE /v1/mgmt/user/test/delete/all
    """
    return perform("test/delete_all_users", request, config)
