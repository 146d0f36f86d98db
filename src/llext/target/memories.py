"""From the nodes that are memories to a Target: which of them the machine maps, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from llext.arch import ARCHES, arch_of_cpu
from llext.errors import TargetError, nearest
from llext.target.facts import MemoryArea, Target

KINDS = {"soc-nv-flash": "flash", "mmio-sram": "ram", "zephyr,memory-region": "ram", "llext,services": "services"}
"""What the first of a node's compatibles that is listed here makes of it."""


@dataclass(frozen=True)
class MemoryNode:
    """A node with addresses, of which some are memories.

    Attributes:
        path: Its path in the tree.
        name: Its first label, or its name.
        compatibles: As they stand there.
        status: ``okay`` or another.
        registers: Pairs of an address and a size in bytes.
    """

    path: str
    name: str
    compatibles: tuple[str, ...]
    status: str
    registers: tuple[tuple[int, int], ...]


def make_target(
    name: str,
    *,
    model: str,
    cpu: str,
    clock_hz: int,
    nodes: Iterable[MemoryNode],
    chosen: Mapping[str, str],
    place: Callable[[str, str], str] = lambda _path, _name: "",
) -> Target:
    """The facts of a board from those of its devicetree.

    Args:
        name: The board's.
        model: The board in words.
        cpu: Compatible of its CPU: ``arm,cortex-m3``.
        clock_hz: Frequency of the CPU's clock.
        nodes: Nodes with addresses.
        chosen: Paths of the chosen nodes.
        place: Where a property of a node was said, in words that end in a colon.

    Raises:
        TargetError: no such CPU is known, a chosen memory is missing, or two memories overlap in part or share a granule.
    """
    cpu_name = cpu.partition(",")[2]
    arch = arch_of_cpu(cpu_name)
    if arch is None:
        raise _no_cpu(name, cpu, place)
    areas = {node.path: area for node in nodes for area in _areas(node, place)}
    services = next(((path, area) for path, area in areas.items() if area.kind == "services"), None)
    if services is None:
        raise TargetError(f"board {name}: no node of compatible llext,services is okay", hint=_SERVICES_HINT)
    memories = _mapped([item for item in areas.items() if item != services], services, arch.emulator.page_bytes, place)
    flash, ram = (_chosen(key, kind, chosen, areas, place) for key, kind in (("zephyr,flash", "flash"), ("zephyr,sram", "ram")))
    _check_own(flash, ram, {area: path for path, area in areas.items()}, place)
    return Target(name, model, arch, arch.cpus[cpu_name], memories, flash, ram, services[1], clock_hz)


_WORD = 4


def _check_own(
    flash: MemoryArea, ram: MemoryArea, paths: Mapping[MemoryArea, str], place: Callable[[str, str], str]
) -> None:  # fmt: skip
    """Refuses memories in which no firmware can lie: one in the other, or with edges within a word."""
    for area in (flash, ram):
        if area.address % _WORD or area.size % _WORD:
            where = f"{place(paths[area], 'reg')}memory {area.name} ({area.address:#010x}..{area.end:#010x})"
            raise TargetError(f"{where} begins or ends within a word", hint="give its reg in multiples of 4 bytes.", errno=None)
    if flash.address < ram.end and ram.address < flash.end:
        moved, other = (flash, ram) if ".overlay:" in place(paths[flash], "reg") else (ram, flash)
        raise _overlap((paths[moved], moved), (paths[other], other), place)


def _no_cpu(board: str, cpu: str, place: Callable[[str, str], str]) -> TargetError:
    known = sorted({name for arch in ARCHES for name in arch.cpus})
    name = cpu.partition(",")[2]
    near = nearest(name, known)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}."
    where = place("/cpus/cpu@0", "compatible")
    return TargetError(f"{where}board {board}: no instruction set of ours has a CPU {name or cpu!r}", hint=hint)


_SERVICES_HINT = "the virtual board's services are called through it: leave the board file's node as it is."


def _areas(node: MemoryNode, place: Callable[[str, str], str]) -> list[MemoryArea]:
    """The memory that a node is, if it is one."""
    kind = next((KINDS[each] for each in node.compatibles if each in KINDS), None)
    if kind is None or node.status != "okay" or not node.registers:
        return []
    address, size = node.registers[0]
    if address + size > 1 << 32:
        where = f"{place(node.path, 'reg')}{node.path}"
        raise TargetError(f"{where}: {address:#x}..{address + size:#x} ends behind the 32-bit address space", errno=None)
    return [MemoryArea(node.name, address, size, kind)]


_Item = tuple[str, MemoryArea]
"""A memory with the path of its node."""


def _mapped(items: list[_Item], services: _Item, granule: int, place: Callable[[str, str], str]) -> tuple[MemoryArea, ...]:
    """The memories that the machine maps, by address: in whole granules; a region inside another memory is that memory's."""
    mapped: list[_Item] = []
    for item in sorted(items, key=lambda item: (item[1].address, -item[1].size)):
        last = mapped[-1] if mapped else None
        if last is not None and item[1].address < last[1].end:
            if item[1].end > last[1].end:
                raise _overlap(item, last, place)
            continue
        if item[1].address < services[1].end and services[1].address < item[1].end:
            raise _overlap(item, services, place)
        mapped.append(item)
    return _whole(mapped, granule, place)


def _whole(items: list[_Item], granule: int, place: Callable[[str, str], str]) -> tuple[MemoryArea, ...]:
    """Memories grown to whole granules, which two of them cannot share."""
    grown: list[MemoryArea] = []
    for path, area in items:
        start, end = area.address // granule * granule, -(-area.end // granule) * granule
        if grown and start < grown[-1].end:
            message = (
                f"memory {area.name} begins at {area.address:#010x}, in the same {granule} bytes in which {grown[-1].name} ends"
            )
            hint = f"the virtual board maps pieces of {granule} bytes: begin or end one of them at a multiple."
            raise TargetError(f"{place(path, 'reg')}{message}", hint=hint, errno=None)
        grown.append(MemoryArea(area.name, start, end - start, area.kind))
    return tuple(grown)


def _overlap(item: _Item, other: _Item, place: Callable[[str, str], str]) -> TargetError:
    first, second = (f"{area.name} ({area.address:#010x}..{area.end:#010x})" for _, area in (item, other))
    hint = "move it, or make the other smaller: &LABEL { reg = <ADDRESS SIZE>; }; in the overlay."
    return TargetError(f"{place(item[0], 'reg')}memory {first} overlaps {second}", hint=hint, errno=None)


def _chosen(
    key: str, kind: str, chosen: Mapping[str, str], areas: Mapping[str, MemoryArea], place: Callable[[str, str], str]
) -> MemoryArea:
    area = areas.get(chosen.get(key, ""))
    if area is not None and area.kind == kind:
        return area
    there = ", ".join(area.name for area in areas.values() if area.kind == kind) or "none"
    what = (
        f"chosen {key} is {chosen[key]}, which is no {kind} with status okay" if key in chosen else f"there is no chosen {key}"
    )
    status = place(chosen.get(key, ""), "status")  # of an overlay that takes the node out of use
    where = status if ".overlay:" in status else place("/chosen", key)
    raise TargetError(f"{where}{what}", hint=f"nodes that are {kind}: {there}.", errno=None)
