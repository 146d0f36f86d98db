"""sys_heap: heaps without waiting, and what can be asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.memory import SYS_MEMORY_STATS
from llext.errors import Errno, HeapError
from llext.kernel.guest_heaps import allocated, attached, books, freed, made, misuse_is_a_fault, resized
from llext.kernel.registry import service

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel


@service("sys_heap_init")
@misuse_is_a_fault
def sys_heap_init(kernel: Kernel, heap: int, memory: int, size: int) -> None:
    """Makes a heap of a buffer."""
    made(kernel, heap, memory, size)


@service("sys_heap_alloc")
@misuse_is_a_fault
def sys_heap_alloc(kernel: Kernel, heap: int, size: int) -> int:
    """A block, or NULL."""
    return allocated(kernel, attached(kernel, heap), 0, size)


@service("sys_heap_aligned_alloc")
@misuse_is_a_fault
def sys_heap_aligned_alloc(kernel: Kernel, heap: int, alignment: int, size: int) -> int:
    """A block at an alignment, or NULL."""
    return allocated(kernel, attached(kernel, heap), alignment, size)


@service("sys_heap_realloc")
@misuse_is_a_fault
def sys_heap_realloc(kernel: Kernel, heap: int, block: int, size: int) -> int:
    """A block of another size, or NULL; no bytes free it."""
    return sys_heap_aligned_realloc(kernel, heap, block, 0, size)


@service("sys_heap_aligned_realloc")
@misuse_is_a_fault
def sys_heap_aligned_realloc(kernel: Kernel, heap: int, block: int, alignment: int, size: int) -> int:
    """The same at an alignment."""
    if block and not size:
        sys_heap_free(kernel, heap, block)
        return 0
    return resized(kernel, attached(kernel, heap), block, alignment, size, block)


@service("sys_heap_free")
@misuse_is_a_fault
def sys_heap_free(kernel: Kernel, heap: int, block: int) -> None:
    """Gives a block back; NULL is allowed."""
    if block:
        freed(kernel, attached(kernel, heap), block, block)


@service("sys_heap_usable_size")
@misuse_is_a_fault
def sys_heap_usable_size(kernel: Kernel, heap: int, block: int) -> int:
    """Bytes that a block has."""
    return attached(kernel, heap).usable_size(block)


@service("sys_heap_validate")
def sys_heap_validate(kernel: Kernel, heap: int) -> int:
    """Whether nothing has overwritten the heap's own bytes."""
    try:
        return int(attached(kernel, heap).validate())
    except HeapError:
        return 0


@service("sys_heap_runtime_stats_get")
@misuse_is_a_fault
def sys_heap_runtime_stats_get(kernel: Kernel, heap: int, stats: int) -> int:
    """Bytes free, allocated, and the most that ever were; -EINVAL for NULL."""
    if not heap or not stats:
        return -Errno.EINVAL
    found = attached(kernel, heap)
    now, most = books(kernel, found)
    write_stats(kernel, stats, found.payloads()[0], now, most)
    return 0


@service("sys_heap_runtime_stats_reset_max")
@misuse_is_a_fault
def sys_heap_runtime_stats_reset_max(kernel: Kernel, heap: int) -> int:
    """The most is what is allocated now; -EINVAL for NULL."""
    if not heap:
        return -Errno.EINVAL
    found = attached(kernel, heap)
    now, _ = books(kernel, found)
    kernel.state.heaps[found.address_of_record] = (now, now)
    return 0


def write_stats(kernel: Kernel, stats: int, free: int, now: int, most: int) -> None:
    """Fills a struct sys_memory_stats."""
    values: dict[str, int | bytes | list[int]] = {"free_bytes": free, "allocated_bytes": now, "max_allocated_bytes": most}
    SYS_MEMORY_STATS.write(kernel.guest.writable(stats, SYS_MEMORY_STATS.size), values)
