"""How a service of the catalogue gets its implementation: one decorator, one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

IMPLEMENTATIONS: dict[str, Callable[..., Any]] = {}
"""Symbol -> function of (kernel, arguments..., variable arguments if any)."""


def service(symbol: str) -> Callable[[F], F]:
    """Registers the implementation of the catalogue's service with this symbol."""

    def register(function: F) -> F:
        IMPLEMENTATIONS[symbol] = function
        return function

    return register
