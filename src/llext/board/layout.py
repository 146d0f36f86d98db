"""Where things lie in a bare board's memory.

    flash   NULL page | return trap | service stubs | guest runtime
    RAM     call stack | runtime data | LLEXT heap | system heap | buffers of calls from Python

The stack stands at the very start of RAM, so that what runs over it leaves memory altogether.
"""

from __future__ import annotations

from dataclasses import dataclass

from llext.errors import Errno, UsageError
from llext.target import NULL_PAGE_BYTES, Target

STACK_BYTES = 32 * 1024
RUNTIME_BYTES = 128 * 1024
RUNTIME_DATA_BYTES = 8 * 1024
SYSTEM_HEAP_BYTES = 256 * 1024
BUFFER_BYTES = 1024 * 1024
STUB_BYTES = 32 * 1024
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
    data: int
    heap: int
    heap_size: int
    system_heap: int
    system_heap_size: int
    buffers: int
    buffers_size: int
    end: int

    @classmethod
    def of(cls, target: Target, heap_size: int, heap_address: int | None = None) -> MemoryLayout:
        """The layout for a heap of this size.

        Raises:
            UsageError: it does not fit, or is no size of a heap.
        """
        rom = max(target.flash.address, NULL_PAGE_BYTES)
        stubs = rom + _PAGE
        stack = target.ram.address
        data = stack + STACK_BYTES
        heap = data + RUNTIME_DATA_BYTES if heap_address is None else heap_address
        system_heap = -(-(heap + heap_size) // _PAGE) * _PAGE
        buffers = system_heap + SYSTEM_HEAP_BYTES
        end = buffers + BUFFER_BYTES
        most = heap_size - (end - target.ram.end)
        if heap_size < 64:
            raise UsageError(f"an LLEXT heap of {heap_size} bytes is too small", hint="it needs at least 64 bytes.")
        if not data + RUNTIME_DATA_BYTES <= heap < target.ram.end:
            raise UsageError(
                f"an LLEXT heap at {heap:#010x} is not in the free part of the board's memory {target.ram.name}",
                hint=f"it may begin at {data + RUNTIME_DATA_BYTES:#010x} at the lowest.",
            )
        if end > target.ram.end:
            raise UsageError(
                f"an LLEXT heap of {heap_size} bytes does not fit the board's memory {target.ram.name} of "
                f"{target.ram.size} bytes",
                hint=f"at most {most // 1024} KiB are free for it on {target.name}.",
                errno=Errno.ENOMEM,
            )
        return cls(
            trap=rom + TRAP_OFFSET, stubs=stubs, runtime=stubs + STUB_BYTES, runtime_data=stubs + STUB_BYTES + RUNTIME_BYTES,
            stack=stack, stack_top=data, data=data, heap=heap, heap_size=heap_size, system_heap=system_heap,
            system_heap_size=SYSTEM_HEAP_BYTES, buffers=buffers, buffers_size=BUFFER_BYTES, end=end,
        )  # fmt: skip

    def describe(self, address: int) -> str:
        """What lies at an address, in words."""
        if address < NULL_PAGE_BYTES:
            return "NULL" if address == 0 else "near NULL"
        parts = (
            (self.stubs, self.runtime, "the service stubs, read only"),
            (self.runtime, self.runtime_data, "the guest runtime, read only"),
            (self.stack - 65536, self.stack, "below the call stack: it overflowed"),
            (self.stack, self.stack_top, "the call stack"),
            (self.heap, self.heap + self.heap_size, "the LLEXT heap, in no loaded extension"),
            (self.system_heap, self.buffers, "the system heap"),
            (self.buffers, self.end, "buffers of calls from Python"),
        )
        return next((words for start, end, words in parts if start <= address < end), "not mapped")
