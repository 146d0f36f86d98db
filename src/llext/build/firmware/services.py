"""The object through which a zephyr.elf reaches the kernel: a stub for each service, in a section of its own.

What an application does not call is dropped by the linker. Numbers are the object's own; the section ``.llext_services``
says which service each is, so that whoever boots the file binds by name.
"""

from __future__ import annotations

from functools import lru_cache

from llext.abi.catalogue import SERVICES
from llext.elf import ElfWriter
from llext.elf import constants as c
from llext.target import Target

NAMES_SECTION = ".llext_services"
"""Names, each ended by NUL, in the order of the stubs' numbers. It is not loaded."""
OF_THE_SYSTEM_HEAP = frozenset({"k_malloc", "k_calloc", "k_realloc", "k_aligned_alloc"})
"""What Zephyr has only with CONFIG_HEAP_MEM_POOL_SIZE."""
_OF_CHARACTERS = ("console_init", "console_getchar", "console_putchar", "console_read", "console_write")
_OF_LINES = ("console_getline_init", "console_getline")
_OF_PRJ_CONF = "{} is there only if prj.conf says so"
OF_OPTIONS = {
    **dict.fromkeys(sorted(OF_THE_SYSTEM_HEAP), ("there is no heap for {}", "CONFIG_HEAP_MEM_POOL_SIZE=4096")),
    "sys_reboot": (_OF_PRJ_CONF, "CONFIG_REBOOT=y"),
    **dict.fromkeys(_OF_CHARACTERS, (_OF_PRJ_CONF, "CONFIG_CONSOLE_SUBSYS=y and CONFIG_CONSOLE_GETCHAR=y")),
    **dict.fromkeys(_OF_LINES, (_OF_PRJ_CONF, "CONFIG_CONSOLE_SUBSYS=y and CONFIG_CONSOLE_GETLINE=y")),
}
"""What an application that calls such a service or function without its option is told, and the line that is missing."""
_EVERY_THREAD = 0xFFFFFFFF
_CODE = c.SHF_ALLOC | c.SHF_EXECINSTR


@lru_cache(maxsize=16)
def services_object(target: Target, without: frozenset[str] = frozenset()) -> bytes:
    """A relocatable object with the stubs of services for a board.

    Args:
        target: The board.
        without: Symbols that the configuration leaves out.
    """
    arch, cpu = target.arch, target.cpu
    stub, facts = arch.stub(cpu), arch.thread_pointer
    writer = ElfWriter(arch.machine, flags=_flags(target))
    specs = [spec for spec in SERVICES if not spec.trap and spec.symbol not in without]
    symbols = []
    for number, spec in enumerate(specs):
        code = stub.code(target.window.address, number)
        section = writer.section(f".text.llext_stub.{spec.symbol}", code, flags=_CODE)
        symbols += [(name, section, len(code), c.STT_FUNC) for name in spec.names]
    if facts.reader:
        code = facts.reader_code(target.scratch.address)
        symbols.append((facts.reader, writer.section(f".text.{facts.reader}", code, flags=_CODE), len(code), c.STT_FUNC))
    record = b"".join(word.to_bytes(4, "little") for word in (4, 4, _EVERY_THREAD, 0))
    section = writer.section(".data.errno", record, flags=c.SHF_ALLOC | c.SHF_WRITE)
    symbols.append(("__emutls_v.errno", section, len(record), c.STT_OBJECT))
    writer.section(NAMES_SECTION, b"".join(spec.symbol.encode() + b"\0" for spec in specs), flags=0, alignment=1)
    writer.section(".note.GNU-stack", b"", flags=0, alignment=1)
    for name, section, size, kind in symbols:
        bit = arch.code_symbol_bit if kind == c.STT_FUNC else 0
        writer.symbol(name, section, bit, size=size, type_=kind)
    return writer.build()


def _flags(target: Target) -> int:
    """e_flags of objects for a CPU: what the linker compares (EABI 5; RVC and the float ABI)."""
    return target.arch.object_flags(target.cpu)
