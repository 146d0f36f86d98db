"""What C code asks of extensions that are loaded: the next one, an address for a name; and giving up the section map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.extensions import LOADER
from llext.abi.structs import struct_llext
from llext.kernel.extensions import Extensions, extensions_of
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_LOOK = 1
"""Z_LLEXT_LOOK: the table is none of the loader's; whoever asks must look through it."""
MAP_ENTRY_BYTES = 8
"""sizeof(struct llext_elf_sect_map)."""


@service("z_llext_behind")
def z_llext_behind(kernel: Kernel, number: int) -> int:
    """The first extension that was loaded behind the one with a number, which becomes its own; NULL if there is none."""
    before = kernel.guest.word(number)
    found = next((each for each in extensions_of(kernel).loader.extensions if each.number > before), None)
    if found is None:
        return 0
    kernel.guest.write_word(number, found.number)
    return found.address


@service("z_llext_find")
def z_llext_find(kernel: Kernel, table: int, name: int) -> int:
    """Address of a name in the firmware's exports (NULL) or an extension's export table, 0 if it is not there.

    The time that this takes does not depend on how many names there are.
    """
    extensions = extensions_of(kernel)
    if not table:
        return _builtin(kernel, extensions, name)
    start = table - _offset(extensions, "exp_tab")
    extension = extensions.at(start)
    if extension is None or (kernel.guest.word(table), kernel.guest.word(table + 4)) != extension.table:
        return _LOOK
    symbol = extension.exports.get(kernel.guest.string(name, None).decode("utf-8", "backslashreplace"))
    return symbol.address if symbol else 0


def _builtin(kernel: Kernel, extensions: Extensions, name: int) -> int:
    """Of a table by SLID, the name is that number."""
    scope = extensions.loader.scope
    if scope.slids is not None:
        known = scope.slids.get(name)
        symbol = scope.firmware(known) if known else None
    else:
        symbol = scope.firmware(kernel.guest.string(name, None).decode("utf-8", "backslashreplace"))
    return symbol.address if symbol else 0


def _offset(extensions: Extensions, member: str) -> int:
    return struct_llext(extensions.loader.rules.version).offsets[member]


@service("z_llext_outside")
def z_llext_outside(kernel: Kernel, address: int, is_init: int, index: int, function: int) -> None:
    """Tells of an entry of a table of functions that nobody calls: the C code has only -EFAULT."""
    extensions = extensions_of(kernel)
    extension = extensions.at(address)
    name, table = repr(extension.name) if extension else f"at {address:#010x}", "init" if is_init else "fini"
    extensions.loader.say("err", "function outside text region")
    extensions.loader.say("err", f"extension {name}: entry {index} of its {table} table is {function:#010x}, not in its text")


@service("z_llext_free_map")
def z_llext_free_map(kernel: Kernel, address: int) -> None:
    """Frees the section map of an extension, if it has one."""
    extensions = extensions_of(kernel)
    extension = extensions.at(address)
    loader = next((struct for struct, each in extensions.kept.items() if each is extension), None)
    if extension is None or loader is None:
        return
    del extensions.kept[loader]
    place = kernel.guest.word(loader + LOADER.offsets["sect_map"])
    if place not in extension.allocations:
        return
    extension.allocations.remove(place)
    extensions.loader.heap.free(place)
    layout = struct_llext(extensions.loader.rules.version)
    view = kernel.machine.memory.view(address, layout.size)
    extension.alloc_size -= MAP_ENTRY_BYTES * layout.read(view, "sect_cnt")
    layout.write(view, {"alloc_size": extension.alloc_size})
