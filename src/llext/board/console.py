"""A board's console, as Python sees it: text that was printed, and a way to type."""

from __future__ import annotations

from collections.abc import Callable

from llext.errors import expect


class Console(str):
    """What guest code has printed; a text like any other.

    Args:
        text: That.
        receive: Takes what is typed.
    """

    __slots__ = ("_receive",)
    _receive: Callable[[bytes], None]

    def __new__(cls, text: str, receive: Callable[[bytes], None]) -> Console:
        self = super().__new__(cls, text)
        self._receive = receive
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy elsewhere is a text: the board is not there."""
        return str, (str(self),)

    def send(self, data: str | bytes | bytearray | memoryview) -> None:
        """Types: the console receives this at the present virtual time, and code takes it when it runs.

        Args:
            data: A text, in UTF-8, or bytes.

        Raises:
            UsageError: another thread uses the board just now.
        """
        expect("what the console receives", data, str, bytes, bytearray, memoryview)
        self._receive(data.encode() if isinstance(data, str) else bytes(data))
