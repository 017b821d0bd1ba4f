"""The native module: text in, text out; every failure is raised as one of `descope_ml.errors`."""

from collections.abc import Callable
from typing import Final, final

from typing_extensions import Self

from descope_ml.errors import DescopeError

__all__ = [
    "VERSION",
    "Client",
    "argument_error",
    "call",
    "config_error",
    "configure",
]

VERSION: Final[str]

@final
class Client:
    def __new__(cls, config: str) -> Self: ...
    def call(self, operation: str, request: str) -> str: ...
    def call_cached(self, operation: str, request: str) -> str | None: ...
    def submit(
        self,
        operation: str,
        request: str,
        done: Callable[[str | None, BaseException | None], object],
    ) -> None: ...
    def require_project_id(self) -> None: ...

def call(operation: str, request: str) -> str: ...
def configure(config: str | None) -> None: ...
def argument_error(message: str) -> DescopeError: ...
def config_error(message: str) -> DescopeError: ...
