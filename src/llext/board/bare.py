"""The firmware of a bare board: stubs for every service and the guest runtime, placed in ROM when it is powered on."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path

from llext.board.configuration import Configured
from llext.board.layout import CONTROL_OFFSET, THREAD_OFFSET, MemoryLayout
from llext.build.runtime import runtime_object
from llext.elf import ElfFile
from llext.elf import constants as c
from llext.errors import UsageError
from llext.kernel import Kernel, install_main, install_work_queue
from llext.link import TABLES, Home, Placed, Plan, Symbol, apply, plan, stock_rules
from llext.loader import Caller, Extension, Scope
from llext.machine import Machine, Permission
from llext.target import Target


@lru_cache(maxsize=32)
def _planned_runtime(target: Target, version: str) -> tuple[ElfFile, Plan]:
    """The guest runtime of a board, planned once in a process."""
    elf = ElfFile.parse(runtime_object(target), "guest runtime")
    return elf, plan(elf, stock_rules(version))


class BareFirmware:
    """What a board without an application runs.

    Args:
        target: The board.
        layout: Where its parts lie.
        version: Zephyr version whose rules the linker uses.
        configured: What whoever powers it on wants.
    """

    def __init__(self, target: Target, layout: MemoryLayout, version: str, configured: Configured) -> None:
        self.target = target
        self.layout = layout
        self.configured = configured
        self.log_room = 0, 0
        self.debug_folder: Path | None = None
        self._version = version

    @property
    def more_heap(self) -> str:
        """How to give the LLEXT heap more."""
        return "--heap-size KiB (Python: Board(heap_size=bytes), device: CONFIG_LLEXT_HEAP_SIZE)"

    def intact(self) -> AbstractContextManager[None]:
        """There is no file that could be damaged."""
        return nullcontext()

    def protect(self, machine: Machine) -> None:
        """Gives each part its rights."""
        layout, protect = self.layout, machine.protect
        protect(layout.trap, 1, Permission.RX)
        protect(layout.stubs, layout.runtime_data - layout.stubs, Permission.RX)
        protect(layout.stack, layout.stack_top - layout.stack, Permission.RW)
        protect(layout.thread, layout.end - layout.thread, Permission.RW)

    def install(self, kernel: Kernel, scope: Scope) -> None:
        """Writes stubs and runtime, and makes their names known."""
        layout = self.layout
        scope.define_all(kernel.stubs.write_all())
        scope.define_all(install_main(kernel, layout.thread, layout.thread + THREAD_OFFSET, layout.thread + CONTROL_OFFSET))
        scope.define(install_work_queue(kernel, layout.work_queue, layout.work_stack))

    def load_runtime(self, machine: Machine, scope: Scope) -> None:
        """Places the guest runtime in ROM with the linker that extensions use."""
        elf, made = _planned_runtime(self.target, self._version)
        memory = machine.memory
        placed: dict[Home, Placed] = {}
        at = {True: self.layout.runtime, False: self.layout.data}
        for kind, region in made.regions.items():
            if kind in TABLES:
                continue
            rom = region.permission != "rw"
            address = -(-at[rom] // max(8, region.alignment)) * max(8, region.alignment)
            at[rom] = address + region.allocation
            placed[kind] = Placed(address, memory.view(address, region.allocation))
            for piece in region.pieces:
                data = elf.contents_at(piece.file_offset, piece.size)
                placed[kind].data[piece.offset : piece.offset + piece.size] = data
        apply(made, self.target.arch, placed, lambda name, weak: _resolve(scope, name, weak=weak))
        scope.define_all(
            Symbol(symbol.name, placed[place.kind].address + place.offset + symbol.value, "runtime", symbol.type == c.STT_FUNC)
            for symbol in elf.symbols
            if symbol.binding == c.STB_GLOBAL and (place := made.places.get(symbol.section)) and place.kind in placed
        )

    def runtime_address(self, name: str, scope: Scope) -> int:
        """Of what load_runtime has made known."""
        found = scope.find(name)
        assert found is not None, name
        return found[0].address

    def code(self, caller: Caller) -> tuple[Extension, ...]:  # noqa: ARG002 - of other firmware
        """It has no file."""
        return ()

    def begin(self, kernel: Kernel) -> None:  # noqa: ARG002 - of other firmware
        """There is no application."""
        raise UsageError("a bare board has nothing to boot", hint="give it an application: Board(app='path').")


def _resolve(scope: Scope, name: str, *, weak: bool) -> Symbol | None:
    found = scope.find(name)
    if found is None and not weak:
        raise AssertionError(f"the guest runtime uses {name}, which the kernel does not provide")
    return found[0] if found else None
