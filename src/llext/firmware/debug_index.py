"""What a firmware's debug information tells of its exports and of its loader's own structures, kept by the firmware's contents.

Megabytes of it are read once; what is wanted of them is a few kilobytes, in the cache of builds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from llext import cache
from llext.dwarf import unreadable
from llext.dwarf.declarations import Declaration, Shape, declared_in
from llext.dwarf.search import Search, struct_sizes
from llext.elf import constants as c
from llext.errors import BuildError
from llext.firmware.exports import Export
from llext.firmware.image import FirmwareImage

Progress = Callable[[int, int], None]
"""(units that were read, units that will be)."""
_FORM = 1
"""Of what is kept: another number for another form."""
LOADER_SOURCES = r"(?:llext|buf_loader)\w*\.c"
"""Sources of Zephyr's loader, in one of which each of its structures is complete."""
_STRUCTS = ("llext", "llext_loader", "llext_buf_loader", "llext_load_param")


@dataclass(frozen=True)
class DebugIndex:
    """Of one firmware.

    Attributes:
        image: It.
        key: Hash of its contents.
    """

    image: FirmwareImage
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", hashlib.sha256(self.image.data).hexdigest())

    @property
    def present(self) -> bool:
        """Whether there is debug information at all."""
        return any(section.name in (".debug_info", ".zdebug_info") for section in self.image.elf.sections)

    @cached_property
    def readable(self) -> bool:
        """Whether anything of it can be read."""
        found: bool = self._kept("readable", lambda: self._search is not None and self._search.any)
        return found

    @cached_property
    def structs(self) -> Mapping[str, int]:
        """Bytes of the loader's structures, by their names; empty where nothing tells them."""
        found: dict[str, int] = self._kept("structs", self._read_structs)
        return found

    def declarations(self, exports: tuple[Export, ...], progress: Progress | None = None) -> Mapping[str, Declaration]:
        """What each export is, by its name; what debug information does not have is left out.

        Args:
            exports: The firmware's.
            progress: Told while units are read; not if they need not be.
        """
        rows = self._kept(
            "declarations", lambda: [asdict(each) for each in self._read_declarations(exports, progress or _silent)]
        )
        return {row["name"]: _declaration(row) for row in rows}

    def _kept(self, what: str, read: Callable[[], Any]) -> Any:
        """What was found before, or is found now."""
        if not self.present:
            return read()
        key = cache.digest("firmware", _FORM, what, self.key)
        found = cache.load_json(key)
        if found is None:
            found = read()
            with suppress(BuildError):  # a cache that cannot be written costs time only
                cache.store_json(key, found)
        return found

    @cached_property
    def _search(self) -> Search | None:
        try:
            return Search(self.image.data) if self.present else None
        except unreadable():
            return None

    def _read_structs(self) -> dict[str, int]:
        found: dict[str, int] = {}
        with suppress(*unreadable()):
            for unit in self._search.of_sources(LOADER_SOURCES) if self._search else ():
                for name, size in struct_sizes(unit, _STRUCTS):
                    found.setdefault(name, size)
        return found

    def _read_declarations(self, exports: tuple[Export, ...], tell: Progress) -> Iterator[Declaration]:
        if self._search is None:
            return
        names = {self._own_name(export): export.name for export in reversed(exports) if export.implemented}
        code: set[int] = set()
        data: set[int] = set()
        for export in exports:
            (code if self._is_code(export) else data).add(export.address & ~1)
        try:
            units = [*self._search.with_code(code), *self._search.with_data(data)]
        except unreadable():
            return
        seen: set[str] = set()
        for number, unit in enumerate(units):
            tell(number, len(units))
            with suppress(*unreadable()):
                for each in declared_in(unit, names, defined=True):
                    if names[each.name] not in seen:
                        seen.add(names[each.name])
                        yield replace(each, name=names[each.name])
        tell(len(units), len(units))

    def _is_code(self, export: Export) -> bool:
        section = self.image.section_at(export.address & ~1)
        return section is not None and bool(section.flags & c.SHF_EXECINSTR)

    def _own_name(self, export: Export) -> str:
        """Its name in the firmware's sources: EXPORT_SYMBOL_NAMED gives extensions another one."""
        if export.name in self.image.symbols:
            return export.name
        return self._names.get(export.address & ~1, export.name)

    @cached_property
    def _names(self) -> dict[int, str]:
        return {symbol.value & ~1: name for name, symbol in self.image.symbols.items() if not symbol.undefined}


def _silent(done: int, of: int) -> None:
    """Nobody is told."""


def _declaration(row: dict[str, Any]) -> Declaration:
    """Back from plain values."""
    given = row["parameters"]
    shapes = None if given is None else tuple(Shape(*each) for each in given)
    return Declaration(**row | {"result": Shape(*row["result"]), "parameters": shapes})
