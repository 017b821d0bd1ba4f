"""A network that goes silent under an open connection: run it in a network namespace of its own.

Usage: silent_network.py, under `unshare --net`
"""

from __future__ import annotations

import fcntl
import socket
import struct
import sys

from descope_ml import DeliveryMethod, DescopeClient, DescopeError
from local_server import LocalServer

PHONE = "+14155550123"

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


def set_network(*, is_up: bool) -> None:
    """Starts or stops the only network interface. While it is down, packets are lost silently."""
    with socket.socket() as any_socket:
        request = struct.pack("16sh14x", b"lo", _IFF_UP if is_up else 0)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def main() -> None:
    """Prints what happens to a request that nobody acknowledges, and to the next one."""
    set_network(is_up=True)
    with LocalServer() as server:
        client = DescopeClient(
            "P2test", base_url=server.url, connect_timeout_seconds=1, timeout_seconds=25
        )
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        set_network(is_up=False)
        try:
            client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        except DescopeError as error:
            sys.stdout.write(f"{type(error).__name__} {error.outcome} {error.attempts} {error}\n")
        set_network(is_up=True)
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)


if __name__ == "__main__":
    main()
