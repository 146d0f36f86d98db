"""Runs a firmware's own llext_load and llext_unload: files in RAM, one after the other into the same heap, no boot.

What is run is the code of the ELF, with its data as they lie there. Before the first load its heaps are made, as boot does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from llext.abi.names import cut_name
from llext.errors import Errno, LlextError, UsageError
from llext.firmware.execute.answered import Answers
from llext.firmware.execute.calls import Call, perform
from llext.firmware.execute.emulated import Emulated, Limits, StoppedError
from llext.firmware.execute.heap_watch import HeapWatch
from llext.firmware.execute.layouts import Layouts, read_layouts
from llext.firmware.execute.places import PAGE
from llext.firmware.execute.results import Called, Executed, Load, RegionPlace, Unload
from llext.firmware.execute.source import Source
from llext.firmware.firmware import Firmware

_MOST_EXPORTS = 1 << 16


def execute(
    firmware: Firmware, paths: Sequence[Path], calls: Sequence[Call] = (), storage: str = "", limits: Limits | None = None
) -> Executed:
    """Loads extensions with a firmware's own loader, in this order, calls functions of them, unloads them in reverse order.

    Args:
        firmware: It.
        paths: Their files.
        calls: Of functions that they export, when all are loaded.
        storage: One of STORAGES; what its LLEXT_BUF_LOADER stands for unless given.
        limits: Of each call of the firmware's code.

    Raises:
        UsageError: its code cannot be run here (ENOSYS), or a call that cannot be made.
        OSError: a file cannot be read.
    """
    check_runs(firmware)
    run = _Run(firmware, storage or firmware.storage, limits)
    loads = tuple(run.loads(paths))
    called = tuple(run.calls(calls, loads)) if all(load.loads for load in loads) else ()
    unloads = tuple(run.unloads())
    return Executed(
        loads, called, unloads, run.heap.used(), tuple(run.answers.took()), run.cpu.model, run.layouts.source,
        tuple(_untold(firmware, run.heap, uncalled=bool(calls) and not called)),
    )  # fmt: skip


def check_runs(firmware: Firmware) -> None:
    """Raises UsageError with -ENOSYS where a firmware's own loader cannot be run, with what would help."""
    image = firmware.image
    why, hint = next(_obstacles(firmware), ("", ""))
    if why:
        raise UsageError(f"{image.path}: its own loader cannot be run: {why}", hint=hint, errno=Errno.ENOSYS)


def _obstacles(firmware: Firmware) -> Iterator[tuple[str, str]]:
    """What is in the way, and what would help."""
    image, symbols = firmware.image, firmware.image.symbols
    if image.elf.section(".llext_board") is not None:
        yield (
            "it was built by llext, and its llext_load calls the host: there is no code of its own",
            "llext run ZEPHYR.ELF boots it.",
        )
    for option in symbols:
        for prefix, what in firmware.arch.powered_off.foreign:
            if option.startswith(f"CONFIG_{prefix}") and option[len(f"CONFIG_{prefix}") :][:1].isdigit():
                yield (
                    f"it is for {what} ({option}), and only the code of microcontrollers is run here",
                    "check says without running it what is known.",
                )
    if not image.elf.symbols:
        yield "its symbols were stripped", "give the zephyr.elf as its build left it: build/zephyr/zephyr.elf."
    for name in ("llext_load", "llext_unload", "llext_heap"):
        if name not in symbols or symbols[name].undefined:
            what = (
                "its heap is not the usual one"
                if name == "llext_heap"
                else "the application does not use it, or it was renamed"
            )
            yield (
                f"it has no symbol {name}: {what}",
                "build it with CONFIG_LLEXT=y and call llext_load and llext_unload somewhere.",
            )
    if firmware.heap is None or not firmware.heap.known:
        yield "its LLEXT heap has no fixed place: the application gives it", "CONFIG_LLEXT_HEAP_DYNAMIC=n gives it one."
    if not symbols.keys() & {"k_heap_init", "sys_heap_init"}:
        yield "it has no symbol k_heap_init or sys_heap_init to make its heap", "build it without link-time optimisation."


def _untold(firmware: Firmware, heap: HeapWatch, *, uncalled: bool) -> Iterator[str]:
    """What a run without its device does not show."""
    if uncalled:
        yield "what the calls give: not all of the files were loaded"
    if heap.requests is None:
        yield "single requests and the peak of the heap: its allocator has no symbol"
    if firmware.image.option("ARM_MPU").value or firmware.image.option("RISCV_PMP").value:
        yield "whether its MPU or PMP lets code run from the LLEXT heap"
    if firmware.image.option("TRUSTED_EXECUTION_NONSECURE").value or firmware.image.option("TRUSTED_EXECUTION_SECURE").value:
        yield "what is behind calls between the secure and the non-secure world: they stop here"


class _Run:
    """One run: a powered-off firmware, and what is loaded in it."""

    def __init__(self, firmware: Firmware, storage: str, limits: Limits | None) -> None:
        self.firmware = firmware
        self.layouts: Layouts = read_layouts(firmware)
        self.cpu = Emulated(firmware, limits)
        self.answers = Answers(self.cpu)
        self.heap = HeapWatch(self.cpu)
        self._source = Source(self.cpu, self.layouts, storage)
        self._words = self.cpu.reserve(PAGE, "arguments of llext_load")
        self._handles: list[tuple[str, int]] = []
        self._dead = False
        self._make_heaps()

    def _make_heaps(self) -> None:
        """Makes each k_heap as boot does, where that was not done (its heap, init_mem and init_bytes)."""
        cpu, memory = self.cpu, self.cpu.memory
        make = cpu.symbol("k_heap_init") or cpu.symbol("sys_heap_init")
        assert make is not None
        for address in self._heaps():
            made, start, size = (memory.word(address + offset) for offset in (0, 4, 8))
            if not made and start and size:
                try:
                    cpu.call(make, (address, start, size))
                except StoppedError as stopped:
                    raise UsageError(
                        f"{self.firmware.image.path}: its own loader cannot be run: making its heap {stopped.stop}",
                        hint="is it the zephyr.elf that the device runs?",
                        errno=Errno.ENOSYS,
                    ) from None

    def _heaps(self) -> list[int]:
        """Addresses of the k_heaps that boot makes: the objects of section k_heap_area."""
        elf = self.firmware.image.elf
        area = elf.section("k_heap_area")
        inside = [symbol.value for symbol in elf.symbols if area is not None and symbol.section == area.index and symbol.size]
        own = self.cpu.symbol("llext_heap")
        assert own is not None
        return sorted({own, *inside})

    # Loading --------------------------------------------------------------------------------------------------------------

    def loads(self, paths: Sequence[Path]) -> Iterator[Load]:
        """Loads one file after the other, until the loader stops."""
        for path in paths:
            if not self._dead:
                yield self._load(path)

    def _load(self, path: Path) -> Load:
        cpu, name, cell = self.cpu, path.stem.encode()[:255] + b"\0", self._words
        data = path.read_bytes()
        loader, buffer = self._source.open(data, path.name)
        cpu.memory.write(cell, bytes(64) + name)
        cpu.memory.write(cell + 16, b"\1")  # relocate_local, the first member of struct llext_load_param in all versions
        self.heap.begin()
        before = len(self.answers.log)
        load = cpu.symbol("llext_load")
        assert load is not None
        try:
            returned, _ = cpu.call(load, (loader, cell + 64, cell, cell + 16))
        except StoppedError as stopped:
            self._dead = True
            self._check_layout()
            return self._told(path, None, buffer, before, stop=stopped.stop)
        self._check_layout()
        returned -= (returned & 0x80000000) << 1
        made = self._loaded(cpu.memory.word(cell), buffer, len(data)) if not returned else {}
        if returned >= 0:  # above 0 a use count: something of that name was loaded before
            self._handles.append((cut_name(path.stem), cpu.memory.word(cell)))
        return self._told(path, returned, buffer, before, **made)

    def _check_layout(self) -> None:
        """Refuses a layout that was not read in this firmware if its loader asked for a struct llext of another size.

        That is the first request. The version alone does not tell: firmware between two releases has either.
        """
        asked = self.heap.requests[0].size if self.heap.requests else 0
        if asked and not self.layouts.read and asked != self.layouts.llext.size:
            raise UsageError(
                f"{self.firmware.image.path}: the layout of struct llext is not known: it has {asked} bytes, and "
                f"{self.layouts.source}, {self.layouts.llext.size}",
                hint="give the zephyr.elf as its build left it, with debug information (CONFIG_DEBUG_INFO=y).",
                errno=Errno.ENOSYS,
            )

    def _told(self, path: Path, returned: int | None, buffer: int, before: int, **more: object) -> Load:
        requests = None if self.heap.requests is None else tuple(self.heap.requests)
        return Load(
            path, cut_name(path.stem), returned, requests=requests, used=self.heap.used(), peak=self.heap.peak,
            log=tuple(self.answers.log[before:]), buffer=buffer, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def _loaded(self, ext: int, buffer: int, size: int) -> dict[str, object]:
        """What struct llext says; nothing where its members lead nowhere."""
        memory, at = self.cpu.memory, self.layouts.llext.offsets
        try:
            return {
                "regions": tuple(self._regions(ext, buffer, size)),
                "alloc_size": memory.word(ext + at["alloc_size"]) if "alloc_size" in at else 0,
                "exports": tuple(self._exports(ext + at["exp_tab"])),
            }
        except LlextError:
            return {}

    def _regions(self, ext: int, buffer: int, size: int) -> Iterator[RegionPlace]:
        memory, at = self.cpu.memory, self.layouts.llext.offsets
        for index, name in enumerate(self.layouts.regions):
            address, length = memory.word(ext + at["mem"] + 4 * index), memory.word(ext + at["mem_size"] + 4 * index)
            if address:
                yield RegionPlace(name, address, length, address - buffer if buffer <= address < buffer + size else None)

    def _exports(self, table: int) -> Iterator[tuple[str, int]]:
        """Of struct llext_symtable: a count, and the address of pairs of name and address."""
        memory = self.cpu.memory
        count, entries = memory.word(table), memory.word(table + 4)
        for index in range(min(count, _MOST_EXPORTS) if entries else 0):
            name, address = memory.word(entries + 8 * index), memory.word(entries + 8 * index + 4)
            yield memory.string(name, 256).decode("utf-8", "backslashreplace"), address

    # Calling and unloading ------------------------------------------------------------------------------------------------

    def calls(self, calls: Sequence[Call], loads: Sequence[Load]) -> Iterator[Called]:
        """Calls functions of what is loaded, until one does not return."""
        for wanted in calls:
            if not self._dead:
                called = perform(self.cpu, wanted, loads, self.answers.log)
                self._dead = called.stop is not None
                yield called

    def unloads(self) -> Iterator[Unload]:
        """Unloads what is loaded, the latest first."""
        unload = self.cpu.symbol("llext_unload")
        assert unload is not None
        for name, handle in reversed(self._handles):
            if not self._dead:
                self.cpu.memory.write_word(self._words, handle)
                try:
                    returned, _ = self.cpu.call(unload, (self._words,))
                except StoppedError as stopped:
                    self._dead = True
                    yield Unload(name, None, stopped.stop)
                else:
                    yield Unload(name, returned - ((returned & 0x80000000) << 1))
