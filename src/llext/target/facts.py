"""The frozen facts about a board: its CPU and its memories. Addresses and sizes are bytes of the guest's address space."""

from __future__ import annotations

from dataclasses import dataclass

from llext.arch import Arch, Cpu

NULL_PAGE_BYTES = 4096
"""The first bytes of the address space, which no board maps, so that NULL traps."""

SERVICE_PAGE_BYTES = 4096


@dataclass(frozen=True)
class MemoryArea:
    """One memory of a board.

    Attributes:
        name: Its devicetree label.
        address: First guest address.
        size: Bytes.
        kind: ``flash`` (read and executed) or ``ram``.
    """

    name: str
    address: int
    size: int
    kind: str

    @property
    def end(self) -> int:
        """First address behind it."""
        return self.address + self.size


@dataclass(frozen=True)
class Target:
    """One board.

    Attributes:
        name: ``mps2/an385``.
        model: The board in words.
        arch: Its instruction set.
        cpu: Its CPU.
        memories: Its memories, by address, in whole granules.
        flash: The memory that holds the firmware (chosen zephyr,flash).
        ram: The memory that holds its data (chosen zephyr,sram).
        services: Address range of the service window, and of the host's memory behind it.
        clock_hz: Frequency of the CPU's clock, which counts cycles.
    """

    name: str
    model: str
    arch: Arch
    cpu: Cpu
    memories: tuple[MemoryArea, ...]
    flash: MemoryArea
    ram: MemoryArea
    services: MemoryArea
    clock_hz: int

    @property
    def scratch(self) -> MemoryArea:
        """Where stubs leave what is to be known of a call: the first page of the services area."""
        return MemoryArea("scratch", self.services.address, SERVICE_PAGE_BYTES, "ram")

    @property
    def window(self) -> MemoryArea:
        """The words whose loads call services: its second page."""
        return MemoryArea("window", self.scratch.end, SERVICE_PAGE_BYTES, "services")

    @property
    def buffers(self) -> MemoryArea:
        """Memory of the host for what Python passes to guest code: the rest of it."""
        return MemoryArea("buffers", self.window.end, self.services.end - self.window.end, "ram")

    @property
    def granule(self) -> int:
        """Bytes of the smallest piece of memory that has rights of its own."""
        return self.arch.emulator.page_bytes
