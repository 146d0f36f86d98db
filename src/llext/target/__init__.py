"""What a board is, before anything is powered on: frozen facts read from devicetree.

A board is a devicetree file in ``boards/``: CPU, memories with their kinds, clock, the window through which the
virtual board's services are called. No emulator is known here.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from llext.arch import Arch, Cpu, arch_of_cpu
from llext.errors import TargetError

if TYPE_CHECKING:
    from devicetree import dtlib

BOARDS = Path(__file__).parent.parent / "boards"
DEFAULT_BOARD = "mps2/an385"
NULL_PAGE_BYTES = 4096
"""The first bytes of the address space, which no board maps, so that NULL traps."""

SERVICE_PAGE_BYTES = 4096

_KINDS = {"soc-nv-flash": "flash", "mmio-sram": "ram"}


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
        memories: Its memories, by address.
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


def board_names() -> list[str]:
    """Every board there is, sorted."""
    return sorted(path.relative_to(BOARDS).with_suffix("").as_posix() for path in BOARDS.rglob("*.dts"))


@lru_cache(maxsize=16)
def load_target(name: str) -> Target:
    """Reads a board's facts.

    Raises:
        TargetError: there is no such board; the message names the nearest ones.
    """
    if not isinstance(name, str) or name not in board_names():
        near = difflib.get_close_matches(str(name), board_names(), n=2, cutoff=0.4) or board_names()
        raise TargetError(f"unknown board {name!r}", hint=f"did you mean {' or '.join(near)}? 'llext boards' lists all.")
    from devicetree import dtlib

    path = BOARDS / f"{name}.dts"
    try:
        tree = dtlib.DT(str(path))
    except dtlib.DTError as error:
        raise TargetError(f"{path.name}: {error}") from error
    return _target(name, tree)


def _target(name: str, tree: dtlib.DT) -> Target:
    cpu_node = tree.get_node("/cpus/cpu@0")
    cpu_name = cpu_node.props["compatible"].to_string().partition(",")[2]
    arch = arch_of_cpu(cpu_name)
    if arch is None:
        raise TargetError(f"board {name}: no instruction set of ours has a CPU {cpu_name!r}")
    areas = {node.path: _area(node) for node in tree.root.nodes.values() if "reg" in node.props and "compatible" in node.props}
    chosen = tree.get_node("/chosen")
    services = next(area for area in areas.values() if area.kind == "services")
    return Target(
        name=name,
        model=tree.root.props["model"].to_string(),
        arch=arch,
        cpu=arch.cpus[cpu_name],
        memories=tuple(sorted((area for area in areas.values() if area is not services), key=lambda area: area.address)),
        flash=areas[chosen.props["zephyr,flash"].to_path().path],
        ram=areas[chosen.props["zephyr,sram"].to_path().path],
        services=services,
        clock_hz=cpu_node.props["clock-frequency"].to_num(),
    )


def _area(node: dtlib.Node) -> MemoryArea:
    address, size = node.props["reg"].to_nums()
    compatible = node.props["compatible"].to_string()
    kind = "services" if compatible == "llext,services" else _KINDS[compatible]
    return MemoryArea(node.labels[0] if node.labels else node.name, address, size, kind)
