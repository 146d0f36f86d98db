"""What a zephyr.elf says about itself: its board, and the values of its configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable

from llext.elf import ElfWriter
from llext.elf import constants as c
from llext.target import Target
from llext.target.kconfig import Configuration, Setting

BOARD_SECTION = ".llext_board"
"""JSON, ended by NUL; not loaded."""


def board_object(target: Target, configuration: Configuration) -> bytes:
    """An object that says for which board a file is, which memories its devicetree leaves that, and the configuration's texts."""
    memories = [[area.name, area.address, area.size, area.kind] for area in target.memories]
    texts = {setting.name: setting.value for setting in configuration.settings if setting.kind == "string" and setting.written}
    facts = {"board": target.name, "memories": memories, "texts": texts}
    writer = ElfWriter(target.arch.machine, flags=target.arch.object_flags(target.cpu))
    writer.section(BOARD_SECTION, json.dumps(facts).encode() + b"\0", flags=0, alignment=1)
    return writer.build()


def configuration_object(target: Target, configuration: Configuration, reserved: Iterable[str] = ()) -> bytes:
    """An object with each value as an absolute symbol CONFIG_X, as Zephyr's firmware has them: texts are 1, n has no symbol.

    Args:
        target: The board.
        configuration: The values.
        reserved: Names that the linker script defines: whoever else does so has defined them twice.
    """
    writer = ElfWriter(target.arch.machine, flags=target.arch.object_flags(target.cpu))
    for setting in configuration.settings:
        value = _value(setting)
        if value is not None:
            writer.symbol(f"CONFIG_{setting.name}", c.SHN_ABS, value & 0xFFFFFFFF, type_=c.STT_OBJECT)
    for name in sorted(reserved):
        writer.symbol(name, c.SHN_ABS)
    return writer.build()


def _value(setting: Setting) -> int | None:
    if setting.kind in {"bool", "tristate"}:
        return 1 if setting.value == "y" else None
    if not setting.written or not setting.value:
        return None
    return 1 if setting.kind == "string" else int(setting.value, 16 if setting.kind == "hex" else 10)
