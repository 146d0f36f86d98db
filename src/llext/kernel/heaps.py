"""k_malloc and k_heap: Zephyr's sys_heap over guest memory, wherever guest code put it.

k_malloc keeps a pointer to its heap in front of each block, as Zephyr does, so that as much fits here as there. With
one thread nobody can free while somebody waits: a request that cannot be met fails at once, whatever its timeout.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from llext.abi.structs import K_HEAP
from llext.errors import HeapError
from llext.heap import SysHeap
from llext.kernel.registry import service
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_POINTER = 4
F = TypeVar("F", bound=Callable[..., Any])


def _misuse_is_a_fault(function: F) -> F:
    """What the heap refuses is the guest's doing, and ends its call: a fault that says where the guest is."""

    @wraps(function)
    def checked(*values: object) -> object:
        try:
            return function(*values)
        except HeapError as error:
            raise MachineFault(f"{function.__name__}: {error.message}", None) from None

    return checked  # type: ignore[return-value]


@service("k_malloc")
@_misuse_is_a_fault
def k_malloc(kernel: Kernel, size: int) -> int:
    """A block of the system heap, or NULL."""
    block = kernel.system_heap.aligned_alloc(8 | _POINTER, size + _POINTER) if 0 < size < 1 << 31 else None
    if block is None:
        return 0
    kernel.guest.write_word(block, kernel.system_heap.address_of_record)
    return block + _POINTER


@service("k_calloc")
def k_calloc(kernel: Kernel, count: int, size: int) -> int:
    """A zeroed block, or NULL; also if the product overflows."""
    total = count * size
    block = k_malloc(kernel, total) if total < 1 << 32 else 0
    if block:
        kernel.guest.write(block, bytes(total))
    return block


@service("k_free")
def k_free(kernel: Kernel, block: int) -> None:
    """Gives a block back; NULL is allowed."""
    if block:
        _free(kernel.system_heap, block - _POINTER, block)


@service("k_heap_init")
@_misuse_is_a_fault
def k_heap_init(kernel: Kernel, heap: int, memory: int, size: int) -> None:
    """Makes a heap of a buffer; its state lies in the buffer and in struct k_heap."""
    view = kernel.guest.writable(memory, size)
    made = SysHeap.init(view, memory)
    fields: dict[str, int | bytes | list[int]] = {
        "heap": made.address_of_record, "init_mem": memory, "init_bytes": size, "wait_q": [heap + 12, heap + 12],
    }  # fmt: skip
    K_HEAP.write(kernel.guest.writable(heap, K_HEAP.size), fields)


@service("k_heap_alloc")
@_misuse_is_a_fault
def k_heap_alloc(kernel: Kernel, heap: int, size: int, _timeout: object) -> int:
    """A block of a heap, aligned to a pointer, or NULL."""
    return _attached(kernel, heap).aligned_alloc(_POINTER, size) or 0


@service("k_heap_aligned_alloc")
@_misuse_is_a_fault
def k_heap_aligned_alloc(kernel: Kernel, heap: int, alignment: int, size: int, _timeout: object) -> int:
    """A block of a heap at an alignment, or NULL."""
    return _attached(kernel, heap).aligned_alloc(alignment, size) or 0


@service("k_heap_free")
@_misuse_is_a_fault
def k_heap_free(kernel: Kernel, heap: int, block: int) -> None:
    """Gives a block back; NULL is allowed."""
    if block:
        _free(_attached(kernel, heap), block, block)


def _attached(kernel: Kernel, heap: int) -> SysHeap:
    data = kernel.guest.read(heap, K_HEAP.size)
    memory, size = K_HEAP.read(data, "init_mem"), K_HEAP.read(data, "init_bytes")
    if not K_HEAP.read(data, "heap"):
        raise MachineFault(f"the heap at {heap:#010x} is used before k_heap_init", None)
    return SysHeap.attach(kernel.guest.writable(memory, size), memory)


def _free(heap: SysHeap, block: int, given: int) -> None:
    try:
        heap.free(block)
    except HeapError as error:
        raise MachineFault(f"free of {given:#010x}: {error.message}", None) from None
