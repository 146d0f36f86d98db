"""llext_restore: extensions whose memory was kept while everything else was lost, as from suspend to resume.

The application has kept copies of their struct llext; new ones are made of them, with section maps and export tables of their
own. (CONFIG_LLEXT_EXPERIMENTAL)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llext.abi.catalogue.extensions import LOADER
from llext.abi.structs import struct_llext
from llext.errors import Errno
from llext.kernel.extension_tables import MAP_ENTRY_BYTES
from llext.kernel.extensions import Extensions, extensions_of
from llext.kernel.registry import service
from llext.loader import Extension

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_DEPENDENCIES = 8


class _Refused(Exception):
    """The number to return."""


class _Restore:
    """One call of llext_restore: what it took is given back if it fails."""

    def __init__(self, kernel: Kernel, extensions: Extensions, saved: list[int], loaders: list[int]) -> None:
        self.guest = kernel.guest
        self.memory = kernel.machine.memory
        self.extensions = extensions
        self.layout = struct_llext(extensions.loader.rules.version)
        self.saved = saved
        self.loaders = loaders
        self.taken: list[int] = []
        self.of: dict[int, list[int]] = {}
        """Allocations of each extension, by the address of what was saved of it."""

    def known(self, address: int) -> Extension:
        """What a saved struct was saved of: loaded under its name, with its text where that says."""
        data = bytes(self.memory.view(address, self.layout.size))
        start, regions = self.layout.offsets["name"], self.layout.offsets["mem"]
        name = data[start : start + 16].split(b"\0")[0].decode("utf-8", "replace")
        text = int.from_bytes(data[regions : regions + 4], "little")
        for extension in self.extensions.loader.extensions:
            if extension.name == name and (extension.regions["text"].address if "text" in extension.regions else 0) == text:
                return extension
        raise _Refused(-Errno.EFAULT)

    def copies(self) -> dict[int, int]:
        """New structs by the addresses of the saved ones, with tables and dependencies of their own."""
        fresh = {address: self._copy(address, self.layout.size, address) for address in self.saved}
        for address, loader in zip(self.saved, self.loaders, strict=True):
            self._tables(address, fresh[address], loader)
            self._dependencies(fresh[address], fresh)
        return fresh

    def _copy(self, address: int, size: int, owner: int) -> int:
        """Bytes of the LLEXT heap with the same contents."""
        place = self.extensions.loader.heap.aligned_alloc(4, size)
        if place is None:
            raise _Refused(-Errno.ENOMEM)
        self.taken.append(place)
        self.of.setdefault(owner, []).append(place)
        self.memory.view(place, size)[:] = bytes(self.memory.view(address, size))
        return place

    def _tables(self, saved: int, fresh: int, loader: int) -> None:
        count = self.layout.read(bytes(self.memory.view(fresh, self.layout.size)), "sect_cnt")
        map_ = self.guest.word(loader + LOADER.offsets["sect_map"]) if loader else 0
        if map_:
            self.guest.write_word(loader + LOADER.offsets["sect_map"], self._copy(map_, MAP_ENTRY_BYTES * count, saved))
        at = fresh + self.layout.offsets["exp_tab"]
        entries, table = self.guest.word(at), self.guest.word(at + 4)
        if entries and table:
            self.guest.write_word(at + 4, self._copy(table, 8 * entries, saved))

    def _dependencies(self, fresh: int, others: dict[int, int]) -> None:
        at = fresh + self.layout.offsets["dependency"]
        for place in range(at, at + 4 * _DEPENDENCIES, 4):
            pointer = self.guest.word(place)
            if pointer:
                if pointer not in others:
                    raise _Refused(-Errno.EINVAL)
                self.guest.write_word(place, others[pointer])

    def take_over(self, fresh: dict[int, int], before: dict[int, Extension]) -> None:
        """Makes the new ones known in place of those that they were; their regions stay where they are."""
        loader = self.extensions.loader
        made: dict[Extension, Extension] = {}
        for saved, old in before.items():
            data = bytes(self.memory.view(fresh[saved], self.layout.size))
            regions = [region.address for region in old.regions.values() if region.address in old.allocations]
            at = fresh[saved] + self.layout.offsets["exp_tab"]
            made[old] = replace(
                old, address=fresh[saved], allocations=[*regions, *self.of[saved]], use_count=self.layout.read(data, "use_count"),
                table=(self.guest.word(at), self.guest.word(at + 4)),
            )  # fmt: skip
        for old, new in made.items():
            loader.scope.forget(old)
            loader.scope.add(new)
            loader.extensions[loader.extensions.index(old)] = new
            old.loaded = False
            loader.give_back(set(old.allocations) - set(new.allocations))
        for extension in loader.extensions:
            extension.dependencies = [made.get(each, each) for each in extension.dependencies]


@service("z_llext_restore")
def z_llext_restore(kernel: Kernel, ext: int, ldr: int, count: int) -> int:
    """0; -ENOMEM, -EINVAL for a dependency that is not among them, -EFAULT for what was never loaded here.

    Args:
        kernel: The kernel.
        ext: Address of pointers to the saved structs; they become pointers to the new ones.
        ldr: Address of pointers to their loaders, any of them NULL.
        count: How many there are.
    """
    extensions, guest = extensions_of(kernel), kernel.guest
    saved = [guest.word(ext + 4 * i) for i in range(count)]
    work = _Restore(kernel, extensions, saved, [guest.word(ldr + 4 * i) for i in range(count)])
    try:
        before = {address: work.known(address) for address in saved}
        fresh = work.copies()
    except _Refused as refusal:
        extensions.loader.give_back(work.taken)
        return int(refusal.args[0])
    work.take_over(fresh, before)
    for i, address in enumerate(saved):
        guest.write_word(ext + 4 * i, fresh[address])
    return 0
