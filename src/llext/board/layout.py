"""Where things lie in a bare board's memory.

    flash     NULL page | return trap | service stubs | guest runtime
    RAM       call stack | guard | thread block and runtime data | LLEXT heap | system heap
    services  scratch and window of the service calls | buffers of calls from Python

The stack stands at the very start of RAM, so that what runs over it leaves memory altogether; a granule that nobody may
touch stops what pops more than was pushed. On a board with little RAM each part is a share of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from llext.errors import Errno, UsageError
from llext.machine import STACK_GUARD_BYTES
from llext.target import NULL_PAGE_BYTES, MemoryArea, Target

STACK_BYTES = 32 * 1024
RUNTIME_BYTES = 128 * 1024
RUNTIME_DATA_BYTES = 8 * 1024
"""With the guard above the stack, which is its first granule."""
SYSTEM_HEAP_BYTES = 256 * 1024
HEAP_BYTES = 64 * 1024
STUB_BYTES = 32 * 1024
THREAD_BYTES = 128
"""The main thread's block: a word that holds its address, then from offset 16 its thread-local variables."""
THREAD_OFFSET = 16
TRAP_OFFSET = 16
_PAGE = 4096


@dataclass(frozen=True)
class MemoryLayout:
    """Guest addresses and sizes, in bytes, of a bare board's parts."""

    trap: int
    stubs: int
    runtime: int
    runtime_data: int
    stack: int
    stack_top: int
    thread: int
    data: int
    heap: int
    heap_size: int
    system_heap: int
    system_heap_size: int
    buffers: MemoryArea
    end: int

    @classmethod
    def of(cls, target: Target, heap_size: int | None, heap_address: int | None = None) -> MemoryLayout:
        """The layout for a heap of this size, by default 64 KiB or what there is.

        Raises:
            UsageError: it does not fit, or is no size of a heap.
        """
        ram, granule = target.ram, target.granule
        rom = max(target.flash.address, NULL_PAGE_BYTES)
        stubs = rom + _PAGE
        stack_top = ram.address + _part(STACK_BYTES, ram, granule)
        thread = stack_top + granule
        first = thread + max(granule, _part(RUNTIME_DATA_BYTES, ram, granule, share=16) - granule)
        heap = first if heap_address is None else heap_address
        system_size = _part(SYSTEM_HEAP_BYTES, ram, granule)
        most = ram.end - system_size - heap
        size = min(HEAP_BYTES, most) if heap_size is None else heap_size
        if size < 64:
            raise UsageError(f"an LLEXT heap of {size} bytes is too small", hint="it needs at least 64 bytes.")
        if not first <= heap < ram.end:
            raise UsageError(
                f"an LLEXT heap at {heap:#010x} is not in the free part of the board's memory {ram.name}",
                hint=f"it may begin at {first:#010x} at the lowest.",
            )
        if size > most:
            raise UsageError(
                f"an LLEXT heap of {size} bytes does not fit the board's memory {ram.name} of {ram.size} bytes",
                hint=f"at most {most // 1024} KiB are free for it on {target.name}.",
                errno=Errno.ENOMEM,
            )
        system_heap = -(-(heap + size) // granule) * granule
        return cls(
            trap=rom + TRAP_OFFSET, stubs=stubs, runtime=stubs + STUB_BYTES, runtime_data=stubs + STUB_BYTES + RUNTIME_BYTES,
            stack=ram.address, stack_top=stack_top, thread=thread, data=thread + THREAD_BYTES, heap=heap, heap_size=size,
            system_heap=system_heap, system_heap_size=system_size, buffers=target.buffers, end=system_heap + system_size,
        )  # fmt: skip

    def of_the_stack(self, address: int) -> bool:
        """Whether an address is in the call stack, or where code comes that leaves it at either end."""
        return self.stack - STACK_GUARD_BYTES <= address < self.thread

    def describe(self, address: int) -> str:
        """What lies at an address, in words; empty where the board has nothing."""
        if address < NULL_PAGE_BYTES:
            return "NULL" if address == 0 else "near NULL"
        parts = (
            (self.stubs, self.runtime, "the service stubs, read only"),
            (self.runtime, self.runtime_data, "the guest runtime, read only"),
            (self.stack - STACK_GUARD_BYTES, self.stack, "below the call stack"),
            (self.stack, self.stack_top, "the call stack"),
            (self.stack_top, self.thread, "above the call stack"),
            (self.heap, self.heap + self.heap_size, "the LLEXT heap, in no loaded extension"),
            (self.system_heap, self.end, "the system heap"),
            (self.buffers.address, self.buffers.end, "buffers of calls from Python"),
        )
        return next((words for start, end, words in parts if start <= address < end), "")


def _part(wanted: int, ram: MemoryArea, granule: int, share: int = 8) -> int:
    """Bytes for a part: what it wants, or its share of a small memory, in whole granules."""
    return max(granule, min(wanted, ram.size // share) // granule * granule)
