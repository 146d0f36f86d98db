"""The one table in which names become addresses, with who gave them.

Order as in Zephyr: first what the firmware offers (kernel services, Python exports, runtime), then the exports of
loaded extensions in load order. The first match wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llext.errors import Errno, UsageError, nearest
from llext.link import Symbol

if TYPE_CHECKING:
    from llext.loader.extension import Extension

_SERVICE = "z_impl_"


class Scope:
    """Names known on one board.

    Attributes:
        slids: Where the firmware's own exports are known by SLID only: which name each is.
    """

    def __init__(self) -> None:
        self.slids: dict[int, str] | None = None
        self._firmware: dict[str, Symbol] = {}
        self._extensions: list[Extension] = []

    def define(self, symbol: Symbol) -> None:
        """Adds a name of the firmware.

        Raises:
            UsageError: the name is taken.
        """
        if symbol.name in self._firmware:
            self.check_free(symbol.name)
        self._firmware[symbol.name] = symbol

    def check_free(self, name: str) -> None:
        """Raises UsageError if the firmware or a loaded extension provides a name."""
        known = self.find(name)
        if known is not None:
            raise UsageError(
                f"{name!r} is already provided by {known[0].owner}", hint="choose another name.", errno=Errno.EEXIST
            )

    def define_all(self, symbols: Iterable[Symbol]) -> None:
        """Adds many names."""
        for symbol in symbols:
            self.define(symbol)

    def add(self, extension: Extension) -> None:
        """Makes an extension's exports visible to those that are loaded later."""
        self._extensions.append(extension)

    def forget(self, extension: Extension) -> None:
        """Takes them back, if they were added."""
        if extension in self._extensions:
            self._extensions.remove(extension)

    def firmware(self, name: str) -> Symbol | None:
        """What the firmware, or Python, gives under a name."""
        return self._firmware.get(name)

    def find(self, name: str, slid: int | None = None) -> tuple[Symbol, Extension | None] | None:
        """The symbol of a name and the extension it is from, if it is from one.

        Args:
            name: The name.
            slid: What a file has for the name, where the firmware's exports are known by SLID.
        """
        symbol = self._firmware.get(name)
        if slid is not None and self.slids is not None:
            known = self.slids.get(slid)
            symbol = self._firmware[known] if known else None if name in self.slids.values() else symbol
        if symbol is not None:
            return symbol, None
        for extension in self._extensions:
            symbol = extension.exports.get(name)
            if symbol is not None:
                return symbol, extension
        return None

    def names(self) -> Iterator[str]:
        """Every name, in search order."""
        yield from self._firmware
        for extension in self._extensions:
            yield from extension.exports

    def nearest(self, name: str, count: int = 3) -> list[str]:
        """Known names that look like this one; services by the names that a program writes."""
        names = self.names() if name.startswith(_SERVICE) else (each.removeprefix(_SERVICE) for each in self.names())
        return nearest(name, dict.fromkeys(names), count)

    def firmware_before(self, address: int) -> Symbol | None:
        """The firmware's function that begins at or before an address."""
        functions = (symbol for symbol in self._firmware.values() if symbol.code and symbol.address & ~1 <= address)
        return max(functions, key=lambda symbol: symbol.address, default=None)


def how_to_provide(name: str, scope: Scope) -> str:
    """What to do about a name that nobody provides."""
    near = scope.nearest(name)
    first = f"did you mean {' or '.join(near)}? " if near else ""
    if name.startswith("__"):
        first = "It looks like a compiler helper: 'llext build' joins those in, but not with --type object. "
    return (
        f"{first}Somebody must provide it: the firmware by a line EXPORT_SYMBOL({name}); another extension that is loaded first"
        f" and has such a line; Python with @board.export on a function {name}."
    )
