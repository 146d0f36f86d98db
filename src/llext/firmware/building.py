"""How to build for a firmware: CPU, ABI, options and the compiler helpers that it has, as its ELF tells them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llext.arch import Chip, named_chip
from llext.build import BuildOptions
from llext.errors import UsageError
from llext.firmware.overview import core

if TYPE_CHECKING:
    from llext.firmware.firmware import Firmware

_HEADERS = (
    "SYS_CLOCK_TICKS_PER_SEC", "SYS_CLOCK_HW_CYCLES_PER_SEC", "NUM_COOP_PRIORITIES", "NUM_PREEMPT_PRIORITIES", "LOG",
    "LOG_DEFAULT_LEVEL", "LOG_MAX_LEVEL", "LOG_OVERRIDE_LEVEL", "ASSERT", "ASSERT_VERBOSE", "KERNEL_INIT_PRIORITY_OBJECTS",
    "KERNEL_INIT_PRIORITY_LIBC", "KERNEL_INIT_PRIORITY_DEFAULT", "KERNEL_INIT_PRIORITY_DEVICE", "APPLICATION_INIT_PRIORITY",
)  # fmt: skip
"""Options of the firmware that headers turn into code of the extension: ticks and priorities, above all."""
_HELPER = re.compile(r"__(?!llext_|device_dts_)\w+")
"""Names that compilers reserve for what they call by themselves."""


def processor_of(firmware: Firmware) -> Chip:
    """The CPU to compile for.

    Raises:
        UsageError: nothing tells it.
        TargetError: the firmware's CPU is none that compilers here know.
    """
    built, told = firmware.arch.built_for(firmware.image.elf), core(firmware)
    if built is None:
        raise UsageError(
            f"{firmware.image.path} does not tell its CPU: it has no build attributes",
            hint="say it, instead of --firmware: llext build --cpu NAME; then llext check --firmware.",
        )
    return named_chip(told.value if told is not None else built.cpu, built.float_abi)


def options_for(firmware: Firmware, options: BuildOptions) -> BuildOptions:
    """A user's choices with what the firmware adds to them; the user's own flags come last, so that they count."""
    built = firmware.arch.built_for(firmware.image.elf)
    told = {name: firmware.image.option(name) for name in _HEADERS}
    defines = tuple(f"-DCONFIG_{name}={fact.value}" for name, fact in told.items() if fact.known and fact.value)
    helpers = (each.name for each in firmware.exports.entries if each.implemented and _HELPER.fullmatch(each.name))
    return replace(
        options,
        cflags=(*(built.flags if built else ()), *defines, *options.cflags),
        provided=frozenset(helpers),
        slids=firmware.exports.by_slid,
        types=True,
    )


def refuse_own(firmware: Firmware, output: Path) -> None:
    """Refuses to write over the firmware or its .config.

    Raises:
        UsageError: the output, or the debug file beside it, is one of them.
    """
    image = firmware.image
    for each in (output, output.with_name(output.stem + "_debug.elf")):
        for own in filter(None, (image.path, image.config)):
            if each.exists() and own.exists() and each.samefile(own):
                raise UsageError(
                    f"{each} would be overwritten, and it is the firmware's", hint="give another output: -o NAME.llext"
                )
