"""Where things lie in a bare board's memory.

    flash     NULL page | return trap | service stubs | guest runtime
    RAM       call stack | guard | kernel's data, runtime's data | LLEXT heap | system heap
    services  scratch and window of the service calls | buffers of calls from Python | work queue

The stack stands at the very start of RAM, so that what runs over it leaves memory altogether; a granule that nobody may
touch stops what pops more than was pushed. On a board with little RAM each part is a share of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from llext.abi.catalogue.work import K_WORK_Q
from llext.errors import Errno, UsageError
from llext.machine import STACK_GUARD_BYTES
from llext.target import NULL_PAGE_BYTES, MemoryArea, Target

STACK_BYTES = 32 * 1024
RUNTIME_BYTES = 160 * 1024
OWN_BYTES = 8 * 1024
"""Of the board itself: the guard above the call stack, which is its first granule, and the data."""
SYSTEM_HEAP_BYTES = 256 * 1024
HEAP_BYTES = 64 * 1024
STUB_BYTES = 32 * 1024
ISR_STACK_BYTES = 4 * 1024
"""Of interrupt handlers; a guard is below it."""
THREAD_BYTES = 384
"""The kernel's data: a word that holds the thread pointer, then struct k_thread of the main thread, then a record."""
THREAD_OFFSET, CONTROL_OFFSET = 16, 352
TRAP_OFFSET = 16
WORK_STACK_BYTES = 1024
"""Of the system work queue's thread; a guard is below it and struct k_work_q above it."""
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
    isr_stack: int
    isr_top: int
    data: int
    heap: int
    heap_size: int
    system_heap: int
    system_heap_size: int
    work_stack: int
    work_queue: int
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
        first = thread + max(granule, _part(OWN_BYTES, ram, granule, share=16) - granule)
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
        room = target.buffers
        # In memory of the host, so that a small board keeps its own for extensions.
        work_stack = room.end - granule + (-WORK_STACK_BYTES - K_WORK_Q.size) // granule * granule
        isr_top = work_stack
        isr_stack = isr_top - ISR_STACK_BYTES
        lent = room.end - isr_stack + granule
        return cls(
            trap=rom + TRAP_OFFSET, stubs=stubs, runtime=stubs + STUB_BYTES, runtime_data=stubs + STUB_BYTES + RUNTIME_BYTES,
            stack=ram.address, stack_top=stack_top, thread=thread, isr_stack=isr_stack, isr_top=isr_top, data=thread + THREAD_BYTES, heap=heap, heap_size=size,
            system_heap=system_heap, system_heap_size=system_size, work_stack=work_stack,
            work_queue=work_stack + granule + WORK_STACK_BYTES, buffers=replace(room, size=room.size - lent),
            end=system_heap + system_size,
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
            (self.isr_stack, self.isr_top, "the interrupt stack"),
            (self.heap, self.heap + self.heap_size, "the LLEXT heap, in no loaded extension"),
            (self.system_heap, self.end, "the system heap"),
            (self.buffers.address, self.buffers.end, "buffers of calls from Python"),
            (self.work_stack, self.work_queue, "the stack of the system work queue"),
            (self.work_queue, self.work_queue + K_WORK_Q.size, "the system work queue"),
        )
        return next((words for start, end, words in parts if start <= address < end), "")


def _part(wanted: int, ram: MemoryArea, granule: int, share: int = 8) -> int:
    """Bytes for a part: what it wants, or its share of a small memory, in whole granules."""
    return max(granule, min(wanted, ram.size // share) // granule * granule)
