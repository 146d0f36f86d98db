"""The LLEXT heap of an emulated firmware: its own allocator is watched, and what it leaves in memory is read.

A request is seen where the allocator is entered; what it answers, where it returns: for that its return address is replaced by
one of ours, from which code goes on where it would have. The allocator is the firmware's; only the reading is ours.
"""

from __future__ import annotations

from llext.errors import LlextError
from llext.firmware.execute.emulated import Emulated
from llext.firmware.execute.results import Taken
from llext.heap import InspectedHeap

_ALIGNED, _PLAIN_ALLOCATOR = ("sys_heap_aligned_alloc", "sys_heap_noalign_alloc"), "sys_heap_alloc"
"""Allocators with arguments (heap, alignment, bytes), and that with (heap, bytes); the second is from source of later versions."""
_PLAIN = 4


class HeapWatch:
    """What happens to one heap.

    Args:
        cpu: The firmware.

    Attributes:
        requests: Since ``begin``; None if the allocator cannot be watched.
    """

    def __init__(self, cpu: Emulated) -> None:
        self._cpu = cpu
        place, heap = cpu.firmware.heap, cpu.symbol("llext_heap")
        assert place is not None
        assert heap is not None
        self.address, self.size, self._heap = place.value.address, place.value.size, heap
        self._back = cpu.gate("the allocator's return")
        self._open: tuple[int, int, int] | None = None
        self._peak: int | None = None
        names = [name for name in (*_ALIGNED, _PLAIN_ALLOCATOR) if cpu.symbol(name) is not None]
        self.requests: list[Taken] | None = [] if names else None
        for name in names:
            self._watch(name)
        if names:
            cpu.watch(self._back, self._returned)

    def _watch(self, name: str) -> None:
        address = self._cpu.symbol(name)
        assert address is not None
        self._cpu.watch(address, lambda: self._entered(name))

    def _entered(self, name: str) -> None:
        cpu = self._cpu
        if self._open is not None or cpu.argument(0) != self._heap:
            return  # one allocator calls the other, or it is another heap
        alignment, size = (cpu.argument(1), cpu.argument(2)) if name in _ALIGNED else (_PLAIN, cpu.argument(1))
        self._open = (alignment, size, cpu.link)
        cpu.link = self._back | cpu.firmware.arch.emulator.code_bit

    def _returned(self) -> None:
        assert self._open is not None
        alignment, size, back = self._open
        self._open = None
        address = self._cpu.result()
        if self.requests is not None:
            self.requests.append(Taken(size, max(alignment, _PLAIN), address - self.address if address else None))
        used = self.used()
        if used is not None and self._peak is not None:
            self._peak = max(self._peak, used)
        self._cpu.go_on(back)

    def begin(self) -> None:
        """Counts from now on."""
        self._open = None
        self._peak = self.used()
        if self.requests is not None:
            self.requests = []

    @property
    def peak(self) -> int | None:
        """Most bytes in use since ``begin``; None if the allocator cannot be watched, or the heap not be read."""
        return None if self.requests is None else self._peak

    def used(self) -> int | None:
        """Bytes in use now, the headers of blocks included; None if the heap cannot be read."""
        try:
            return self._view().allocated_bytes
        except LlextError:
            return None

    def _view(self) -> InspectedHeap:
        memory = self._cpu.memory.view(self.address, self.size)
        return InspectedHeap.attach(memory, self.address, **self._cpu.firmware.heap_options)
