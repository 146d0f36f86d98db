"""The exports that firmware has by itself: system calls and a few functions of the C library, by groups as Zephyr has them.

Each is an entry of the table that EXPORT_SYMBOL fills, in a section of its name, so that the linker sorts all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from llext.abi.catalogue import SERVICES
from llext.build.firmware.slids import NAMES
from llext.elf import ElfWriter
from llext.elf import constants as c
from llext.target import Target

_OF_THE_RUNTIME = (
    "z_impl_device_init", "z_impl_device_is_ready", "z_impl_k_busy_wait", "z_impl_k_timer_status_sync", "z_impl_k_timer_stop",
)  # fmt: skip
"""System calls that the guest runtime answers."""
_BEHIND_OTHERS = ("z_log", "z_log_hexdump", "z_timeout_remaining", "z_timeout_expires")
"""What our headers call where Zephyr's have a system call: LOG_ERR and its like, and what is left of timers."""
GROUPS = {
    "SYSCALL": (*(spec.symbol for spec in SERVICES if spec.symbol.startswith("z_impl_")), *_OF_THE_RUNTIME, *_BEHIND_OTHERS),
    "LIBC": ("strcpy", "strncpy", "strlen", "strcmp", "strncmp", "memcmp", "memcpy", "memset"),
    "UNASSIGNED": ("printk", "assert_print", "assert_post_action"),
}
"""What CONFIG_LLEXT_EXPORT_SYMBOL_GROUP_<name> exports of what is not the application's."""


def exports_object(target: Target, names: Sequence[str], *, slids: bool = False) -> bytes:
    """A relocatable object with the entries of some of them.

    Args:
        target: The board.
        names: Which.
        slids: Whether they are to become SLIDs, so that the names are not loaded.
    """
    writer = ElfWriter(target.arch.machine, flags=target.arch.object_flags(target.cpu))
    text = writer.section(NAMES if slids else ".rodata.llext_names", b"".join(name.encode() + b"\0" for name in names), alignment=1)
    places = [sum(len(name) + 1 for name in names[:number]) for number in range(len(names))]
    sections = [
        writer.section(f"._llext_const_symbol.static.{name}_", at.to_bytes(4, "little") + bytes(4))
        for name, at in zip(names, places, strict=True)
    ]
    writer.section(".note.GNU-stack", b"", flags=0, alignment=1)
    start = writer.symbol("", text, binding=c.STB_LOCAL, type_=c.STT_SECTION)
    word, uses_rela = target.arch.pointer_relocation, target.arch.uses_rela
    for name, section, at in zip(names, sections, places, strict=True):
        rows = [(0, word, start), (4, word, writer.symbol(name))]
        writer.relocate(section, rows, addends=[at, 0] if uses_rela else None)
    return writer.build()
