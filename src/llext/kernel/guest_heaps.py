"""Heaps that guest code made: found by their struct, with books of what is allocated, and misuse as a fault."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from llext.abi.structs import K_HEAP
from llext.errors import HeapError
from llext.heap import InspectedHeap
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

F = TypeVar("F", bound=Callable[..., Any])
_RECORD, _MEMORY, _SIZE = (K_HEAP.offsets[name] for name in ("heap", "init_mem", "init_bytes"))
"""struct sys_heap, with which struct k_heap begins."""


def misuse_is_a_fault(function: F) -> F:
    """What the heap refuses is the guest's doing, and ends its call: a fault that says where the guest is."""

    @wraps(function)
    def checked(*values: object) -> object:
        try:
            return function(*values)
        except HeapError as error:
            raise MachineFault(f"{function.__name__}: {error.message}", None) from None

    return checked  # type: ignore[return-value]


def made(kernel: Kernel, heap: int, memory: int, size: int) -> InspectedHeap:
    """Makes a heap in a buffer, for the struct sys_heap at an address."""
    found = InspectedHeap.init(kernel.guest.writable(memory, size), memory)
    for at, value in ((_RECORD, found.address_of_record), (_MEMORY, memory), (_SIZE, size)):
        kernel.guest.write_word(heap + at, value)
    kernel.state.heaps[found.address_of_record] = (0, 0)
    return found


def attached(kernel: Kernel, heap: int) -> InspectedHeap:
    """The heap of a struct sys_heap; one that K_HEAP_DEFINE made gets ready here, as firmware does it at boot."""
    memory, size = kernel.guest.word(heap + _MEMORY), kernel.guest.word(heap + _SIZE)
    if not memory:
        raise MachineFault(f"the heap at {heap:#010x} is used before k_heap_init", None)
    if not kernel.guest.word(heap + _RECORD):
        return made(kernel, heap, memory, size)
    kernel.guest.writable(memory, 1)
    kernel.guest.writable(memory + size - 1, 1)
    return InspectedHeap.attach(kernel.machine.memory.view(memory, size), memory)


def books(kernel: Kernel, heap: InspectedHeap) -> tuple[int, int]:
    """Bytes allocated, and the most that ever were."""
    known = kernel.state.heaps.get(heap.address_of_record)
    if known is None:
        now = heap.payloads()[1]
        known = kernel.state.heaps[heap.address_of_record] = (now, now)
    return known


def _enter(kernel: Kernel, heap: InspectedHeap, change: int) -> None:
    now, most = books(kernel, heap)
    kernel.state.heaps[heap.address_of_record] = (now + change, max(most, now + change))


def allocated(kernel: Kernel, heap: InspectedHeap, alignment: int, size: int) -> int:
    """Address of a block, or 0."""
    books(kernel, heap)
    block = heap.aligned_alloc(alignment, size)
    if block is None:
        return 0
    _enter(kernel, heap, heap.payload_bytes(block))
    return block


def freed(kernel: Kernel, heap: InspectedHeap, block: int, given: int) -> None:
    """Gives a block back that C code knows by another address."""
    try:
        size = heap.payload_bytes(block)
        books(kernel, heap)
        heap.free(block)
    except HeapError as error:
        raise _refused(heap, block, given, error) from None
    _enter(kernel, heap, -size)


def resized(kernel: Kernel, heap: InspectedHeap, block: int, alignment: int, size: int, given: int) -> int:
    """Address of the block behind the change, or 0: there is no room, and it stays."""
    if not block:
        return allocated(kernel, heap, alignment, size)
    try:
        before = heap.payload_bytes(block)
    except HeapError as error:
        raise _refused(heap, block, given, error) from None
    books(kernel, heap)
    moved = heap.realloc(block, alignment, size)
    if moved is None:
        return 0
    if moved != block:  # for a moment there were both
        _enter(kernel, heap, heap.payload_bytes(moved))
        _enter(kernel, heap, -before)
    else:
        _enter(kernel, heap, heap.payload_bytes(moved) - before)
    return moved


def _refused(heap: InspectedHeap, block: int, given: int, error: HeapError) -> MachineFault:
    """What is no block of the heap, in Zephyr's words where it has some."""
    words = ""
    if heap.was_freed(block):
        words = f"unexpected heap state (double-free?) for memory at {given:#010x}: "
    elif heap.holds(block):
        words = f"corrupted heap bounds (buffer overflow?) for memory at {given:#010x}: "
    return MachineFault(f"free of {given:#010x}: {words}{error.message}", None)
