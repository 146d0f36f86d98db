"""What a board is powered on with: its firmware, the kernel on that firmware's memory, the boot banner."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from llext.board.bare import BareFirmware
from llext.board.built import BuiltFirmware
from llext.board.configuration import Configured
from llext.board.firmware import Firmware
from llext.board.image import Image
from llext.board.layout import MemoryLayout
from llext.errors import UsageError
from llext.heap import InspectedHeap
from llext.kernel import Kernel, LogOptions
from llext.machine import Machine, Stack
from llext.target import DEFAULT_BOARD, load_target

APPLICATION = "give the folder of an application, with CMakeLists.txt and prj.conf, or the zephyr.elf that was built from it."
CLOCKS = ("free", "counted")


def bare_firmware(
    name: str | None, zephyr: str, heap_size: int | None, heap_address: int | None, log: LogOptions
) -> Firmware:  # fmt: skip
    """The firmware of a board without an application."""
    target = load_target(DEFAULT_BOARD if name is None else name)
    return BareFirmware(target, MemoryLayout.of(target, heap_size, heap_address), zephyr, Configured(log=log))


def application_firmware(app: str | os.PathLike[str], name: str | None) -> Firmware:
    """The firmware of an application, which is built if its folder is given.

    Raises:
        UsageError: there is no such file, or it is built for another board than the one that is named.
    """
    path = Path(app)
    try:
        there, folder = path.exists(), path.is_dir()
    except (OSError, ValueError) as error:
        raise UsageError(f"app is {str(app)!r}, which is no path: {error}", hint=APPLICATION) from None
    if not there:
        raise UsageError(f"{path}: no such file or folder", hint=APPLICATION)
    if folder:
        from llext.build.firmware import Project, build_application

        path = build_application(Project.of(path, board=name))
    image = Image.read(path)
    if name is not None and name != image.facts["board"]:
        raise UsageError(f"{path} is built for {image.facts['board']}, not for {name}", hint="leave the board's name out.")
    return BuiltFirmware(image)


def started_kernel(
    machine: Machine, firmware: Firmware, output: Callable[[bytes], None] | None, *, clock: str, trace: bool
) -> Kernel:  # fmt: skip
    """The kernel with its heap and the stack of interrupts."""
    layout = firmware.layout
    system = InspectedHeap.init(machine.memory.view(layout.system_heap, layout.system_heap_size), layout.system_heap)
    settings = firmware.configured.kernel
    kernel = Kernel(machine, layout.stubs, system, output, counted=clock == "counted", trace=trace, settings=settings)
    kernel.isr_stack = Stack(layout.isr_stack, layout.isr_top, firmware.target.granule)
    return kernel


def boot_banner(words: str, version: str, delay: int) -> bytes:
    """The line of a firmware that begins; empty without words.

    Args:
        words: What stands before the version.
        version: Zephyr's, as 4.4.
        delay: Milliseconds of CONFIG_BOOT_DELAY.
    """
    after = f" (delayed boot {delay}ms)" if delay > 0 else ""
    return f"*** {words} v{version}.0{after} ***\n".encode() if words else b""


def check_clock(clock: str) -> None:
    """Refuses a clock that there is not."""
    if clock not in CLOCKS:
        raise UsageError(f"there is no clock {clock!r}", hint=f"there are {' and '.join(CLOCKS)}.")
