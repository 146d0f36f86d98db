"""k_heap, the k_malloc family and threads' resource pools: Zephyr's sys_heap over guest memory, wherever guest code put it.

k_malloc keeps a pointer to its heap in front of each block, as Zephyr does, so that as much fits here as there. Who waits for
memory is woken by each k_heap_free, and looks again in its own turn: who comes first gets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llext.abi.catalogue.threads import K_THREAD
from llext.abi.structs import K_HEAP
from llext.errors import Errno
from llext.kernel.guest_heaps import allocated, attached, freed, made, misuse_is_a_fault, resized
from llext.kernel.loop import retry
from llext.kernel.registry import service
from llext.kernel.scheduler import FOREVER
from llext.kernel.state import Thread
from llext.machine import MachineFault

if TYPE_CHECKING:
    from llext.kernel.kernel import Kernel

_POINTER = 4
_ALIGNED = 8
"""What any C object is aligned to."""
_POOL = K_THREAD.offsets["resource_pool"]
_MOST = 1 << 31
_PLAIN, _ZEROED, _RESIZED = range(3)
_TIME_IS_OVER = -Errno.EAGAIN & 0xFFFFFFFF


# The system heap --------------------------------------------------------------------------------------------------------


@service("k_aligned_alloc")
@misuse_is_a_fault
def k_aligned_alloc(kernel: Kernel, alignment: int, size: int) -> int:
    """A block of the system heap at an alignment, or NULL."""
    if alignment < _POINTER or alignment % _POINTER:
        raise MachineFault("k_aligned_alloc: align must be a multiple of sizeof(void *)", None)
    if alignment & (alignment - 1):
        raise MachineFault("k_aligned_alloc: align must be a power of 2", None)
    return _system_alloc(kernel, alignment, size)


def _system_alloc(kernel: Kernel, alignment: int, size: int) -> int:
    heap = kernel.system_heap
    there = kernel.settings.system_heap and size < _MOST
    block = allocated(kernel, heap, alignment | _POINTER, size + _POINTER) if there else 0
    if not block:
        return 0
    kernel.guest.write_word(block, heap.address_of_record)
    return block + _POINTER


@service("k_malloc")
@misuse_is_a_fault
def k_malloc(kernel: Kernel, size: int) -> int:
    """A block of the system heap, or NULL; one of no bytes is a block too, for the pointer in front of it."""
    return _system_alloc(kernel, _ALIGNED, size)


@service("k_calloc")
def k_calloc(kernel: Kernel, count: int, size: int) -> int:
    """A zeroed block, or NULL; also if the product overflows."""
    total = count * size
    block = k_malloc(kernel, total) if total < 1 << 32 else 0
    if block:
        kernel.guest.write(block, bytes(total))
    return block


@service("k_realloc")
@misuse_is_a_fault
def k_realloc(kernel: Kernel, block: int, size: int) -> int:
    """A block of another size with the same bytes, or NULL and the old one stays; no bytes free it."""
    if not block:
        return k_malloc(kernel, size)
    if not size:
        k_free(kernel, block)
        return 0
    if size >= _MOST:
        return 0
    moved = resized(kernel, kernel.system_heap, block - _POINTER, 0, size + _POINTER, block)
    return moved + _POINTER if moved else 0


@service("k_free")
@misuse_is_a_fault
def k_free(kernel: Kernel, block: int) -> None:
    """Gives a block back, to the heap that it is from; NULL is allowed."""
    if not block:
        return
    heap = _pool_of(kernel, block)
    if heap:
        freed(kernel, attached(kernel, heap), block - _POINTER, block)
        _wake_waiters(kernel, heap)
    else:
        freed(kernel, kernel.system_heap, block - _POINTER, block)


# Resource pools: what a thread's kernel objects are allocated from ----------------------------------------------------------


def _pool_of(kernel: Kernel, block: int) -> int:
    """The k_heap that the word in front of a block names; 0 for the system heap, or where none can be."""
    pool = kernel.guest.word(block - _POINTER)
    if (
        pool == kernel.system_heap.address_of_record
        or pool % _POINTER
        or kernel.machine.memory.block_of(pool, K_HEAP.size) is None
    ):
        return 0
    return pool if kernel.guest.word(pool) in kernel.state.heaps else 0


def thread_malloc(kernel: Kernel, size: int) -> int:
    """A block of the running thread's resource pool, in an interrupt handler and by default of the system heap; or NULL."""
    pool = 0 if kernel.state.in_isr else kernel.guest.word(kernel.state.current + _POOL)
    if not pool:
        return k_malloc(kernel, size)
    block = allocated(kernel, attached(kernel, pool), _POINTER, size + _POINTER) if size < _MOST else 0
    if not block:
        return 0
    kernel.guest.write_word(block, pool)
    return block + _POINTER


# Heaps of one's own -----------------------------------------------------------------------------------------------------


@service("k_heap_init")
@misuse_is_a_fault
def k_heap_init(kernel: Kernel, heap: int, memory: int, size: int) -> None:
    """Makes a heap of a buffer; its state lies in the buffer and in struct k_heap."""
    made(kernel, heap, memory, size)
    K_HEAP.write(kernel.guest.writable(heap, K_HEAP.size), {"wait_q": [heap + 12, heap + 12]})


@service("k_heap_alloc")
@misuse_is_a_fault
def k_heap_alloc(kernel: Kernel, heap: int, size: int, timeout: int) -> int:
    """A block of a heap, aligned to a pointer, or NULL."""
    return _alloc(kernel, "k_heap_alloc", (_PLAIN, heap, _POINTER, size, 0), timeout)


@service("k_heap_aligned_alloc")
@misuse_is_a_fault
def k_heap_aligned_alloc(kernel: Kernel, heap: int, alignment: int, size: int, timeout: int) -> int:
    """A block of a heap at an alignment, or NULL."""
    return _alloc(kernel, "k_heap_aligned_alloc", (_PLAIN, heap, alignment, size, 0), timeout)


@service("k_heap_calloc")
@misuse_is_a_fault
def k_heap_calloc(kernel: Kernel, heap: int, count: int, size: int, timeout: int) -> int:
    """A zeroed block of a heap, or NULL; also if the product overflows."""
    total = count * size
    return _alloc(kernel, "k_heap_calloc", (_ZEROED, heap, _POINTER, total, 0), timeout) if total < _MOST else 0


@service("k_heap_realloc")
@misuse_is_a_fault
def k_heap_realloc(kernel: Kernel, heap: int, block: int, size: int, timeout: int) -> int:
    """A block of another size with the same bytes, or NULL and the old one stays; no bytes free it."""
    if block and not size:
        k_heap_free(kernel, heap, block)
        return 0
    return _alloc(kernel, "k_heap_realloc", (_RESIZED, heap, 0, size, block), timeout)


@service("k_heap_free")
@misuse_is_a_fault
def k_heap_free(kernel: Kernel, heap: int, block: int) -> None:
    """Gives a block back; NULL is allowed. All who wait for memory look again."""
    if block:
        freed(kernel, attached(kernel, heap), block, block)
    _wake_waiters(kernel, heap)


def _wake_waiters(kernel: Kernel, heap: int) -> None:
    for thread in kernel.scheduler.waiting(heap):
        kernel.scheduler.wake(thread)


Request = tuple[int, int, int, int, int]
"""What is wanted, of which heap, at which alignment, bytes, and the block that they shall replace."""


def _alloc(kernel: Kernel, name: str, request: Request, timeout: int) -> int:
    block = _served(kernel, request)
    if block or not timeout or not request[3]:
        return block
    until = FOREVER if timeout == FOREVER else -2 - kernel.scheduler.deadline(timeout)
    return _wait(kernel, name, request, until)


def _wait(kernel: Kernel, name: str, request: Request, until: int) -> int:
    heap = request[1]
    kernel.wait(name, heap, heap, until, data=(*request, until))
    kernel.current.retry = name
    return 0


def _served(kernel: Kernel, request: Request) -> int:
    """Address of a block, or 0."""
    kind, heap, alignment, size, old = request
    if kind == _RESIZED:
        return resized(kernel, attached(kernel, heap), old, alignment, size, old)
    block = allocated(kernel, attached(kernel, heap), alignment, size)
    if block and kind == _ZEROED:
        kernel.guest.write(block, bytes(size))
    return block


def _again(name: str) -> None:
    def alloc_on(kernel: Kernel, thread: Thread, word: int) -> int | None:
        *request, until = thread.data
        if word == _TIME_IS_OVER:
            return 0
        kind, heap, alignment, size, old = request
        wanted = (kind, heap, alignment, size, old)
        block = _served(kernel, wanted)
        if block or not kernel.scheduler.rest(until):
            return block
        return _wait(kernel, name, wanted, until) or None

    alloc_on.__name__ = name
    retry(name)(misuse_is_a_fault(alloc_on))


for _name in ("k_heap_alloc", "k_heap_aligned_alloc", "k_heap_calloc", "k_heap_realloc"):
    _again(_name)
