"""Where things of a powered-off firmware lie: its own memory, and room for ours that none of its sections uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from llext.elf import constants as c
from llext.errors import Errno, UsageError
from llext.firmware.firmware import Firmware

PAGE = 4096
"""Bytes that memory is mapped in: RISC-V's page, and a multiple of those of Arm."""
_MOST = 1 << 28
"""Bytes of memory that a firmware may have; what wants more is no firmware of a microcontroller."""
_STEP = 1 << 20


@dataclass(frozen=True)
class Area:
    """Memory from one address up to another, in whole pages, and whether code may write there."""

    start: int
    end: int
    writable: bool


def areas(firmware: Firmware) -> list[Area]:
    """Memory around its sections, and RAM as its configuration tells, in order, none overlapping.

    Raises:
        UsageError: more than any such device has.
    """
    found: list[Area] = []
    for area in sorted(_pieces(firmware), key=lambda each: each.start):
        if found and area.start <= found[-1].end:
            last = found.pop()
            found.append(Area(last.start, max(last.end, area.end), last.writable or area.writable))
        else:
            found.append(area)
    total = sum(area.end - area.start for area in found)
    if total > _MOST or (found and found[-1].end > 1 << 32):
        raise UsageError(
            f"{firmware.image.path}: its sections take {total} bytes up to {found[-1].end:#x}, which is no microcontroller's memory",
            hint="is the file damaged? Build it again.",
            errno=Errno.ENOSYS,
        )
    return found


def _pieces(firmware: Firmware) -> Iterator[Area]:
    for section in firmware.image.elf.sections:
        if section.flags & c.SHF_ALLOC and section.size:
            yield _area(section.address, section.size, writable=bool(section.flags & c.SHF_WRITE))
    base, kib = firmware.image.option("SRAM_BASE_ADDRESS"), firmware.image.option("SRAM_SIZE")
    if base.known and kib.known and kib.value:
        yield _area(base.value, kib.value * 1024, writable=True)


def _area(address: int, size: int, *, writable: bool) -> Area:
    return Area(address // PAGE * PAGE, -(-(address + size) // PAGE) * PAGE, writable)


def spare(taken: Iterable[Area], ranges: Iterable[tuple[int, int]], near: int, size: int) -> int:
    """An address for memory of ours: behind what is taken, in the range that another address is in if there is room.

    Code that an extension has in its file reaches then what it would reach from RAM, and no more.

    Raises:
        UsageError: there is no room.
    """
    used = [*taken]
    for low, high in sorted(ranges, key=lambda each: not each[0] <= near < each[1]):
        at = max(low, near if low <= near < high else low) // _STEP * _STEP + _STEP
        while at + size <= high:
            clash = max((area.end for area in used if area.start < at + size + _STEP and at < area.end + PAGE), default=0)
            if not clash:
                return at
            at = max(at + _STEP, -(-clash // _STEP) * _STEP)
    raise UsageError(
        f"no {size} bytes of addresses are free beside the firmware's sections",
        hint="is it the zephyr.elf of a microcontroller? llext check without --execute needs no such room.",
        errno=Errno.ENOSYS,
    )
