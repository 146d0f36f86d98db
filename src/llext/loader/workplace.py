"""What a load works on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from llext.errors import HeapError
from llext.heap import SysHeap
from llext.link import StockRules
from llext.loader.caller import Caller
from llext.loader.extension import Extension
from llext.loader.scope import Scope
from llext.machine import Machine, Permission

Log = Callable[[str, str], None]
"""(level, text): level is err, wrn, inf or dbg."""


@dataclass
class Workplace:
    """A machine and what belongs to it.

    Attributes:
        machine: Where extensions go.
        heap: The LLEXT heap.
        scope: Where their imports come from.
        caller: How they are called.
        rules: Zephyr version for sizes and notes.
        log: Takes Zephyr's log lines, or None.
        in_use: (whether an address is in what shall go, whether it is in its code) -> why it cannot go, in words; empty if
            it can.
        all_globals: Whether extensions export all their global functions and objects (CONFIG_LLEXT_IMPORT_ALL_GLOBALS).
        keep_symbols: Whether symbol tables stay when a load has ended (CONFIG_LLEXT_LOG_LEVEL_DBG).
        debug_folder: Where debug files of extensions without a path may be, for fault reports.
        verbose: Whether the log gets each import and each relocation too, unless it has an attribute ``verbose`` that says.
        more_heap: How whoever needs it gives the LLEXT heap more memory, in words.
        extensions: What is loaded, in load order.
        loads: How many were loaded so far.
    """

    machine: Machine
    heap: SysHeap
    scope: Scope
    caller: Caller
    rules: StockRules
    log: Log | None = None
    in_use: Callable[[Callable[[int], bool], Callable[[int], bool]], str] = lambda _within, _code: ""
    all_globals: bool = False
    keep_symbols: bool = False
    debug_folder: Path | None = None
    verbose: bool = True
    more_heap: str = "CONFIG_LLEXT_HEAP_SIZE"
    extensions: list[Extension] = field(default_factory=list)
    loads: int = 0

    def free_rights(self, address: int, size: int) -> None:
        """Makes memory of code and constants ordinary again, unless others use it: one file may be loaded under several names."""
        regions = (
            region for extension in self.extensions for region in extension.regions.values() if region.permission != "rw"
        )
        if not any(region.address < address + size and address < region.address + region.size for region in regions):
            self.machine.protect(address, size, Permission.RW)

    def give_back(self, addresses: Iterable[int]) -> HeapError | None:
        """Frees blocks of the LLEXT heap, those behind a damaged one too. Returns the first error."""
        first = None
        for address in addresses:
            try:
                self.heap.free(address)
            except HeapError as error:
                first = first or error
        return first

    @property
    def tells_all(self) -> bool:
        """Whether each import and each relocation is said."""
        return self.log is not None and getattr(self.log, "verbose", self.verbose)

    def say(self, level: str, text: str) -> None:
        """One line of the log, if there is one."""
        if self.log is not None:
            self.log(level, text)
