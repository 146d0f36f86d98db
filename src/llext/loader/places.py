"""Words for addresses: what of which extension lies there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llext.link import RegionKind
from llext.loader.extension import Extension, LoadedRegion

_NEAR_BYTES = 4096
"""How far from a region an address may be to be told as lying beside it."""


@dataclass(frozen=True)
class Place:
    """Where an address is in an extension.

    Attributes:
        extension: The extension.
        region: Its region.
        section: Section of the file.
        offset: Bytes from the start of the section.
        symbol: The function or object that it is in, or empty.
        symbol_offset: Bytes from its start.
    """

    extension: Extension
    region: LoadedRegion
    section: str
    offset: int
    symbol: str = ""
    symbol_offset: int = 0

    def __str__(self) -> str:
        return f"{self.extension.name} {self.section}+{self.offset:#x}{self.in_symbol}"

    @property
    def in_symbol(self) -> str:
        """The symbol and the offset in it as messages show them, with a space in front; empty without one."""
        return f" <{self.symbol}+{self.symbol_offset:#x}>" if self.symbol else ""


def place_of(extensions: Iterable[Extension], address: int, *, code: bool = False) -> Place | None:
    """Where an address is; None if it is in no extension, or not in code.

    Args:
        extensions: Those to look in.
        address: Guest address, without the bit of its instruction set.
        code: Look in text only.
    """
    for extension, region in _regions(extensions):
        if region.address <= address < region.address + region.size and (not code or region.kind is RegionKind.TEXT):
            return _inside(extension, region, address)
    return None


def beside(extensions: Iterable[Extension], address: int) -> str:
    """Which region ends just before an address or begins just behind it, in words; empty if none does."""
    found: list[tuple[int, str]] = []
    for extension, region in _regions(extensions):
        if region.kind > RegionKind.BSS:
            continue
        # A region of nothing but a table of the linker's has no section.
        names = [name for _, name in sorted((start, name) for name, start in region.sections.items())] or [region.name]
        last, first = names[-1], names[0]
        behind, before = address - region.address - region.size, region.address - address
        if 0 <= behind < _NEAR_BYTES:
            found.append((behind, f"{_bytes(behind)}the end of {last} of {extension.name!r}"))
        elif 0 < before < _NEAR_BYTES:
            found.append((before, f"{before} bytes before {first} of {extension.name!r}"))
    return min(found, default=(0, ""))[1]


def _bytes(count: int) -> str:
    return f"{count} bytes past " if count else "at "


def _regions(extensions: Iterable[Extension]) -> Iterator[tuple[Extension, LoadedRegion]]:
    return ((extension, region) for extension in extensions for region in extension.regions.values())


def _inside(extension: Extension, region: LoadedRegion, address: int) -> Place:
    start, section = max(
        ((start, name) for name, start in region.sections.items() if start <= address), default=(region.address, region.name)
    )
    best = max((row for row in extension.symbols if row[0] <= address), default=None)
    if best is None or (best[1] and address >= best[0] + best[1]) or best[0] < region.address:
        return Place(extension, region, section, address - start)
    return Place(extension, region, section, address - start, best[2], address - best[0])
