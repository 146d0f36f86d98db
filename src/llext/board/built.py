"""The firmware of an application: loaded from its zephyr.elf, its stubs bound by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from llext.abi.slid import slid
from llext.board.configuration import Configured, configured, more_heap
from llext.board.image import Image, intact
from llext.board.layout import STACK_BYTES, STUB_BYTES, TRAP_OFFSET, MemoryLayout
from llext.elf import constants as c
from llext.errors import UsageError
from llext.kernel import Kernel, begin_main, install_main, install_work_queue
from llext.link import RegionKind, Symbol
from llext.loader import Caller, Extension, LoadedRegion, Scope, SymbolRow
from llext.machine import STACK_GUARD_BYTES, Machine, Permission
from llext.target import NULL_PAGE_BYTES, Target

_EXPORTS, _NAMES = "llext_const_symbol", "llext_exports_strtab"
_BOOT = "z_boot"
_THREAD_OFFSET = 16
"""In the scratch page: struct k_thread of calls from Python, behind the word with the thread pointer."""
_NO_HEAP, _NO_HEAP_BYTES = 1024, 64
"""In the scratch page, of firmware without LLEXT: a heap that has room for nothing."""
_REGIONS = {"rx": RegionKind.TEXT, "r": RegionKind.RODATA, "rw": RegionKind.DATA}


@dataclass
class BuiltFirmware:
    """An application that boots.

    Attributes:
        image: Its file.
        target: The board that it is built for.
        layout: Where its parts lie.
        configured: Its Kconfig values.
        log_room: Where the thread of deferred messages is, and its stack.
        debug_folder: Where the debug files of its extensions are, if it lies where it was built.
    """

    image: Image
    target: Target = field(init=False)
    layout: MemoryLayout = field(init=False)
    configured: Configured = field(init=False)
    log_room: tuple[int, int] = field(init=False)
    debug_folder: Path | None = field(init=False)

    def __post_init__(self) -> None:
        with self.intact():
            self.target = self.image.target()
            self.layout = _layout(self.image, self.target)
            self.configured = configured(self.image.value, self.image.facts.get("texts", {}))
        self.debug_folder = self.image.path.parent.parent / "llext"
        self.log_room = self.image.address("logging_thread"), self.image.address("logging_stack")

    @property
    def more_heap(self) -> str:
        """How to give the LLEXT heap more."""
        return more_heap(self.configured, self.image.value("LLEXT_HEAP_SIZE", 0))

    def intact(self) -> AbstractContextManager[None]:
        """In which what cannot be is told as damage of the file."""
        return intact(self.image.path)

    def protect(self, machine: Machine) -> None:
        """ROM is read and executed; RAM is the firmware's, and so are devicetree's other memories."""
        layout, ram = self.layout, self.target.ram
        machine.protect(layout.trap, layout.runtime_data - layout.trap, Permission.RX)
        machine.protect(ram.address, self.image.address("_end") - ram.address, Permission.RW)
        for area in self.target.memories:
            if area.kind == "ram" and area.address != ram.address:
                machine.protect(area.address, area.size, Permission.RW)
        for start, end in self._sections_behind(self.image.address("_end")):
            machine.protect(start, end - start, Permission.RW)
        machine.protect(self.image.address("z_interrupt_stacks"), self.target.granule, Permission.NONE)

    def _sections_behind(self, end: int) -> Iterator[tuple[int, int]]:
        """Where regions lie that are parts of RAM: whole granules behind what is linked there."""
        ram, granule = self.target.ram, self.target.granule
        for section in self.image.elf.sections:
            if section.flags & c.SHF_ALLOC and section.size and end <= section.address < ram.end:
                yield section.address // granule * granule, _up(section.address + section.size, granule)

    def install(self, kernel: Kernel, scope: Scope) -> None:
        """Loads what is in the file, and binds its stubs."""
        machine, scratch = kernel.machine, self.target.scratch.address
        for section in self.image.elf.sections:
            if section.flags & c.SHF_ALLOC and section.type != c.SHT_NOBITS and section.size:
                machine.memory.write(section.address, self.image.elf.contents(section))
        kernel.stubs.serve_built(self.image.services)
        install_main(kernel, scratch, scratch + _THREAD_OFFSET, 0, "python")
        install_work_queue(kernel, self.layout.work_queue, self.layout.work_stack)
        scope.slids = self._slids()
        scope.define_all(self._exports(machine, scope.slids or {}))

    def begin(self, kernel: Kernel) -> None:
        """Makes the main thread, which boots when threads run.

        Raises:
            UsageError: it was booted already.
        """
        if kernel.state.application:
            raise UsageError("the application was booted already", hint="power on another board to boot it again.")
        address, granule = self.image.address, self.target.granule
        stack = address("z_main_stack")
        size = address("z_main_stack_end") - stack - granule
        with self.intact():
            begin_main(kernel, address("z_main_thread"), stack, size, address(_BOOT), kernel.settings.main_priority)

    def load_runtime(self, machine: Machine, scope: Scope) -> None:
        """It is in the file."""

    def runtime_address(self, name: str, scope: Scope) -> int:  # noqa: ARG002 - of other firmware
        """Of a symbol of the file."""
        return self.image.address(name)

    def code(self, caller: Caller) -> tuple[Extension, ...]:
        """The firmware's code and data, as calls and reports see an extension's."""
        own = Extension(
            self.image.path.stem, self.image.path.name, self.image.path, caller, str(self.image.path), dict(self._regions()),
            dict(self._symbols()), symbol_rows=self._rows,
        )  # fmt: skip
        return (own,)

    def _regions(self) -> Iterator[tuple[str, LoadedRegion]]:
        """A region for each loaded section, under the section's name."""
        ram = self.image.address("z_main_stack")
        for section in self.image.elf.sections:
            if section.flags & c.SHF_ALLOC and section.size:
                rights = "rx" if section.flags & c.SHF_EXECINSTR else "rw" if section.address >= ram else "r"
                named = {section.name: section.address}
                yield section.name, LoadedRegion(_REGIONS[rights], section.address, section.size, rights, named)

    def _symbols(self) -> Iterator[tuple[str, Symbol]]:
        """What Python may call or look at by name."""
        for name, symbol in self.image.symbols.items():
            if symbol.type in (c.STT_FUNC, c.STT_OBJECT) and symbol.section < c.SHN_LORESERVE:
                yield name, Symbol(name, symbol.value, "firmware", symbol.type == c.STT_FUNC)

    def _rows(self) -> Iterator[SymbolRow]:
        for symbol in self.image.elf.symbols:
            if symbol.type in (c.STT_FUNC, c.STT_OBJECT) and 0 < symbol.section < c.SHN_LORESERVE:
                value = symbol.value & ~self.target.arch.code_symbol_bit if symbol.type == c.STT_FUNC else symbol.value
                yield value, symbol.size, symbol.name, self.image.elf.sections[symbol.section].name

    def _slids(self) -> dict[int, str] | None:
        """The names of exports by their SLIDs, where the table has those: they are in a section that is not loaded."""
        if not self.image.value("LLEXT_EXPORT_BUILTINS_BY_SLID", 0):
            return None
        section = self.image.elf.section(_NAMES)
        names = bytes(self.image.elf.contents(section)).decode().split("\0") if section else []
        return {slid(name): name for name in names if name}

    def _exports(self, machine: Machine, slids: Mapping[int, str]) -> list[Symbol]:
        """The table of EXPORT_SYMBOL."""
        start, end = (self.image.address(f"_{_EXPORTS}_list_{bound}") for bound in ("start", "end"))
        found: dict[str, Symbol] = {}
        for at in range(start, end, 8):
            name, address = (int.from_bytes(machine.memory.read(at + offset, 4), "little") for offset in (0, 4))
            text = slids[name] if slids else _string(machine, name)
            found.setdefault(text, Symbol(text, address, "firmware", code=bool(address & 1)))
        return list(found.values())


def _string(machine: Machine, address: int) -> str:
    data = b""
    while (byte := machine.memory.read(address + len(data), 1)) != b"\0":
        data += byte
    return data.decode()


def _up(value: int, unit: int) -> int:
    return -(-value // unit) * unit


def _layout(image: Image, target: Target) -> MemoryLayout:
    """The application's own parts; the stack of calls from Python is memory of the host."""
    address, granule = image.address, target.granule
    rom = max(target.flash.address, NULL_PAGE_BYTES)
    rom_end, room = _up(address("__rom_end"), granule), target.buffers
    stack_top = room.end - granule
    stack = stack_top - STACK_BYTES
    heap, system_heap = address("kheap_llext_heap"), address("kheap__system_heap")
    heap_size = address("kheap_llext_heap_end") - heap
    if not heap_size:  # CONFIG_LLEXT=n
        heap, heap_size = target.scratch.address + _NO_HEAP, _NO_HEAP_BYTES
    return MemoryLayout(
        trap=rom + TRAP_OFFSET, stubs=rom_end, runtime=rom_end, runtime_data=rom_end + STUB_BYTES, stack=stack, stack_top=stack_top,
        thread=stack_top, isr_stack=address("z_interrupt_stacks") + granule, isr_top=address("z_interrupt_stacks_end") & -16,
        data=address("z_main_thread"), heap=heap, heap_size=heap_size, system_heap=system_heap,
        system_heap_size=address("kheap__system_heap_end") - system_heap, work_stack=address("sys_work_q_stack"),
        work_queue=address("k_sys_work_q"), buffers=replace(room, size=stack - STACK_GUARD_BYTES - room.address),
        end=address("_end"),
    )  # fmt: skip
