"""The clients in the tests of their users: mocks of `unittest.mock`, as people write them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock, PropertyMock, create_autospec, patch

import pytest

from descope_ml import DeliveryMethod, DescopeClient, DescopeClientAsync, MagicLink, MagicLinkAsync
from descope_ml.management import Management, ManagementAsync, Users, UsersAsync
from local_server import MASKED, LocalServer

PHONE = "+14155550123"
SMS = DeliveryMethod.SMS
PARTS: dict[type[Any], tuple[type[Any], ...]] = {
    DescopeClient: (MagicLink, Management, Users),
    DescopeClientAsync: (MagicLinkAsync, ManagementAsync, UsersAsync),
}

each_client = pytest.mark.parametrize("client_class", PARTS)


def result_of(outcome: Any) -> Any:
    """The result of a call of either client."""
    if not inspect.isawaitable(outcome):
        return outcome

    async def wait() -> Any:
        return await outcome

    return asyncio.run(wait())


@pytest.fixture(params=PARTS)
def used_client(
    request: pytest.FixtureRequest, server: LocalServer
) -> DescopeClient | DescopeClientAsync:
    """A client that has made a call, so its parts exist."""
    client: DescopeClient | DescopeClientAsync = request.param(
        "P2test", base_url=server.url, management_key="k", max_attempts=1
    )
    assert result_of(client.magiclink.sign_in(SMS, PHONE)) == MASKED
    assert result_of(client.mgmt.user.delete_all_test_users()) is None
    return client


@contextmanager
def no_request(server: LocalServer) -> Iterator[None]:
    """Checks that the block sends no request."""
    before = len(server.received)
    yield
    assert len(server.received) == before


@each_client
def test_autospec_of_a_class_knows_parts_and_signatures(client_class: type[Any]) -> None:
    magiclink, management, users = PARTS[client_class]
    made = create_autospec(client_class)
    for client in (made.return_value, create_autospec(client_class, instance=True)):
        assert isinstance(client.magiclink, magiclink)
        assert isinstance(client.mgmt, management)
        assert isinstance(client.mgmt.user, users)
        client.magiclink.sign_in.return_value = MASKED
        assert result_of(client.magiclink.sign_in(SMS, PHONE, uri="u")) == MASKED
        client.magiclink.sign_in.assert_called_once_with(SMS, PHONE, uri="u")
        with pytest.raises(TypeError):
            client.magiclink.sign_in(SMS, PHONE, unknown=1)
        with pytest.raises(AttributeError):
            client.magiclink.sign_in_by_phone(SMS, PHONE)
        result_of(client.mgmt.user.delete_all_test_users())
        result_of(client.validate_session("token"))
        with pytest.raises(TypeError):
            client.validate_session()


def test_mocks_with_a_client_as_their_spec_know_its_parts(
    used_client: DescopeClient | DescopeClientAsync,
) -> None:
    for spec in (used_client, type(used_client)):
        for mock in (Mock(spec=spec), MagicMock(spec=spec), MagicMock(spec_set=spec)):
            mock.magiclink.sign_in.return_value = MASKED
            assert mock.magiclink.sign_in(SMS, PHONE) == MASKED
            mock.mgmt.user.delete_all_test_users()
            assert isinstance(mock, type(used_client))
            with pytest.raises(AttributeError):
                _ = mock.magic_link
    mock = create_autospec(used_client)
    mock.magiclink.sign_in.return_value = MASKED
    assert result_of(mock.magiclink.sign_in(SMS, PHONE)) == MASKED
    with pytest.raises(TypeError):
        mock.magiclink.sign_in(SMS)


@pytest.mark.parametrize("options", [{}, {"autospec": True}, {"new_callable": PropertyMock}])
def test_a_part_that_is_patched_in_the_class_is_patched_in_used_clients(
    used_client: DescopeClient | DescopeClientAsync, server: LocalServer, options: dict[str, Any]
) -> None:
    original = used_client.magiclink
    with no_request(server), patch.object(type(used_client), "magiclink", **options) as mock:
        if options:
            assert used_client.magiclink is not original
        else:
            mock.sign_in.return_value = MASKED
            assert used_client.magiclink.sign_in(SMS, PHONE) == MASKED
    with no_request(server), patch.object(type(used_client), "mgmt") as mock:
        used_client.mgmt.user.delete_all_test_users()
        mock.user.delete_all_test_users.assert_called_once_with()
    assert used_client.magiclink is original
    assert result_of(used_client.magiclink.sign_in(SMS, PHONE)) == MASKED


def test_a_part_can_be_patched_in_one_client(
    used_client: DescopeClient | DescopeClientAsync, server: LocalServer
) -> None:
    original, other = used_client.magiclink, type(used_client)("P2test", base_url=server.url)
    with no_request(server), patch.object(used_client, "magiclink") as mock:
        mock.sign_in.return_value = "sent"
        assert used_client.magiclink.sign_in(SMS, PHONE) == "sent"
        assert isinstance(other.magiclink, type(original))
    assert used_client.magiclink is original


def test_a_method_can_be_patched_in_the_part_and_in_its_class(
    used_client: DescopeClient | DescopeClientAsync, server: LocalServer
) -> None:
    part = used_client.magiclink
    for target in (part, type(part)):
        with no_request(server), patch.object(target, "sign_in", autospec=True) as mock:
            mock.return_value = "sent"
            assert result_of(used_client.magiclink.sign_in(SMS, PHONE)) == "sent"
    # A mock of a coroutine function can be awaited.
    with patch.object(part, "verify") as mock:
        assert isinstance(mock, AsyncMock) is isinstance(used_client, DescopeClientAsync)
    with no_request(server), patch.object(type(used_client), "validate_session") as mock:
        mock.return_value = {"userId": "U"}
        assert result_of(used_client.validate_session("t")) == {"userId": "U"}
    assert result_of(used_client.magiclink.sign_in(SMS, PHONE)) == MASKED


@each_client
def test_a_part_is_made_once_and_belongs_to_its_client(client_class: type[Any]) -> None:
    one, other = client_class("P2test"), client_class("P2test")
    assert one.magiclink is one.magiclink
    assert one.magiclink is not other.magiclink
    assert one.mgmt.user is one.mgmt.user
    assert client_class.magiclink is PARTS[client_class][0]
    assert {"magiclink", "mgmt"} <= set(dir(client_class)) & set(dir(one))
