"""Words for addresses: which section, symbol or part of the board's memory an address lies in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llext.board.layout import MemoryLayout
from llext.link import TABLES
from llext.loader import FIRMWARE, Extension, Scope, beside, place_of
from llext.target import Target


@dataclass(frozen=True)
class Places:
    """What lies where on a board.

    Attributes:
        code: Gives all that has symbols: what is loaded, and the application.
    """

    target: Target
    layout: MemoryLayout
    scope: Scope
    code: Callable[[], list[Extension]]

    def locate(self, address: int) -> str:
        """Where code at an address belongs: an extension's section and symbol, a service, the runtime, or nothing."""
        place = place_of(self.code(), address)
        if place is not None:
            return str(place)
        if not self.layout.stubs <= address < self.layout.runtime_data:
            near = beside(self.code(), address)
            return f"nowhere, {near}" if near else ""
        symbol = self.scope.firmware_before(address)
        return f"{FIRMWARE} <{symbol.name}+{address - (symbol.address & ~1):#x}>" if symbol else FIRMWARE

    def symbol(self, address: int) -> str:
        """The function at an address, for a trace."""
        address &= ~self.target.arch.code_symbol_bit
        place = place_of(self.code(), address)
        found = place.symbol if place is not None else getattr(self.scope.firmware_before(address), "name", "")
        return found or f"{address:#010x}"

    def calling(self, address: int) -> str:
        """Where the call stands that returns to an address; the link register may hold anything by now."""
        place = place_of(self.code(), address - 2, code=True) if address else None
        return str(place) if place else ""

    def describe(self, address: int) -> str:
        """What lies at an address that was touched, in words."""
        place = place_of(self.code(), address)
        near = beside(self.code(), address)
        if place is not None and not (near and place.region.kind in TABLES):
            rights = {"rx": ", code", "r": ", read only"}.get(place.region.permission, "")
            return f"in {place.section} of {place.extension.name!r}{rights}{place.in_symbol}"
        known = self.layout.describe(address)
        return (known if self.layout.of_the_stack(address) else near or known) or self._unmapped(address)

    def _unmapped(self, address: int) -> str:
        near = min(self.target.memories, key=lambda area: max(area.address - address, address - area.end + 1))
        return f"not mapped; the nearest memory is {near.name}, {near.address:#010x} to {near.end - 1:#010x}"
